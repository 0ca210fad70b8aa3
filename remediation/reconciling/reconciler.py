"""Handles one message of either lane: in scope or refused, one target or spread, done or handed on.

Returning means finished, handed on or merged; raising is for what nobody foresaw or could record. What is
handed on is on the queue before we return, so a crash in between costs a duplicate, never a loss.
"""

from remediation.errors import InputError, PermanentError, ThrottledError, TransientError
from remediation.ledger.diary import Diary
from remediation.ledger.inbox import Arrival, Inbox
from remediation.measures import Measures, answers_a_change, time_judgement
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.model.own import is_own
from remediation.policy import Policy
from remediation.ports import Clock
from remediation.reconciling.endings import log_outcome
from remediation.reconciling.handing_on import Later
from remediation.reconciling.spread import Spreader
from remediation.reconciling.target import TargetReconciler
from remediation.resource_id import ResourceId


class Reconciler:
    """Handles messages of both lanes: one worker per target, as many targets as come."""

    def __init__(
        self,
        inbox: Inbox,
        diary: Diary,
        target: TargetReconciler,
        spreader: Spreader,
        later: Later,
        clock: Clock,
        policy: Policy,
        measures: Measures,
    ) -> None:
        self._inbox = inbox
        self._diary = diary
        self._target = target
        self._spreader = spreader
        self._later = later
        self._clock = clock
        self._policy = policy
        self._measures = measures

    def handle(self, message: Message) -> Outcome:
        """Do what one message asks for; raises only what was not foreseen or cannot be recorded."""
        arrival = self._inbox.arrival(message, self._clock.now())
        outcome = self._in_scope(message, arrival)
        arrival.store()
        if not arrival.is_closed:
            self._diary.judged(message, outcome, self._clock.now())
            self._inbox.ended(arrival, outcome, self._clock.now())
        if arrival.first_received is None or outcome.ending is not Ending.SKIPPED:
            # What came twice is a line once, however often it is delivered.
            self._diary.passed_over(message, outcome, self._clock.now())
        if answers_a_change(message, outcome) and not arrival.was_answered:
            time_judgement(self._measures, message, outcome, self._clock.now())
        log_outcome(message, outcome)
        return outcome

    def _in_scope(self, message: Message, arrival: Arrival) -> Outcome:
        named = message.named
        try:
            resource = ResourceId.parse(named)
        except InputError as error:
            return Outcome(Ending.REFUSED, named[:200], str(error))
        if not self._policy.covers(resource):
            detail = f"subscription {resource.subscription} is not one of SUBSCRIPTIONS"
            return Outcome(Ending.REFUSED, resource.text, detail)
        if is_own(resource):
            return Outcome(Ending.REFUSED, resource.text, "news about the app itself, no resource of Azure")
        return self._dispatch(message, resource, arrival)

    def _dispatch(self, message: Message, resource: ResourceId, arrival: Arrival) -> Outcome:
        """Known transient errors are handed on; what will never work is recorded and told.

        Whatever happens the event is stored first: while it cannot be, the message stays with the host.
        """
        try:
            if message.target is not None:
                return self._target.reconcile(message, resource, arrival)
            arrival.store()
            return self._spreader.spread(message, resource)
        except ThrottledError as error:
            arrival.store()
            self._later.note_pressure(resource, error)
            return self._later.hand_on(message, resource, error)
        except TransientError as error:
            arrival.store()
            return self._later.hand_on(message, resource, error)
        except PermanentError as error:
            arrival.store()
            return self._later.give_up(message, resource, str(error))
