"""From an NSG and what is forbidden to a proven list of writes.

Offending rules are taken in order of evaluation, and written the widest first: where a repair is made in
several sittings, what most of the internet gets through is closed in the first. The first of a form is proven
candidate by candidate; what was proven for it is then assumed for the others of that form, and the whole is
proven once against the NSG as it was, so that a group with a thousand open rules is not compared a thousand
times. Where that fails every rule is proven by itself, within a bound; the rest is left and named.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from remediation.nsg.breadth import EVERYBODY, magnitude
from remediation.nsg.difference import Difference, difference
from remediation.nsg.document import Nsg
from remediation.nsg.repairing.candidates import Candidate, Kind, candidates, form
from remediation.nsg.repairing.changes import RuleChange, changed, undo
from remediation.nsg.repairing.companions import overlaps
from remediation.nsg.repairing.forbidden import Forbidden, offenders
from remediation.nsg.repairing.proof import rest_of, takes_only
from remediation.nsg.rule import SecurityRule
from remediation.nsg.spaces.sets import intersect, size

NOT_PROVEN = "no single rewrite of it passes the proof"
ABOVE_THEIRS = "what keeps its sources would stand above a rule of just-in-time access"
TOO_MUCH = "the group has too many rules to prove each rewrite by itself"


@dataclass(frozen=True, slots=True)
class Limits:
    """What ARM takes, how long a list of addresses may get before a person should look, and how much to try.

    `comparisons` bounds the work where rules must be proven one by one: rules compared, over all proofs.
    `seconds` bounds the whole by `clock`, far beyond what planning takes; then the group is told and left.
    """

    listed_addresses: int = 100
    rules: int = 1000
    comparisons: int = 30_000
    seconds: float = 10.0
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Plan:
    """What was proven: the rewrites, what they take away, and the rules that are left with why.

    `why_not` says what keeps the whole from being proven; then nothing is written.
    """

    f: Forbidden
    chosen: tuple[Candidate, ...]
    difference: Difference
    left: tuple[tuple[str, str], ...] = ()
    why_not: str = ""

    @property
    def changes(self) -> tuple[RuleChange, ...]:
        return tuple(change for candidate in self.chosen for change in candidate.changes)

    @property
    def inverse(self) -> tuple[RuleChange, ...]:
        return undo(self.changes)

    @property
    def tolerant(self) -> bool:
        return any(candidate.tolerant for candidate in self.chosen)


@dataclass(slots=True)
class _Draft:
    """A plan in the making: the NSG as it stands after the rewrites chosen so far.

    `untried` are rules left only because another of their form could not be rewritten; `left_at` says how
    many rewrites were chosen when a rule was left.
    """

    now: Nsg
    chosen: list[Candidate] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    left_at: dict[str, int] = field(default_factory=dict)
    untried: set[str] = field(default_factory=set)

    def take(self, candidate: Candidate, after: Nsg) -> None:
        self.chosen.append(candidate)
        self.now = after

    def leave(self, rule: SecurityRule, why: str) -> None:
        self.left[rule.name] = why
        self.left_at[rule.name] = len(self.chosen)

    def take_up_again(self) -> bool:
        """Forget what was left and may pass by now: what stood in its way may have been rewritten since."""
        again = [
            name
            for name, why in self.left.items()
            if name in self.untried or (why == NOT_PROVEN and self.left_at[name] < len(self.chosen))
        ]
        for name in again:
            del self.left[name]
        self.untried.clear()
        return bool(again)


class _OutOfTimeError(Exception):
    """Planning has taken all the time it may."""


class Planner:
    """One plan. `hindrance` says why a rule must not be written; rules to `leave` are somebody else's."""

    def __init__(
        self,
        before: Nsg,
        f: Forbidden,
        limits: Limits,
        hindrance: Callable[[SecurityRule], str | None],
        leave: Collection[str] = (),
    ) -> None:
        self._before, self._f, self._limits, self._hindrance = before, f, limits, hindrance
        self._leave = frozenset(name.lower() for name in leave)
        self._theirs = [rule for rule in before.custom if rule.name.lower() in self._leave]
        self._names = Counter(rule.name.lower() for rule in before.custom)
        self._work = 0
        self._until = limits.clock() + limits.seconds

    def plan(self) -> Plan:
        """The rewrites by form if they can be proven so, else rule by rule; none when that takes too long."""
        try:
            return self._plan()
        except _OutOfTimeError:
            why = f"planning its repair takes longer than {self._limits.seconds:g} seconds"
            return Plan(self._f, (), Difference((), (), (), self._f.context), why_not=why)

    def _plan(self) -> Plan:
        quick = self._by_form()
        found = self._proven(quick) if quick is not None else None
        if found is not None and not found.why_not:
            return found
        self._work = 0
        return self._proven(self._one_by_one(_Draft(self._before)))

    # Drafting ------------------------------------------------------------------------------------

    def _by_form(self) -> _Draft | None:
        """Rewrites for every offending rule, what passed for one assumed for the others of its form.

        None where such an assumption leaves a rule open that was rewritten.
        """
        draft, rewritten, known = _Draft(self._before), set[str](), dict[Kind, Kind | None]()

        def goes(rule: SecurityRule) -> bool:
            """Whether a rule will be rewritten as others of its form were, so that what it hides shows."""
            theirs = rule.name.lower() in self._leave or self._hindrance(rule) or self._unaddressable(rule)
            return not theirs and known.get(form(rule, self._f)) is not None

        while pending := self._pending(draft, goes):
            for rule in pending:
                if rule.name in rewritten:
                    return None
                if self._may_write(draft, rule):
                    rewritten.add(rule.name)
                    self._assume(draft, rule, known)
        return self._one_by_one(draft) if draft.take_up_again() else draft

    def _assume(self, draft: _Draft, rule: SecurityRule, known: dict[Kind, Kind | None]) -> None:
        self._keep_time()
        own = form(rule, self._f)
        if own not in known:
            known[own] = self._rewrite(draft, rule)
            return
        kind = known[own]
        found = self._candidates(draft, rule, kind) if kind else ()
        assumed = next((one for one in found if not self._stands_above(one)), None)
        after = None if assumed is None else changed(draft.now, assumed.changes)
        if assumed is None or after is None or len(after.custom) > self._limits.rules:
            draft.leave(rule, NOT_PROVEN)
            draft.untried.add(rule.name)
        else:
            draft.take(assumed, after)

    def _one_by_one(self, draft: _Draft) -> _Draft:
        """Each rewrite proven by itself; what is open changes with every one, so it is asked anew."""
        while True:
            pending = self._pending(draft)
            if not pending and not draft.take_up_again():
                return draft
            self._work += len(draft.now.custom)
            for rule in pending if self._exhausted else ():
                draft.leave(rule, TOO_MUCH)
            if pending and not self._exhausted and self._may_write(draft, pending[0]):
                self._rewrite(draft, pending[0])

    @property
    def _exhausted(self) -> bool:
        return self._work > self._limits.comparisons

    def _rewrite(self, draft: _Draft, rule: SecurityRule) -> Kind | None:
        """Take the first candidate that passes, or leave the rule; the kind that passed."""
        why = NOT_PROVEN
        for candidate in self._candidates(draft, rule):
            self._keep_time()
            if self._exhausted:
                draft.leave(rule, TOO_MUCH)
                return None
            if self._stands_above(candidate):
                why = ABOVE_THEIRS
                continue
            after = self._passes(draft.now, candidate, rule)
            if after is not None:
                draft.take(candidate, after)
                return candidate.kind
        draft.leave(rule, why)
        return None

    def _candidates(self, draft: _Draft, rule: SecurityRule, only: Kind | None = None) -> Iterator[Candidate]:
        return candidates(draft.now, rule, self._f, self._limits.listed_addresses, only)

    def _pending(
        self, draft: _Draft, through: Callable[[SecurityRule], bool] | None = None
    ) -> list[SecurityRule]:
        """Open rules about which nothing is decided yet, in order of evaluation."""
        self._keep_time()
        found = offenders(draft.now, self._f, through)
        return [
            rule for rule in found if rule.name.lower() not in self._leave and rule.name not in draft.left
        ]

    def _keep_time(self) -> None:
        if self._limits.clock() > self._until:
            raise _OutOfTimeError

    def _may_write(self, draft: _Draft, rule: SecurityRule) -> bool:
        why = self._hindrance(rule) or self._unaddressable(rule)
        if why:
            draft.leave(rule, why)
        return not why

    def _unaddressable(self, rule: SecurityRule) -> str | None:
        """A write names one child rule; where no name, or more than one rule's, it could hit another."""
        if not rule.named:
            return "it has no name to write it under"
        return "another rule has the same name" if self._names[rule.name.lower()] > 1 else None

    # Proving -------------------------------------------------------------------------------------

    def _passes(self, now: Nsg, candidate: Candidate, rule: SecurityRule) -> Nsg | None:
        """The NSG after a candidate that is proven by itself."""
        after = changed(now, candidate.changes)
        if len(after.custom) > self._limits.rules:
            return None
        self._work += len(after.custom)
        made = difference(now, after, self._f.context, portless=False)
        if not takes_only(made, self._f, tolerant=candidate.tolerant):
            return None
        still = any(offender.name == rule.name for offender in offenders(after, self._f))
        return None if still else after

    def _stands_above(self, candidate: Candidate) -> bool:
        """Whether a rule is made before one that belongs to somebody else and may match the same traffic."""
        made = (SecurityRule(change.after) for change in candidate.changes if change.before is None)
        return any(
            (rule.priority or 0) < (theirs.priority or 0) and overlaps(rule, theirs)
            for rule in made
            for theirs in self._theirs
        )

    def _proven(self, draft: _Draft) -> Plan:
        """The whole once more, against the NSG as it was."""
        self._keep_time()
        made = difference(self._before, draft.now, self._f.context, portless=False)
        plan = Plan(self._f, self._widest_first(draft.chosen), made, tuple(draft.left.items()))
        return self._checked(plan, draft) if plan.chosen else plan

    def _widest_first(self, chosen: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Rewrites by the magnitude of what of F their rules let in; any order is as proven as another.

        What a rewrite takes away was decided by its own rule: no rule above it, rewritten or not, matched it.
        """
        rules = {rule.name: rule for rule in self._before.custom}

        def width(candidate: Candidate) -> tuple[int, int]:
            rule = rules[candidate.changes[-1].name]
            named = magnitude(intersect(rule.source.known, self._f.sources))
            sources = EVERYBODY if rule.source.tags else named
            return -sources, -size(intersect(rule.destination_ports.known, self._f.port_set))

        return tuple(sorted(chosen, key=width))

    def _checked(self, plan: Plan, draft: _Draft) -> Plan:
        why = ""
        if not takes_only(plan.difference, self._f, tolerant=plan.tolerant):
            why = "the rewrites together change other traffic"
        elif len(draft.now.custom) > self._limits.rules:
            why = f"the group would have more than {self._limits.rules} rules"
        if why:
            return replace(plan, why_not=why)
        rest = rest_of(self._alone(self._before), self._alone(draft.now), self._f)
        if rest.futile or (rest.certain and not plan.left):
            return replace(plan, why_not=rest.uncertain or rest.certain)
        left = (*plan.left, ("", rest.uncertain)) if rest.uncertain else plan.left
        return replace(plan, left=left)

    def _alone(self, nsg: Nsg) -> Nsg:
        """The NSG without the rules that are left to somebody else."""
        return changed(nsg, (RuleChange(rule.name, None, None) for rule in self._theirs))
