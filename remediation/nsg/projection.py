"""From places back to sources: everything that some place lets in, and everything some place may let in."""

from functools import cached_property
from typing import NamedTuple

from remediation.nsg.outcomes import outcome
from remediation.nsg.rule import Access
from remediation.nsg.spaces.cells import AtomBits, RuleBits, bits_of
from remediation.nsg.spaces.places import Place, only_place, places
from remediation.nsg.spaces.sets import Ranges
from remediation.nsg.walk import Table

# Both numbers trade time for time; the answers are the same with any others.
# Sifting the rules costs about a walk over them, and pays only once so many sources are answered that rules
# fall out: the share of the sources last sifted for that is still open.
_SIFT_AGAIN_AT = 0.8
# Few sources are asked about by source and not by rule. That takes a list of the rules of every source, which
# pays only after about as many questions.
_FEW = 24


type Entrance = tuple[Place, AtomBits]  # a place, and the atoms it lets in


class Projection(NamedTuple):
    """What came out, as atoms of the table's board.

    `first` is the place, earliest in order of preference, that lets any in, with the atoms it lets in;
    `deciders` are the rules that let atoms in.
    """

    allowed: AtomBits
    unknown: AtomBits
    deciders: RuleBits
    first: Entrance | None


def project(rows: Table, local: Ranges) -> Projection:
    """Walk every place until no source is left that could still turn out to be let in."""
    only = only_place(rows.matches, local)
    if only is not None:
        here, perhaps, by = outcome(rows, only, rows.board.everything)
        return Projection(here, perhaps, by, (only, here) if here else None)
    allowed = unknown = deciders = 0
    first = None
    open_questions = _OpenQuestions(rows, local)
    for place in places(rows.matches, local, memberships=len(rows.levels), narrow=open_questions.narrow):
        here, perhaps, by = outcome(rows, place, open_questions.rest)
        unknown |= perhaps
        if here:
            first = first or (place, here)
            allowed |= here
            deciders |= by
            open_questions.rest &= ~here
        if not open_questions.rest:
            break
    return Projection(allowed, unknown & ~allowed, deciders, first)


class _OpenQuestions:
    """Sources that were not let in so far and still could be, and the rules that speak of any of them.

    A source that some place lets in needs no other place, and one that only Deny rules name needs none at
    all. In an NSG that cuts every dimension into thousands of pieces this leaves a handful of rules to ask
    after the first few places.
    """

    def __init__(self, rows: Table, local: Ranges) -> None:
        self._rows = rows
        self._allows = sum(
            1 << index for index, access in enumerate(rows.accesses) if access is not Access.DENY
        )
        self._live = (1 << len(rows.matches)) - 1
        self.rest = self._spoken_for(rows.board.meeting(local) if local else 0, self._live)
        self._asked = rows.board.everything.bit_count()
        self._known = self._questions = 0
        self._answers: dict[RuleBits, RuleBits] = {}

    def narrow(self, may: RuleBits) -> RuleBits:
        """Those of the given rules that speak of a source that at least one of them could let in."""
        if self.rest is not self._known:
            self._renew()
        rules = may & self._live
        found = self._answers.get(rules)
        if found is None:
            self._questions += 1
            found = self._answers[rules] = self._speaking_of(self._spoken_for(self.rest, rules), rules)
        return found

    def _renew(self) -> None:
        self._known = self.rest
        self._answers.clear()
        left = self.rest.bit_count()
        if left < self._asked * _SIFT_AGAIN_AT:
            self._asked = left
            self._live = self._speaking_of(self.rest, self._live)

    def _spoken_for(self, sources: AtomBits, rules: RuleBits) -> AtomBits:
        """Sources that some of the rules might let in, at every level."""
        for level in self._rows.levels:
            reach = 0
            for index in bits_of(rules & level & self._allows):
                reach |= self._rows.may[index]
            sources &= reach
        return sources

    def _speaking_of(self, sources: AtomBits, rules: RuleBits) -> RuleBits:
        if sources.bit_count() < _FEW and self._questions > _FEW:
            return self._speakers_of(sources) & rules
        may, found = self._rows.may, 0
        for index in bits_of(rules) if sources else ():
            if may[index] & sources:
                found |= 1 << index
        return found

    def _speakers_of(self, sources: AtomBits) -> RuleBits:
        found = 0
        for atom in bits_of(sources):
            found |= self._speakers[atom]
        return found

    @cached_property
    def _speakers(self) -> list[RuleBits]:
        """For each atom the rules that may match it."""
        return self._rows.board.members(match.remote_may for match in self._rows.matches)
