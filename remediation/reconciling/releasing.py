"""Lets a claim go, so that no question that came meanwhile is lost.

Who finds a target claimed leaves a mark and is done. Whoever lets the claim go puts that question on the
queue first: a crash in between costs a second look, the other order would lose it.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from remediation.errors import LeaseLostError, TransientError
from remediation.ledger.claims import Claim, Claims
from remediation.measures import Measures
from remediation.messages import Message
from remediation.policy import Policy
from remediation.ports import Queue

log = logging.getLogger("bastion_guard.reconcile")


class Releaser:
    """Ends the holding of claims."""

    def __init__(self, claims: Claims, queue: Queue, policy: Policy, measures: Measures) -> None:
        self._claims = claims
        self._queue = queue
        self._policy = policy
        self._measures = measures

    @contextmanager
    def holding(self, claim: Claim, message: Message) -> Iterator[None]:
        """Let a claim go when its work has ended, however. A claim that was lost is told once.

        Where what the work came to was to be remembered with the release, its loss is raised: whoever holds
        the claim now has seen more than we had, and somebody looks again.
        """
        try:
            yield
        except LeaseLostError as error:
            self._tell_lost(claim, message, error)
            self.let_go(claim, message)
            raise
        except BaseException:
            self._tell_lost(claim, message, self.let_go(claim, message))
            raise
        lost = self.let_go(claim, message)
        self._tell_lost(claim, message, lost)
        if lost is not None and claim.deferred:
            raise lost

    def let_go(self, claim: Claim, message: Message) -> LeaseLostError | None:
        """Release; a question that came meanwhile goes on the queue first. Returns why the claim is not ours.

        Its mark is taken back before it is queued, so that whatever merges from then on, our own question
        included, sets it again and is seen by the next release. A claim that cannot be let go runs out by
        itself: only then may the message come back, or it would merge into what it left behind.
        """
        try:
            while not self._claims.release(claim):
                self._claims.unmark(claim)
                self._queue.send(message.again("look again"))
        except LeaseLostError as error:
            return error
        except TransientError as error:
            lease = self._policy.lease.total_seconds()
            raise TransientError(f"a claim was left behind: {error}", retry_after=lease) from error
        return None

    def _tell_lost(self, claim: Claim, message: Message, error: LeaseLostError | None) -> None:
        if error is None:
            return
        self._measures.count("claims_lost")
        facts = {"target": claim.record.id, "reason": str(error), "correlation_id": message.correlation_id}
        log.warning("claim.lost", extra=facts)
