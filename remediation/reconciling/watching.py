"""Looks after what dead workers held: their targets go back on the queue a minute or two after their leases.

A worker that is killed leaves its claim behind, and the message that it worked on stays hidden for as long as
the host hides it, ten minutes. Its lease is over long before, since nobody renews it. The target is queued
before the claim is taken from the dead: a crash in between costs a second look. A mark that somebody left
with the dead holder stays on the record for whoever takes it next.
"""

import logging
from contextlib import suppress
from datetime import datetime

import msgspec

from remediation.errors import BastionGuardError, ConflictError
from remediation.ledger.keys import plain
from remediation.ledger.targets import held, record
from remediation.messages import Message
from remediation.ports import Clock, Delete, Ledger, Queue, Replace, Row
from remediation.resource_id import ResourceId

log = logging.getLogger("bastion_guard.watch")


class Watch:
    """Takes up what was left behind."""

    def __init__(self, ledger: Ledger, queue: Queue, clock: Clock) -> None:
        self._ledger = ledger
        self._queue = queue
        self._clock = clock

    def look_after(self) -> int:
        """Queue every target whose holder is gone; returns how many. One that fails stops no other."""
        now, count = self._clock.now(), 0
        first: BastionGuardError | None = None
        for target, row in list(held.overdue(self._ledger, now)):
            try:
                count += self._take_up(target, row, now)
            except BastionGuardError as error:
                log.warning("watch.failed", extra={"target": target.text, "reason": str(error)})
                first = first or error
        if first is not None:
            raise first
        return count

    def _take_up(self, target: ResourceId, row: Row, now: datetime) -> bool:
        lies, known = record.read(self._ledger, target)
        if lies is None or known is None or known.lease_until is None:
            with suppress(ConflictError):
                self._ledger.delete(row)
            return False
        if known.lease_until > now:
            return False
        log.warning("claim.left_behind", extra={"target": target.text, "owner": known.owner})
        self._queue.send(Message(target=target.text, reason="left behind", force=True))
        free = msgspec.structs.replace(known, owner="", lease_until=None)
        with suppress(ConflictError):  # somebody has taken it meanwhile
            self._ledger.commit([Replace(lies, plain(free)), Delete(row)])
        return True
