"""What a change of an NSG let in or shut out, exactly, and in lines a person can read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from remediation.nsg.comparison import Kind, Traffic, compare
from remediation.nsg.context import NSG_ALONE, VIRTUAL_NETWORK, Context
from remediation.nsg.document import Nsg
from remediation.nsg.fields import EVERY_PORT
from remediation.nsg.rule import Direction
from remediation.nsg.spaces.addresses import (
    EVERY_ADDRESS,
    LOAD_BALANCER,
    V4_SPACE,
    V6_SPACE,
    cidrs,
    families_of,
)
from remediation.nsg.spaces.sets import EMPTY, Ranges, intersect, pairs, subtract, union

_LINES = 12
_EVERYBODY = "the whole internet"
_ITEMS = 4
_VERBS: dict[Kind, str] = {
    "removed": "no longer allowed",
    "added": "newly allowed",
    "unknown": "possibly changed",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Traffic allowed only after (`added`), only before (`removed`), or possibly either (`unknown`)."""

    added: tuple[Traffic, ...]
    removed: tuple[Traffic, ...]
    unknown: tuple[Traffic, ...]
    context: Context = NSG_ALONE

    @property
    def empty(self) -> bool:
        return not (self.added or self.removed or self.unknown)

    def summary(self, limit: int = _LINES) -> list[str]:
        """At most `limit` lines, the widest traffic of each kind first."""
        lines = [
            f"{_VERBS[kind]}: {text}"
            for kind, pieces in self._by_kind()
            for text in _texts(pieces, self.context)
        ]
        if len(lines) <= limit:
            return lines
        return [*lines[: limit - 1], f"and {len(lines) - limit + 1} more differences"]

    def _by_kind(self) -> tuple[tuple[Kind, tuple[Traffic, ...]], ...]:
        return ("added", self.added), ("removed", self.removed), ("unknown", self.unknown)


def difference(before: Nsg, after: Nsg, context: Context = NSG_ALONE, *, portless: bool = True) -> Difference:
    """Compare all traffic, in and out. `portless=False`: see `comparison.compare`."""
    found: dict[Kind, list[Traffic]] = {"added": [], "removed": [], "unknown": []}
    for piece in compare(before, after, context, portless=portless):
        found[piece.kind].append(piece)
    return Difference(tuple(found["added"]), tuple(found["removed"]), tuple(found["unknown"]), context)


def _texts(pieces: Iterable[Traffic], context: Context) -> list[str]:
    """One line per (direction, far side, near side), with all protocols and ports of it together."""
    lines: dict[tuple[Direction, str, str, str], dict[tuple[str, ...], list[Ranges]]] = {}
    whole = list(pieces)
    with_vnet = {_flows_of(piece) for piece in whole if piece.remote_symbols == (VIRTUAL_NETWORK,)}
    for piece in _without_pairs(whole):
        if piece.remote == LOAD_BALANCER and not piece.remote_symbols and _flows_of(piece) in with_vnet:
            continue  # the host's address is a part of VirtualNetwork
        far = _far(piece, context, with_vnet=_flows_of(piece) in with_vnet)
        key = (piece.direction, far, _near(piece), _source_ports(piece.source_ports))
        lines.setdefault(key, {}).setdefault(piece.protocols, []).append(piece.ports)
    return [
        _line(direction, far, near, source_ports, by_protocol)
        for (direction, far, near, source_ports), by_protocol in lines.items()
    ]


def _flows_of(piece: Traffic) -> tuple[object, ...]:
    """All of a piece but its far side."""
    return (
        piece.direction, piece.protocols, piece.ports, piece.source_ports, piece.local, piece.local_symbols,
    )  # fmt: skip


def _without_pairs(pieces: Iterable[Traffic]) -> list[Traffic]:
    """Leave out what is said already by a piece with fewer memberships and otherwise the same flows."""
    kept: list[Traffic] = []
    for piece in sorted(pieces, key=lambda piece: len(piece.remote_symbols) + len(piece.local_symbols)):
        if not any(_says(other, piece) for other in kept):
            kept.append(piece)
    return kept


def _says(wide: Traffic, narrow: Traffic) -> bool:
    return (
        (wide.direction, wide.protocols, wide.ports, wide.source_ports)
        == (narrow.direction, narrow.protocols, narrow.ports, narrow.source_ports)
        and set(wide.remote_symbols) <= set(narrow.remote_symbols)
        and set(wide.local_symbols) <= set(narrow.local_symbols)
        and (wide.remote_symbols, wide.local_symbols) != (narrow.remote_symbols, narrow.local_symbols)
        and not subtract(narrow.remote, wide.remote)
        and not subtract(narrow.local, wide.local)
    )


def _line(
    direction: Direction,
    far: str,
    near: str,
    source_ports: str,
    by_protocol: dict[tuple[str, ...], list[Ranges]],
) -> str:
    what = ", ".join(_service(protocols, ports) for protocols, ports in by_protocol.items())
    ends = (far, near) if direction is Direction.INBOUND else (near, far)
    way = "" if direction is Direction.INBOUND else "outbound "
    return f"{way}{what} from {ends[0]} to {ends[1]}{source_ports}"


def _service(protocols: tuple[str, ...], ports: Sequence[Ranges]) -> str:
    names = "/".join(name.upper() for name in protocols)
    if not {"tcp", "udp"} & set(protocols):
        return names
    return f"{names} {_ports(union(*ports))}"


def _ports(ports: Ranges) -> str:
    if ports == EVERY_PORT:
        return "on any port"
    return _some([str(low) if high == low + 1 else f"{low}-{high - 1}" for low, high in pairs(ports)])


def _source_ports(ports: Ranges) -> str:
    return "" if ports == EVERY_PORT else f" (source ports {_ports(ports)})"


def _far(piece: Traffic, context: Context, *, with_vnet: bool) -> str:
    symbols = [_symbol(name) for name in piece.remote_symbols]
    private = "private addresses" if with_vnet or symbols else "private addresses outside VirtualNetwork"
    space = _families_of(piece.local)
    where = _region(piece.remote, context, private, space)
    if not symbols:
        return where
    extra = "" if where in {"anywhere", private, _EVERYBODY} else f" within {where}"
    return f"{' and '.join(symbols)}{extra}"


def _near(piece: Traffic) -> str:
    symbols = " and ".join(_symbol(name) for name in piece.local_symbols)
    where = "any address" if piece.local == EVERY_ADDRESS else _some(cidrs(piece.local))
    if piece.local == V4_SPACE:
        where = "any IPv4 address"
    return f"members of {symbols}" if symbols else where


def _symbol(name: str) -> str:
    if name == VIRTUAL_NETWORK:
        return "VirtualNetwork"
    return name.rpartition("/")[2] if name.startswith("/") else name


def _region(ranges: Ranges, context: Context, private_words: str, space: Ranges) -> str:
    """Addresses in words where words exist; private ones beside public ones only where they are all there.

    All means all in `space`, the families that can reach the near side.
    """
    public, private = intersect(ranges, context.public), subtract(ranges, context.public)
    usual = intersect(subtract(context.not_public, LOAD_BALANCER), space)
    if not public:
        if private == LOAD_BALANCER:
            return "AzureLoadBalancer"
        return private_words if not subtract(usual, private) else _some(cidrs(private))
    both = f" and {private_words}" if private and not subtract(usual, private) else ""
    if both and private_words == "private addresses" and public == intersect(context.public, space):
        return "anywhere"
    return public_words(public, context, space) + both


def _families_of(local: Ranges) -> Ranges:
    """All addresses from which packets can come to some local ones."""
    v4, v6 = families_of(local)
    return (V4_SPACE if v4 else EMPTY) + (V6_SPACE if v6 else EMPTY)


def public_words(public: Ranges, context: Context = NSG_ALONE, space: Ranges = EVERY_ADDRESS) -> str:
    """Public addresses as `the whole internet`, `the internet except ...`, or as the list they are.

    Where only the families of `space` can reach what is asked about, all of these are the whole.
    """
    everybody = intersect(context.public, space)
    if public == everybody:
        return _EVERYBODY
    for half, family in ((V4_SPACE, "IPv4"), (V6_SPACE, "IPv6")):
        if public == intersect(context.public, half):
            return f"the whole {family} internet"
    missing = subtract(everybody, public)
    if len(missing) <= 2 * _ITEMS:
        return f"the internet except {_some(cidrs(missing))}"
    return _some(cidrs(public))


def _some(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_ITEMS])
    return shown if len(texts) <= _ITEMS else f"{shown} and {len(texts) - _ITEMS} more"
