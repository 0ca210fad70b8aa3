"""What comes of a packet at a place: all levels together, and whatever the sets of unknown content hold.

A packet is let in when every level lets it in, and it is certain only when it is so for all that the sets
which several rules name may hold, on the far side (`symbols` says how) and on the near side.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from remediation.nsg.spaces.cells import AtomBits, RuleBits, bits_of
from remediation.nsg.spaces.places import Place
from remediation.nsg.symbols import Naming, SymbolBits
from remediation.nsg.walk import Outcome, Table, walk


def outcome(rows: Table, place: Place, rest: AtomBits) -> Outcome:
    """What comes of the atoms of `rest` at a place, of which only those of its own family can get there.

    The deciders of what is let in through two levels are the rules that let in what both let in.
    """
    rest &= rows.board.meeting(place.local)
    if not place.doubts:
        return _across_levels(rows, place.must, place.may, rest)
    allowed, possible = rest, 0
    for must, may in variants(rows, place):
        here = _across_levels(rows, must, may, rest)
        allowed &= here.allowed
        possible |= here.allowed | here.unknown
    deciders = 0
    for must, may in variants(rows, place) if allowed else ():
        deciders |= _across_levels(rows, must, may, allowed).deciders
    return Outcome(allowed, possible & ~allowed, deciders)


def variants(rows: Table, place: Place) -> Iterator[tuple[RuleBits, RuleBits]]:
    """The rules that match for each membership of the local address that has to be tried."""
    for count in range(len(rows.levels) + 1 if place.doubts else 1):
        for chosen in combinations(place.doubts, count):
            must, may = place.must, place.may
            for sure, possible in chosen:
                must |= sure
                may |= possible
            yield must, may


def _across_levels(rows: Table, must: RuleBits, may: RuleBits, rest: AtomBits) -> Outcome:
    """The same for all levels together: each must allow; one certain denial denies."""
    if len(rows.levels) == 1:
        return walk(rows, must, may, rest)
    allowed = possible = rest
    for level in rows.levels:
        here, unknown, _ = walk(rows, must & level, may & level, possible)
        allowed &= here
        possible &= here | unknown
    deciders = 0
    if allowed:
        for level in rows.levels:
            deciders |= walk(rows, must & level, may & level, allowed).deciders
    doubt = possible & ~allowed
    if doubt and rows.shared.joint:
        doubt = _let_in_by_some_membership(rows, must, may, doubt)
    return Outcome(allowed, doubt, deciders)


def _let_in_by_some_membership(rows: Table, must: RuleBits, may: RuleBits, doubt: AtomBits) -> AtomBits:
    """Those atoms that all levels may let in at once, with the same members in the joint sets."""
    found = 0
    for symbols in rows.shared.memberships():
        left = doubt & ~found
        for symbol in bits_of(symbols):
            left &= rows.shared.extents[symbol]
        if left:
            assumed = _assuming(rows, symbols)
            for level in rows.levels:
                here, unknown, _ = walk(assumed, must & level, may & level, left)
                left &= here | unknown
            found |= left
    return found


def _assuming(rows: Table, symbols: SymbolBits) -> Table:
    """The table for atoms that lie in these of the joint sets and in no other."""
    must, may, naming = rows.must.copy(), rows.may.copy(), {}
    for index, named in rows.shared.naming.items():
        may[index] &= rows.shared.left(index, rows.shared.joint & ~symbols)
        if named.symbols & symbols:
            must[index] |= may[index]
        own = named.symbols & ~rows.shared.joint
        if own:
            naming[index] = Naming(own, named.otherwise | rows.shared.members(named.symbols & symbols))
    return rows._replace(must=must, may=may, shared=replace(rows.shared, naming=naming))
