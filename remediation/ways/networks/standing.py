"""Networks and virtual hubs as the map shows them: what they are joined to, and what stands in them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from remediation.kinds import SUBNET, VIRTUAL_HUB, VNET
from remediation.landing_zone.bastion.host import SUBNETS, network_id
from remediation.landing_zone.joining.peering import peerings
from remediation.landing_zone.joining.virtual_wan import remotes
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at
from remediation.ways.report import Joint, Network


def standing(
    networks: Sequence[Resource],
    hubs: Sequence[Resource],
    connections: Sequence[Resource],
    hosts: Sequence[Resource],
    firewalls: Sequence[Resource],
) -> Iterator[Network]:
    """Every network, then every hub, with its hosts and firewalls."""
    hubs_of: dict[str, list[ResourceId]] = defaultdict(list)
    for connection in connections:
        hub = connection.id.up_to(VIRTUAL_HUB)
        for network in remotes(connection) if hub is not None else ():
            if hub is not None:
                hubs_of[network.key].append(hub)
    hosts_of = _by_place((network_id(host), host) for host in hosts)
    firewalls_of = _by_place((place, one) for one in firewalls for place in _places(one))
    for document in networks:
        joints = (*_peered(document), *(Joint(hub, "hub") for hub in hubs_of[document.id.key]))
        prefixes = tuple(map(str, values_at(document.body, "properties.addressSpace.addressPrefixes[]")))
        key = document.id.key
        yield Network(document.id, prefixes, joints, tuple(hosts_of[key]), tuple(firewalls_of[key]))
    for one in hubs:
        prefix = tuple(map(str, values_at(one.body, "properties.addressPrefix")))
        yield Network(one.id, prefix, (), (), tuple(firewalls_of[one.id.key]))


def _by_place(pairs: Iterator[tuple[ResourceId | None, Resource]]) -> dict[str, list[ResourceId]]:
    found: dict[str, list[ResourceId]] = defaultdict(list)
    for place, resource in pairs:
        if place is not None:
            found[place.key].append(resource.id)
    return found


def _places(firewall: Resource) -> Iterator[ResourceId]:
    """The network a firewall stands in, or its hub."""
    networks = (subnet.up_to(VNET) for subnet in ids_at(firewall.body, SUBNETS) if subnet.type == SUBNET)
    yield from dict.fromkeys(network for network in networks if network is not None)
    yield from ids_at(firewall.body, "properties.virtualHub.id")


def _peered(network: Resource) -> Iterator[Joint]:
    for peering in peerings(network):
        if peering.remote is not None and not peering.leads_to_hub:
            yield Joint(peering.remote, "peering", peering.state)
