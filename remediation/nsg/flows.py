"""Whether a flow is allowed: for all of the addresses asked about, for some, for none, or unknown.

Sources and destinations are asked about as rules name them: `*`, addresses, prefixes, tags. A tag whose
content nobody knows is asked about as a whole: a rule that names the same tag, or everything, certainly
matches it; any other set of addresses may hold a part of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product
from operator import or_
from typing import Literal

from remediation.nsg.context import AZURE_LOAD_BALANCER, INTERNET, NSG_ALONE, VIRTUAL_NETWORK, Context
from remediation.nsg.document import Nsg
from remediation.nsg.exposure import Levels
from remediation.nsg.matching import Match, Symbol, by_priority, concerned, reduced
from remediation.nsg.outcomes import outcome, variants
from remediation.nsg.rule import ANY_PROTOCOL, DEFAULT_RULES, TRANSPORTS, Access, Direction, SecurityRule
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
    return Flows(levels, direction, source, destination, context, source_ports).answer(ports, protocol)


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag of unknown content that is asked about: `asked` stands for it, its addresses lie in `extent`."""

    name: str
    asked: Ranges
    extent: Ranges


class Flows:
    """One kind of flow, asked about port after port: those that the very same rules match are judged once."""

    def __init__(
        self,
        levels: Levels,
        direction: Direction,
        source: str | Sequence[str],
        destination: str | Sequence[str],
        context: Context = NSG_ALONE,
        source_ports: Ranges = _DYNAMIC_PORTS,
    ) -> None:
        near, far = (destination, source) if direction is Direction.INBOUND else (source, destination)
        nsgs = [levels] if isinstance(levels, Nsg) else levels
        self._levels = [(index, nsg) for index, nsg in enumerate(nsgs) if nsg is not None]
        self._direction = direction
        self._far = _texts(far)
        self._local = _local(_texts(near), context)
        self._context = context
        self._source_ports = source_ports
        self._matches: dict[tuple[SecurityRule, bool], Match] = {}
        self._answers: dict[tuple[tuple[tuple[SecurityRule, bool], ...], ...], FlowAnswer] = {}

    def answer(self, ports: int | Sequence[int], protocol: str = "tcp") -> FlowAnswer:
        """What `flow_allowed` says of some ports and a protocol, or `*`."""
        protocols = TRANSPORTS if protocol == ANY_PROTOCOL else (protocol.lower(),)
        numbers = (ports,) if isinstance(ports, int) else ports
        parts = [self._part(name, port) for name, port in product(protocols, numbers)]
        if len(parts) == 1:
            return parts[0]
        return FlowAnswer(
            allowed=any(part.allowed for part in parts),
            denied=any(part.denied for part in parts),
            unknown=any(part.unknown for part in parts),
            allowed_by=_unique(decider for part in parts for decider in part.allowed_by),
            denied_by=_unique(decider for part in parts for decider in part.denied_by),
        )

    def _part(self, protocol: str, port: int) -> FlowAnswer:
        """The answer for one protocol and port."""
        if not self._levels:
            return FlowAnswer(allowed=True, denied=False, unknown=False, allowed_by=(), denied_by=())
        defaults = DEFAULT_RULES[self._direction]
        rules = tuple(
            tuple(concerned((*nsg.custom, *defaults), self._direction, protocol, port))
            for _, nsg in self._levels
        )
        if rules not in self._answers:
            self._answers[rules] = self._judged(rules)
        return self._answers[rules]

    def _judged(self, rules: Sequence[Sequence[tuple[SecurityRule, bool]]]) -> FlowAnswer:
        """What comes of it where these rules match, level by level."""
        levels = [by_priority(self._match(*one) for one in level) for level in rules]
        rows = table(levels, self._universe, self._local)
        allowed = denied = unknown = allows = denies = 0
        for place in places(rows.matches, self._local, self._source_ports, len(levels)):
            here, perhaps, _ = outcome(rows, place, rows.board.everything)
            allowed |= here
            unknown |= perhaps
            denied |= rows.board.meeting(place.local) & ~here & ~perhaps
            by = _deciders(rows, place, here)
            allows |= by[0]
            denies |= by[1]
        level_of = [index for index, _ in self._levels]
        return FlowAnswer(
            allowed=bool(allowed),
            denied=bool(denied),
            unknown=bool(unknown),
            allowed_by=_unique(_named(rows, allows, level_of)),
            denied_by=_unique(_named(rows, denies, level_of)),
        )

    def _match(self, rule: SecurityRule, doubt: bool) -> Match:
        known = self._matches.get((rule, doubt))
        if known is None:
            match = reduced(rule, self._direction, self._context, doubt=doubt)
            known = self._matches[rule, doubt] = self._with_symbols(match)
        return known

    @cached_property
    def _universe(self) -> Ranges:
        known = (_known(text, self._context) for text in self._far)
        return union(*known, *(tag.asked for tag in self._tags))

    @cached_property
    def _tags(self) -> tuple[_Tag, ...]:
        """The tags of unknown content among what is asked about."""
        known = {"*", INTERNET, AZURE_LOAD_BALANCER, *self._context.supplied}
        return tuple(
            _Tag(text.lower(), (_SYMBOLS + 2 * index, _SYMBOLS + 2 * index + 1), _extent(text, self._context))
            for index, text in enumerate(self._far)
            if text.lower() not in known and parse_addresses(text) is None
        )

    def _with_symbols(self, match: Match) -> Match:
        """The match, its remote side extended by the tags asked about that it matches.

        None but Internet holds the whole internet: asked about that, an Allow for another tag is no answer.
        """
        if not (self._tags or self._everybody):
            return match
        rule = match.rule
        field = rule.source if self._direction is Direction.INBOUND else rule.destination
        named = {tag.lower() for tag in field.tags}
        remote, symbols, doubt = match.remote, match.remote_symbols, match.remote_doubt
        if self._everybody and rule.access is Access.ALLOW:
            symbols = tuple(symbol for symbol in symbols if symbol.name not in named)
        for tag in self._tags:
            if tag.name in named or match.remote is EVERY_ADDRESS or covers(match.remote, tag.extent):
                remote += tag.asked
            elif match.remote_doubt or intersect(match.remote, tag.extent):
                doubt += tag.asked
            else:
                symbols = tuple(_meeting(symbol, tag) for symbol in symbols)
        return match._replace(remote=remote, remote_symbols=symbols, remote_doubt=doubt)

    @cached_property
    def _everybody(self) -> bool:
        return INTERNET in {text.lower() for text in self._far}


def _meeting(symbol: Symbol, tag: _Tag) -> Symbol:
    """A set of unknown content which may hold what was asked about, where both may lie in the same place."""
    return (
        symbol._replace(extent=symbol.extent + tag.asked) if intersect(symbol.extent, tag.extent) else symbol
    )


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
