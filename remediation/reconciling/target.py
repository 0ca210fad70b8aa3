"""Brings one target to the baseline: claim it, converge, conclude, let it go.

An event says only that something may have changed. Events arrive twice, late and out of order, so their
content is not trusted: the resource is read again and judged as it is now. The echo of our own write
therefore ends in an empty plan.
"""

from contextlib import AbstractContextManager
from datetime import UTC, datetime

from remediation.errors import ConflictError
from remediation.kinds import BY_WORD_ALONE
from remediation.ledger.claims import (
    Claim,
    Claims,
    DecideAgainError,
    Known,
    TargetRecord,
    has_seen,
    is_old_news,
    partition_of,
)
from remediation.ledger.diary import Diary
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.inbox import Arrival
from remediation.ledger.keys import TRIES
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.policy import Policy
from remediation.ports import Clock, Keeping, unkept
from remediation.reconciling.concluding import Concluder
from remediation.reconciling.converging import Converger
from remediation.reconciling.declaring.eye import Eye
from remediation.reconciling.handing_on import Later
from remediation.reconciling.releasing import Releaser
from remediation.reconciling.spread import Spreader
from remediation.reconciling.writing import Result
from remediation.resource_id import ResourceId


class TargetReconciler:
    """Reconciles targets, each under its claim. `judge` names today's baseline and rules."""

    def __init__(
        self,
        claims: Claims,
        book: FindingsBook,
        converger: Converger,
        concluder: Concluder,
        releaser: Releaser,
        later: Later,
        spreader: Spreader,
        clock: Clock,
        policy: Policy,
        judge: tuple[str, str],
        diary: Diary,
        keeping: Keeping = unkept,
        eye: Eye | None = None,
    ) -> None:
        self._keeping = keeping
        self._eye = eye
        self._claims = claims
        self._diary = diary
        self._book = book
        self._converger = converger
        self._concluder = concluder
        self._releaser = releaser
        self._later = later
        self._spreader = spreader
        self._clock = clock
        self._policy = policy
        self._judge = judge

    def reconcile(self, message: Message, target: ResourceId, arrival: Arrival) -> Outcome:
        """Look at a target unless that is needless now. `arrival` is stored with its claim if it can be."""
        target = self._as_arm_spells(target)
        unseen = self._hears_a_deployer(message, target, arrival)
        if target.type in BY_WORD_ALONE and self._is_nobodys(target):
            arrival.store()
            return Outcome(Ending.SKIPPED, target.text, "no rule is about it, and nothing of it is declared")
        if message.force:
            arrival.store()
        known = self._claims.expected(target)
        if known is None or self._is_idle(message, known.record, arrival):
            known = self._claims.known(target)
        for _ in range(TRIES):
            try:
                return self._reconcile(message, target, arrival, known, must_look=unseen)
            except DecideAgainError:
                arrival.store()
                known = self._claims.known(target)
        raise ConflictError(f"the claim on {target.text} keeps changing hands")

    def _hears_a_deployer(self, message: Message, target: ResourceId, arrival: Arrival) -> bool:
        """Whether a deployment has written what no look has seen: then one looks, however old the news."""
        if self._eye is None:
            return False
        made = self._happened_before(message, arrival.first_received)
        return self._eye.hear(message, target, self._clock.now(), made)

    def _is_nobodys(self, target: ResourceId) -> bool:
        """Whether nothing is declared of a target, nor was when it was looked at before."""
        if self._eye is not None and self._eye.holds(self._eye.records(target)):
            return False
        return self._claims.known(target).record is None

    def _is_idle(self, message: Message, record: TargetRecord | None, arrival: Arrival) -> bool:
        """Whether a message may end without a look: only the record as it is now may say so."""
        seen = not message.force and self._is_old_news(message, record, arrival.first_received)
        return seen or (record is not None and self._later.is_followed(record.pending))

    def _reconcile(
        self, message: Message, target: ResourceId, arrival: Arrival, known: Known, *, must_look: bool
    ) -> Outcome:
        record = known.record
        if not (message.force or must_look) and (old := self._old_news(message, target, record, arrival)):
            return old
        if record is not None and self._later.is_followed(record.pending):
            return Outcome(Ending.MERGED, target.text, "a write is running; who follows it will look again")
        later = self._later.wait_with_everybody(message, target, "" if record is None else record.region)
        if later is not None:
            return later
        before = None if message.force else self._happened_before(message, arrival.first_received)
        event = arrival.pending(partition_of(target)[-2:])
        claim = self._claims.acquire(target, self._clock.now(), before, known, event)
        if claim is None:
            return Outcome(Ending.MERGED, target.text, "its holder will look again")
        if event is not None:
            arrival.went_along(claim.event)
        with self._releaser.holding(claim, message), self._kept(claim):
            outcome = self._work(claim, message, target)
            self._close(claim, message, outcome, arrival)
        self._claims.write_apart(claim)
        arrival.is_closed = True
        return outcome

    def _kept(self, claim: Claim) -> AbstractContextManager[None]:
        """Renew the lease while there is work, but not for a worker that is stuck."""
        until = self._clock.now() + self._policy.longest_hold

        def renew() -> bool:
            now = self._clock.now()
            return now < until and self._claims.renew(claim, now)

        return self._keeping(renew, self._policy.lease.total_seconds() / 3)

    def _close(self, claim: Claim, message: Message, outcome: Outcome, arrival: Arrival) -> None:
        """Have the judgement and the event's end written with the release."""
        now = self._clock.now()
        for end in (arrival.close(outcome, now), self._diary.judgement(message, outcome, now)):
            if end is not None:
                self._claims.go_along(claim, end)

    def _as_arm_spells(self, target: ResourceId) -> ResourceId:
        """The spelling under which ARM has shown the resource, where we know one.

        ASCII letters are known to compare without case. Of others they are not, so that a 404 on a spelling
        that somebody chose would prove nothing, and must resolve nothing.
        """
        known = {} if target.text.isascii() else self._book.of(target)
        return next((ResourceId.parse(record.resource) for record in known.values()), target)

    def _is_old_news(
        self, message: Message, record: TargetRecord | None, first_received: datetime | None
    ) -> bool:
        if has_seen(record, first_received, *self._judge):
            return True
        return is_old_news(record, message.event_time, self._policy.margin, *self._judge)

    def _old_news(
        self, message: Message, target: ResourceId, record: TargetRecord | None, arrival: Arrival
    ) -> Outcome | None:
        """The end of a message that tells nothing which our last complete look has not seen."""
        if record is None or not self._is_old_news(message, record, arrival.first_received):
            return None
        assert record.mark is not None
        seen = f"{record.mark.seen:%Y-%m-%d %H:%M:%S}Z"
        first_received = arrival.store()
        if has_seen(record, first_received, *self._judge):
            return Outcome(Ending.SKIPPED, target.text, f"came in before our last complete look, of {seen}")
        late = not has_seen(record, arrival.came_in, *self._judge)
        if late and record.mark.etag is None and record.ending != Ending.GONE.value:
            return None  # it names no version to compare
        if late:
            self._spreader.compare(message, target)
        if first_received is None:
            # We have seen it as a neighbour; those who read it may not have.
            self._spreader.tell_dependents(message, target)
        why = f"older than our last complete look, of {seen}"
        compared = "; the next round compares the version" if late else ""
        return Outcome(Ending.SKIPPED, target.text, why + compared)

    def _happened_before(self, message: Message, first_received: datetime | None) -> datetime | None:
        """The first moment on our clock by which the event's change was certainly made, if one is known.

        That is when its event first came in, and `margin` after the time that the event itself tells.
        """
        if message.event_time is None:
            return first_received
        forever = datetime.max.replace(tzinfo=UTC) - self._policy.margin
        told = min(message.event_time, forever) + self._policy.margin
        return told if first_received is None else min(told, first_received)

    def _work(self, claim: Claim, message: Message, target: ResourceId) -> Outcome:
        seen = self._converger.converge(claim, message, target)
        if isinstance(seen, Result):
            return self._later.wait_for_operation(claim, message, seen)
        return self._concluder.conclude(claim, message, target, seen)
