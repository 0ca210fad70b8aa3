"""Where Bastion comes from, to the machines behind an NSG: hosts of their networks, and of peers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.kinds import BASTION, VNET
from remediation.landing_zone.bastion.host import hosts_in, is_developer, network_id
from remediation.landing_zone.facts import DEVELOPERS_SOURCE
from remediation.landing_zone.machines import networks_of
from remediation.landing_zone.peering import peerings, peers
from remediation.landing_zone.subnets import is_bastion_subnet, subnets_of
from remediation.landing_zone.surroundings import Surroundings, subnet_prefixes
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import Doubts, Follow, Need

_OF_NIC = Follow("properties.ipConfigurations[].properties.subnet.id", to=VNET, then=(peers(),))
# The networks behind an NSG with their peers: two or three documents in a hub-and-spoke estate.
NETWORKS: tuple[Need, ...] = (
    Follow("properties.subnets[].id", to=VNET, then=(peers(),)),
    Follow("properties.networkInterfaces[].id", then=(_OF_NIC,)),
)

type Prefixes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """Per network (its id's key): the prefixes of each host that serves it, the nearest first.

    `doubts` say why there may be other hosts.
    """

    prefixes: Mapping[str, tuple[Prefixes, ...]]
    doubts: Doubts

    def serving(self, nic: Resource) -> tuple[Prefixes, ...]:
        """The prefixes of each host that could serve a NIC."""
        return next(
            (self.prefixes[key] for network in networks_of(nic) if (key := network.key) in self.prefixes), ()
        )


def reach_of(around: Surroundings) -> Reach:
    """Which hosts serve the networks behind an NSG, as far as they were read."""
    found: dict[str, tuple[Prefixes, ...]] = {}
    doubts = Doubts()
    developers = _developers(around)
    for identity in _networks(around):
        network = doubts.ask(around.snapshot.need, identity)
        if network is None:
            continue
        own = _host_prefixes(network)
        serving = (own,) if own else tuple(_of_peers(around, network, doubts))
        if identity.key in developers:
            serving = (*serving, (DEVELOPERS_SOURCE,))
        if serving:
            found[identity.key] = serving
    return Reach(found, doubts)


def host_prefixes(around: Surroundings) -> list[str]:
    """Every prefix from which a known host may come, for a first question."""
    served = reach_of(around).prefixes.values()
    return list(dict.fromkeys(prefix for hosts in served for prefixes in hosts for prefix in prefixes))


def all_served(around: Surroundings) -> bool:
    """Whether a host is known for every network behind the group."""
    served = reach_of(around).prefixes
    return all(network.key in served for network in _networks(around))


def _networks(around: Surroundings) -> list[ResourceId]:
    found = [subnet.up_to(VNET) for subnet in around.subnet_ids]
    for identity in around.nic_ids:
        nic = around.snapshot.get(identity)
        found += networks_of(nic) if isinstance(nic, Resource) else []
    return list(dict.fromkeys(network for network in found if network is not None))


def _of_peers(around: Surroundings, network: Resource, doubts: Doubts) -> Iterator[Prefixes]:
    for peering in peerings(network):
        if not peering.connected or peering.remote is None or peering.leads_to_hub:
            continue
        remote = doubts.ask(around.snapshot.need, peering.remote)
        if remote is not None and (prefixes := _host_prefixes(remote)):
            yield prefixes


def _host_prefixes(network: Resource) -> Prefixes:
    """The prefixes of a network's AzureBastionSubnet, where a host stands in it."""
    if not hosts_in(network):
        return ()
    return tuple(
        prefix
        for subnet in subnets_of(network)
        if is_bastion_subnet(subnet)
        for prefix in subnet_prefixes(subnet)
    )


def _developers(around: Surroundings) -> set[str]:
    """The networks (their ids' keys) that a Developer host serves, as far as hosts were listed.

    They serve one network from the shared pool, and come from the platform's own address.
    """
    hosts = around.snapshot.listed_if_read(BASTION, f"/subscriptions/{around.nsg.id.subscription}")
    served = (network_id(host) for host in hosts if is_developer(host))
    return {network.key for network in served if network is not None}
