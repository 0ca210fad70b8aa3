"""Whom a changed neighbour touches: what it refers to now, and who read it before. Bounded.

The way from a neighbour's document to targets is written as needs: each step follows ids, and whatever of a
judged type is met on the way is touched. What the document no longer refers to (a detach, a delete) is known
to the reverse index.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from remediation.errors import PermanentError
from remediation.intake.routing import route_id
from remediation.judging.gathering import Reads
from remediation.kinds import (
    APPLICATION_GATEWAY,
    AZURE_FIREWALL,
    BASTION,
    FIREWALL_POLICY,
    HUB_CONNECTION,
    IP_GROUP,
    JIT_POLICY,
    LOAD_BALANCER,
    MANAGED_CLUSTER,
    NAT_GATEWAY,
    NETWORK_MANAGER,
    NIC,
    PRIVATE_DNS_LINK,
    PRIVATE_DNS_ZONE,
    PRIVATE_LINK_SERVICE,
    ROUTE_TABLE,
    RULE_COLLECTION_GROUP,
    SCALE_SET,
    SUBNET,
    VIRTUAL_HUB,
    VIRTUAL_NETWORK_GATEWAY,
    VNET,
)
from remediation.ledger.reverse_index import ReverseIndex
from remediation.model import Listing, Resource
from remediation.resource_id import ResourceId
from remediation.rule import Above, Follow, Need, follow, ids_at

_NSG = Follow("properties.networkSecurityGroup.id")
_MACHINE = Follow("properties.virtualMachine.id")
_SUBNETS = "properties.ipConfigurations[].properties.subnet.id"
_OF_NIC = (
    _NSG,
    _MACHINE,
    Follow("properties.ipConfigurations[].properties.publicIPAddress.id"),
    Follow(_SUBNETS, then=(_NSG,)),
)
_OF_SUBNET = (
    _NSG,
    Follow("properties.routeTable.id"),
    Follow("properties.ipConfigurations[].id", to=BASTION),
)
_OF_VNET = (
    Follow("properties.subnets[].properties.networkSecurityGroup.id"),
    Follow("properties.subnets[].properties.routeTable.id"),
    Follow("properties.subnets[].properties.ipConfigurations[].id", to=BASTION),
    Follow("properties.virtualNetworkPeerings[].properties.remoteVirtualNetwork.id"),
)
_POOLS = "properties.backendAddressPools[].properties"
_BACKEND = f"{_POOLS}.backendIPConfigurations[].id"
_FRONT = Follow("properties.frontendIPConfigurations[].properties.publicIPAddress.id")
_MODEL = "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties"
_MODEL_IP = f"{_MODEL}.ipConfigurations[].properties"
_OF_SCALE_SET = (
    Follow(f"{_MODEL}.networkSecurityGroup.id"),
    Follow(f"{_MODEL_IP}.subnet.id", then=(_NSG,)),
    Follow(f"{_MODEL_IP}.loadBalancerBackendAddressPools[].id", to=LOAD_BALANCER),
)
_OF_BALANCER = (
    _FRONT,
    Follow(_BACKEND, to=NIC, then=_OF_NIC),
    Follow(_BACKEND, to=SCALE_SET, then=_OF_SCALE_SET),
    Follow(f"{_POOLS}.loadBalancerBackendAddresses[].properties.virtualNetwork.id", then=_OF_VNET),
    Follow(f"{_POOLS}.virtualNetwork.id", then=_OF_VNET),
)
# A firewall or gateway leads to what its network is peered with: the spokes of a hub.
_OF_HUB = (
    *_OF_VNET,
    Follow(
        "properties.virtualNetworkPeerings[].properties.remoteVirtualNetwork.id",
        then=(Follow("properties.subnets[].properties.networkSecurityGroup.id"),),
    ),
)
_OF_FIREWALL = (
    Follow("properties.ipConfigurations[].properties.publicIPAddress.id"),
    Follow(_SUBNETS, to=VNET, then=_OF_HUB),
)
_FIREWALLS = Follow("properties.firewalls[].id", then=_OF_FIREWALL)
# What a policy inherits is known to its own document alone, so a heir's firewalls are a step further.
_OF_POLICY = (
    _FIREWALLS,
    Follow("properties.ruleCollectionGroups[].id"),
    Follow("properties.childPolicies[].id", then=(_FIREWALLS,)),
)

# Where the targets lie, seen from each type of neighbour.
WAYS: Mapping[str, tuple[Need, ...]] = {
    NIC: _OF_NIC,
    SUBNET: (*_OF_SUBNET, Follow("properties.routeTable.id")),
    VNET: _OF_VNET,
    LOAD_BALANCER: _OF_BALANCER,
    AZURE_FIREWALL: _OF_FIREWALL,
    FIREWALL_POLICY: _OF_POLICY,
    RULE_COLLECTION_GROUP: (Above(FIREWALL_POLICY, then=_OF_POLICY),),
    IP_GROUP: (_FIREWALLS, Follow("properties.firewallPolicies[].id", then=_OF_POLICY)),
    APPLICATION_GATEWAY: (
        _FRONT,
        Follow(_BACKEND, to=NIC, then=_OF_NIC),
        Follow("properties.gatewayIPConfigurations[].properties.subnet.id", to=VNET, then=_OF_HUB),
    ),
    PRIVATE_LINK_SERVICE: (
        Follow("properties.loadBalancerFrontendIpConfigurations[].id", to=LOAD_BALANCER, then=_OF_BALANCER),
    ),
    SCALE_SET: _OF_SCALE_SET,
    NETWORK_MANAGER: (),  # leads to the networks of its scope, which are listed
    MANAGED_CLUSTER: (
        Follow("properties.agentPoolProfiles[].vnetSubnetID", then=(_NSG,)),
        Follow("properties.agentPoolProfiles[].podSubnetID", then=(_NSG,)),
    ),
    ROUTE_TABLE: (Follow("properties.subnets[].id", then=_OF_SUBNET),),
    NAT_GATEWAY: (Follow("properties.publicIpAddresses[].id"), Follow("properties.subnets[].id")),
    VIRTUAL_NETWORK_GATEWAY: (Follow(_SUBNETS, to=VNET, then=_OF_VNET),),
    HUB_CONNECTION: (Follow("properties.remoteVirtualNetwork.id", then=_OF_VNET),),
    PRIVATE_DNS_LINK: (Follow("properties.virtualNetwork.id", then=_OF_VNET),),
    JIT_POLICY: (
        Follow(
            "properties.virtualMachines[].id",
            then=(Follow("properties.networkProfile.networkInterfaces[].id", then=_OF_NIC),),
        ),
    ),
}


# Types that rules look for in lists of a whole subscription: a first one of them is in nobody's index yet.
# Those whose documents name the networks they lead to (balancers, gateways, scale sets) are followed instead.
LISTED_WIDELY = frozenset({
    AZURE_FIREWALL, FIREWALL_POLICY, HUB_CONNECTION, IP_GROUP, JIT_POLICY, PRIVATE_DNS_LINK, PRIVATE_DNS_ZONE,
    RULE_COLLECTION_GROUP, VIRTUAL_HUB, VIRTUAL_NETWORK_GATEWAY,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Touched:
    """The targets to look at; `overflow` when there are too many to name one by one."""

    targets: tuple[ResourceId, ...]
    overflow: bool = False


def expand(cloud: Reads, reverse_index: ReverseIndex, neighbour: ResourceId, most: int) -> Touched:
    """Whom a neighbour touches. A neighbour that may not be read still touches those who read it before."""
    found: dict[str, ResourceId] = {}
    resource = _read(cloud, neighbour)
    networks, overflow = _governed(cloud, resource) if neighbour.type == NETWORK_MANAGER else ((), False)
    for target in chain(
        _ahead(cloud, resource, WAYS.get(neighbour.type, ())) if resource is not None else (),
        chain.from_iterable(_from_network(cloud, network) for network in networks),
        chain.from_iterable(
            reverse_index.of(read, most)
            for read in (*_read_as(neighbour), *(network.id for network in networks))
        ),
    ):
        found.setdefault(target.key, target)
        if len(found) > most:  # no more reads for names that will not be told
            overflow = True
            break
    return Touched(tuple(found.values()), overflow)


def _governed(cloud: Reads, manager: Resource | None) -> tuple[Sequence[Resource], bool]:
    """The networks that a network manager may govern, and whether there may be others.

    Its documents do not tell which of its scope it governs; what a management group holds is not listed.
    """
    scopes = None if manager is None else manager.properties("networkManagerScopes")
    if manager is None or not isinstance(scopes, Mapping):
        return (), True
    found: list[Resource] = []
    for subscription in ids_at(manager.body, "properties.networkManagerScopes.subscriptions[]"):
        with suppress(PermanentError):  # not ours to read, so nothing of ours is governed there
            found += cloud.list(Listing(VNET, subscription.text))
    return found, bool(scopes.get("managementGroups"))


def _from_network(cloud: Reads, network: Resource) -> Iterator[ResourceId]:
    """A network and the groups of its subnets, out of its document alone."""
    yield network.id
    yield from _ahead(cloud, network, _OF_VNET)


def _read_as(neighbour: ResourceId) -> Iterator[ResourceId]:
    """The ids under which earlier judgements may have read a neighbour: itself, its parent, a wide list."""
    yield neighbour
    if neighbour.parent is not None:
        yield neighbour.parent
    if neighbour.type in LISTED_WIDELY:
        yield ResourceId.parse(f"/subscriptions/{neighbour.subscription}")


def _ahead(cloud: Reads, resource: Resource, ways: Iterable[Need]) -> Iterator[ResourceId]:
    for way in ways:
        for identity in _along(resource, way):
            target = route_id(identity).target
            if target is not None:
                yield target
            if way.then and (read := _read(cloud, identity)) is not None:
                yield from _ahead(cloud, read, way.then)


def _along(resource: Resource, way: Need) -> Iterator[ResourceId]:
    if isinstance(way, Follow):
        yield from follow(resource, way)
    elif isinstance(way, Above) and (above := resource.id.up_to(way.to)) is not None:
        yield above


def _read(cloud: Reads, identity: ResourceId) -> Resource | None:
    try:
        return cloud.get(identity)
    except PermanentError:
        return None
