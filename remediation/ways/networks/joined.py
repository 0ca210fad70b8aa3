"""Whether packets sent in one place come to a target: by a peering, or through a virtual hub.

Peerings do not pass on: a network behind a peer is not joined. A peering whose state no document shows, as in
a template, counts as connected where both halves are declared.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from remediation.kinds import HUB_CONNECTION, VIRTUAL_HUB, VNET
from remediation.landing_zone.joining.carrying import Joints, Place
from remediation.landing_zone.joining.virtual_wan import remotes, wan_of
from remediation.landing_zone.subnets import subnet_prefixes
from remediation.landing_zone.surroundings import readable
from remediation.model import Resource, Unread
from remediation.nsg.spaces.addresses import ranges_of
from remediation.nsg.spaces.sets import EMPTY
from remediation.resource_id import ResourceId
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Target


class Disputed(str):
    """Why it cannot be told whether packets pass where access is off; VirtualNetwork does not hold them."""

    __slots__ = ()


type Joined = bool | str
"""Whether something is joined with a target; a text says why that cannot be told."""


def joined(here: Place | None, target: Target, around: Landscape) -> Joined:
    """Whether what is sent in one place arrives at a target."""
    if here is None or target.network is None:
        return "its network is not known"
    joints = around.once(("joints",), lambda: Joints(around))
    answer = joints.carries(here, place_of(target), target.family)
    if answer.disputed:
        return Disputed(f"{answer.reason}; whether a rule that names it lets it through is told both ways")
    if answer.verdict == "unknown":
        return f"whether it is joined to {here.network.name} is not known: {answer.reason}"
    if answer.verdict == "yes":
        return True
    return _through_a_hub(here.network, target.network, around)


def place_of(target: Target) -> Place:
    """Where a target lies."""
    assert target.network is not None, "asked of those whose network is known"
    subnet = None if target.subnet is None else target.subnet.name
    return Place(target.network, subnet, ranges_of(target.address) if target.address else EMPTY)


def place_in(subnets: Iterable[ResourceId], around: Landscape) -> Place | None:
    """The place that something has in a subnet; None where no network is named."""
    for subnet in subnets:
        network = subnet.up_to(VNET)
        if network is not None:
            document = around.get(subnet)
            prefixes = subnet_prefixes(document) if isinstance(document, Resource) else ()
            return Place(network, subnet.name, ranges_of(*readable(prefixes)))
    return None


def joined_to_hub(hub: ResourceId, network: ResourceId | None, around: Landscape) -> Joined:
    """Whether a virtual hub leads to a network: one that is connected to it.

    A network at another hub of the same Virtual WAN may be reached through both hubs, which their routing
    decides.
    """
    if network is None:
        return "its network is not known"
    return around.once(("joined to hub", hub.key, network.key), lambda: _to_hub(hub, network, around))


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
