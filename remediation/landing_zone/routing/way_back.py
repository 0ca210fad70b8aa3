"""Where a machine's answers go on their way back to a Bastion host.

The longest prefix decides; between equal ones a user-defined route wins over those of the platform (virtual
network traffic routing). The platform's own are a network's address space and what its peerings carry. So a
default route changes nothing: only a route of the machine's subnet that is at least as close as they are
turns answers away.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from remediation.landing_zone.joining.carrying import Place
from remediation.landing_zone.joining.peering import peerings_to
from remediation.landing_zone.subnets import subnet_prefixes, subnets_of
from remediation.model import Resource, UndecidedError, Unread, View, dig
from remediation.nsg.spaces.addresses import PUBLIC, V4_SPACE, parse_addresses
from remediation.nsg.spaces.sets import EMPTY, Ranges, intersect, pairs, size, subtract, union
from remediation.rule import ids_at, values_at

type Fate = Literal["back", "dropped", "turned", "unknown"]
"""What becomes of answers: they come back, are dropped, are sent to an appliance, or that cannot be told."""

_WORST_FIRST: tuple[Fate, ...] = ("dropped", "turned", "unknown", "back")
_FIRST_RESERVED = 4  # Virtual network overview: Azure keeps the first four addresses and the last of a subnet


@dataclass(frozen=True, slots=True)
class Route:
    """A user-defined route; `hop` is the type of its next hop as written, `to` that hop's address."""

    name: str
    prefix: str
    ranges: Ranges
    hop: str
    to: str = ""

    @property
    def default(self) -> bool:
        return self.ranges == V4_SPACE


@dataclass(frozen=True, slots=True)
class Return:
    """What becomes of the answers to a host: the worst, for which of its addresses, and by which routes.

    `part`: whether that holds for a part of the addresses a host may have.
    """

    fate: Fate
    ranges: Ranges = EMPTY
    routes: tuple[Route, ...] = ()
    part: bool = False


BACK = Return("back")


def routes_in(table: Resource) -> tuple[Route, ...]:
    """The IPv4 routes of a route table; raises UndecidedError where one cannot be read.

    Routes to service tags name public ranges, in which no Bastion subnet of a private network lies.
    """
    properties = table.properties()
    routes = dig(properties, "routes")
    if not isinstance(properties, Mapping) or not isinstance(routes, list | None):
        raise UndecidedError(f"route table {table.id.name} came without its routes")
    return tuple(route for body in routes or () for route in _read(table, body))


def _read(table: Resource, body: object) -> Iterator[Route]:
    name, prefix = str(dig(body, "name") or ""), dig(body, "properties", "addressPrefix")
    hop = dig(body, "properties", "nextHopType")
    pair = parse_addresses(prefix.strip()) if isinstance(prefix, str) else None
    tag = isinstance(prefix, str) and prefix[:1].isalpha() and not set(prefix) & set(":/")
    if not isinstance(hop, str) or (pair is None and not tag):
        raise UndecidedError(f"route {name} of route table {table.id.name} cannot be read")
    if pair is not None and intersect(pair, V4_SPACE):
        to = str(dig(body, "properties", "nextHopIpAddress") or "")
        yield Route(name, str(prefix).strip(), pair, hop, to)


def way_back(subnet: Resource, network: Resource, host: Place, view: View) -> Return:
    """What becomes of answers from a subnet of a network to a host that stands in a place.

    Raises UndecidedError where the subnet's route table, or one of its routes, cannot be read.
    """
    identity = next(ids_at(subnet.body, "properties.routeTable.id"), None)
    table = None if identity is None else view.get(identity)
    if isinstance(table, Unread):
        raise UndecidedError(f"its routes are not known: {table.reason}")
    if table is None:
        return BACK
    return way_back_by(routes_in(table), network, host, view)


def way_back_by(routes: Iterable[Route], network: Resource, host: Place, view: View) -> Return:
    """The same by the routes of a table."""
    wanted = _usable(host.ranges)
    by_fate: dict[Fate, list[tuple[Ranges, Route]]] = {}
    for taken, route in _decided(wanted, routes, _given(network, host, view)):
        fate = _fate(route, taken, same_network=network.id == host.network)
        by_fate.setdefault(fate, []).append((taken, route))
    worst: Fate = next((fate for fate in _WORST_FIRST if fate in by_fate), "back")
    if worst == "back":
        return BACK
    ranges = union(*(taken for taken, _ in by_fate[worst]))
    deciding = tuple(dict.fromkeys(route for _, route in by_fate[worst]))
    return Return(worst, ranges, deciding, part=ranges != wanted)


def _decided(
    wanted: Ranges, routes: Iterable[Route], given: Iterable[Ranges]
) -> Iterator[tuple[Ranges, Route]]:
    """Which of the addresses each user route decides about. A default route is left to the platform's own."""
    own = [(size(route.ranges), 0, route.ranges, route) for route in routes if not route.default]
    platform = [(size(ranges), 1, ranges, None) for ranges in given]
    left = wanted
    for _, _, ranges, route in sorted([*own, *platform], key=lambda one: one[:3]):
        taken = intersect(left, ranges)
        left = subtract(left, ranges)
        if taken and route is not None:
            yield taken, route


def _given(network: Resource, host: Place, view: View) -> Iterator[Ranges]:
    """The prefixes of the platform's own routes that lead to a host: its network's, or what is peered."""
    if network.id == host.network:
        yield from _each(values_at(network.body, "properties.addressSpace.addressPrefixes[]"))
        return
    other = view.get(host.network)
    known = other if isinstance(other, Resource) else None
    for peering in peerings_to(network, host.network):
        if peering.complete is False:
            far = peering.remote_subnets or frozenset()
            subnets = subnets_of(known) if known else ()
            taking_part = (one for one in subnets if one.id.name.lower() in far)
            yield from _each(prefix for one in taking_part for prefix in subnet_prefixes(one))
        elif peering.remote_space is not None:
            yield from _each(peering.remote_space)
        elif known:
            yield from _each(values_at(known.body, "properties.addressSpace.addressPrefixes[]"))


def _each(texts: Iterable[object]) -> Iterator[Ranges]:
    for text in texts:
        pair = parse_addresses(str(text).strip())
        if pair is not None:
            yield pair


def _usable(ranges: Ranges) -> Ranges:
    """The addresses of some prefixes that a host may have; Azure keeps a few of each for itself."""
    kept = [
        (low, low + _FIRST_RESERVED, high - 1, high)
        for low, high in pairs(ranges)
        if high - low > 2 * _FIRST_RESERVED
    ]
    return subtract(ranges, union(*kept)) if kept else ranges


def _fate(route: Route, taken: Ranges, *, same_network: bool) -> Fate:
    """What a next hop does to answers. A gateway may send them on to the host, or anywhere."""
    hop = route.hop.lower()
    if hop == "vnetlocal" and same_network:
        return "back"
    if hop == "none" or (hop == "internet" and not intersect(taken, PUBLIC)):
        return "dropped"
    return "turned" if hop == "virtualappliance" else "unknown"
