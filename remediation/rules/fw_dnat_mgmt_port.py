"""Rule fw-dnat-mgmt-port."""

from collections.abc import Iterator, Sequence
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import AZURE_FIREWALL, FIREWALL_POLICY, RULE_COLLECTION_GROUP
from remediation.landing_zone import commands
from remediation.landing_zone.owners import owner_of
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.nsg import detected
from remediation.nsg.spaces.addresses import PUBLIC_V4, cidrs
from remediation.nsg.spaces.sets import Ranges, covers, union
from remediation.rule import (
    Above,
    Doubts,
    Follow,
    Group,
    Listed,
    Verdict,
    ids_at,
    rule,
    values_at,
    without_properties,
)
from remediation.ways.firewall.management import Leading, of_firewall, of_group
from remediation.ways.firewall.reading import rules_of
from remediation.ways.grading import severity_of
from remediation.ways.landscape import Landscape

_LISTS = {
    AZURE_FIREWALL: ("natRuleCollections", "properties."),
    RULE_COLLECTION_GROUP: ("ruleCollections", ""),
}
MOST_SHOWN = 20


@rule(
    "fw-dnat-mgmt-port",
    title="Firewall translates a public port to a management port",
    applies_to=(AZURE_FIREWALL, RULE_COLLECTION_GROUP),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "A broad part of the internet is led to a port where people sign in.",
        Severity.MEDIUM: "Only a few named addresses may use it, or no firewall goes by it.",
    },
    guidance=("C0", "R13", "R14"),
    needs=(
        Follow("properties.ipConfigurations[].properties.publicIPAddress.id"),
        Follow("properties.natRuleCollections[].properties.rules[].sourceIpGroups[]"),
        Follow("properties.ruleCollections[].rules[].sourceIpGroups[]"),
        Follow("properties.firewallPolicy.id", to=FIREWALL_POLICY, then=(Listed(RULE_COLLECTION_GROUP),)),
        Above(FIREWALL_POLICY),
        Group(),
    ),
    refuses=without_properties,
)
def translates_management(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A DNAT rule of Azure Firewall leads from a public port to SSH or RDP of a machine.

    What it finds: a DNAT rule whose translated port is a management port, whatever the port is in front, for
    public sources that the team has not approved. The rules of a classic firewall are judged on the firewall,
    those of a policy on the rule collection group they stand in. What stands at the translated address, and
    whether a group there still denies, is not asked: the machine sees the firewall's own address, which
    default rule 65000 admits.
    Severity: high for a broad part of the internet; a few named addresses (an office) make it medium.
    Why: it is a public address on the machine by another name, and unusual ports in front hide nothing.
    Fix: none is applied; the command that takes the rule away is printed for a person to run. Where a service
    keeps the firewall or the policy, it is changed through that service.
    Fix safety: ALERT. Everybody who uses that port of the firewall loses it.
    Unknown: when the policy of a firewall or a rule's IP group cannot be read, when a public address of the
    firewall is not known, or a translated port is none.
    References: C0, R13, R14; Azure Firewall, DNAT rules and rule processing.
    """
    doubts = Doubts()
    found: list[Leading] = []
    for one in _leading(subject, snapshot, baseline, doubts):
        if severity_of(one.sources, baseline) is not None:
            found.append(one)
        elif severity_of(union(one.sources, one.unsure), baseline) is not None:
            doubts.add(f"rule {one.rule.name} of {subject.id.name} cannot be judged: {one.doubt}")
    if found:
        yield _violation(subject, found, snapshot, baseline)
    else:
        yield from doubts


def _leading(subject: Resource, snapshot: Snapshot, baseline: Baseline, doubts: Doubts) -> Iterator[Leading]:
    services, around = detected(baseline.management_ports), Landscape(snapshot)
    if subject.id.type == RULE_COLLECTION_GROUP:
        yield from of_group(subject, services, around)
        return
    policies = list(ids_at(subject.body, "properties.firewallPolicy.id"))
    if not policies:
        yield from of_firewall(subject, services, around)
    for reason in rules_of(subject, around).doubts if policies else ():
        doubts.add(f"what firewall {subject.id.name} translates is not known: {reason}")


def _violation(
    subject: Resource, found: Sequence[Leading], snapshot: Snapshot, baseline: Baseline
) -> Violation:
    severity = severity_of(union(*(one.sources for one in found)), baseline)
    ways = ", ".join(f"{one.rule.name} ({_front(one)} to {', '.join(one.ports)})" for one in found)
    evidence = {
        "rules": [_shown(one) for one in found],
        "blastRadius": "everybody who connects through these ports of the firewall",
    }
    message = f"{subject.id.name} translates public ports to management ports: {ways}"
    unused = _unused(subject, snapshot)
    if unused and severity is not None:
        severity = min(severity, Severity.MEDIUM)
    owner = owner_of(subject, snapshot)
    if owner is not None:
        return Violation(message, evidence, severity, owner.no_fix, latent=unused)
    by_hand = tuple(_commands(subject, found))
    return Violation(message, evidence, severity, commands=by_hand, latent=unused)


def _front(one: Leading) -> str:
    return ", ".join(one.rule.ports)


def _shown(one: Leading) -> dict[str, Any]:
    return {
        "name": one.rule.name,
        "collection": one.rule.collection,
        "frontPorts": list(one.rule.ports),
        "backend": list(one.ports),
        "to": one.rule.address or one.rule.fqdn,
        "sources": _sources(one.sources),
    }


def _sources(sources: Ranges) -> list[str]:
    return ["anybody on the internet"] if covers(sources, PUBLIC_V4) else cidrs(sources)[:MOST_SHOWN]


def _unused(subject: Resource, snapshot: Snapshot) -> str:
    """Why a policy's group does no harm today: no firewall goes by the policy, which says so itself."""
    above = subject.id.up_to(FIREWALL_POLICY)
    policy = None if above is None else snapshot.get(above)
    if not isinstance(policy, Resource):
        return ""
    users = [policy.properties("firewalls"), policy.properties("childPolicies") or []]
    return f"no firewall goes by policy {policy.id.name} today" if users == [[], []] else ""


def _commands(subject: Resource, found: Sequence[Leading]) -> Iterator[str]:
    """What takes the rules out of the document, last one first so that places stay true.

    The CLI's own verbs for firewalls are an extension that not everybody has.
    """
    wanted = {(one.rule.collection, one.rule.name) for one in found}
    for path, place, names in reversed(list(_places(subject))):
        if names in wanted:
            yield commands.remove_element(subject.id, path, place)


def _places(subject: Resource) -> Iterator[tuple[str, int, tuple[str, str]]]:
    """Where each rule stands: the path of its list, its place there, its collection and name."""
    array, inside = _LISTS[subject.id.type]
    for number, collection in enumerate(values_at(subject.body, f"properties.{array}[]")):
        rules = values_at(collection, f"{inside}rules[]")
        for place, one in enumerate(rules):
            names = str(next(values_at(collection, "name"), "")), str(next(values_at(one, "name"), ""))
            yield f"properties.{array}[{number}].{inside}rules", place, names
