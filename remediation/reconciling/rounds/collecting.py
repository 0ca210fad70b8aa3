"""Collects what the neighbourhood lane is asked, so that many questions become one round.

The mark is there before the round is called, and the round is called before anybody relies on that: a crash
in between costs a round that finds nothing, never a question. What a crash leaves behind nevertheless (a
round that died with its message) is taken up by a timer, and by the next mark of its subscription.
"""

from datetime import timedelta

from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.policy import Policy
from remediation.ports import Clock, Queue
from remediation.reconciling.rounds.marks import Marks
from remediation.resource_id import ResourceId

MOST_TIMES = 6
"""While one round follows another, each waits longer than the last, up to so many times the first wait."""


class Collector:
    """Leaves marks and calls rounds."""

    def __init__(self, marks: Marks, queue: Queue, clock: Clock, policy: Policy) -> None:
        self._marks = marks
        self._queue = queue
        self._clock = clock
        self._policy = policy

    def collect(self, message: Message, resource: ResourceId) -> Outcome:
        """Keep a question (expand or sweep) about a resource for the next round of its subscription."""
        scope = scope_of(resource)
        self._marks.leave(scope, message, self._clock.now())
        if not self._marks.round_of(scope).is_expected(self._clock.now()):
            self.call(scope)
        return Outcome(Ending.EXPANDED, resource.text, "marked for the next round of its subscription")

    def call(self, scope: str, streak: int = 0) -> None:
        """Queue a round of a subscription; the `streak`-th in a row waits longer for more to come."""
        wait = self._policy.gather * min(MOST_TIMES, 2**streak)
        due = self._clock.now() + timedelta(seconds=wait)
        self._queue.send(Message(round=scope, reason="round", force=True), delay=wait)
        self._marks.expect(scope, due, streak)

    def take_up(self) -> int:
        """Call a round wherever marks are left and none is expected; returns how many were called."""
        called = 0
        for one in list(self._marks.rounds()):
            if not one.is_expected(self._clock.now()) and self._marks.of(one.scope, limit=1):
                self.call(one.scope)
                called += 1
        return called


def scope_of(resource: ResourceId) -> str:
    """The subscription whose round answers for a resource."""
    return f"/subscriptions/{resource.subscription}"
