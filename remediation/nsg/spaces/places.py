"""The places of a flow other than its remote address: source port, local address, ASG memberships.

Each place stands for all the (source port, local address, memberships) that the same rules match. ASG
memberships of an address are free when they were not read. It is enough to try none and each single one
(pairs where two NSGs must both let a flow through): a flow is let in by one rule per NSG, which needs one
membership at most, and fewer memberships only take further rules out of its way.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from remediation.nsg.fields import EVERY_PORT
from remediation.nsg.matching import Match
from remediation.nsg.spaces.addresses import EVERY_ADDRESS, V6
from remediation.nsg.spaces.cells import RuleBits, bits_of, classes
from remediation.nsg.spaces.sets import Ranges, contains

CALLERS_PORT = 49152  # the first dynamic port (RFC 6335): what a caller's system would pick


type Doubt = tuple[RuleBits, RuleBits]


class Place(NamedTuple):
    """`must` and `may` are the rules matching here in every dimension but the remote address.

    `doubts` has, for each set of unknown content that the local address may lie in, the rules which then
    match as well, certainly and possibly.
    """

    ports: Ranges
    local: Ranges
    groups: tuple[str, ...]
    must: RuleBits
    may: RuleBits
    doubts: tuple[Doubt, ...] = ()


def places(
    found: Sequence[Match],
    universe: Ranges,
    source_ports: Ranges = EVERY_PORT,
    memberships: int = 1,
    *,
    distinct: bool = True,
    narrow: Callable[[RuleBits], RuleBits] | None = None,
) -> Iterator[Place]:
    """All places, the ones with the caller's usual source port first, then by lowest port.

    distinct  leave out a place where the same rules match as at one before it, for packets of the same family
    narrow    given the rules that may match at some source ports, says which of them still matter; places
              where none does are left out
    """
    if not universe:
        return
    only = only_place(found, universe, source_ports)
    if only is not None:
        yield only
        return
    local = _LocalSide(found, universe, memberships, distinct=distinct)
    seen: set[object] = set()
    stretches: set[tuple[RuleBits, RuleBits]] = set()
    for ports, must, may in _port_classes(found, source_ports):
        matter = may if narrow is None else narrow(may)
        stretch = must & matter, matter
        if (narrow is not None and not matter) or (distinct and stretch in stretches):
            continue
        stretches.add(stretch)
        for place in local.places(ports, *stretch):
            key = place.must, place.may, place.doubts, place.local[0] < V6, place.local[-1] > V6
            if not distinct or key not in seen:
                seen.add(key)
                yield place


def only_place(found: Sequence[Match], universe: Ranges, source_ports: Ranges = EVERY_PORT) -> Place | None:
    """The place of an NSG whose rules tell apart neither source ports nor local addresses, as most do not."""
    must = 0
    for index, match in enumerate(found):
        if match.ports is not EVERY_PORT or match.local is not EVERY_ADDRESS:
            return None
        if match.local_groups or match.local_symbols:
            return None
        if not match.doubtful:
            must |= 1 << index
    return Place(source_ports, universe, (), must, (1 << len(found)) - 1) if universe else None


def _port_classes(
    found: Sequence[Match], source_ports: Ranges
) -> Iterator[tuple[Ranges, RuleBits, RuleBits]]:
    """Source ports that the same rules match, with the rules that certainly and possibly do."""
    sure = doubted = always = 0
    partial: list[tuple[RuleBits, Ranges]] = []
    for index, match in enumerate(found):
        bit = 1 << index
        sure |= 0 if match.doubtful else bit
        doubted |= bit if match.ports_may else 0
        if match.ports == EVERY_PORT:
            always |= bit
        elif match.ports:
            partial.append((bit, match.ports))
    if not partial:
        yield source_ports, always & sure, always | doubted
        return
    for bits, ports in sorted(classes(source_ports, partial).items(), key=_by_preference):
        yield ports, (bits | always) & sure, bits | always | doubted


def _by_preference(item: tuple[int, Ranges]) -> tuple[bool, int]:
    ports = item[1]
    return not contains(ports, CALLERS_PORT), ports[0]


class _LocalSide:
    """Which rules match which local addresses and memberships."""

    __slots__ = (
        "distinct", "everywhere", "extents", "groups", "may", "memberships", "partial", "somewhere",
        "symbols", "universe",
    )  # fmt: skip

    def __init__(self, found: Sequence[Match], universe: Ranges, memberships: int, *, distinct: bool) -> None:
        self.distinct = distinct
        self.universe = universe
        self.memberships = memberships
        self.everywhere = self.may = self.somewhere = 0
        self.partial: dict[RuleBits, Ranges] = {}  # by the bit of the rule
        self.groups: dict[str, RuleBits] = {}
        self.symbols: dict[str, RuleBits] = {}
        self.extents: dict[str, Ranges] = {}
        for index, match in enumerate(found):
            bit = 1 << index
            if match.local == EVERY_ADDRESS:
                self.everywhere |= bit
            elif match.local:
                self.partial[bit] = match.local
                self.somewhere |= bit
            for group in match.local_groups:
                self.groups[group] = self.groups.get(group, 0) | bit
            for name, extent in match.local_symbols:
                self.symbols[name] = self.symbols.get(name, 0) | bit
                self.extents[name] = extent
            if match.local_may:
                self.may |= bit
        self.groups = dict(sorted(self.groups.items()))  # whichever rule names them first

    def places(self, ports: Ranges, must: RuleBits, may: RuleBits) -> Iterator[Place]:
        if not (self.partial or self.groups or self.symbols):
            yield Place(ports, self.universe, (), must & self.everywhere, may & (self.everywhere | self.may))
            return
        symbols = [name for name, bits in self.symbols.items() if bits & may]
        memberships = list(self._memberships(may))
        for bits, local in self._classes(may, symbols).items():
            here = bits & may | self.everywhere
            within = [name for at, name in enumerate(symbols, may.bit_length()) if bits >> at & 1]
            doubts = self._doubts(within, must, may) if within else ()
            for groups, added in memberships:
                sure = here | added
                yield Place(ports, local, groups, must & sure, may & (sure | self.may), doubts)

    def _classes(self, may: RuleBits, symbols: Sequence[str]) -> dict[RuleBits, Ranges]:
        """Local addresses by the rules that name them, and above those by the symbols that may hold them."""
        relevant = [(1 << index, self.partial[1 << index]) for index in bits_of(may & self.somewhere)]
        relevant += [(1 << at, self.extents[name]) for at, name in enumerate(symbols, may.bit_length())]
        return classes(self.universe, relevant)

    def _doubts(self, names: Sequence[str], must: RuleBits, may: RuleBits) -> tuple[Doubt, ...]:
        return tuple([(self.symbols[name] & must, self.symbols[name] & may) for name in names])

    def _memberships(self, within: RuleBits) -> Iterator[tuple[tuple[str, ...], RuleBits]]:
        """Sets of ASGs to try, those that the same rules name counted once."""
        kinds = {group: bits & within for group, bits in self.groups.items() if bits & within}
        if self.distinct:
            kinds = {group: bits for bits, group in {bits: group for group, bits in kinds.items()}.items()}
        for count in range(self.memberships + 1):
            for chosen in combinations(kinds.items(), count):
                bits = 0
                for _, added in chosen:
                    bits |= added
                yield tuple(group for group, _ in chosen), bits
