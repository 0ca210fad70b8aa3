"""Whom a changed neighbour touches: what it refers to now, and who read it before. Bounded.

The way from a neighbour's document to targets is written as needs: each step follows ids, and whatever of a
judged type is met on the way is touched. What the document no longer refers to (a detach, a delete) is known
to the reverse index.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from remediation.errors import PermanentError
from remediation.intake.routing import route_id
from remediation.kinds import (
    BASTION,
    HUB_CONNECTION,
    JIT_POLICY,
    LOAD_BALANCER,
    NAT_GATEWAY,
    NIC,
    PRIVATE_DNS_LINK,
    PRIVATE_DNS_ZONE,
    ROUTE_TABLE,
    SUBNET,
    VIRTUAL_HUB,
    VIRTUAL_NETWORK_GATEWAY,
    VNET,
)
from remediation.ledger.reverse_index import ReverseIndex
from remediation.model import Resource
from remediation.ports import Cloud
from remediation.resource_id import ResourceId
from remediation.rule import Follow, Need, follow

_NSG = Follow("properties.networkSecurityGroup.id")
_MACHINE = Follow("properties.virtualMachine.id")
_SUBNETS = "properties.ipConfigurations[].properties.subnet.id"
_OF_NIC = (
    _NSG,
    _MACHINE,
    Follow("properties.ipConfigurations[].properties.publicIPAddress.id"),
    Follow(_SUBNETS, then=(_NSG,)),
)
_OF_SUBNET = (_NSG, Follow("properties.ipConfigurations[].id", to=BASTION))
_OF_VNET = (
    Follow("properties.subnets[].properties.networkSecurityGroup.id"),
    Follow("properties.subnets[].properties.ipConfigurations[].id", to=BASTION),
    Follow("properties.virtualNetworkPeerings[].properties.remoteVirtualNetwork.id"),
)
_BACKEND = "properties.backendAddressPools[].properties.backendIPConfigurations[].id"

# Where the targets lie, seen from each type of neighbour.
WAYS: Mapping[str, tuple[Need, ...]] = {
    NIC: _OF_NIC,
    SUBNET: (*_OF_SUBNET, Follow("properties.routeTable.id")),
    VNET: _OF_VNET,
    LOAD_BALANCER: (
        Follow("properties.frontendIPConfigurations[].properties.publicIPAddress.id"),
        Follow(_BACKEND, to=NIC, then=_OF_NIC),
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
LISTED_WIDELY = frozenset({
    HUB_CONNECTION, JIT_POLICY, PRIVATE_DNS_LINK, PRIVATE_DNS_ZONE, VIRTUAL_HUB, VIRTUAL_NETWORK_GATEWAY,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Touched:
    """The targets to look at; `overflow` when there are too many to name one by one."""

    targets: tuple[ResourceId, ...]
    overflow: bool = False


def expand(cloud: Cloud, reverse_index: ReverseIndex, neighbour: ResourceId, most: int) -> Touched:
    """Whom a neighbour touches. A neighbour that may not be read still touches those who read it before."""
    found: dict[str, ResourceId] = {}
    resource = _read(cloud, neighbour)
    if resource is not None:
        for target in _ahead(cloud, resource, WAYS.get(neighbour.type, ())):
            found.setdefault(target.key, target)
    for read in _read_as(neighbour):
        for target in reverse_index.of(read, most):
            found.setdefault(target.key, target)
    return Touched(tuple(found.values()), overflow=len(found) > most)


def _read_as(neighbour: ResourceId) -> Iterator[ResourceId]:
    """The ids under which earlier judgements may have read a neighbour: itself, its parent, a wide list."""
    yield neighbour
    if neighbour.parent is not None:
        yield neighbour.parent
    if neighbour.type in LISTED_WIDELY:
        yield ResourceId.parse(f"/subscriptions/{neighbour.subscription}")


def _ahead(cloud: Cloud, resource: Resource, ways: Iterable[Need]) -> Iterator[ResourceId]:
    for way in ways:
        if not isinstance(way, Follow):
            continue
        for identity in follow(resource, way):
            target = route_id(identity).target
            if target is not None:
                yield target
            if way.then and (read := _read(cloud, identity)) is not None:
                yield from _ahead(cloud, read, way.then)


def _read(cloud: Cloud, identity: ResourceId) -> Resource | None:
    try:
        return cloud.get(identity)
    except PermanentError:
        return None
