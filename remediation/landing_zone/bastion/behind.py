"""Where Bastion comes from, to the machines behind an NSG."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from remediation.kinds import SUBNET, VNET
from remediation.landing_zone.bastion.reach import Hosts, Standing, place_of
from remediation.landing_zone.joining.carrying import Place
from remediation.landing_zone.joining.peering import peers
from remediation.landing_zone.machines import configurations
from remediation.landing_zone.subnets import subnet_prefixes
from remediation.landing_zone.surroundings import Surroundings
from remediation.model import Resource, dig
from remediation.resource_id import ResourceId
from remediation.rule import Doubts, Follow, Need, ids_at

_OF_NIC = Follow("properties.ipConfigurations[].properties.subnet.id", to=VNET, then=(peers(),))
# The networks behind an NSG with their peers: two or three documents in a hub-and-spoke estate.
NETWORKS: tuple[Need, ...] = (
    Follow("properties.subnets[].id", to=VNET, then=(peers(),)),
    Follow("properties.networkInterfaces[].id", then=(_OF_NIC,)),
)


class Behind:
    """Which hosts serve what is behind an NSG, as far as was read; `doubts` say why there may be others.

    Hosts behind a Virtual WAN are not looked for: machines are reached from there by address, and the group
    sees the same prefixes wherever it matters.
    """

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._hosts = Hosts(around.snapshot, across_wan=False)
        self.doubts = Doubts()

    @cached_property
    def hosts(self) -> tuple[Standing, ...]:
        """Every host that serves any subnet behind the group, each once."""
        found = (one for place in self._places for one in self._serving(place))
        return tuple({(one.host, one.prefixes): one for one in found}.values())

    @property
    def prefixes(self) -> list[str]:
        """Every prefix from which a known host may come, for a first question."""
        return list(dict.fromkeys(prefix for one in self.hosts for prefix in one.prefixes))

    @property
    def all_served(self) -> bool:
        """Whether a host is known for every subnet behind the group."""
        return all(self._serving(place) for place in self._places)

    def serving(self, nic: Resource) -> tuple[Standing, ...]:
        """The hosts that could serve a NIC: those of its own network where there are any."""
        found = (self._serving(place) for place in map(place_of_configuration, configurations(nic)) if place)
        return next((hosts for hosts in found if hosts), ())

    def _serving(self, place: Place) -> tuple[Standing, ...]:
        hosts = self._hosts.reaching(place, self.doubts).hosts
        own = tuple(one for one in hosts if one.over == "network")
        return (*own, *(one for one in hosts if one.over == "developer")) if own else hosts

    @cached_property
    def _places(self) -> tuple[Place, ...]:
        found = list(map(self._place, self._around.subnet_ids))
        for identity in self._around.nic_ids:
            nic = self._around.snapshot.get(identity)
            found += map(place_of_configuration, configurations(nic)) if isinstance(nic, Resource) else ()
        return tuple(dict.fromkeys(place for place in found if place is not None))

    def _place(self, subnet: ResourceId) -> Place | None:
        network = subnet.up_to(VNET)
        document = self._around.snapshot.get(subnet)
        prefixes = subnet_prefixes(document) if isinstance(document, Resource) else ()
        return None if network is None else place_of(network, subnet.name, *prefixes)


def place_of_configuration(configuration: Mapping[str, Any]) -> Place | None:
    """Where an ip configuration of a NIC stands; None where it names no subnet."""
    subnet = next(_subnets(configuration), None)
    network = None if subnet is None else subnet.up_to(VNET)
    if subnet is None or network is None:
        return None
    return place_of(network, subnet.name, str(dig(configuration, "properties", "privateIPAddress")))


def _subnets(configuration: Mapping[str, Any]) -> Iterator[ResourceId]:
    return (one for one in ids_at(configuration, "properties.subnet.id") if one.type == SUBNET)
