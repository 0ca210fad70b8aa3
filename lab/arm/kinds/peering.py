"""Peerings: two halves, one in each network, whose states depend on each other."""

from __future__ import annotations

from typing import Any

from lab.arm import ids
from lab.arm.documents.etags import new_etag
from lab.arm.documents.store import child, with_child
from lab.arm.documents.tree import Document, present, stamped
from lab.arm.kinds.base import Kind, Put, World, new_guid, others, reference, top
from lab.arm.refusals.overlaps import check_overlap
from lab.arm.refusals.ranges import prefixes_of

PEERING = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
SPACES = (
    "remoteAddressSpace",
    "localAddressSpace",
    "localVirtualNetworkAddressSpace",
    "remoteVirtualNetworkAddressSpace",
)
TREATED = frozenset(
    {"provisioningState", "resourceGuid", "localSubnetNames", "remoteSubnetNames", "peeringState",
     "peeringSyncLevel",
     "remoteVirtualNetwork", "allowVirtualNetworkAccess", "allowForwardedTraffic", "allowGatewayTransit",
     "useRemoteGateways", "doNotVerifyRemoteGateways", "peerCompleteVnets", "remoteGateways",
     "routeServiceVips", "remoteVirtualNetworkEncryption", "remoteBgpCommunities",
     "enableOnlyIPv6Peering", *SPACES}
)  # fmt: skip


def _network(world: World, vnet_id: str) -> Document | None:
    record = world.store.get(vnet_id)
    return record.doc if record else None


def _prefixes(network: Document | None, names: list[str] | None) -> list[str]:
    """The address space of a network, or of the subnets named."""
    if network is None:
        return []
    if names is None:
        return list(network["properties"].get("addressSpace", {}).get("addressPrefixes", []))
    subnets = [child(network, "subnets", name) for name in names]
    return [prefix for each in subnets if each for prefix in prefixes_of(each)]


def _told(network: Document | None, member: str) -> Any:
    """What a peering tells of the other network besides its addresses."""
    return network["properties"].get(member) if network else None


def _space(prefixes: list[str], *, partial: bool) -> Document:
    return {"addressPrefixes": prefixes} | ({"ipamPoolPrefixAllocations": []} if partial else {})


def other_half(world: World, peering_id: str, remote: str) -> Document | None:
    """The peering in the remote network that points back."""
    mine, network = ids.root(peering_id), _network(world, remote)
    halves = network["properties"].get("virtualNetworkPeerings", ()) if network else ()
    return next((each for each in halves if _remote(each).lower() == mine), None)


def _remote(peering: Document) -> str:
    found = reference(peering["properties"].get("remoteVirtualNetwork"))
    return str(found["id"]) if found else ""


def _gateways(world: World, network: Document | None) -> list[Document] | None:
    """The gateways in the remote network's GatewaySubnet."""
    subnet = child(network, "subnets", "GatewaySubnet") if network else None
    holders = world.store.links.holders(subnet["id"], "ipConfigurations") if subnet else []
    found = [
        holder.rpartition("/ipConfigurations/")[0]
        for holder in holders
        if "/virtualnetworkgateways/" in holder.lower()
    ]
    return [{"id": each} for each in dict.fromkeys(found)] or None


def shape(put: Put) -> Document:
    sent, world = put.sent, put.world
    target = reference(sent.get("remoteVirtualNetwork")) or {"id": ""}
    remote, local = _network(world, target["id"]), _network(world, ids.root(put.id))
    complete = sent.get("peerCompleteVnets", True)
    partial = not complete
    half = other_half(world, put.id, target["id"])
    here, there = (
        (None, None)
        if complete
        else (sent.get("localSubnetNames") or [], sent.get("remoteSubnetNames") or [])
    )
    current = _prefixes(remote, there)
    synced = put.existing is None or put.query.get("syncremoteaddressspace", "").lower() == "true"
    held = (put.before.get("remoteAddressSpace") or {}).get("addressPrefixes", current)
    near = _space(_prefixes(local, here), partial=True) if partial else None
    properties = present(
        provisioningState="Succeeded",
        resourceGuid=put.kept(
            "resourceGuid", lambda: half["properties"]["resourceGuid"] if half else new_guid()
        ),
        localSubnetNames=sent.get("localSubnetNames"),
        remoteSubnetNames=sent.get("remoteSubnetNames"),
        peeringState="Connected" if half else "Initiated",
        peeringSyncLevel="FullyInSync" if half else "RemoteNotInSync",
        remoteVirtualNetwork=target,
        allowVirtualNetworkAccess=sent.get("allowVirtualNetworkAccess", True),
        allowForwardedTraffic=sent.get("allowForwardedTraffic", False),
        allowGatewayTransit=sent.get("allowGatewayTransit", False),
        useRemoteGateways=sent.get("useRemoteGateways", False),
        doNotVerifyRemoteGateways=sent.get("doNotVerifyRemoteGateways", False),
        peerCompleteVnets=complete,
        enableOnlyIPv6Peering=sent.get("enableOnlyIPv6Peering"),
        remoteGateways=_gateways(world, remote) if sent.get("useRemoteGateways") else None,
        remoteAddressSpace=_space(current if synced else held, partial=partial),
        localAddressSpace=near,
        localVirtualNetworkAddressSpace=near,
        remoteVirtualNetworkAddressSpace=_space(current, partial=partial),
        routeServiceVips={},
        remoteVirtualNetworkEncryption=_told(remote, "encryption"),
        remoteBgpCommunities=_told(remote, "bgpCommunities"),
        **others(sent, TREATED),
    )
    return top(put, "name id etag properties type", properties=properties)


def _level(world: World, mine: Document, half: Document) -> str:
    """How the address spaces each half last saw compare with today's (partial peerings: in sync)."""

    def stale(seen: Document, network: str) -> bool:
        properties = seen["properties"]
        if not properties.get("peerCompleteVnets", True):
            return False
        now = _prefixes(_network(world, network), None)
        return sorted(properties.get("remoteAddressSpace", {}).get("addressPrefixes", now)) != sorted(now)

    remote, local = stale(mine, _remote(mine)), stale(half, ids.root(mine["id"]))
    if remote and local:
        return "LocalAndRemoteNotInSync"
    return "RemoteNotInSync" if remote else "LocalNotInSync" if local else "FullyInSync"


def _now(world: World, mine: Document) -> Document:
    """A half as it must look given the other one."""
    half = other_half(world, mine["id"], _remote(mine))
    state = mine["properties"].get("peeringState")
    if half is not None:
        changes = {"peeringState": "Connected", "peeringSyncLevel": _level(world, mine, half)}
    elif state == "Connected":
        changes = {"peeringState": "Disconnected"}  # the other half was deleted
    else:
        changes = {}
    return mine | {"properties": mine["properties"] | changes}


def resync(world: World, vnet_id: str) -> None:
    """Bring the halves in a network and their counterparts up to date; only what changes gets a new etag."""
    own = _network(world, vnet_id)
    halves = list(own["properties"].get("virtualNetworkPeerings", ())) if own else []
    partners = {_remote(each).lower() for each in halves}
    partners |= {
        record.key
        for record in world.store.of_kind("microsoft.network/virtualnetworks")
        for each in record.doc["properties"].get("virtualNetworkPeerings", ())
        if _remote(each).lower() == vnet_id.lower()
    }
    for key in (vnet_id.lower(), *sorted(partners)):
        network = _network(world, key)
        for mine in list(network["properties"].get("virtualNetworkPeerings", ())) if network else ():
            after = _now(world, mine)
            if after != mine and network is not None:
                network = stamped(with_child(network, "virtualNetworkPeerings", after), new_etag())
                world.store.put(network)


def linked(world: World, peering_id: str) -> None:
    resync(world, ids.root(peering_id))


def check(put: Put, doc: Document) -> None:
    """A new peering of whole networks must not make addresses ambiguous."""
    local, remote = _network(put.world, ids.root(put.id)), _network(put.world, _remote(doc))
    if put.existing is None and local and remote and doc["properties"]["peerCompleteVnets"]:
        check_overlap(put.id, local, remote)


PEERING_KIND = Kind(PEERING, shape, check=check, linked=linked)
