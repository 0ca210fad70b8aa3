"""Who is joined to whom, and which addresses the tag VirtualNetwork holds at a subnet.

From the specification: the tag is the address space of the network, what peerings bring, the host's virtual
address, and what routes of the subnet send to an appliance or a gateway. A peering brings nothing while one
of its halves is missing or not connected, or forbids access; it may carry named subnets or IPv6 only.
"""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from tests.unit.nsg.oracle import PROBE, Address, span_of
from tests.unit.ways.reading import Document, World, id_in, parent, prefixes_of

_ELSEWHERE = frozenset({"virtualappliance", "virtualnetworkgateway"})


def holds(texts: list[str], address: Address) -> bool:
    """Whether one of the addresses, prefixes or ranges holds the address."""
    spans = [span_of(text) for text in texts]
    return any(
        span and span[0].version == address.version and span[0] <= address <= span[1] for span in spans
    )


def in_virtual_network(world: World, subnet: str, address: Address, *, by_routes: bool = True) -> bool:
    """Whether the tag holds an address at a subnet; `by_routes` says whether its routes count."""
    network = world.properties(parent(subnet))
    return (
        address == PROBE
        or holds(network["addressSpace"]["addressPrefixes"], address)
        or any(_brings(world, half, subnet, address) for half in _halves(network))
        or (by_routes and holds(routed(world, subnet), address))
    )


def _halves(network: dict[str, Any]) -> list[dict[str, Any]]:
    return [half["properties"] for half in network.get("virtualNetworkPeerings") or []]


def _brings(world: World, half: dict[str, Any], subnet: str, address: Address) -> bool:
    """Whether a half of a peering makes an address of the other network known at a subnet."""
    other = _other_half(world, half, subnet)
    if other is None or not (_connected(half) and _connected(other)):
        return False
    if not (_accessible(half) and _accessible(other)):
        return False
    return _carries(world, half, subnet, address)


def _other_half(world: World, half: dict[str, Any], subnet: str) -> dict[str, Any] | None:
    remote = world.properties(id_in(half, "remoteVirtualNetwork"))
    back = (one for one in _halves(remote) if id_in(one, "remoteVirtualNetwork") == parent(subnet))
    return next(back, None)


def _connected(half: dict[str, Any]) -> bool:
    return bool(half["peeringState"].lower() == "connected")


def _accessible(half: dict[str, Any]) -> bool:
    return half.get("allowVirtualNetworkAccess", True) is not False


def _carries(world: World, half: dict[str, Any], subnet: str, address: Address) -> bool:
    """Whether what the half says includes this subnet on this side and this address on the other."""
    if half.get("enableOnlyIPv6Peering") and address.version != 6:
        return False
    if not holds(half["remoteAddressSpace"]["addressPrefixes"], address):
        return False
    if half.get("peerCompleteVnets", True):
        return True
    remote = world.properties(id_in(half, "remoteVirtualNetwork"))
    named = {name.lower() for name in half.get("remoteSubnetNames") or []}
    subnets = [one for one in remote.get("subnets") or [] if one["name"].lower() in named]
    here = {name.lower() for name in half.get("localSubnetNames") or []}
    return subnet.rsplit("/", maxsplit=1)[-1] in here and any(
        holds(prefixes_of(one), address) for one in subnets
    )


def routed(world: World, subnet: str) -> list[str]:
    """The prefixes that routes of a subnet send to an appliance or a gateway."""
    table = world.properties(id_in(world.properties(subnet), "routeTable"))
    return [
        route["properties"]["addressPrefix"]
        for route in table.get("routes") or []
        if route["properties"]["nextHopType"].lower() in _ELSEWHERE
    ]


def reaches(world: World, subnet: str, other: str, address: Address) -> bool | None:
    """Whether what stands in a subnet reaches an address in another one; None where that is disputed.

    A peering that forbids access carries nothing by itself; whether a rule may overrule it is disputed.
    """
    if parent(subnet) == parent(other):
        return True
    there = [
        half
        for half in _halves(world.properties(parent(subnet)))
        if id_in(half, "remoteVirtualNetwork") == parent(other)
    ]
    for half in there:
        back = _other_half(world, half, subnet)
        if back is None or not (_connected(half) and _connected(back)):
            continue
        both = _carries(world, half, subnet, address) and any(
            _carries(world, back, other, here)
            for here in usable(world, subnet)
            if here.version == address.version
        )
        if both:
            return True if _accessible(half) and _accessible(back) else None
    return False


def usable(world: World, subnet: str) -> Iterator[Address]:
    """The first and the last address of a subnet's prefixes that Azure gives out."""
    found: Document | None = world.get(subnet)
    for text in prefixes_of(found) if found else []:
        prefix = ip_network(text)
        yield prefix[4]
        yield prefix[-2]
