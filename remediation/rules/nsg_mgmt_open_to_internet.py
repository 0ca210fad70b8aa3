"""Rule nsg-mgmt-open-to-internet."""

from collections.abc import Iterator, Sequence
from typing import Any

from remediation import commands
from remediation.baseline import Baseline
from remediation.kinds import NSG
from remediation.model import Applicability, Fix, Resource, Severity, Snapshot, Violation, Write
from remediation.nsg import (
    BroadFrom,
    Context,
    Exposure,
    Grade,
    Repair,
    RuleChange,
    breadth,
    detected,
    exposure,
    parse,
    plan_repair,
)
from remediation.nsg.sets import union
from remediation.rule import Doubt, Verdict, rule, values_at
from remediation.surroundings import ATTACHED, BEHIND, Surroundings

MOST_SHOWN = 20
STATEFUL = "NSGs are stateful: existing connections stay, new ones are refused."


def _exposures(nsg: Resource, baseline: Baseline, context: Context) -> list[Exposure]:
    """One answer per management port, and per protocol that its service speaks."""
    parsed = parse(nsg.body)
    return [
        exposure(parsed, port, protocol, context) for port, protocol in detected(baseline.management_ports)
    ]


def _suspicious(nsg: Resource, snapshot: Snapshot, baseline: Baseline) -> bool:
    context = Surroundings(nsg, snapshot).context(baseline)
    return any(one.verdict == "open" or one.alert_as_open for one in _exposures(nsg, baseline, context))


@rule(
    "nsg-mgmt-open-to-internet",
    title="Management port open to the internet",
    applies_to=(NSG,),
    severity=Severity.CRITICAL,
    guidance=("C2", "R13", "R14"),
    applicability=Applicability.SAFE,
    needs=ATTACHED,
    closer=BEHIND,
    suspects=_suspicious,
)
def management_port_open(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A network security group lets the internet reach SSH or RDP.

    What it finds: some public, unapproved source certainly reaches a management port (22 and 3389 unless the
    baseline says otherwise; RDP over UDP as well) of something behind the group, by first-match evaluation
    over all rules. Shadowed rules are not counted; names of rules are never read.
    Why: a management port on the internet is tried by strangers within minutes. People reach their machines
    through Bastion; nobody else needs the port.
    Fix: delete the offending rule, narrow its sources, or take the management ports out of it; its other
    ports, its name and its priority stay.
    Fix safety: SAFE when it is proven, over the whole flow space, that exactly the forbidden traffic goes
    away; otherwise there is no fix and a person decides. Existing connections are not cut.
    Unknown: when only tags of unknown content decide, when VirtualNetwork may hold a default route, when a
    rule or a route table cannot be read.
    References: C2, R13, R14; Network security groups overview; Azure Bastion for remote access.
    """
    around = Surroundings(subject, snapshot)
    parsed = parse(subject.body)
    if not parsed.understood:
        yield Doubt(f"{subject.id.name} cannot be judged: it came without its rules")
        return
    context = around.context(baseline)
    exposures = _exposures(subject, baseline, context)
    broad = BroadFrom(ipv4_addresses=baseline.limits.broad_ipv4_addresses)
    unapproved = [one for one in exposures if one.verdict == "open" and _grade([one], context, broad)]
    if unapproved:
        yield _open(around, unapproved, _grade(unapproved, context, broad), context, baseline)
        return
    nearly = [one for one in exposures if one.alert_as_open]
    if nearly:
        yield _partly(nearly)
        return
    reasons = {one.reason for one in exposures if one.verdict == "unknown" and one.reason}
    for reason in sorted(reasons):
        yield Doubt(reason)


def _grade(exposures: Sequence[Exposure], context: Context, broad: BroadFrom) -> Severity | None:
    """The severity of what is left after approved sources; None when nothing is left."""
    grade = breadth(union(*(one.sources for one in exposures)), context, broad)
    return {Grade.NONE: None, Grade.MEDIUM: Severity.MEDIUM, Grade.CRITICAL: Severity.CRITICAL}[grade]


def _open(
    around: Surroundings,
    exposures: Sequence[Exposure],
    severity: Severity | None,
    context: Context,
    baseline: Baseline,
) -> Violation:
    assert severity is not None
    rules = sorted({name for one in exposures for name in one.allowed_by})
    evidence: dict[str, Any] = {
        "ports": [f"{one.protocol}/{one.port}" for one in exposures],
        "witness": _witness(exposures[0]),
        "publicSources": list(exposures[0].public_sources[:MOST_SHOWN]),
        "publicShare": round(max(one.public_share for one in exposures), 6),
        "rules": rules,
        "attachments": [identity.text for identity in (*around.subnet_ids, *around.nic_ids)],
    }
    if around.no_public_path:
        evidence["latent"] = "nothing behind it has a public path today"
        severity = Severity(severity - 1) if severity is Severity.MEDIUM else Severity.MEDIUM
    fix, why = _fix(around, context, baseline)
    if why:
        evidence["notFixable"] = why
    who = "the whole internet" if evidence["publicShare"] >= 1 else "public addresses"
    message = f"{_ports(exposures)} can be reached from {who} through {_names(rules)}"
    by_hand = tuple(commands.for_write(write) for write in fix.writes) if fix else ()
    return Violation(message, evidence, severity, fix, by_hand)


def _partly(exposures: Sequence[Exposure]) -> Violation:
    """Denied from a tag of unknown content, allowed from the rest: some of the internet certainly gets in."""
    tags = sorted({source for one in exposures for source in one.unknown_sources})
    evidence = {
        "ports": [f"{one.protocol}/{one.port}" for one in exposures],
        "unknownSources": tags,
        "notFixable": "which sources get in is not known exactly",
    }
    message = f"{_ports(exposures)} can be reached from the internet, apart from {', '.join(tags)}"
    return Violation(message, evidence, Severity.CRITICAL)


def _fix(around: Surroundings, context: Context, baseline: Baseline) -> tuple[Fix | None, str]:
    """The proven repair, or why there is none."""
    why = around.untouchable()
    if why is not None:
        return None, why
    ports, approved = baseline.management_ports, baseline.allowed_management_sources
    repair = plan_repair(around.nsg.body, ports, approved, context)
    if not isinstance(repair, Repair):
        return None, f"{repair.reason}. {repair.suggestion}".strip(" .")
    nsg = around.nsg
    writes = tuple(_write(nsg, change) for change in repair.changes)
    fix = Fix(
        title=repair.title,
        applicability=Applicability.SAFE,
        writes=writes,
        inverse=tuple(_write(nsg, change) for change in repair.inverse),
        before={write.id.key: change.before for write, change in zip(writes, repair.changes, strict=True)},
        proof=repair.proof,
        traffic=tuple(repair.difference.summary()),
        tolerances=(*repair.tolerances, STATEFUL),
    )
    return fix, ""


def _write(nsg: Resource, change: RuleChange) -> Write:
    identity = nsg.id.child("securityRules", change.name)
    etag = _etag(nsg, change.name)
    if change.after is None:
        return Write("DELETE", identity, if_match=etag)
    return Write("PUT", identity, change.after, if_match=etag)


def _etag(nsg: Resource, name: str) -> str | None:
    """The version of a rule as it was read; a rule that does not exist yet has none."""
    for found in values_at(nsg.body, "properties.securityRules[]"):
        if isinstance(found, dict) and str(found.get("name")).lower() == name.lower():
            return found.get("etag")
    return None


def _witness(found: Exposure) -> dict[str, Any] | None:
    """The packet as cards and JSON show it."""
    packet = found.witness
    if packet is None:
        return None
    return {
        "source": packet.source,
        "sourcePort": packet.source_port,
        "destination": packet.destination,
        "port": packet.port,
        "protocol": packet.protocol,
        "allowedBy": packet.allowed_by,
        "priority": packet.priority,
    }


def _ports(exposures: Sequence[Exposure]) -> str:
    return ", ".join(f"{one.protocol.upper()} {one.port}" for one in exposures)


def _names(rules: Sequence[str]) -> str:
    return f"rule {rules[0]}" if len(rules) == 1 else f"rules {', '.join(rules)}"
