"""Rule subnet-without-nsg."""

from collections.abc import Iterable, Iterator

from remediation.baseline import Baseline
from remediation.kinds import NIC, SUBNET, VNET
from remediation.landing_zone import commands
from remediation.landing_zone.facts import SPECIAL_SUBNETS
from remediation.landing_zone.subnets import has_nsg, is_delegated, subnets_of, without_subnets
from remediation.model import Resource, Severity, Snapshot, UndecidedError, Violation
from remediation.nsg import detected
from remediation.resource_id import ResourceId
from remediation.rule import Chosen, Doubt, Group, Verdict, ids_at, rule
from remediation.ways.crossing.passing import Passing
from remediation.ways.landscape import Landscape
from remediation.ways.leads import leads_to
from remediation.ways.needs import TO_NIC
from remediation.ways.targets import targets_of
from remediation.ways.way import Way


def _is_bare(subnet: Resource) -> bool:
    """Whether a subnet should have an NSG and has none."""
    special = subnet.id.name.lower() in SPECIAL_SUBNETS
    return not special and not is_delegated(subnet) and has_nsg(subnet) is False


def _nics_of(subnet: Resource) -> set[ResourceId]:
    owners = (identity.up_to(NIC) for identity in ids_at(subnet.body, "properties.ipConfigurations[].id"))
    return {owner for owner in owners if owner is not None}


def _exposable(network: Resource, _snapshot: Snapshot) -> Iterable[ResourceId]:
    return (nic for subnet in subnets_of(network) if _is_bare(subnet) for nic in _sorted(_nics_of(subnet)))


def _sorted(ids: Iterable[ResourceId]) -> list[ResourceId]:
    return sorted(ids, key=lambda identity: identity.key)


def _has_bare(network: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return any(map(_is_bare, subnets_of(network)))


@rule(
    "subnet-without-nsg",
    title="Subnet without a network security group",
    applies_to=(VNET,),
    about=SUBNET,
    severity=Severity.MEDIUM,
    because={
        Severity.HIGH: "Past every group, a management port of a machine in it is open to the internet.",
        Severity.MEDIUM: "No way in past every group is known; what gets through is the network and its "
        "peers.",
    },
    guidance=("R14",),
    closer=(Chosen(_exposable, then=TO_NIC), Group()),
    suspects=_has_bare,
    refuses=without_subnets,
)
def subnet_without_nsg(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A subnet has no network security group.

    What it finds: a subnet without an NSG. Left out are subnets of gateways, firewalls and route servers,
    AzureBastionSubnet (which has a rule of its own) and delegated subnets, which take no virtual machines.
    Severity: medium; high when a way in to a management port of a machine in it is open that passes no group
    at all, as behind a Basic public IP or a Basic load balancer.
    Why: without a group everything in the network, and in every peered one, reaches every port.
    Fix: none is applied. A person attaches a group that admits what the subnet needs; where a service keeps
    the network, through that service.
    Fix safety: ALERT. A group whose rules miss something cuts that off for the whole subnet.
    Unknown: when the subnet cannot be read.
    References: R14; network security groups overview.
    """
    for subnet in subnets_of(subject):
        if _is_bare(subnet):
            yield _violation(subnet, snapshot, baseline)
        elif has_nsg(subnet) is None and subnet.id.name.lower() not in SPECIAL_SUBNETS:
            yield Doubt(f"{subnet.id.name} of {subject.id.name} came without its properties", subnet.id)


def _violation(subnet: Resource, snapshot: Snapshot, baseline: Baseline) -> Violation:
    nics = _sorted(_nics_of(subnet))
    exposed: list[str] = []
    unread: dict[str, str] = {}
    around = Landscape(snapshot)
    passing = Passing(around, baseline.allowed_management_sources)
    for nic in nics:
        try:
            ways = list(_unguarded(nic, around, passing, baseline))
        except UndecidedError as error:
            unread[nic.text] = error.reason
            continue
        if any(way.verdict == "open" for way in ways):
            exposed.append(nic.text)
        elif doubtful := [way.reason for way in ways if way.verdict == "unknown"]:
            unread[nic.text] = doubtful[0]
    evidence = {
        "networkInterfaces": len(nics),
        "openToTheInternet": exposed,
        "blastRadius": f"everything in {subnet.id.name}: a group that misses a rule cuts that traffic off",
    }
    if unread:
        evidence["unread"] = unread
    network = subnet.id.parent
    where = f"{subnet.id.name} of {network.name}" if network else subnet.id.name
    return Violation(
        f"{where} has no network security group",
        evidence,
        Severity.HIGH if exposed else None,
        commands=(commands.attach_nsg(subnet.id, "NSG-NAME-OR-ID"),),
        subject=subnet.id,
    )


def _unguarded(
    identity: ResourceId, around: Landscape, passing: Passing, baseline: Baseline
) -> Iterator[Way]:
    """The ways to a NIC's machine that pass no group; raises UndecidedError where the NIC was not read."""
    nic = around.need(identity)
    for target in targets_of(nic) if nic is not None else ():
        for lead in leads_to(target, around):
            for port, protocol in detected(baseline.management_ports):
                way = passing.way(lead, target, port, protocol)
                if way is not None and not any(way.groups):
                    yield way
