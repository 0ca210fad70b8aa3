"""Rule subnet-without-nsg."""

from collections.abc import Iterable, Iterator

from remediation.baseline import Baseline
from remediation.kinds import NIC, PUBLIC_IP, VNET
from remediation.landing_zone import commands
from remediation.landing_zone.facts import SPECIAL_SUBNETS
from remediation.landing_zone.subnets import has_nsg, is_delegated, subnets_of, without_subnets
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Chosen, Doubt, Doubts, Follow, Verdict, ids_at, rule

_PUBLIC_IPS = "properties.ipConfigurations[].properties.publicIPAddress.id"


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


@rule(
    "subnet-without-nsg",
    title="Subnet without a network security group",
    applies_to=(VNET,),
    severity=Severity.MEDIUM,
    guidance=("R14",),
    needs=(Chosen(_exposable, then=(Follow(_PUBLIC_IPS, to=PUBLIC_IP),)),),
    refuses=without_subnets,
)
def subnet_without_nsg(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A subnet has no network security group.

    What it finds: a subnet without an NSG. Left out are subnets of gateways, firewalls and route servers,
    AzureBastionSubnet (which has a rule of its own) and delegated subnets, which take no virtual machines.
    Severity: medium; high when a NIC in it has no NSG either and a Basic public IP, which is open to the
    internet where nothing closes it.
    Why: without a group everything in the network, and in every peered one, reaches every port.
    Fix: none is applied. A person attaches a group that admits what the subnet needs.
    Fix safety: ALERT. A group whose rules miss something cuts that off for the whole subnet.
    Unknown: when the subnet cannot be read.
    References: R14; network security groups overview.
    """
    for subnet in subnets_of(subject):
        if _is_bare(subnet):
            yield _violation(subnet, snapshot)
        elif has_nsg(subnet) is None and subnet.id.name.lower() not in SPECIAL_SUBNETS:
            yield Doubt(f"{subnet.id.name} of {subject.id.name} came without its properties", subnet.id)


def _violation(subnet: Resource, snapshot: Snapshot) -> Violation:
    nics = _sorted(_nics_of(subnet))
    reads = {nic.text: _open_basic(nic, snapshot) for nic in nics}
    exposed = [text for text, is_open in reads.items() if is_open]
    unread = [text for text, is_open in reads.items() if is_open is None]
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


def _open_basic(identity: ResourceId, snapshot: Snapshot) -> bool | None:
    """Whether a NIC has no NSG and a Basic public IP; None when that cannot be read."""
    unread = Doubts()
    nic = unread.ask(snapshot.need, identity)
    if nic is None:
        return None if unread else False
    if any(ids_at(nic.body, "properties.networkSecurityGroup.id")):
        return False
    addresses = [unread.ask(snapshot.need, address) for address in ids_at(nic.body, _PUBLIC_IPS)]
    skus = {str(address.at("sku", "name") or "Basic").lower() for address in addresses if address}
    if "basic" in skus:
        return True
    return None if unread else False
