"""Whether a flow is allowed: for all of the addresses asked about, for some, for none, or unknown.

Sources and destinations are asked about as rules name them: `*`, addresses, prefixes, tags. A tag whose
content nobody knows is asked about as a whole: a rule that names the same tag, or everything, certainly
matches it; any other set of addresses may hold a part of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import or_
from typing import Literal

from remediation.nsg.context import AZURE_LOAD_BALANCER, INTERNET, NSG_ALONE, VIRTUAL_NETWORK, Context
from remediation.nsg.document import Nsg
from remediation.nsg.exposure import Levels
from remediation.nsg.matching import Match, Symbol, by_priority, matches
from remediation.nsg.outcomes import outcome, variants
from remediation.nsg.rule import ANY_PROTOCOL, DEFAULT_RULES, TRANSPORTS, Access, Direction
from remediation.nsg.spaces.addresses import EVERY_ADDRESS, V6, parse_addresses
from remediation.nsg.spaces.cells import AtomBits, RuleBits, bits_of
from remediation.nsg.spaces.places import CALLERS_PORT, Place, places
from remediation.nsg.spaces.sets import EMPTY, Ranges, covers, intersect, union
from remediation.nsg.walk import Table, table, walk

type Tri = Literal["allowed", "denied", "partly", "unknown"]

_SYMBOLS = V6 << 2  # above every address: one integer for each tag of unknown content
_DYNAMIC_PORTS: Ranges = (CALLERS_PORT, 65536)


@dataclass(frozen=True, slots=True)
class Decider:
    """A rule that decided; `level` is the index of its NSG in the levels asked about."""

    name: str
    priority: int
    default: bool
    level: int


@dataclass(frozen=True, slots=True)
class FlowAnswer:
    """`allowed`, `denied` and `unknown` say whether that holds for some part of what was asked."""

    allowed: bool
    denied: bool
    unknown: bool
    allowed_by: tuple[Decider, ...]
    denied_by: tuple[Decider, ...]

    @property
    def verdict(self) -> Tri:
        """`allowed` and `denied` hold for everything asked about; `partly` is certainly both."""
        if self.unknown:
            return "unknown"
        if self.allowed and self.denied:
            return "partly"
        return "allowed" if self.allowed else "denied"

    @property
    def only_by_default(self) -> bool:
        """Whether some part is let in by nothing but a default rule."""
        return any(decider.default for decider in self.allowed_by)


def flow_allowed(
    levels: Levels,
    direction: Direction,
    source: str | Sequence[str],
    destination: str | Sequence[str],
    ports: int | Sequence[int],
    protocol: str = "tcp",
    context: Context = NSG_ALONE,
    source_ports: Ranges = _DYNAMIC_PORTS,
) -> FlowAnswer:
    """Judge one kind of flow through one NSG, or through all levels of `[NSG, NSG]`.

    protocol      `tcp`, `udp`, or `*` for both
    source_ports  half-open pairs; a client's dynamic ports unless the caller knows better
    Raises ValueError for a source or destination on the near side that is neither `*` nor an address.
    """
    near, far = (destination, source) if direction is Direction.INBOUND else (source, destination)
    asked = _Asked(direction, _texts(far), _local(_texts(near), context), source_ports, context)
    nsgs = [levels] if isinstance(levels, Nsg) else list(levels)
    protocols = TRANSPORTS if protocol == ANY_PROTOCOL else (protocol.lower(),)
    numbers = (ports,) if isinstance(ports, int) else tuple(ports)
    parts = [asked.part(nsgs, name, port) for name, port in product(protocols, numbers)]
    return FlowAnswer(
        allowed=any(part.allowed for part in parts),
        denied=any(part.denied for part in parts),
        unknown=any(part.unknown for part in parts),
        allowed_by=_unique(decider for part in parts for decider in part.allowed_by),
        denied_by=_unique(decider for part in parts for decider in part.denied_by),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the flows of one question have in common."""

    direction: Direction
    far: tuple[str, ...]
    local: Ranges
    source_ports: Ranges
    context: Context

    def part(self, nsgs: Sequence[Nsg | None], protocol: str, port: int) -> FlowAnswer:
        """The answer for one protocol and port."""
        present = [(index, nsg) for index, nsg in enumerate(nsgs) if nsg is not None]
        if not present:
            return FlowAnswer(allowed=True, denied=False, unknown=False, allowed_by=(), denied_by=())
        levels = [self._matches(nsg, protocol, port) for _, nsg in present]
        rows = table(levels, self._universe(), self.local)
        allowed = denied = unknown = allows = denies = 0
        for place in places(rows.matches, self.local, self.source_ports, len(present)):
            here, perhaps, _ = outcome(rows, place, rows.board.everything)
            allowed |= here
            unknown |= perhaps
            denied |= rows.board.meeting(place.local) & ~here & ~perhaps
            by = _deciders(rows, place, here)
            allows |= by[0]
            denies |= by[1]
        level_of = [index for index, _ in present]
        return FlowAnswer(
            allowed=bool(allowed),
            denied=bool(denied),
            unknown=bool(unknown),
            allowed_by=_named(rows, allows, level_of),
            denied_by=_named(rows, denies, level_of),
        )

    def _matches(self, nsg: Nsg, protocol: str, port: int) -> list[Match]:
        rules = (*nsg.custom, *DEFAULT_RULES[self.direction])
        found = by_priority(matches(rules, self.direction, protocol, port, self.context))
        return [self._with_symbols(match) for match in found]

    def _universe(self) -> Ranges:
        known = (_known(text, self.context) for text in self.far)
        symbols = (self._symbol(index) for index, text in enumerate(self.far) if self._is_symbol(text))
        return union(*known, *symbols)

    @staticmethod
    def _symbol(index: int) -> Ranges:
        return _SYMBOLS + 2 * index, _SYMBOLS + 2 * index + 1

    def _is_symbol(self, text: str) -> bool:
        known = {"*", INTERNET, AZURE_LOAD_BALANCER, *self.context.supplied}
        return text.lower() not in known and parse_addresses(text) is None

    def _with_symbols(self, match: Match) -> Match:
        """The match, its remote side extended by the tags asked about that it matches.

        None but Internet holds the whole internet: asked about that, an Allow for another tag is no answer.
        """
        rule = match.rule
        field = rule.source if self.direction is Direction.INBOUND else rule.destination
        named = {tag.lower() for tag in field.tags}
        remote, symbols, doubt = match.remote, match.remote_symbols, match.remote_doubt
        if self._everybody and rule.access is Access.ALLOW:
            symbols = tuple(symbol for symbol in symbols if symbol.name not in named)
        for index, text in enumerate(self.far):
            if not self._is_symbol(text):
                continue
            asked, extent = self._symbol(index), _extent(text, self.context)
            if text.lower() in named or covers(match.remote, extent):
                remote += asked
            elif match.remote_doubt or intersect(match.remote, extent):
                doubt += asked
            else:
                symbols = tuple(_meeting(symbol, extent, asked) for symbol in symbols)
        return match._replace(remote=remote, remote_symbols=symbols, remote_doubt=doubt)

    @property
    def _everybody(self) -> bool:
        return INTERNET in {text.lower() for text in self.far}


def _meeting(symbol: Symbol, extent: Ranges, asked: Ranges) -> Symbol:
    """A set of unknown content which may hold what was asked about, where both may lie in the same place."""
    return symbol._replace(extent=symbol.extent + asked) if intersect(symbol.extent, extent) else symbol


def _extent(tag: str, context: Context) -> Ranges:
    """Where the addresses of a tag of unknown content can lie at all."""
    return union(*context.tag(tag))


def _known(text: str, context: Context) -> Ranges:
    if text == "*":
        return EVERY_ADDRESS
    pair = parse_addresses(text)
    if pair is not None:
        return pair
    if text.lower() in {INTERNET, AZURE_LOAD_BALANCER, *context.supplied}:
        return context.tag(text)[0]
    return EMPTY


def _local(texts: tuple[str, ...], context: Context) -> Ranges:
    sets = []
    for text in texts:
        if text == "*" or text.lower() == VIRTUAL_NETWORK:
            sets.append(context.attached_ranges)
        elif (pair := parse_addresses(text)) is not None:
            sets.append(pair)
        else:
            raise ValueError(f"not an address behind the NSG: {text!r}")
    return union(*sets)


def _deciders(rows: Table, place: Place, allowed: AtomBits) -> tuple[RuleBits, RuleBits]:
    """Rules that allow what all levels allow, and rules that deny anything at their level."""
    allows = denies = 0
    everything = rows.board.meeting(place.local)
    possible = reduce(or_, (possible for _, possible in place.doubts), place.may)
    for level in rows.levels:
        for must, may in variants(rows, place) if allowed else ():
            allows |= walk(rows, must & level, may & level, allowed).deciders
        denies |= walk(rows, place.must & level, possible & level, everything).deciders
    is_deny = sum(1 << index for index, access in enumerate(rows.accesses) if access is Access.DENY)
    return allows & ~is_deny, denies & is_deny


def _named(rows: Table, bits: RuleBits, level_of: Sequence[int]) -> tuple[Decider, ...]:
    found = []
    for index in bits_of(bits):
        rule = rows.matches[index].rule
        level = next(at for at, mask in zip(level_of, rows.levels, strict=True) if mask >> index & 1)
        found.append(Decider(rule.name, rule.priority or 0, rule.default, level))
    return tuple(found)


def _texts(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _unique(deciders: Iterable[Decider]) -> tuple[Decider, ...]:
    return tuple(dict.fromkeys(deciders))
