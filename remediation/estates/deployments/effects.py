"""What a change does to the ways in, in sentences: who can reach what afterwards, and who no longer can."""

from collections.abc import Iterable, Iterator, Sequence

from remediation.estates.deployments.comparison import Changed
from remediation.model import Severity
from remediation.nsg.difference import public_words
from remediation.nsg.spaces.addresses import V4_SPACE, V6_SPACE, cidrs
from remediation.nsg.spaces.sets import Ranges, subtract, union
from remediation.resource_id import ResourceId
from remediation.ways.report import Machine, Report
from remediation.ways.way import Way

MOST_SOURCES = 4
# Rules about Bastion not working, or not reaching a machine; below medium they are about neither.
_BREAKS = frozenset({
    "vm-nsg-blocks-bastion", "vm-route-breaks-bastion", "bastion-vwan-ip-connect",
    "bastion-peering-disconnected", "bastion-forced-tunnel", "bastion-subnet-nsg-required-flows",
    "bastion-subnet-route-table", "bastion-private-dns-conflict",
})  # fmt: skip

type Place = tuple[str, int, str]
"""An entry by its key, the port at the machine, and the family."""


def effects(before: Report, after: Report) -> list[str]:
    """One sentence for each way that opens, closes or is no longer known, machine by machine."""
    old = {machine.id.key: machine for machine in before.machines}
    new = {machine.id.key: machine for machine in after.machines}
    told: list[str] = []
    for key in dict.fromkeys([*new, *old]):
        told += _of_machine(old.get(key), new.get(key))
    return list(dict.fromkeys(told))


def _of_machine(old: Machine | None, new: Machine | None) -> Iterator[str]:
    was, now = _open(old), _open(new)
    unclear = {_place(way) for way in new.ways if way.verdict == "unknown"} if new else set[Place]()
    for place in dict.fromkeys([*now, *was]):
        more = subtract(_sources(now.get(place, ())), _sources(was.get(place, ())))
        less = subtract(_sources(was.get(place, ())), _sources(now.get(place, ())))
        if more:
            yield _opened(more, was.get(place, ()), now[place], new)
        if less and place not in unclear:
            yield _sentence("keeps", less, "from reaching", was[place][0], old)
        elif less:
            yield f"whether {_who(less, place)} still reach {_at(was[place][0], old)} is not known"
    yield from _newly_unclear(old, new)
    yield from _bastions(old, new)


def _newly_unclear(old: Machine | None, new: Machine | None) -> Iterator[str]:
    """Ways that were closed, or not there, and of which nobody knows after the change."""
    known = {_place(way) for way in old.ways if way.verdict != "closed"} if old else set[Place]()
    for way in new.ways if new else ():
        if way.verdict == "unknown" and _place(way) not in known:
            yield f"whether this change lets anybody reach {_at(way, new)} is not known: {way.reason}"


def _bastions(old: Machine | None, new: Machine | None) -> Iterator[str]:
    if old is None or new is None or new.bastion_doubts:
        return
    was, now = ({one.host.key: one.host for one in machine.bastions} for machine in (old, new))
    for key, host in was.items():
        if key not in now:
            yield f"this change takes {_name(new.id)} out of the reach of Bastion {host.name}"
    for key, host in now.items():
        if key not in was:
            yield f"this change lets Bastion {host.name} reach {_name(new.id)}"


def broken(changes: Iterable[Changed]) -> Iterator[str]:
    """One sentence for everything of Bastion that stops working, and for what works again."""
    for one in changes:
        serious = one.finding.rule in _BREAKS and one.finding.severity >= Severity.MEDIUM
        if serious and one.change != "existing":
            verb = "breaks" if one.change == "new" else "mends"
            yield f"this change {verb} Bastion: {one.finding.message}"


def _open(machine: Machine | None) -> dict[Place, list[Way]]:
    found: dict[Place, list[Way]] = {}
    for way in machine.ways if machine else ():
        if way.verdict == "open":
            found.setdefault(_place(way), []).append(way)
    return found


def _place(way: Way) -> Place:
    return way.entry.key, way.port, way.family


def _sources(ways: Sequence[Way]) -> Ranges:
    return union(*(way.sources for way in ways))


def _opened(more: Ranges, was: Sequence[Way], now: Sequence[Way], machine: Machine | None) -> str:
    """Who gets in now; all of them where that is everybody, with those who got in before."""
    place, every = _place(now[0]), _sources(now)
    whole = _who(every, place)
    if not was or not whole.startswith("the whole"):
        return _sentence("lets", more, "reach", now[0], machine)
    told = _sentence("lets", every, "reach", now[0], machine)
    return f"{told}, where {_who(_sources(was), place)} could before"


def _sentence(verb: str, sources: Ranges, how: str, way: Way, machine: Machine | None) -> str:
    return f"this change {verb} {_who(sources, _place(way))} {how} {_at(way, machine)}"


def _who(sources: Ranges, place: Place) -> str:
    space = V6_SPACE if place[2] == "ipv6" else V4_SPACE
    words = public_words(sources, space=space)
    if words.startswith("the whole"):
        return words
    prefixes = cidrs(sources)
    more = f" and {len(prefixes) - MOST_SOURCES} more ranges" if len(prefixes) > MOST_SOURCES else ""
    return f"{', '.join(prefixes[:MOST_SOURCES])}{more}"


def _at(way: Way, machine: Machine | None) -> str:
    """`vm-web-01 on 22 through lb-ops`, with the port in front where that is another one."""
    name = _name(machine.id) if machine else _name(way.entry)
    front = f" port {way.front_port}" if str(way.front_port) != str(way.port) else ""
    return f"{name} on {way.port} through {_name(way.entry)}{front}"


def _name(resource: ResourceId) -> str:
    parent = resource.parent
    return resource.name if parent is None else f"{parent.name}/{resource.name}"
