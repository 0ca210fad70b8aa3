"""The walk by priority: which atoms of the remote side are let in, three-valued.

The undecided `rest` starts as everything. A rule decides the part of the rest it certainly matches. Where an
earlier rule of the other access *may* have decided already, the outcome is unknown; where all that may have
decided agree, it is certain. What no rule decides is denied by the last default rule.

Everything here is bitsets: rules are bits of `must` and `may`, addresses are bits of the masks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from remediation.nsg.matching import Match
from remediation.nsg.rule import Access
from remediation.nsg.spaces.cells import AtomBits, Board, RuleBits
from remediation.nsg.spaces.sets import Ranges


@dataclass(frozen=True, slots=True)
class Table:
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
    rivals: dict[int, list[int]]


def table(levels: Sequence[Sequence[Match]], universe: Ranges) -> Table:
    """Lay the matches of one or two levels out over a universe of remote addresses."""
    found = [match for level in levels for match in level]
    doubtful = [match for match in found if match.remote_may is not match.remote]
    board = Board(universe, [match.remote for match in found] + [match.remote_may for match in doubtful])
    must = [board.mask(match.remote) for match in found]
    may = [
        mask if match.remote_may is match.remote else board.mask(match.remote_may)
        for match, mask in zip(found, must, strict=True)
    ]
    masks, rivals, start = [], {}, 0
    for level in levels:
        masks.append((1 << (start + len(level))) - (1 << start))
        rivals.update(_rivals(level, start))
        start += len(level)
    accesses = [match.rule.access for match in found]
    return Table(found, tuple(masks), board, must, may, accesses, rivals)


def _rivals(level: Sequence[Match], start: int) -> dict[int, list[int]]:
    by_priority: dict[int, list[int]] = {}
    for index, match in enumerate(level, start):
        if match.rule.priority is not None:
            by_priority.setdefault(match.rule.priority, []).append(index)
    if len(by_priority) == len(level):
        return {}
    access = {index: match.rule.access for index, match in enumerate(level, start)}
    return {
        index: [other for other in group if access[other] is not access[index]]
        for group in by_priority.values()
        if len(group) > 1
        for index in group
    }


class Outcome(NamedTuple):
    """What came of some atoms: those let in, those of which it is unknown, and the rules that decided.

    `deciders` has a bit for each rule that decided any atom for certain, whether it allowed or denied.
    """

    allowed: AtomBits
    unknown: AtomBits
    deciders: RuleBits


def walk(rows: Table, must: RuleBits, may: RuleBits, rest: AtomBits) -> Outcome:
    """What comes of the atoms of `rest` at one place of one level.

    `must` and `may` are the rules that certainly and possibly match there in all other dimensions.
    """
    deciders = allowed = unknown = perhaps_allowed = perhaps_denied = 0
    row_must, row_may, accesses, rivals = rows.must, rows.may, rows.accesses, rows.rivals
    while may and rest:
        bit = may & -may
        may ^= bit
        index = bit.bit_length() - 1
        possible = row_may[index] & rest
        if not possible:
            continue
        sure = row_must[index] & rest if must & bit else 0
        access = accesses[index]
        rivalry = _rivalry(rows, index, must | may) & rest if index in rivals else 0
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


def _rivalry(rows: Table, index: int, may: RuleBits) -> AtomBits:
    """Atoms that a rule of the same priority and another access may match here."""
    mask = 0
    for other in rows.rivals[index]:
        if may >> other & 1:
            mask |= rows.may[other]
    return mask


def across_levels(rows: Table, must: RuleBits, may: RuleBits, rest: AtomBits) -> Outcome:
    """The same for all levels together: each must allow; one certain denial denies.

    Of two levels the deciders are the rules that let in what both let in.
    """
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
    return Outcome(allowed, possible & ~allowed, deciders)
