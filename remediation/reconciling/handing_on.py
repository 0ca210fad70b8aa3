"""What cannot be done now: handed on to a later message, or given up for good.

The successor is on the queue before we return, with its own attempt count and a delay: a crash in between
costs a duplicate, never a loss.
"""

import logging
from datetime import datetime, timedelta

import msgspec

from remediation.errors import (
    LONGEST_WAIT,
    NotInForceError,
    PermanentError,
    ThrottledError,
    TransientError,
    UnfinishedError,
    UnreadableError,
)
from remediation.ledger.claims import Claim, Claims, Pending
from remediation.ledger.pressure import Pressure
from remediation.measures import Measures
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.policy import Policy
from remediation.ports import Clock, Queue
from remediation.reconciling.writing import Result
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald

log = logging.getLogger("bastion_guard.reconcile")


class Later:
    """Ends the handling of messages whose work is not done."""

    def __init__(
        self,
        queue: Queue,
        clock: Clock,
        policy: Policy,
        claims: Claims,
        pressure: Pressure,
        herald: Herald,
        measures: Measures,
    ) -> None:
        self._queue = queue
        self._clock = clock
        self._policy = policy
        self._claims = claims
        self._pressure = pressure
        self._herald = herald
        self._measures = measures

    def is_followed(self, pending: Pending | None) -> bool:
        """Whether a message that will look again is under way to a running write."""
        quiet_until = None if pending is None else pending.quiet_until
        return quiet_until is not None and self._clock.now() < quiet_until

    def wait_for_operation(self, claim: Claim, message: Message, result: Result) -> Outcome:
        """Ask again later, and let other questions merge until then.

        They merge for half of the delay only: our successor must never take itself for one of them.
        """
        delay = max(self._policy.pending_delay, result.retry_after or 0.0)
        self._queue.send(msgspec.structs.replace(message, force=True), delay=delay)
        self._measures.count("hand_ons", why="operation")
        pending = claim.record.pending
        if pending is not None:
            quiet_until = self._clock.now() + timedelta(seconds=delay / 2)
            self._claims.defer(claim, pending=msgspec.structs.replace(pending, quiet_until=quiet_until))
        since = None if pending is None else pending.since
        return self._waiting(claim.record.id, f"write {result.write_id} is running", delay, since)

    def hand_on(self, message: Message, resource: ResourceId, error: TransientError) -> Outcome:
        """A successor with its own attempt count and a delay is on the queue before we return.

        What goes on step by step has not failed, so its count begins anew; the budget bounds it. Neither has
        what was judged by a baseline that is no longer in force: it is judged anew at once.
        """
        if isinstance(error, UnfinishedError | NotInForceError):
            self._queue.send(msgspec.structs.replace(message, attempt=0, force=True))
            self._measures.count("hand_ons", why=type(error).__name__)
            return Outcome(Ending.HANDED_ON, resource.text, str(error))
        successor = message.follow_up()
        if successor.attempt > self._policy.max_attempts:
            return self.give_up(message, resource, f"gave up after {message.attempt} tries: {error}")
        delay = self._policy.delay(message.attempt, error.retry_after)
        self._queue.send(successor, delay=delay)
        self._measures.count("hand_ons", why=type(error).__name__)
        tries = f"try {message.attempt + 1} of {self._policy.max_attempts + 1}"
        why = f"ARM throttles: {error}" if isinstance(error, ThrottledError) else str(error)
        return self._waiting(resource.text, f"{why} ({tries})", delay)

    def _waiting(self, target: str, why: str, delay: float, since: datetime | None = None) -> Outcome:
        until = self._clock.now() + timedelta(seconds=delay)
        return Outcome(Ending.HANDED_ON, target, why, since=since, until=until)

    def give_up(self, message: Message, resource: ResourceId, why: str) -> Outcome:
        """Recorded, announced, replayable; the next good look resolves it.

        Where the findings of the resource cannot be read, neither can that be recorded: health names them.
        """
        try:
            self._claims.expect_findings(resource)
            records = self._herald.record_gave_up(resource, why, message)
        except UnreadableError as error:
            facts = {"target": resource.text, "reason": why, "record": str(error)}
            log.warning("give_up.unrecorded", extra=facts)
            return Outcome(Ending.GAVE_UP, resource.text, why)
        try:
            self._herald.announce(resource, records.values(), message.replay_id)
        except (TransientError, PermanentError) as error:
            # It stays owed, and the sweep sends it; raising would only turn a known end into poison.
            facts = {"target": resource.text, "reason": str(error), "correlation_id": message.correlation_id}
            log.warning("announcement.delayed", extra=facts)
        return Outcome(Ending.GAVE_UP, resource.text, why)

    def wait_with_everybody(self, message: Message, resource: ResourceId, region: str) -> Outcome | None:
        """Hand on without a call while ARM has asked for peace; that is not the message's fault."""
        wait = self._pressure.wait(resource.subscription, region, "arm", self._clock.now())
        if wait <= 0:
            return None
        forced = msgspec.structs.replace(message, force=True)
        delay = min(LONGEST_WAIT, wait * (1 + self._policy.jitter()))
        self._queue.send(forced, delay=delay)
        self._measures.count("hand_ons", why="pressure")
        return self._waiting(resource.text, f"ARM throttles: it asked everybody to wait {wait:.0f} s", delay)

    def note_pressure(self, resource: ResourceId, error: ThrottledError) -> None:
        """ARM asked for peace: every worker is to see it."""
        try:
            record = self._claims.look_up(resource)
        except UnreadableError:
            record = None
        region = "" if record is None else record.region
        seconds = error.retry_after or self._policy.first_delay
        self._pressure.throttled(resource.subscription, region, "arm", self._clock.now(), seconds)
