"""Rule nsg-mgmt-open-to-internet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import NSG
from remediation.landing_zone import commands
from remediation.landing_zone.jit import POLICIES, JustInTime
from remediation.landing_zone.security_rules import fix_of
from remediation.landing_zone.surroundings import ATTACHED, Surroundings, without_rules
from remediation.model import Applicability, Fix, NoFix, Resource, Severity, Snapshot, Violation
from remediation.nsg import (
    BroadFrom,
    Context,
    Exposure,
    Grade,
    Nsg,
    Repair,
    RuleChange,
    apply_changes,
    breadth,
    cuts_connections,
    detected,
    exposure,
    parse,
    plan_repair,
)
from remediation.nsg.spaces.addresses import cidrs
from remediation.nsg.spaces.sets import Ranges, union
from remediation.rule import Doubt, Verdict, rule
from remediation.ways.behind import Behind, Reach
from remediation.ways.effects import closed_by, facts_of
from remediation.ways.needs import THROUGH_GROUP

MOST_SHOWN = 20
MOST_NAMED = 3


def _exposures(nsg: Nsg, baseline: Baseline, context: Context) -> list[Exposure]:
    """One answer per management port, and per protocol that its service speaks."""
    return [exposure(nsg, port, protocol, context) for port, protocol in detected(baseline.management_ports)]


def _suspicious(nsg: Resource, snapshot: Snapshot, baseline: Baseline) -> bool:
    """Whether the group lets the internet in, or whether it does hangs on the routes behind it."""
    around = Surroundings.of(nsg, snapshot)
    behind = Behind(around, nsg)
    # Packets may keep the address of a front in front of a machine: any destination counts here.
    found = _exposures(around.parsed, baseline, replace(behind.from_internet, attached=None))
    routed = behind.internet_inside and any(map(_hangs_on_routes, found))
    return bool(routed) or any(one.verdict == "open" or one.alert_as_open for one in found)


def _hangs_on_routes(exposed: Exposure) -> bool:
    return any(source.lower() == "virtualnetwork" for source in exposed.unknown_sources)


@rule(
    "nsg-mgmt-open-to-internet",
    title="Management port open to the internet",
    applies_to=(NSG,),
    severity=Severity.CRITICAL,
    because={
        Severity.CRITICAL: "A broad part of the internet is let in to a port where people sign in.",
        Severity.MEDIUM: "Only a few public addresses are let in, or nobody arrives through it today.",
        Severity.LOW: "Only a few public addresses are let in, and nobody arrives through it today.",
    },
    guidance=("C2", "R13", "R14"),
    applicability=Applicability.SAFE,
    needs=ATTACHED,
    closer=(*THROUGH_GROUP, POLICIES),
    suspects=_suspicious,
    refuses=without_rules,
)
def management_port_open(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A network security group lets the internet reach SSH or RDP.

    What it finds: some public, unapproved source certainly reaches a management port (22 and 3389 unless the
    baseline says otherwise; RDP over UDP as well) of something behind the group, by first-match evaluation
    over all rules. Shadowed rules are not counted, nor is what only a just-in-time rule with a live request
    lets in: the request is what counts, a rule's name proves nothing.
    Severity: critical where somebody arrives along a whole way: a public front, its translation of ports, the
    network's admin rules, and both groups before the machine. Lowered to medium, with the reason, where that
    is proven of nobody today; where it cannot be told the severity stays and `waysUnknown` says why. A few
    named addresses (an office) make it medium, and low where nobody arrives.
    Why: a management port on the internet is tried by strangers within minutes. People reach their machines
    through Bastion; nobody else needs the port.
    Fix: delete the offending rule, narrow its sources, or take the management ports out of it; its other
    ports, its name and its priority stay.
    No fix for a group that a service keeps (AKS, Databricks, a managed application): it is changed through
    that service. Where its resource group was not read the owner is not known, and the fix is only proposed.
    None where a security admin rule (AlwaysAllow) lets the same traffic in whatever a group says.
    Fix safety: SAFE when it is proven, over the whole flow space, that exactly the forbidden traffic goes
    away; a rule of which that cannot be proven stays and is named. Existing connections are not cut, unless
    the group has flushConnection on: then a person has to agree. So it is where a rule lets in only a few
    named addresses (an office): approve or close them; beside an open rule such a rule stays as it is.
    Unknown: when only tags of unknown content decide; when something behind the group has or may have a
    public path and its default route makes VirtualNetwork everybody (without a public path that is the normal
    hub-and-spoke with a firewall, and nothing is said); when a rule, or a route table on such a path, cannot
    be read; when only a just-in-time rule whose request is unknown lets it in.
    References: C2, R13, R14; Network security groups overview; Azure Bastion for remote access.
    """
    case = _Case(Surroundings.of(subject, snapshot), baseline)
    if case.unapproved:
        yield _open(case)
    elif nearly := [one for one in case.exposures if one.alert_as_open]:
        yield _partly(case, nearly)
    elif case.may_be_just_in_time:
        yield Doubt(case.access.doubtful[0].why)
    else:
        yield from (Doubt(reason) for reason in sorted(set(_doubts(case))))


@dataclass(frozen=True)  # no slots: the cached properties below live in the instance's dict
class _Case:
    """One judgement: an NSG, what is around it, and what it lets in apart from just-in-time access."""

    around: Surroundings
    baseline: Baseline

    @cached_property
    def honouring(self) -> Context:
        """The surroundings with the sources that the team has approved, for grading what gets in."""
        return replace(self.behind.from_internet, approved=self.baseline.allowed_management_sources)

    @cached_property
    def access(self) -> JustInTime:
        return JustInTime(self.around)

    @cached_property
    def judged(self) -> Resource:
        """The NSG without the rules that a live request covers or may cover."""
        doubtful = (backing.rule.name for backing in self.access.doubtful)
        return _without(self.around.nsg, (*self.access.live, *doubtful))

    @cached_property
    def behind(self) -> Behind:
        """The machines behind the group as it is judged."""
        return Behind(self.around, self.judged, self.baseline.allowed_management_sources)

    @cached_property
    def exposures(self) -> list[Exposure]:
        nsg = self.around.parsed if self.judged is self.around.nsg else parse(self.judged.body)
        return _exposures(nsg, self.baseline, self.behind.from_internet)

    def reach(self, exposures: Sequence[Exposure]) -> Reach:
        """Whether anybody arrives, along a whole way, at the ports that the group leaves open."""
        return self.behind.reach((one.port, one.protocol) for one in exposures)

    @cached_property
    def unapproved(self) -> list[Exposure]:
        """What somebody who is not approved certainly reaches."""
        return [one for one in self.exposures if self.severity([one])]

    @property
    def may_be_just_in_time(self) -> bool:
        """Whether it depends on a request nobody can tell of whether the internet gets in."""
        if not self.access.doubtful:
            return False
        granted = parse(_without(self.around.nsg, self.access.live).body)
        return any(
            self.severity([one]) for one in _exposures(granted, self.baseline, self.behind.from_internet)
        )

    @property
    def broad(self) -> BroadFrom:
        return BroadFrom(self.baseline.limits.broad_ipv4_addresses)

    @property
    def narrow(self) -> bool:
        """Whether only a few named public addresses get in."""
        return self.severity(self.unapproved) is Severity.MEDIUM

    @property
    def closes_narrow(self) -> bool:
        """Whether the team has such addresses closed without being asked."""
        return self.baseline.limits.narrow_sources == "fix"

    def severity(self, exposures: Sequence[Exposure]) -> Severity | None:
        return _grade(exposures, self.honouring, self.broad)


def _doubts(case: _Case) -> Iterator[str]:
    for one in case.exposures:
        if one.verdict == "unknown" and one.reason:
            why = case.behind.internet_inside if _hangs_on_routes(one) else None
            yield f"{one.reason}: {why}" if why else one.reason


def _without(nsg: Resource, names: Iterable[str]) -> Resource:
    gone = [RuleChange(name, None, None) for name in names]
    return Resource(nsg.id, apply_changes(nsg.body, gone)) if gone else nsg


def _grade(exposures: Sequence[Exposure], context: Context, broad: BroadFrom) -> Severity | None:
    """The severity of what is left after approved sources; None when nothing is left."""
    return _grade_of(union(*(one.sources for one in exposures)), context, broad)


def _grade_of(sources: Ranges, context: Context, broad: BroadFrom) -> Severity | None:
    grade = breadth(sources, context, broad)
    return {Grade.NONE: None, Grade.MEDIUM: Severity.MEDIUM, Grade.CRITICAL: Severity.CRITICAL}[grade]


def _open(case: _Case) -> Violation:
    around, exposures = case.around, case.unapproved
    reach = case.reach(exposures)
    severity = _graded(case, reach)
    rules = sorted({name for one in exposures for name in one.allowed_by})
    evidence: dict[str, Any] = {
        "ports": [f"{one.protocol}/{one.port}" for one in exposures],
        "publicSources": list(exposures[0].public_sources[:MOST_SHOWN]),
        "publicShare": round(max(one.public_share for one in exposures), 6),
        "rules": rules,
        "attachments": [identity.text for identity in (*around.subnet_ids, *around.nic_ids)],
        **facts_of(reach),
    }
    fix = _fix(case, reach)
    who = "the whole internet" if evidence["publicShare"] >= 1 else "public addresses"
    message = f"{_ports(exposures)} can be reached from {who} through {_names(rules)}"
    return Violation(
        message + _how_far(severity, reach),
        evidence,
        _lowered(severity) if reach.latent else severity,
        fix,
        commands.for_fix(fix),
        witness=exposures[0].witness,
        latent=reach.latent,
    )


def _graded(case: _Case, reach: Reach) -> Severity:
    """How bad it is if it is no latent opening: by who arrives, else by whom the group lets in."""
    arriving = _grade_of(union(*(way.sources for way in reach.open)), case.honouring, case.broad)
    severity = arriving or case.severity(case.unapproved)
    assert severity is not None
    return severity


def _how_far(severity: Severity, reach: Reach) -> str:
    """What a reader of the message alone must know of the ways behind the group."""
    if reach.latent:
        return f" ({severity.text}, lowered to {_lowered(severity).text}: {reach.latent})"
    if reach.unknown and not reach.open:
        return f"; whether anybody arrives there is not known: {reach.unknown}"
    return ""


def _lowered(severity: Severity) -> Severity:
    """The severity of an opening that does no harm today."""
    return Severity.LOW if severity is Severity.MEDIUM else Severity.MEDIUM


def _partly(case: _Case, exposures: Sequence[Exposure]) -> Violation:
    """Denied from a tag of unknown content, allowed from the rest: some of the internet certainly gets in."""
    tags = sorted({source for one in exposures for source in one.unknown_sources})
    reach = case.reach(exposures)
    evidence: dict[str, Any] = {
        "ports": [f"{one.protocol}/{one.port}" for one in exposures],
        "unknownSources": tags,
    }
    message = f"{_ports(exposures)} can be reached from the internet, apart from {', '.join(tags)}"
    fix = NoFix("which sources get in is not known exactly")
    severity = _lowered(Severity.CRITICAL) if reach.latent else Severity.CRITICAL
    if reach.latent:
        message += _how_far(Severity.CRITICAL, reach)
    return Violation(message, evidence, severity, fix, latent=reach.latent)


def _fix(case: _Case, reach: Reach) -> Fix | NoFix:
    """The proven repair, or why there is none."""
    nsg, baseline = case.around.nsg, case.baseline
    why = case.around.untouchable()
    if why is not None:
        return NoFix(why)
    always = case.behind.let_in_anyway((one.port, one.protocol) for one in case.unapproved)
    if always is not None:
        return NoFix(f"security admin rule {always.name} (AlwaysAllow) may let it in whatever an NSG says")
    ports, approved = baseline.management_ports, baseline.allowed_management_sources
    keep = None if case.narrow or case.closes_narrow else case.broad
    alone = case.around.snapshot.left_alone
    theirs = [*case.access.live, *(backing.rule.name for backing in case.access.doubtful), *alone]
    repair = plan_repair(nsg.body, ports, approved, case.behind.from_internet, keep=keep, leave=theirs)
    if isinstance(repair, NoFix):
        return repair
    return fix_of(
        nsg,
        repair.changes,
        title=repair.title,
        applicability=Applicability.SAFE,
        proof=repair.proof,
        traffic=repair.difference.summary(),
        tolerances=repair.tolerances,
        leaves=[*alone.values(), *_leaves(repair)],
        consent=" ".join(_consents(case, reach)),
        closes=_closes(case, reach, repair.changes),
    )


def _closes(case: _Case, reach: Reach, changes: Sequence[RuleChange]) -> list[str]:
    """Which ways the writes close, machine by machine."""
    if not reach.open:
        return []
    after = case.behind.after(Resource(case.judged.id, apply_changes(case.judged.body, changes)))
    services = dict.fromkeys((one.port, one.protocol) for one in case.unapproved)
    return list(closed_by(reach.open, after.ways(services)))[:MOST_SHOWN]


def _leaves(repair: Repair) -> list[str]:
    """What stays open after the writes, and what a person could do about it."""
    left = [f"rule {left.rule} stays: {left.why}" if left.rule else left.why for left in repair.left]
    if repair.kept:
        left.append(
            f"{_few(repair.kept)} may still come in: approve in allowedManagementSources, or close it"
        )
    return [*left, repair.suggestion] if repair.suggestion else left


def _consents(case: _Case, reach: Reach) -> Iterator[str]:
    """Why a person has to agree before anything is written."""
    if _graded(case, reach) is Severity.MEDIUM and not case.closes_narrow:
        sources = _arriving(reach) or sorted(
            {source for one in case.unapproved for source in one.public_sources}
        )
        yield (
            f"only {_few(sources)} gets in: approve it in allowedManagementSources, or close it "
            "(limits.narrowSources: fix closes such rules by itself)"
        )
    if cuts_connections(case.around.parsed):
        yield "flushConnection is on: writing a rule cuts open connections that it no longer allows"


def _arriving(reach: Reach) -> list[str]:
    return cidrs(union(*(way.sources for way in reach.open)))


def _few(sources: Sequence[str]) -> str:
    shown = ", ".join(sources[:MOST_NAMED])
    return shown if len(sources) <= MOST_NAMED else f"{shown} and {len(sources) - MOST_NAMED} more"


def _ports(exposures: Sequence[Exposure]) -> str:
    return ", ".join(f"{one.protocol.upper()} {one.port}" for one in exposures)


def _names(rules: Sequence[str]) -> str:
    return f"rule {rules[0]}" if len(rules) == 1 else f"rules {', '.join(rules)}"
