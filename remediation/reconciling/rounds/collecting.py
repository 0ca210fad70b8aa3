"""Collects what the neighbourhood lane is asked, so that many questions become one round.

The mark is there before the round is called, and the round is called before anybody relies on that: a crash
in between costs a round that finds nothing, never a question. What a crash leaves behind nevertheless (a
round that died with its message) is taken up by a timer within a minute or two after its lease, and by the
next mark of its subscription.
"""

import math
from datetime import datetime, timedelta

from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.policy import Policy
from remediation.ports import Clock, Queue
from remediation.reconciling.rounds.marks import SKEW, Marks, scope_of
from remediation.resource_id import ResourceId

MOST_TIMES = 6
"""While one round follows another, each waits longer than the last, up to so many times the first wait."""
SOON = 2.0
"""Seconds, at most, before a round that is only to compare, and before one after another that cost little."""
EASE = 0.6
"""Seconds to wait for each request that the round before cost: rounds in a row ask fewer than two a second,
and one that asks little holds up nobody."""


class Collector:
    """Leaves marks and calls rounds."""

    def __init__(self, marks: Marks, queue: Queue, clock: Clock, policy: Policy) -> None:
        self._marks = marks
        self._queue = queue
        self._clock = clock
        self._policy = policy
        self._due: dict[str, datetime] = {}
        self._to_compare: dict[str, tuple[datetime, set[str]]] = {}

    def collect(self, message: Message, resource: ResourceId, most: float = math.inf) -> Outcome:
        """Keep a question (expand, sweep, target) for the next round of its subscription.

        A round that is called for it waits for more to come, in the beginning for at most so many seconds.
        """
        scope = scope_of(message)
        self._marks.leave(scope, message, self._clock.now())
        if not self._is_expected(scope):
            self.call(scope, self._streak(scope), most)
        return Outcome(Ending.EXPANDED, resource.text, "marked for the next round of its subscription")

    def compare(self, message: Message, target: ResourceId) -> None:
        """Have the next round compare a target, however many late events ask for that before it begins."""
        scope, now = scope_of(message), self._clock.now()
        due, asked = self._to_compare.get(scope, (now, set()))
        if target.key in asked and due > now + SKEW:
            return
        self.collect(message, target, SOON)
        expected = self._due.get(scope)
        if expected is None:  # a round is running: whether it takes this or the next, nobody knows
            return
        if expected != due:
            self._to_compare[scope] = expected, {target.key}
        else:
            asked.add(target.key)

    def call(self, scope: str, streak: int = 0, most: float = math.inf) -> None:
        """Queue a round of a subscription; the `streak`-th in a row waits longer for more to come."""
        wait = self._wait(scope, streak, min(most, self._policy.gather))
        due = self._clock.now() + timedelta(seconds=wait)
        self._queue.send(Message(round=scope, reason="round", force=True), delay=wait)
        self._marks.expect(scope, due, streak)
        self._due[scope] = due

    def _wait(self, scope: str, streak: int, gather: float) -> float:
        """Seconds: the longer the row of rounds, and never longer than the last one's cost is worth."""
        if not streak:
            return gather
        wait: float = gather * min(MOST_TIMES, 2**streak)
        asked = self._marks.round_of(scope).asked
        return wait if asked is None else min(wait, max(min(SOON, gather), EASE * asked))

    def take_up(self) -> int:
        """Call a round wherever marks are left and none is expected; returns how many were called."""
        called = 0
        for scope in sorted(self._marks.scopes()):
            if not self._is_expected(scope):
                self.call(scope)
                called += 1
        return called

    def _streak(self, scope: str) -> int:
        """How many rounds there were in a row: one that comes soon after another waits longer for more.

        One that is only about to begin does not count: what it will cost nobody knows yet.
        """
        last, now = self._marks.round_of(scope), self._clock.now()
        soon = timedelta(seconds=MOST_TIMES * self._policy.gather)
        if last.due is None or last.due + soon <= now:
            return 0
        return last.streak if now < last.due else last.streak + 1

    def _is_expected(self, scope: str) -> bool:
        """Whether a round takes what is left now. One that was called and has not begun is read of once."""
        now = self._clock.now()
        called = self._due.pop(scope, None)
        if called is None or called <= now + SKEW:
            last = self._marks.round_of(scope)
            if last.due is None or last.due <= now + SKEW:
                return last.is_running(now)
            called = last.due
        self._due[scope] = called
        return True
