"""Rule admin-rule-mgmt-always-allowed."""

from collections.abc import Iterable, Iterator
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import EFFECTIVE_ADMIN_RULE, NIC, NSG, SCALE_SET_NIC, VNET
from remediation.landing_zone.bastion.host import MEMBERS
from remediation.landing_zone.bastion.network_machines import may_hold_machines
from remediation.landing_zone.subnets import without_subnets
from remediation.model import Resource, Severity, Snapshot, Unread, Violation
from remediation.nsg import detected
from remediation.nsg.spaces.addresses import PUBLIC, ranges_of
from remediation.nsg.spaces.sets import subtract
from remediation.resource_id import ResourceId
from remediation.rule import Chosen, Doubt, Follow, Listed, Need, Verdict, ids_at, rule
from remediation.ways.behind import NO_PATH
from remediation.ways.crossing.admin_rules import wall_of
from remediation.ways.crossing.passing import Passing
from remediation.ways.landscape import Landscape
from remediation.ways.leads import leads_to
from remediation.ways.needs import INTO_NETWORK
from remediation.ways.targets import targets_of
from remediation.ways.way import Way

MOST_SHOWN = 20

# What tells whether anybody arrives; worth reading only where a rule lets everybody in for good.
_WAYS: tuple[Need, ...] = (
    *INTO_NETWORK,
    Listed(NSG, "subscription"),
    Follow("properties.subnets[].properties.networkSecurityGroup.id", to=NSG),
    Follow("properties.subnets[].properties.routeTable.id"),
    Follow(MEMBERS, to=SCALE_SET_NIC),
)


def _if_any(network: Resource, snapshot: Snapshot) -> Iterable[ResourceId]:
    """The network itself where an AlwaysAllow is in force on it at all."""
    rules = wall_of(network.id, Landscape(snapshot)).rules
    return (network.id,) if any(_is_final_allow(rule) for rule in rules) else ()


def _is_final_allow(rule: Resource) -> bool:
    return str(rule.properties("access") or "alwaysallow").lower() == "alwaysallow"


@rule(
    "admin-rule-mgmt-always-allowed",
    title="Security admin rule lets the internet in whatever groups say",
    applies_to=(VNET,),
    severity=Severity.CRITICAL,
    because={
        Severity.CRITICAL: "No group can stop whom the rule lets in, and nothing else is proven to.",
        Severity.MEDIUM: "Nothing in the network has a public path to that port today.",
    },
    guidance=("C2", "R13", "R14"),
    closer=(Listed(EFFECTIVE_ADMIN_RULE), Chosen(_if_any, then=_WAYS)),
    suspects=lambda network, _snapshot, _baseline: may_hold_machines(network),
    refuses=without_subnets,
)
def always_allowed(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A security admin rule lets the internet reach SSH or RDP, and no group can keep it out.

    What it finds: an inbound rule of a virtual network manager with access AlwaysAllow, in force on the
    network, that lets unapproved public sources reach a management port; before every group, and for good.
    Severity: critical where somebody arrives at a machine that way; medium where it is proven that nothing in
    the network has a public path to that port today; critical too while that is not known.
    Why: an AlwaysAllow is decided before any network security group. Narrowing a group then closes nothing.
    Fix: none is applied. The owner of the network manager narrows the rule, or makes it an Allow, which
    leaves the decision to the groups.
    Fix safety: ALERT. The rule holds for every network of its network group.
    Silent about a network in which nothing stands.
    Unknown: when the admin rules in force on the network cannot be read. An estate without any says nothing
    of them: those who judge its groups say that they were not looked at.
    References: C2, R13, R14; Security admin rules in Azure Virtual Network Manager.
    """
    if not may_hold_machines(subject):
        return
    unread = snapshot.listed(EFFECTIVE_ADMIN_RULE, subject.id)
    if isinstance(unread, Unread):
        yield from [Doubt(unread.reason)] if unread.asked else []
        return
    always = _always(subject, snapshot, baseline)
    if always:
        yield _violation(subject, always, _ways(subject, snapshot, baseline))


def _always(network: Resource, snapshot: Snapshot, baseline: Baseline) -> dict[ResourceId, list[str]]:
    """The rules that let strangers in for good, each with the management ports it does that for."""
    wall = wall_of(network.id, Landscape(snapshot))
    strangers = subtract(PUBLIC, ranges_of(*baseline.allowed_management_sources))
    found: dict[ResourceId, list[str]] = {}
    for port, protocol in detected(baseline.management_ports):
        ruling = wall.ruling(strangers, None, port, protocol)
        if ruling.may_be_always:
            for one in ruling.rules:
                if one.access == "alwaysallow":
                    found.setdefault(one.rule.id, []).append(f"{protocol}/{port}")
    return found


def _ways(network: Resource, snapshot: Snapshot, baseline: Baseline) -> list[Way]:
    """Every way to a management port of a machine in the network."""
    around = Landscape(snapshot)
    passing = Passing(around, baseline.allowed_management_sources)
    return [
        way
        for nic in _interfaces(network, around)
        for target in targets_of(nic)
        if target.network == network.id
        for lead in leads_to(target, around)
        for port, protocol in detected(baseline.management_ports)
        if (way := passing.way(lead, target, port, protocol)) is not None
    ]


def _interfaces(network: Resource, around: Landscape) -> Iterator[Resource]:
    members = ids_at(network.body, MEMBERS)
    named = {nic for one in members if (nic := one.up_to(NIC) or one.up_to(SCALE_SET_NIC)) is not None}
    found = (around.get(nic) for nic in sorted(named, key=lambda one: one.key))
    return (nic for nic in found if isinstance(nic, Resource))


def _violation(network: Resource, always: dict[ResourceId, list[str]], ways: list[Way]) -> Violation:
    names = ", ".join(sorted(rule.name for rule in always))
    ports = sorted({port for each in always.values() for port in each})
    through = [way for way in ways if _passes(way, always)]
    arriving = [way for way in through if way.verdict == "open"]
    unknown = [way for way in through if way.verdict == "unknown"]
    evidence: dict[str, Any] = {
        "ports": ports,
        "adminRules": sorted(rule.text for rule in always),
        "blastRadius": "every network that the rule is in force on",
    }
    message = f"admin rule {names} lets the internet reach {', '.join(ports)} in {network.id.name} for good"
    if arriving:
        machines = sorted({way.through[-1].id.name for way in arriving})
        evidence["machines"] = machines[:MOST_SHOWN]
        return Violation(f"{message}, and no group keeps it out", evidence)
    if unknown:
        evidence["waysUnknown"] = unknown[0].reason
        return Violation(f"{message}; whether anybody arrives is not known: {unknown[0].reason}", evidence)
    lowered = f"{message} (critical, lowered to medium: {NO_PATH})"
    return Violation(lowered, evidence, Severity.MEDIUM, latent=NO_PATH)


def _passes(way: Way, always: dict[ResourceId, list[str]]) -> bool:
    return any(hop.id in always for hop in way.through)
