"""One packet at a time through a door to a machine: entry, translation, admin rules, both groups.

Slow and plain on purpose, straight from the documents, sharing nothing with the engine. Sets of addresses are
never built: sources are tried, one for every stretch between the boundaries that anything mentions.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.unit.nsg.oracle import Address, Packet, conditions_of, in_port, is_public
from tests.unit.ways.doors import Door, Place, Stopped, balancers, gateways, own_addresses, places
from tests.unit.ways.firewalls import firewalls
from tests.unit.ways.joining import holds, in_virtual_network, routed, usable
from tests.unit.ways.reading import Document, World, id_in, ids_in, parent
from tests.unit.ways.sources import public_sources, source_ports

_DOORS: tuple[Callable[[World, Place], Iterator[Door]], ...] = (own_addresses, balancers, firewalls, gateways)
_UNGOVERNED = frozenset({"microsoft.sql/managedinstances", "microsoft.databricks/workspaces"})
_DEFAULTS = (
    ("AllowVnetInBound", "allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", "allow", "AzureLoadBalancer", "*"),
    ("DenyAllInBound", "deny", "*", "*"),
)
type Key = tuple[str, str, str, str, int, str, int]


@dataclass(frozen=True)
class Fate:
    """What becomes of the packets of one source: let in (None: nobody can say), or what ended them.

    `by_routes` is the answer where VirtualNetwork certainly follows the routes of the subnet; where it alone
    decides, a careful judge may say that nobody can tell.
    """

    admitted: bool | None
    by_routes: bool | None
    stopped: tuple[Stopped, ...] = ()


@dataclass(frozen=True)
class Way:
    """All doors of one key, with the fate of every source that was tried."""

    doors: tuple[Door, ...]
    fates: dict[Address, Fate]

    def verdict(self, approved: Sequence[str] = ()) -> str:
        """About sources that nobody approved, where VirtualNetwork follows the routes."""
        return _verdict(fate.by_routes for fate in self._of_strangers(approved))

    def careful(self, approved: Sequence[str] = ()) -> str:
        """The same where nobody can tell whether it does."""
        return _verdict(fate.admitted for fate in self._of_strangers(approved))

    def _of_strangers(self, approved: Sequence[str]) -> Iterator[Fate]:
        return (fate for source, fate in self.fates.items() if not holds(list(approved), source))

    @property
    def sure(self) -> bool:
        """Whether it leads there at all, for certain."""
        return any(door.sure for door in self.doors)

    @property
    def enters(self) -> bool:
        """Whether any packet may come past the entry to the network."""
        ends = (door.stops(source) for door in self.doors for source in self.fates)
        return any(end is None or not end.sure for end in ends)


def _verdict(answers: Iterable[bool | None]) -> str:
    found = set(answers)
    return "open" if True in found else "closed" if found <= {False} else "unknown"


def compose(documents: Sequence[Document], approved: Sequence[str] = ()) -> dict[Key, Way]:
    """Every way to a management port of a machine."""
    world = World(documents)
    tried = public_sources(documents, approved)
    doors: dict[Key, list[Door]] = {}
    for place in places(world):
        for door in (door for entry in _DOORS for door in entry(world, place)):
            doors.setdefault(door.key, []).append(door)
    return {
        key: Way(tuple(found), {
            source: _any(fate(world, door, source) for door in found)
            for source in tried if source.version == found[0].place.address.version
        })
        for key, found in doors.items()
    }  # fmt: skip


def _any(fates: Iterable[Fate]) -> Fate:
    """Several doors of one key: in where one lets in, out where all keep out."""
    found = list(fates)
    admitted, by_routes = ({one.admitted for one in found}, {one.by_routes for one in found})
    stopped = tuple(end for one in found for end in one.stopped)
    return Fate(_either(admitted), _either(by_routes), stopped)


def _either(answers: set[bool | None]) -> bool | None:
    return True if True in answers else False if answers == {False} else None


def fate(world: World, door: Door, source: Address) -> Fate:
    """What becomes of a source's packets at a door, whatever source port it takes."""
    stopped = door.stops(source)
    if stopped is not None and stopped.sure:
        return Fate(admitted=False, by_routes=False, stopped=(stopped,))
    by_routes, ends = _arrival(world, door, source, by_routes=True)
    otherwise, others = by_routes, ends
    if routed(world, door.place.subnet):
        otherwise, others = _arrival(world, door, source, by_routes=False)
    if stopped is not None:  # perhaps: nobody is let in for certain, and who is kept out stays out
        by_routes, otherwise = (False if one is False else None for one in (by_routes, otherwise))
    return Fate(by_routes if by_routes == otherwise else None, by_routes, (*ends, *others))


def _arrival(
    world: World, door: Door, source: Address, *, by_routes: bool
) -> tuple[bool | None, Iterable[Stopped]]:
    ports = source_ports(_groups(world, door.place))
    found = {port: _arrivals(world, door, source, port, by_routes=by_routes) for port in ports}
    ends = [end for arrivals in found.values() for end in arrivals]
    kept = tuple(dict.fromkeys(end for end in ends if end is not None))
    if any(end is not None and not end.sure for end in ends):
        return None, kept
    if all(end is not None for end in ends):
        return False, kept
    chosen = not door.through and any(None in arrivals for arrivals in found.values())
    return (True if door.sure and (chosen or not kept) else None), kept


def _arrivals(
    world: World, door: Door, source: Address, port: int, *, by_routes: bool
) -> list[Stopped | None]:
    """The end of a packet for each address that the machine may see it come from; None: it got in."""
    seen = [one for one in usable(world, door.through) if one.version == 4] if door.through else [source]
    return [travel(world, door, one, port, by_routes=by_routes) for one in seen]


def travel(
    world: World, door: Door, seen: Address, source_port: int, *, by_routes: bool = True
) -> Stopped | None:
    """A packet in the machine's network: admin rules, the subnet's group, the interface's group."""
    place = door.place
    inside = in_virtual_network(world, place.subnet, seen, by_routes=by_routes)
    destination = door.address if door.floating and door.address else place.address
    packet = Packet(
        seen, destination, door.port, source_port, door.protocol, known=True,
        remote_in=frozenset({"virtualnetwork"} if inside else ()),
        local_in=frozenset(ids_in(place.configuration, "applicationSecurityGroups")),
    )  # fmt: skip
    ruled = _ruled(world, place, packet)
    if ruled is not None:
        access, rule = ruled
        if access == "deny":
            return Stopped(frozenset({rule["id"].lower()}), rule["name"])
        if access == "alwaysallow":
            return _bare(world, door, sure=False)
    if not _groups(world, place):
        return _bare(world, door, sure=True)
    ends = []
    for group in _groups(world, place):
        allowed, name = decide(group, packet)
        if not allowed:
            ends.append(Stopped(frozenset({group["id"].lower()}), name))
    return replace(ends[0], later=tuple(ends[1:])) if ends else None


def _bare(world: World, door: Door, *, sure: bool) -> Stopped | None:
    """The end of a packet at a front that lets nobody in without a group, where there is none.

    Whether an AlwaysAllow stands in for a group there is not documented.
    """
    place = door.place
    if _groups(world, place) or (door.bare == "open" and door.sure):
        return None
    return Stopped(door.names | {place.nic, place.subnet, place.machine, place.id}, sure=sure)


def _groups(world: World, place: Place) -> list[Document]:
    """The subnet's group, then the interface's."""
    holders = (world.properties(place.subnet), world.properties(place.nic))
    found = [world.get(id_in(one, "networkSecurityGroup")) for one in holders]
    return [one for one in found if one is not None]


def decide(group: Document, packet: Packet) -> tuple[bool, str]:
    """Whether a group lets a packet in, and the rule that says so."""
    inbound = [
        rule for rule in group["properties"]["securityRules"]
        if rule["properties"]["direction"].lower() == "inbound"
    ]  # fmt: skip
    for rule in sorted(inbound, key=lambda one: one["properties"]["priority"]):
        if all(condition == (True, True) for condition in conditions_of(rule["properties"], packet)):
            return rule["properties"]["access"].lower() == "allow", rule["name"]
    for name, access, source, destination in _DEFAULTS:
        body = {
            "protocol": "*",
            "sourceAddressPrefix": source,
            "destinationAddressPrefix": destination,
            "destinationPortRange": "*",
        }
        if all(condition == (True, True) for condition in conditions_of(body, packet)):
            return access == "allow", name
    raise AssertionError("the last default rule matches everything")


def _ruled(world: World, place: Place, packet: Packet) -> tuple[str, Document] | None:
    """The first security admin rule that matches, with its access; None where none does or none governs."""
    subnets = world.properties(parent(place.subnet)).get("subnets") or []
    services = {
        one["properties"]["serviceName"].lower()
        for subnet in subnets
        for one in subnet["properties"].get("delegations") or []
    }
    if services & _UNGOVERNED:
        return None
    rules = sorted(world.of("rules"), key=lambda one: one["properties"]["priority"])
    for rule in rules:
        if _matches(rule["properties"], packet):
            return rule["properties"]["access"].lower(), rule
    return None


def _matches(body: dict[str, Any], packet: Packet) -> bool:
    return (
        body["direction"].lower() == "inbound"
        and body["protocol"].lower() in {packet.protocol, "any"}
        and any(in_port(text, packet.port) for text in body["destinationPortRanges"])
        and any(in_port(text, packet.source_port) for text in body["sourcePortRanges"])
        and any(_in(one, packet.remote) for one in body["sources"])
        and any(_in(one, packet.local) for one in body["destinations"])
    )


def _in(one: dict[str, str], address: Address) -> bool:
    text = one["addressPrefix"]
    if text.lower() == "internet":
        return is_public(address)
    return text == "*" or holds([text], address)
