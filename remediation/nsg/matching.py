"""What a rule matches once direction, protocol and destination port of a question are fixed.

Three dimensions remain: the *remote* address (the source of inbound, the destination of outbound traffic),
the *local* address behind the NSG, and the source port. For each a rule has a *must* set, which it certainly
matches, and a *may* set, which also holds what an unknown tag or an unreadable element might match.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from remediation.nsg.context import Context
from remediation.nsg.fields import ANY_ADDRESS, AddressField
from remediation.nsg.rule import ANY_PROTOCOL, Access, Direction, SecurityRule
from remediation.nsg.spaces.addresses import EVERY_ADDRESS
from remediation.nsg.spaces.sets import EMPTY, Ranges, union


class Symbol(NamedTuple):
    """A set of unknown content: the same set wherever it is named. Its members lie in `extent`."""

    name: str
    extent: Ranges


class Match(NamedTuple):
    """One rule, reduced to the dimensions that remain.

    doubtful        for a reason of its own, such as an unreadable direction, it matches nothing for certain
    remote          addresses that certainly match
    remote_symbols  sets of unknown content that match, such as tags
    remote_doubt    what may match for reasons that are no symbol: an element nobody can read
    local_groups    ASGs whose members are not known
    local_may       whether any local address may match, for the same reasons; a plain yes or no
    """

    rule: SecurityRule
    doubtful: bool
    ports: Ranges
    ports_may: bool
    remote: Ranges
    remote_symbols: tuple[Symbol, ...] = ()
    remote_doubt: Ranges = EMPTY
    local: Ranges = EVERY_ADDRESS
    local_groups: tuple[str, ...] = ()
    local_symbols: tuple[Symbol, ...] = ()
    local_may: bool = False

    @property
    def doubted(self) -> bool:
        """Whether it is not certain which remote addresses match."""
        return bool(self.remote_symbols or self.remote_doubt)

    @property
    def remote_doubts(self) -> Sequence[Ranges]:
        """Where the remote addresses lie that possibly match and not for certain."""
        extents = [symbol.extent for symbol in self.remote_symbols]
        return [*extents, self.remote_doubt] if self.remote_doubt else extents

    @property
    def remote_may(self) -> Ranges:
        """Addresses that certainly or possibly match."""
        return union(self.remote, *self.remote_doubts) if self.doubted else self.remote


_ANYWHERE: tuple[Ranges, tuple[Symbol, ...], Ranges] = (EVERY_ADDRESS, (), EMPTY)


def matches(
    rules: Iterable[SecurityRule], direction: Direction, protocol: str, port: int, context: Context
) -> Iterator[Match]:
    """The rules that may match such traffic, reduced, in no particular order."""
    for rule, doubt in concerned(rules, direction, protocol, port):
        yield reduced(rule, direction, context, doubt=doubt)


def concerned(
    rules: Iterable[SecurityRule], direction: Direction, protocol: str, port: int
) -> Iterator[tuple[SecurityRule, bool]]:
    """The rules that may match such traffic, each with whether it is not certain that it speaks of it."""
    spoken = protocol, ANY_PROTOCOL, None, "?"
    for rule in rules:
        if rule.direction is not direction and rule.direction is not None:
            continue
        if rule.protocol not in spoken:
            continue
        doubt = rule.protocol == "?"
        known, doubts, missing = rule.destination_ports
        if not bisect_right(known, port) & 1:  # `contains`, without the call: this is asked of every rule
            if not (doubts or missing):
                continue
            doubt = doubt or bool(doubts)
        if rule.access is Access.DENY and rule.incomplete:
            continue  # an incomplete Deny is read at its narrowest
        yield rule, doubt


def reduced(rule: SecurityRule, direction: Direction, context: Context, *, doubt: bool = False) -> Match:
    """A rule that may match, as far as addresses and source ports go; they are the same for every port."""
    inbound = direction is Direction.INBOUND
    doubtful = doubt or rule.direction is None or rule.priority is None
    near, far = (rule.destination, rule.source) if inbound else (rule.source, rule.destination)
    known, doubts, _ = rule.source_ports
    remote = _ANYWHERE if far is ANY_ADDRESS else _resolve(far, context.tag, context.group)
    if near is ANY_ADDRESS:
        return Match(rule, doubtful, known, bool(doubts), *remote)
    local = _local_sets(near, context)
    return Match(rule, doubtful, known, bool(doubts), *remote, *local, bool(near.doubts))


def _resolve(
    field: AddressField,
    tag: Callable[[str], tuple[Ranges, Ranges]],
    group: Callable[[str], tuple[Ranges, Ranges]],
) -> tuple[Ranges, tuple[Symbol, ...], Ranges]:
    """Addresses a field certainly names, its sets of unknown content, and what else it may name."""
    known, tags, groups, doubts, missing = field
    if missing:
        return _ANYWHERE
    if not (tags or groups or doubts):
        return known, (), EMPTY
    if len(tags) == 1 and not (known or groups or doubts):
        sure, extent = tag(tags[0])
        return sure, ((Symbol(tags[0].lower(), extent),) if extent else ()), EMPTY
    named = {name.lower(): tag(name) for name in tags}
    named |= {one: group(one) for one in groups}
    symbols = tuple([Symbol(name, extent) for name, (_, extent) in named.items() if extent])
    certain = [sure for sure, _ in named.values() if sure]
    known = union(known, *certain) if certain else known
    return known, symbols, EVERY_ADDRESS if doubts else EMPTY


def _local_sets(field: AddressField, context: Context) -> tuple[Ranges, tuple[str, ...], tuple[Symbol, ...]]:
    """Addresses certainly named, ASGs whose members are not known, and other sets of unknown content."""
    groups = () if context.members is not None else field.groups
    told = field._replace(groups=()) if groups else field
    known, symbols, _ = _resolve(told, context.local_tag, context.local_group)
    return known, groups, symbols


def by_priority(found: Iterable[Match]) -> list[Match]:
    """In order of evaluation.

    A rule without a readable priority may come at any place: it goes first, where, matching nothing for
    certain, it casts its doubt on all that follows.
    """
    return sorted(found, key=_order)


def _order(match: Match) -> tuple[int, str]:
    priority = match.rule.priority
    return (-1 if priority is None else priority), match.rule.name
