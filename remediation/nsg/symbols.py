"""Sets of unknown content that more than one rule names: one set each, not a new doubt at each place.

Nobody knows what the tag `Storage` holds, but it holds the same addresses wherever it is named. In one NSG
this means: where a rule that names it was passed, an address that is still undecided lies outside of it, so
that a later rule matches nothing more by naming it again. Across two NSGs it takes more: an address that the
first NSG lets in *because* it lies in the tag is the one that the second NSG denies for the same reason.
There the memberships are tried. None, each one and each pair will do, since one rule per NSG decides and
needs one membership at most, and further memberships only put more rules in its way.

A set that one rule alone names is an ordinary doubt and needs none of this.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from remediation.nsg.matching import Match
from remediation.nsg.spaces.cells import AtomBits, Board, bits_of
from remediation.nsg.spaces.sets import EMPTY, Ranges, union

type SymbolBits = int  # bit `s` is the set of unknown content that was numbered `s`

# So many sets that both NSGs name are told apart; pairs of more would take longer than anybody waits. The
# others are doubts of their own at each NSG, which can only make a verdict unknown.
_MOST_JOINT = 24


class Naming(NamedTuple):
    """A rule that names shared sets: which, and the atoms that it may match for any other reason."""

    symbols: SymbolBits
    otherwise: AtomBits


@dataclass(frozen=True, slots=True)
class Shared:
    """The sets that several rules name. `joint` are those that every one of several NSGs names."""

    naming: Mapping[int, Naming]
    extents: tuple[AtomBits, ...]
    joint: SymbolBits

    def members(self, symbols: SymbolBits) -> AtomBits:
        """Atoms that may lie in any of some sets."""
        found = 0
        for symbol in bits_of(symbols):
            found |= self.extents[symbol]
        return found

    def left(self, index: int, passed: SymbolBits) -> AtomBits:
        """What a rule may still match of addresses that lie in none of the sets passed."""
        naming = self.naming[index]
        return naming.otherwise | self.members(naming.symbols & ~passed)

    def memberships(self) -> Iterator[SymbolBits]:
        """Memberships in joint sets that have to be tried."""
        joint = [1 << symbol for symbol in bits_of(self.joint)]
        for count in range(3):
            for chosen in combinations(joint, count):
                yield sum(chosen)


NOTHING_SHARED = Shared({}, (), 0)


def shared_extents(levels: Sequence[Sequence[Match]]) -> dict[str, Ranges]:
    """Where the members of each set lie that more than one rule names; empty for nearly every NSG."""
    seen: set[str] = set()
    found: dict[str, Ranges] = {}
    for level in levels:
        for match in level:
            for name, extent in match.remote_symbols:
                if name in seen and found.get(name) != extent:
                    found[name] = union(found.get(name, EMPTY), extent)
                seen.add(name)
    return found


def shared(levels: Sequence[Sequence[Match]], extents: Mapping[str, Ranges], board: Board) -> Shared:
    """The shared sets as atoms of a board that was cut for all that the matches name."""
    numbers = {name: number for number, name in enumerate(extents)}
    naming: dict[int, Naming] = {}
    per_level: list[SymbolBits] = []
    index = 0
    for level in levels:
        here = 0
        for match in level:
            bits, otherwise = 0, board.mask(match.remote)
            for name, extent in match.remote_symbols:
                if name in numbers:
                    bits |= 1 << numbers[name]
                else:
                    otherwise |= board.mask(extent)
            if bits:
                naming[index] = Naming(bits, otherwise | board.mask(match.remote_doubt))
                here |= bits
            index += 1
        per_level.append(here)
    joint = per_level[0] if len(per_level) > 1 else 0
    for here in per_level:
        joint &= here
    kept = sum(1 << symbol for symbol in list(bits_of(joint))[:_MOST_JOINT])
    return Shared(naming, tuple(board.mask(extent) for extent in extents.values()), kept)
