"""From places back to sources: everything that some place lets in, and everything some place may let in."""

from dataclasses import dataclass

from remediation.nsg.places import Place, places
from remediation.nsg.sets import Ranges
from remediation.nsg.walk import Table, across_levels


@dataclass(frozen=True, slots=True)
class Projection:
    """`allowed` and `unknown` are atoms of the table's board; `first` is the place, earliest in order of
    preference, that lets any in, with the atoms it lets in; `deciders` are the rules that let them in."""

    allowed: int
    unknown: int
    deciders: int
    first: tuple[Place, int] | None


def project(rows: Table, local: Ranges) -> Projection:
    """Walk every place until no source is left that could still turn out to be let in."""
    allowed = unknown = deciders = 0
    first = None
    rest = rows.board.everything
    for place in places(rows.matches, local, memberships=len(rows.levels)):
        here, perhaps, by = across_levels(rows, place.must, place.may, rest)
        unknown |= perhaps
        if here:
            first = first or (place, here)
            allowed |= here
            deciders |= by
            rest &= ~here
            if not rest:
                break
    return Projection(allowed, unknown & ~allowed, deciders, first)
