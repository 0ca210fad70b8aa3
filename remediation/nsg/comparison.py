"""Two NSGs, flow by flow: every piece of the flow space in which their verdicts differ.

Here nothing is doubtful that can be named. A tag of unknown content is the same unknown set before and
after, so that membership in it is just one more property of an address; so are ASG memberships and texts
nobody can read. Two rule sets that agree for each membership agree whatever the tags hold. Trying none, each
one and each pair of memberships per side is enough, since one rule per NSG decides and needs one at most.

What remains three-valued (equal priorities, an unreadable port, protocol, direction, access or priority, and
what a `*`-protocol rule with a port list does to ICMP, ESP and AH) is compared where it can matter: in the
flows of rules that were added, removed or changed.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from remediation.nsg.context import Context
from remediation.nsg.document import Nsg
from remediation.nsg.fields import EVERY_PORT, MEANINGFUL, AddressField, is_tag
from remediation.nsg.matching import Match, Symbol
from remediation.nsg.rule import (
    ANY_PROTOCOL,
    DEFAULT_RULES,
    PROTOCOLS,
    TRANSPORTS,
    Access,
    Direction,
    SecurityRule,
)
from remediation.nsg.spaces.addresses import EVERY_ADDRESS
from remediation.nsg.spaces.cells import AtomBits, Board, RuleBits, bits_of, classes
from remediation.nsg.spaces.places import Place, places
from remediation.nsg.spaces.sets import EMPTY, Ranges, intersect, union
from remediation.nsg.symbols import NOTHING_SHARED
from remediation.nsg.walk import Table, table, walk

type Kind = Literal["added", "removed", "unknown"]
type Symbols = tuple[str, ...]

MEMBERSHIPS = 2


@dataclass(frozen=True, slots=True)
class Traffic:
    """A product of sets in which every flow differs in the same way. A flow has both ends in one family.

    `remote` are addresses on the far side (sources of inbound traffic) that lie in the tags and groups of
    `remote_symbols` and in no other that matters; likewise `local`. For ICMP, ESP and AH ports mean nothing.
    """

    kind: Kind
    direction: Direction
    protocols: tuple[str, ...]
    ports: Ranges
    source_ports: Ranges
    remote: Ranges
    remote_symbols: Symbols
    local: Ranges
    local_symbols: Symbols


@dataclass(frozen=True, slots=True)
class _Sides:
    """The union of the rules of both NSGs in order of evaluation; bits say which NSG has which."""

    rules: tuple[SecurityRule, ...]
    before: RuleBits
    after: RuleBits

    @property
    def changed(self) -> RuleBits:
        return self.before ^ self.after


def compare(before: Nsg, after: Nsg, context: Context, *, portless: bool = True) -> Iterator[Traffic]:
    """All traffic whose verdict differs.

    `portless=False` leaves the unconfirmed effect of `*`-protocol rules with a port list on ICMP, ESP and AH
    out of the comparison.
    """
    for direction in Direction:
        sides = _sides(before, after, direction)
        if sides.changed:
            yield from _compare(sides, direction, context, portless=portless)


def _sides(before: Nsg, after: Nsg, direction: Direction) -> _Sides:
    keys: dict[object, int] = {}
    rules: dict[object, SecurityRule] = {}
    for flag, nsg in ((1, before), (2, after)):
        for rule in (*nsg.custom, *DEFAULT_RULES[direction]):
            if rule.direction is direction or rule.direction is None:
                key = _meaning(rule)
                rules.setdefault(key, rule)
                keys[key] = keys.get(key, 0) | flag
    order = sorted(rules, key=lambda key: (_rank(rules[key]), rules[key].name))
    bits = [sum(1 << index for index, key in enumerate(order) if keys[key] & flag) for flag in (1, 2)]
    return _Sides(tuple(rules[key] for key in order), *bits)


def _rank(rule: SecurityRule) -> int:
    return -1 if rule.priority is None else rule.priority


def _meaning(rule: SecurityRule) -> object:
    """Equal for rules that do the same at the same place."""
    return (
        rule.priority, rule.direction, rule.access, rule.protocol,
        rule.source, rule.destination, rule.source_ports, rule.destination_ports, _unread(rule),
    )  # fmt: skip


def _unread(rule: SecurityRule) -> str:
    """What stands where something could not be read: only the very same text is the same unknown."""
    sides = (rule.source, rule.destination, rule.source_ports, rule.destination_ports)
    scalars = None in (rule.priority, rule.direction, rule.access) or rule.protocol == "?"
    if not scalars and not any("?" in side.doubts for side in sides):
        return ""
    return json.dumps([rule.properties.get(key) for key in MEANINGFUL], sort_keys=True, default=repr)


def _compare(sides: _Sides, direction: Direction, context: Context, *, portless: bool) -> Iterator[Traffic]:
    groups: dict[tuple[tuple[tuple[int, bool], ...], bool], list[str]] = {}
    for protocol in PROTOCOLS:
        chosen = _of_protocol(sides, protocol, portless=portless)
        with_ports = protocol in TRANSPORTS or all(_any_port(sides.rules[index]) for index, _ in chosen)
        groups.setdefault((chosen, with_ports), []).append(protocol)
    for (chosen, _), protocols in groups.items():
        changed = sum(1 << index for index, _ in chosen) & sides.changed
        if changed:
            yield from _Comparison(sides, direction, context, tuple(protocols), dict(chosen)).traffic()


def _of_protocol(sides: _Sides, protocol: str, *, portless: bool) -> tuple[tuple[int, bool], ...]:
    """Indices of the rules that may match a protocol, each with whether that is doubtful."""
    chosen = []
    for index, rule in enumerate(sides.rules):
        if rule.access is Access.DENY and rule.incomplete:
            continue
        if rule.protocol == protocol:
            chosen.append((index, False))
        elif rule.protocol in (ANY_PROTOCOL, None):
            if protocol in TRANSPORTS or _any_port(rule):
                chosen.append((index, False))
            elif portless:
                chosen.append((index, True))
        elif rule.protocol == "?":
            chosen.append((index, True))
    return tuple(chosen)


def _any_port(rule: SecurityRule) -> bool:
    return rule.destination_ports.known == EVERY_PORT and rule.source_ports.known == EVERY_PORT


class _Comparison:
    """The comparison for one direction and for protocols that the same rules speak of."""

    def __init__(
        self, sides: _Sides, direction: Direction, context: Context, protocols: tuple[str, ...],
        chosen: dict[int, bool],
    ) -> None:  # fmt: skip
        self.sides, self.direction, self.context, self.protocols = sides, direction, context, protocols
        self.chosen = chosen
        self.has_ports = protocols[0] in TRANSPORTS

    def traffic(self) -> Iterator[Traffic]:
        doubtful = sum(1 << index for index in self.chosen if self._doubtful_port(index))
        for bits, ports in self._port_classes().items():
            relevant = bits | doubtful
            if relevant & self.sides.changed:
                yield from self._at_ports(list(bits_of(relevant)), bits, ports)

    def _port_classes(self) -> dict[RuleBits, Ranges]:
        everywhere = sum(1 << index for index in self.chosen)
        if not self.has_ports:
            return {everywhere: EVERY_PORT}
        return classes(EVERY_PORT, [(1 << index, self._ports(index)) for index in self.chosen])

    def _ports(self, index: int) -> Ranges:
        ports = self.sides.rules[index].destination_ports
        return EVERY_PORT if ports.missing else ports.known

    def _doubtful_port(self, index: int) -> bool:
        return self.has_ports and bool(self.sides.rules[index].destination_ports.doubts)

    def _at_ports(self, indices: list[int], bits: RuleBits, ports: Ranges) -> Iterator[Traffic]:
        found = [self._match(index, sure=bool(bits >> index & 1)) for index in indices]
        before = _packed(self.sides.before, indices)
        after = _packed(self.sides.after, indices)
        for symbols, rows, rest in self._tables(found):
            for place in places(found, EVERY_ADDRESS, EVERY_PORT, MEMBERSHIPS, distinct=False):
                if place.may & (before ^ after):
                    meeting = rest & rows.board.meeting(place.local)
                    for kind, atoms in _verdicts(rows, place, before, after, meeting):
                        yield self._traffic(kind, ports, place, symbols, rows.board.ranges(atoms))

    def _match(self, index: int, *, sure: bool) -> Match:
        rule = self.sides.rules[index]
        near, far = rule.destination, rule.source
        if self.direction is Direction.OUTBOUND:
            near, far = far, near
        unread = None in (rule.direction, rule.priority, rule.access)
        local, groups = _named(near, self.context, rule, local=True)
        remote, symbols = _named(far, self.context, rule, local=False)
        return Match(
            rule=rule,
            doubtful=self.chosen[index] or not sure or unread,
            remote=remote,
            ports=rule.source_ports.known if self.has_ports else EVERY_PORT,
            ports_may=self.has_ports and bool(rule.source_ports.doubts),
            local=local,
            local_groups=groups,
            local_may=False,
            remote_symbols=tuple(Symbol(name, EMPTY) for name in symbols),
        )

    def _tables(self, found: list[Match]) -> Iterator[tuple[Symbols, Table, AtomBits]]:
        """For each choice of remote memberships: the rules' masks, and the addresses that can have them."""
        names = {symbol.name for match in found for symbol in match.remote_symbols}
        extents = {name: self._extent(name) for name in names}
        board_sets = [*(match.remote for match in found), self.context.public, *extents.values()]
        board = Board(EVERY_ADDRESS, [intersect(ranges, EVERY_ADDRESS) for ranges in board_sets])
        plain = [board.mask(match.remote) for match in found]
        base = table([found], EVERY_ADDRESS)._replace(shared=NOTHING_SHARED)
        for count in range(MEMBERSHIPS + 1):
            for symbols in combinations(sorted(extents), count):
                rest = board.everything
                for symbol in symbols:
                    rest &= board.mask(extents[symbol])
                masks = [
                    rest if any(symbol.name in symbols for symbol in match.remote_symbols) else mask
                    for match, mask in zip(found, plain, strict=True)
                ]
                yield symbols, base._replace(board=board, must=masks, may=masks), rest

    def _extent(self, symbol: str) -> Ranges:
        """Where the addresses of a tag or group can lie."""
        if symbol.startswith("/"):
            return self.context.group(symbol)[1]
        return self.context.tag(symbol)[1] if is_tag(symbol) else EVERY_ADDRESS

    def _traffic(self, kind: Kind, ports: Ranges, place: Place, symbols: Symbols, remote: Ranges) -> Traffic:
        memberships = symbols, place.local, place.groups
        return Traffic(kind, self.direction, self.protocols, ports, place.ports, remote, *memberships)


def _packed(bits: RuleBits, indices: Sequence[int]) -> RuleBits:
    """Bits of chosen rules, renumbered to their places in the choice."""
    return sum(1 << place for place, index in enumerate(indices) if bits >> index & 1)


def _verdicts(
    rows: Table, place: Place, before: RuleBits, after: RuleBits, rest: AtomBits
) -> Iterator[tuple[Kind, AtomBits]]:
    had, perhaps_had, _ = walk(rows, place.must & before, place.may & before, rest)
    has, perhaps_has, _ = walk(rows, place.must & after, place.may & after, rest)
    unknown = perhaps_had | perhaps_has
    if unknown:
        unknown &= _reached(rows, place, before, before ^ after, rest) | _reached(
            rows, place, after, before ^ after, rest
        )
    if added := has & ~had & ~unknown:
        yield "added", added
    if removed := had & ~has & ~unknown:
        yield "removed", removed
    if unknown:
        yield "unknown", unknown


def _reached(rows: Table, place: Place, rules: RuleBits, changed: RuleBits, rest: AtomBits) -> AtomBits:
    """Atoms in whose outcome a changed rule has a part: elsewhere an unknown is the same as before.

    Rules of one priority are reached together: which of them comes first means nothing.
    """
    touched = decided = 0
    priority: int | None = None
    for index in bits_of(place.may & rules):
        if rows.matches[index].rule.priority != priority:
            rest, decided, priority = rest & ~decided, 0, rows.matches[index].rule.priority
        if changed >> index & 1:
            touched |= rows.may[index] & rest
        if place.must >> index & 1:
            decided |= rows.must[index]
    return touched


def _named(
    field: AddressField, context: Context, rule: SecurityRule, *, local: bool
) -> tuple[Ranges, Symbols]:
    """Addresses a field holds for certain, and the names of the sets of unknown content it holds."""
    if field.missing:
        return EVERY_ADDRESS, ()
    known, symbols = [field.known], []
    for tag in field.tags:
        sure, extent = context.local_tag(tag) if local else context.tag(tag)
        known.append(sure)
        if extent:
            symbols.append(tag.lower())
    for group in field.groups:
        if context.members is None:
            symbols.append(group)
        else:
            known.append(context.group(group)[0])
    symbols += (f"?{rule.name}" if doubt == "?" else doubt for doubt in field.doubts)
    return union(*known), tuple(symbols)
