"""Whether packets of one network come to another: by a peering, or through a virtual hub.

Peerings do not pass on: a network behind a peer is not joined. A peering whose state no document shows, as in
a template, counts as connected where both halves are declared.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from remediation.kinds import HUB_CONNECTION, VIRTUAL_HUB
from remediation.landing_zone.virtual_wan import remotes, wan_of
from remediation.model import Resource, Unread, dig
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at
from remediation.ways.landscape import Landscape

type Joined = bool | str
"""Whether two networks are joined; a text says why that cannot be told."""


def joined(here: ResourceId | None, there: ResourceId | None, around: Landscape) -> Joined:
    """Whether what is sent in one network arrives in another."""
    if here is None or there is None:
        return "its network is not known"
    if here == there:
        return True
    return around.once(("joined", here.key, there.key), lambda: _joined(here, there, around))


def joined_to_hub(hub: ResourceId, network: ResourceId | None, around: Landscape) -> Joined:
    """Whether a virtual hub leads to a network: one that is connected to it.

    A network at another hub of the same Virtual WAN may be reached through both hubs, which their routing
    decides.
    """
    if network is None:
        return "its network is not known"
    return around.once(("joined to hub", hub.key, network.key), lambda: _to_hub(hub, network, around))


def _joined(here: ResourceId, there: ResourceId, around: Landscape) -> Joined:
    ends = (here, there), (there, here)
    sides = [_side(around.get(one), other) for one, other in ends]
    if False not in sides:
        doubt = next((side for side in sides if isinstance(side, str)), None)
        return True if doubt is None else f"whether it is joined to {here.name} is not known: {doubt}"
    return _through_a_hub(here, there, around)


def _side(network: Resource | Unread | None, other: ResourceId) -> Joined:
    """What one of two networks says of a peering with the other."""
    if isinstance(network, Unread):
        return network.reason
    if network is None:
        return False
    if not isinstance(network.properties(), Mapping):
        return f"network {network.id.name} came without its properties"
    for peering in values_at(network.body, "properties.virtualNetworkPeerings[]"):
        if other in set(ids_at(peering, "properties.remoteVirtualNetwork.id")):
            return _carries(peering)
    return False


def _carries(peering: Any) -> Joined:
    state = str(dig(peering, "properties", "peeringState") or "connected").lower()
    if dig(peering, "properties", "allowVirtualNetworkAccess") is False or state != "connected":
        return False
    if dig(peering, "properties", "peerCompleteVnets") is False:
        return f"peering {peering.get('name')} carries some subnets only"
    return True


class _Connections:
    """Keys of the networks of each hub, and of the hubs of each network, in a list of hub connections."""

    def __init__(self, connections: Sequence[Resource]) -> None:
        self.hubs: dict[str, dict[str, ResourceId]] = defaultdict(dict)
        for connection in connections:
            hub = connection.id.up_to(VIRTUAL_HUB)
            assert hub is not None, "a connection is a child of its hub"
            for network in remotes(connection):
                self.hubs[network.key][hub.key] = hub


def _hubs_of(network: ResourceId, sight: ResourceId, around: Landscape) -> dict[str, ResourceId]:
    """The hubs a network is connected to, as far as lists in sight of a network show them."""
    found: dict[str, ResourceId] = {}
    for index in around.indexes(HUB_CONNECTION, sight, _Connections):
        found |= index.hubs.get(network.key, {})
    return found


def _through_a_hub(here: ResourceId, there: ResourceId, around: Landscape) -> Joined:
    ours = _hubs_of(here, there, around)
    common = [hub for key, hub in _hubs_of(there, there, around).items() if key in ours]
    return f"both networks are connected to hub {common[0].name}, whose routing decides" if common else False


def _to_hub(hub: ResourceId, network: ResourceId, around: Landscape) -> Joined:
    hubs = _hubs_of(network, network, around)
    if hub.key in hubs:
        return True
    document = around.get(hub)  # without its hub an estate has no connections of it either
    unread = (document.reason,) if isinstance(document, Unread) else ()
    doubts = (*around.all_of(HUB_CONNECTION, network).doubts, *unread)
    if doubts:
        return f"whether it is connected to hub {hub.name} is not known: {doubts[0]}"
    own = _wan(hub, around)
    for other in hubs.values():
        wan = _wan(other, around)
        if own is None or wan is None or wan == own:
            return f"it is connected to hub {other.name}; whether hub {hub.name} leads there is not known"
    return False


def _wan(hub: ResourceId, around: Landscape) -> ResourceId | None:
    document = around.get(hub)
    return wan_of(document) if isinstance(document, Resource) else None
