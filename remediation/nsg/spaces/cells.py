"""Cutting a dimension where rules begin and end, so that a thousand rules leave a few thousand places.

A *class* is the set of all members of a dimension that the very same rules match; which rules these are is
one integer, bit `i` for rule `i` in order of evaluation. A *board* does the same for remote addresses the
other way round: it numbers the *atoms* between all boundaries and gives each rule one integer, bit `k` for
atom `k`, so that a walk over the rules decides every address at once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache, partial
from itertools import accumulate, pairwise
from operator import xor

from remediation.nsg.spaces.addresses import EVERY_ADDRESS, V6, V6_SPACE, families_of
from remediation.nsg.spaces.sets import Ranges, contains, from_pairs

type RuleBits = int  # bit `i` is rule `i` in order of evaluation
type AtomBits = int  # bit `k` is atom `k` of a board: an interval of remote addresses


def classes(universe: Ranges, sets: Iterable[tuple[RuleBits, Ranges]]) -> dict[RuleBits, Ranges]:
    """Members of the universe by the sets they lie in: bits of the sets -> the members, merged."""
    flips: dict[int, int] = dict.fromkeys(universe, 0)
    for bits, ranges in sets:
        for boundary in ranges:
            flips[boundary] = flips.get(boundary, 0) ^ bits
    found: dict[int, list[tuple[int, int]]] = {}
    inside = 0
    edges = sorted(flips)
    for low, high in pairwise(edges):
        inside ^= flips[low]
        if contains(universe, low):
            found.setdefault(inside, []).append((low, high))
    return {bits: spans[0] if len(spans) == 1 else from_pairs(spans) for bits, spans in found.items()}


def bits_of(mask: int) -> Iterator[int]:
    """Positions of the bits that are set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


# So many edges are put in their places one by one; more are sorted, and their places kept in a dict.
_FEW = 24


@lru_cache(maxsize=16)
def _uncut(universe: Ranges) -> tuple[frozenset[int], AtomBits]:
    """The edges of a universe, nearly always the whole public space, and its own atoms among them."""
    return frozenset(universe), sum(2 << rank for rank in range(0, len(universe), 2))


def _slipped_in(
    cuts: Sequence[int], universe: Ranges, everything: AtomBits
) -> tuple[Sequence[int], AtomBits]:
    """The edges of a universe with a handful of others, each of which makes two atoms of one."""
    edges = list(universe)
    for cut in cuts:
        rank = bisect_left(edges, cut)
        edges.insert(rank, cut)
        everything = everything & (2 << rank) - 1 | everything >> rank << rank + 1
    return edges, everything


class Board:
    """Atoms of a universe of addresses, cut at the boundaries of the given sets and at its own.

    Bit `k` of a mask is the atom between edges `k - 1` and `k`. The mask of a set that reaches beyond the
    universe has bits beyond `everything`; a walk, which starts from that, never sees them. `split` keeps the
    two families apart even where no set does.
    """

    def __init__(self, universe: Ranges, sets: Iterable[Ranges], *, split: bool = False) -> None:
        edges: set[int] = set()
        for ranges in sets:
            if ranges is not universe and ranges is not EVERY_ADDRESS:
                edges.update(ranges)
        self.universe = universe
        self._last: tuple[AtomBits, Ranges] = 0, ()  # who gets in is asked for the answer and for its witness
        if edges or split:
            self._cut_at(edges)
        else:
            self._edges: Sequence[int] = ()
            self._rank: Callable[[int], int] = partial(bisect_left, ())
            self.everything = int(bool(universe))

    def _cut_at(self, edges: set[int]) -> None:
        own, everything = _uncut(self.universe)
        others = sorted(edges - own)
        if len(others) <= _FEW:
            self._edges, self.everything = _slipped_in(others, self.universe, everything)
            self._rank = partial(bisect_left, self._edges)
        else:
            self._edges = sorted([*self.universe, *others])
            self._rank = {edge: rank for rank, edge in enumerate(self._edges)}.__getitem__
            self.everything = self._cut(self.universe)

    def mask(self, ranges: Ranges) -> AtomBits:
        """The atoms of one of the sets this board was cut for."""
        return self.everything if ranges is self.universe or ranges is EVERY_ADDRESS else self._cut(ranges)

    def _cut(self, ranges: Ranges) -> AtomBits:
        mask, ranks = 0, map(self._rank, ranges)
        for low, high in zip(ranks, ranks, strict=True):
            mask |= (1 << high - low) - 1 << low + 1
        return mask

    def meeting(self, local: Ranges) -> AtomBits:
        """Atoms from which packets to some local addresses can come: a packet has one family.

        Where `local` is of one family, the board was made with `split`.
        """
        has_v4, has_v6 = (True, True) if local is EVERY_ADDRESS else families_of(local)
        if has_v4 and has_v6:
            return self.everything
        return self._without_v6 if has_v4 else self._without_v4

    @cached_property
    def _without_v4(self) -> AtomBits:
        """Symbols, which lie above all addresses, stand for members of either family."""
        below = (1 << bisect_left(self._edges, V6)) - 1
        return self.everything & ~below

    @cached_property
    def _without_v6(self) -> AtomBits:
        first, beyond = bisect_left(self._edges, V6) + 1, bisect_right(self._edges, V6_SPACE[1])
        return self.everything & ~((1 << beyond) - (1 << first)) if beyond > first else self.everything

    def members(self, sets: Iterable[Ranges]) -> list[RuleBits]:
        """For each atom, which of some sets it lies in: bit `i` for set `i`. The board was cut for them."""
        flips = dict.fromkeys(self._edges, 0)
        everywhere = 0
        for index, ranges in enumerate(sets):
            if ranges is self.universe or ranges is EVERY_ADDRESS:
                everywhere |= 1 << index
            for edge in ranges if not everywhere >> index else ():
                flips[edge] ^= 1 << index
        return [everywhere, *(bits | everywhere for bits in accumulate(flips.values(), xor))]

    def ranges(self, mask: AtomBits) -> Ranges:
        """The addresses of some atoms of the universe."""
        if mask == self.everything:
            return self.universe
        if mask == self._last[0]:
            return self._last[1]
        if mask == self._without_v6 and self.universe[-1] <= V6_SPACE[1]:
            return self.universe[: bisect_left(self.universe, V6)]
        edges = self._edges
        # One pass over the digits: taking runs off the end of a long integer copies it each time.
        found = tuple([edges[at - 1] for at in _turns(f"0{mask:b}"[::-1])])
        self._last = mask, found
        return found


def _turns(digits: str) -> Iterator[int]:
    """Where a run of equal digits ends; the first run is of zeros."""
    at, sought, other = digits.find("1"), "0", "1"
    while at >= 0:
        yield at
        at = digits.find(sought, at)
        sought, other = other, sought
