"""The walk by priority: which atoms of the remote side are let in, three-valued.

The undecided `rest` starts as everything. A rule decides the part of the rest it certainly matches. Where an
earlier rule of the other access *may* have decided already, the outcome is unknown; where all that may have
decided agree, it is certain. What no rule decides is denied by the last default rule.

Everything here is bitsets: rules are bits of `must` and `may`, addresses are bits of the masks.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from remediation.nsg.matching import Match
from remediation.nsg.rule import Access
from remediation.nsg.spaces.addresses import EVERY_ADDRESS
from remediation.nsg.spaces.cells import AtomBits, Board, RuleBits
from remediation.nsg.spaces.sets import Ranges
from remediation.nsg.symbols import NOTHING_SHARED, Shared, SymbolBits, shared, shared_extents


class Table(NamedTuple):
    """All matches of all levels in order of evaluation, with their remote sides as masks over one board.

    `levels` holds, for each NSG on the way, the bits of its rules. `rivals` names, for a rule whose priority
    another rule of different access shares, the others: their order is not known.
    """

    matches: Sequence[Match]
    levels: tuple[RuleBits, ...]
    board: Board
    must: list[AtomBits]
    may: list[AtomBits]
    accesses: list[Access | None]
    rivals: Mapping[int, list[int]]
    shared: Shared


class Outcome(NamedTuple):
    """What came of some atoms: those let in, those of which it is unknown, and the rules that decided.

    `deciders` has a bit for each rule that decided any atom for certain, whether it allowed or denied.
    """

    allowed: AtomBits
    unknown: AtomBits
    deciders: RuleBits


def table(levels: Sequence[Sequence[Match]], universe: Ranges, local: Ranges = EVERY_ADDRESS) -> Table:
    """Lay the matches of one or two levels out over a universe of remote addresses.

    `local` are the addresses behind the NSG that will be asked about.
    """
    found = levels[0] if len(levels) == 1 else [match for level in levels for match in level]
    doubtful = [index for index, match in enumerate(found) if match.remote_symbols or match.remote_doubt]
    doubts = [(index, ranges) for index in doubtful for ranges in found[index].remote_doubts]
    extents = shared_extents(levels) if len(doubts) > 1 else {}
    sets = [match.remote for match in found] + [ranges for _, ranges in doubts]
    split = local is not EVERY_ADDRESS or any(match.local is not EVERY_ADDRESS for match in found)
    board = Board(universe, sets, split=split)
    must = [board.mask(match.remote) for match in found]
    may = must.copy()
    for index, ranges in doubts:
        may[index] |= board.mask(ranges)
    if split:
        _keep_one_family(found, board, must, may)
    masks: list[RuleBits] = []
    rivals: dict[int, list[int]] = {}
    start = 0
    for level in levels:
        beyond = start + len(level)
        masks.append((1 << beyond) - (1 << start))
        if len({match.rule.priority for match in level}) < len(level):
            rivals |= _rivals(level, start)
        start = beyond
    accesses = [match.rule.access for match in found]
    several = shared(levels, extents, board) if extents else NOTHING_SHARED
    return Table(found, tuple(masks), board, must, may, accesses, rivals, several)


def _keep_one_family(found: Sequence[Match], board: Board, must: list[AtomBits], may: list[AtomBits]) -> None:
    """A rule for local addresses of one family speaks of no source of the other."""
    for index, match in enumerate(found):
        if match.local is not EVERY_ADDRESS and not (
            match.local_groups or match.local_symbols or match.local_may
        ):
            meeting = board.meeting(match.local) if match.local else 0
            must[index] &= meeting
            may[index] &= meeting


def _rivals(level: Sequence[Match], start: int) -> dict[int, list[int]]:
    by_priority: dict[int, list[int]] = {}
    for index, match in enumerate(level, start):
        if match.rule.priority is not None:
            by_priority.setdefault(match.rule.priority, []).append(index)
    access = {index: match.rule.access for index, match in enumerate(level, start)}
    return {
        index: [other for other in group if access[other] is not access[index]]
        for group in by_priority.values()
        if len(group) > 1
        for index in group
    }


def walk(rows: Table, must: RuleBits, may: RuleBits, rest: AtomBits) -> Outcome:
    """What comes of the atoms of `rest` at one place of one level.

    `must` and `may` are the rules that certainly and possibly match there in all other dimensions.
    """
    deciders = allowed = unknown = perhaps_allowed = perhaps_denied = 0
    row_must, row_may, accesses, rivals = rows.must, rows.may, rows.accesses, rows.rivals
    naming = rows.shared.naming
    passed = Passed(rows) if naming else None
    while may and rest:
        bit = may & -may
        may ^= bit
        index = bit.bit_length() - 1
        possible = row_may[index] & rest
        if passed is not None and index in naming:
            possible &= passed.by(index, certainly=bool(must & bit))
        if not possible:
            continue
        sure = row_must[index] & rest if must & bit else 0
        access = accesses[index]
        rivalry = _rivalry(rows, index, must | may, passed) & rest if index in rivals else 0
        if access is Access.ALLOW:
            against = perhaps_denied | rivalry
            unknown |= sure & against
            certain = sure & ~against
            allowed |= certain
            perhaps_allowed |= possible
        elif access is Access.DENY:
            against = perhaps_allowed | rivalry
            unknown |= sure & against
            certain = sure & ~against
            perhaps_denied |= possible
        else:
            certain = 0
            unknown |= sure
            perhaps_allowed |= possible
            perhaps_denied |= possible
        if certain:
            deciders |= bit
        rest &= ~sure
    return Outcome(allowed, unknown | (rest & perhaps_allowed), deciders)


class Passed:
    """Shared sets that a rule named which would have decided: what is left lies in none of them."""

    __slots__ = ("_beside", "_passed", "_priority", "_rows")

    def __init__(self, rows: Table) -> None:
        self._rows = rows
        self._passed: SymbolBits = 0
        self._beside: SymbolBits = 0  # by rules of the priority at hand, which may as well come later
        self._priority: int | None = None

    def left(self, index: int) -> AtomBits:
        """What a rule of the next priority, or of the one at hand, may still match."""
        rows = self._rows
        priority = rows.matches[index].rule.priority
        if priority != self._priority:
            self._passed |= self._beside
            self._beside, self._priority = 0, priority
        return rows.shared.left(index, self._passed) if index in rows.shared.naming else rows.may[index]

    def by(self, index: int, *, certainly: bool) -> AtomBits:
        """The same for the next rule; `certainly` says that it matches in every other dimension."""
        rows = self._rows
        left = self.left(index)
        if certainly and index in rows.rivals:
            self._beside |= rows.shared.naming[index].symbols
        elif certainly:
            self._passed |= rows.shared.naming[index].symbols
        return left


def _rivalry(rows: Table, index: int, may: RuleBits, passed: Passed | None) -> AtomBits:
    """Atoms that a rule of the same priority and another access may match here."""
    mask = 0
    for other in rows.rivals[index]:
        if may >> other & 1:
            mask |= rows.may[other] if passed is None else rows.may[other] & passed.left(other)
    return mask
