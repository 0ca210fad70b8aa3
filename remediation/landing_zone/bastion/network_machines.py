"""Which virtual machines have an address in a network, by the list of NICs of its subscription."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from remediation.kinds import NIC, SCALE_SET_NIC
from remediation.landing_zone.bastion.host import MEMBERS
from remediation.landing_zone.bastion.reach import place_of
from remediation.landing_zone.indexes import among
from remediation.landing_zone.joining.carrying import Place
from remediation.landing_zone.machines import addresses_of
from remediation.landing_zone.subnets import subnets_of
from remediation.model import Resource, Snapshot, Unread
from remediation.resource_id import ResourceId
from remediation.rule import Listed, ids_at

NICS = Listed(NIC, "subscription")


@dataclass(frozen=True, slots=True)
class Machines:
    """NICs of machines in a network; `doubt` says why there may be others."""

    nics: tuple[ResourceId, ...] = ()
    doubt: str | None = None


def may_hold_machines(network: Resource) -> bool:
    """Whether a network's own document names anything that could be a machine's NIC."""
    return any(member.up_to(NIC) or member.up_to(SCALE_SET_NIC) for member in ids_at(network.body, MEMBERS))


def machines_in(network: Resource, snapshot: Snapshot) -> Machines:
    """The NICs of virtual machines and scale sets; those of private endpoints and services do not count.

    NICs lie in their network's subscription, whose list answers for all of them in one read.
    """
    members = tuple(ids_at(network.body, MEMBERS))
    found = [nic for member in members if (nic := member.up_to(SCALE_SET_NIC)) is not None]
    named = {nic.key: nic for member in members if (nic := member.up_to(NIC)) is not None}
    listed = snapshot.listed(NIC, f"/subscriptions/{network.id.subscription}")
    if isinstance(listed, Unread):
        return Machines(tuple(found), listed.reason if named else None)
    inside = among(listed, named)
    found += [nic.id for nic in inside if any(ids_at(nic.body, "properties.virtualMachine.id"))]
    missing = sorted(named.keys() - {nic.id.key for nic in inside})
    doubt = f"{named[missing[0]].text} could not be read" if missing else None
    return Machines(tuple(dict.fromkeys(found)), doubt)


def places_in(
    network: Resource, nics: Iterable[ResourceId], snapshot: Snapshot
) -> Mapping[ResourceId, tuple[Place, ...]]:
    """Where each of some NICs stands in a network; its addresses are known where NICs were listed."""
    listed = snapshot.listed_if_read(NIC, f"/subscriptions/{network.id.subscription}")
    wanted = {nic.key for nic in nics}
    addresses = {nic.id.key: addresses_of(nic) for nic in among(listed, wanted)}
    found: dict[ResourceId, tuple[Place, ...]] = {}
    for subnet in subnets_of(network):
        members = (_owner(member) for member in ids_at(subnet.body, "properties.ipConfigurations[].id"))
        for nic in dict.fromkeys(one for one in members if one is not None and one.key in wanted):
            place = place_of(network.id, subnet.id.name, *addresses.get(nic.key, ()))
            found[nic] = (*found.get(nic, ()), place)
    return found


def _owner(member: ResourceId) -> ResourceId | None:
    return member.up_to(SCALE_SET_NIC) or member.up_to(NIC)
