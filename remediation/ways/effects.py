"""Ways as facts of a finding, and what a change does to them, in words for people."""

from collections.abc import Iterator, Sequence
from typing import Any

from remediation.model.decisions import ADMIN_RULES, WAYS_IN, WAYS_UNKNOWN
from remediation.ways.behind import Reach
from remediation.ways.way import Way

MOST_SHOWN = 20


def closed_by(before: Sequence[Way], after: Sequence[Way]) -> Iterator[str]:
    """What a change closes, for each machine: `closes 1 of 2 ways in to vm-1; the other is ...`."""
    left = {_place(way) for way in after if way.verdict == "open"}
    machines: dict[str, list[Way]] = {}
    for way in before:
        if way.verdict == "open":
            machines.setdefault(_machine(way), []).append(way)
    for name, ways in machines.items():
        staying = [way for way in ways if _place(way) in left]
        count = f"{len(ways) - len(staying)} of {len(ways)} ways in" if len(ways) > 1 else "the way in"
        if len(staying) == len(ways):
            yield f"closes none of the ways in to {name}: {_others(staying)}"
        elif not staying:
            yield f"closes {'all ' + str(len(ways)) + ' ways in' if len(ways) > 1 else count} to {name}"
        else:
            yield f"closes {count} to {name}; {_others(staying)}"


def _others(ways: Sequence[Way]) -> str:
    names = ", ".join(front_of(way) for way in ways[:3])
    more = f" and {len(ways) - 3} more" if len(ways) > 3 else ""
    return f"{'the other is' if len(ways) == 1 else 'the others are'} {names}{more}"


def facts_of(reach: Reach) -> dict[str, Any]:
    """The ways along which somebody arrives, and why there may be others."""
    facts: dict[str, Any] = {}
    if reach.open:
        facts[WAYS_IN] = [_way(way) for way in reach.open[:MOST_SHOWN]]
    if reach.unknown:
        facts[WAYS_UNKNOWN] = reach.unknown
    if reach.walls_unread:
        facts[ADMIN_RULES] = "not read"
    return facts


def _way(way: Way) -> str:
    return f"{way.through[-1].id.name}: {way.protocol.upper()} {way.port} through {front_of(way)}"


def front_of(way: Way) -> str:
    """A way's front in words: `balancer lb-ops, port 50022`."""
    return f"{_WORDS.get(way.kind, way.kind)} {way.entry.name}, port {way.front_port}"


_WORDS = {
    "public-ip": "public IP",
    "scale-set-ip": "instance address",
    "aks-node-ip": "node address",
    "lb-nat-rule": "balancer",
    "lb-nat-pool": "balancer",
    "lb-rule": "balancer",
    "fw-dnat": "firewall",
    "appgw-listener": "gateway",
    "nva": "appliance",
    "private-link": "private link service",
    "shareable-link": "shareable link of",
}


def _place(way: Way) -> tuple[object, ...]:
    return way.kind, way.entry.key, way.front_port, way.port, way.protocol, way.target


def _machine(way: Way) -> str:
    return way.through[-1].id.name if way.through else way.entry.name
