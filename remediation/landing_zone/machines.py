"""Virtual machines behind an NSG: their network interfaces, and the NSGs on the way to each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from remediation.kinds import NIC, NSG, SUBNET, VNET
from remediation.landing_zone.surroundings import Surroundings, readable
from remediation.model import Resource, Snapshot, UndecidedError
from remediation.nsg import Nsg
from remediation.resource_id import ResourceId
from remediation.rule import Follow, Need, ids_at, values_at

NSG_OF = Follow("properties.networkSecurityGroup.id", to=NSG)
SUBNET_OF = Follow("properties.ipConfigurations[].properties.subnet.id", to=SUBNET, then=(NSG_OF,))

type System = Literal["linux", "windows"]

_SYSTEMS: tuple[System, ...] = ("linux", "windows")


def interfaces_behind(*then: Need) -> tuple[Need, ...]:
    """Needs that read every NIC behind an NSG, attached or in its subnets, and `then` of each."""
    inside = Follow("properties.ipConfigurations[].id", to=NIC, then=then)
    return (
        Follow("properties.networkInterfaces[].id", then=then),
        Follow("properties.subnets[].id", then=(inside,)),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """How traffic comes to one ip configuration: `levels` are the NSGs of its subnet and of its NIC.

    `groups` are the ids of the same NSGs.
    """

    nic: Resource
    address: str | None
    levels: tuple[Nsg | None, Nsg | None]
    groups: tuple[ResourceId | None, ResourceId | None]


def machine_of(nic: Resource) -> ResourceId | None:
    """The virtual machine a NIC belongs to; None where it belongs to none."""
    return next(ids_at(nic.body, "properties.virtualMachine.id"), None)


def machine_nics(around: Surroundings) -> tuple[Resource, ...] | None:
    """The NICs of virtual machines behind the NSG; None when not all NICs could be read."""
    if around.nics is None:
        return None
    return tuple(nic for nic in around.nics if machine_of(nic) is not None)


def addresses_of(nic: Resource) -> tuple[str, ...]:
    """The private addresses of a NIC, as far as they can be read."""
    found = values_at(nic.body, "properties.ipConfigurations[].properties.privateIPAddress")
    return readable(map(str, found))


def networks_of(nic: Resource) -> tuple[ResourceId, ...]:
    """The virtual networks in which a NIC has an address."""
    subnets = ids_at(nic.body, "properties.ipConfigurations[].properties.subnet.id")
    found = (subnet.up_to(VNET) for subnet in subnets)
    return tuple(dict.fromkeys(network for network in found if network is not None))


def configurations(nic: Resource) -> Iterator[Mapping[str, Any]]:
    """The ip configurations of a NIC that are JSON objects."""
    found = values_at(nic.body, "properties.ipConfigurations[]")
    return (one for one in found if isinstance(one, Mapping))


def memberships(configuration: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """ASG id (lower case) -> the address of an ip configuration, for each group it is a member of."""
    groups = ids_at(configuration, "properties.applicationSecurityGroups[].id")
    return dict.fromkeys((group.key for group in groups), _addresses(configuration))


class Ways:
    """The ways to the NICs of one snapshot; each NSG on them is parsed once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def all_to(self, nic: Resource) -> Sequence[Way]:
        """The way to each ip configuration of a NIC; raises UndecidedError where part of one was not read."""
        return [self.to(nic, configuration) for configuration in configurations(nic)]

    def to(self, nic: Resource, configuration: Mapping[str, Any]) -> Way:
        """The way to one ip configuration of a NIC; raises UndecidedError where part of it was not read."""
        subnet_id = next(ids_at(configuration, "properties.subnet.id"), None)
        subnet = None if subnet_id is None else self._snapshot.need(subnet_id)
        if subnet is None:
            raise UndecidedError(f"the subnet of {nic.id.text} is not known")
        groups = _group_of(subnet), _group_of(nic)
        levels = self._parse(groups[0]), self._parse(groups[1])
        return Way(nic, next(iter(_addresses(configuration)), None), levels, groups)

    def _parse(self, identity: ResourceId | None) -> Nsg | None:
        read = None if identity is None else self._snapshot.need(identity)
        if read is None:
            return None
        return Surroundings.of(read, self._snapshot).parsed


def _group_of(holder: Resource) -> ResourceId | None:
    return next(ids_at(holder.body, "properties.networkSecurityGroup.id"), None)


def _addresses(configuration: Mapping[str, Any]) -> tuple[str, ...]:
    return readable(map(str, values_at(configuration, "properties.privateIPAddress")))


def system_of(machine: Resource) -> System | None:
    """What a virtual machine runs, by its disk, else by its profile; None where neither says."""
    disk = str(machine.properties("storageProfile", "osDisk", "osType") or "").lower()
    by_profile = (system for system in _SYSTEMS if machine.properties("osProfile", f"{system}Configuration"))
    return next((system for system in _SYSTEMS if system == disk), next(by_profile, None))
