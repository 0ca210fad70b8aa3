"""One worker per target at a time, and nobody's question lost.

A claim is a lease with a fencing token on the target's record. Who finds a live lease sets its "look again"
mark and is done: the holder will see the mark when it releases, since releasing is conditioned on the
record's version, and puts the target on the queue once more. So a thousand events on one NSG become two
evaluations. The lease is short and renewed by its holder; the token tells a worker that was paused past its
lease that it must not write any more.

What goes with a claim is written with it, in one transaction: the event that asked for it when it is taken,
the judgement and the event's end when it is let go. What can wait until then is deferred: a crash before it
finds the record as it was, which every step is made for.

The high-water mark is the start of our last complete look by our own clock, with the hashes of the baseline
and the rules it was made with. A first delivery older than the mark by a margin is skipped without a read.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.errors import ConflictError, LeaseLostError, TooLargeError, TransientError
from remediation.ledger.keys import TRIES, Latest, plain
from remediation.ledger.targets import held
from remediation.ledger.targets.claim import Claim, DecideAgainError, Known
from remediation.ledger.targets.record import (
    Mark,
    Pending,
    Reserved,
    TagSeen,
    TargetRecord,
    all_records,
    has_seen,
    is_old_news,
    key_of,
    partition_of,
    read,
    record_in,
    slim,
)
from remediation.ledger.unreadable import naming
from remediation.model.fitting import SMALLER
from remediation.ports import Change, Delete, Insert, Ledger, Replace, Row
from remediation.resource_id import ResourceId

__all__ = [
    "Claim",
    "Claims",
    "DecideAgainError",
    "Known",
    "Mark",
    "Pending",
    "Reserved",
    "TagSeen",
    "TargetRecord",
    "all_records",
    "has_seen",
    "is_old_news",
    "key_of",
    "partition_of",
]


class Claims:
    """Claims on targets, in the ledger."""

    def __init__(self, ledger: Ledger, owner: str, lease: timedelta) -> None:
        self._ledger = ledger
        self._owner = owner
        self._lease = lease
        self._latest = Latest()

    def look_up(self, target: ResourceId) -> TargetRecord | None:
        return self.known(target).record

    def known(self, target: ResourceId) -> Known:
        """What we remember of a target, for `acquire` to begin with."""
        row, record = read(self._ledger, target)
        return Known(record, row)

    def expected(self, target: ResourceId) -> Known | None:
        """The same as this worker left it the last time, at no cost; `acquire` tells whether it still is."""
        row = self._latest.take(partition_of(target), key_of(target))
        return None if row is None else Known(record_in(row), row)

    def acquire(
        self,
        target: ResourceId,
        now: datetime,
        happened_before: datetime | None = None,
        known: Known | None = None,
        event: Insert | None = None,
    ) -> Claim | None:
        """Take the target, or leave a mark for whoever holds it and return None.

        No mark is needed for a change that happened before the holder took the claim: its look sees it. An
        `event` is stored with the claim, and only there. Raises DecideAgainError where it was stored before,
        or where the record is not as it was `known`.
        """
        given = known
        for _ in range(TRIES):
            known = known or self.known(target)
            record = known.record or TargetRecord(target.text)
            is_held = record.lease_until is not None and record.lease_until > now
            if is_held and (record.look_again or _will_see(record, happened_before)):
                return None
            if is_held and known.row is None:
                left = (record.lease_until or now) - now
                raise TransientError("an earlier release holds the claim", retry_after=left.total_seconds())
            wanted = _marked(record) if is_held else self._taken(record, now)
            beside = [] if is_held else [held.noted(target, now + self._lease), *([event] if event else [])]
            try:
                first, *others = self._write(known.row, target, wanted, beside)
            except ConflictError:
                now_known = self._in_the_way(target, known, event, taking=not is_held)
                if given is not None and _version(now_known) != _version(given):
                    raise DecideAgainError(f"{target.text} is not as it was known") from None
                known = now_known
                continue
            except TransientError as error:
                # Perhaps it was written and only the answer was lost. Then nobody knows that he holds it, and
                # whoever asks before the lease is over would merge into nothing.
                lease = self._lease.total_seconds()
                raise TransientError(f"a claim may be left behind: {error}", retry_after=lease) from error
            assert first is not None
            if is_held:
                return None
            found_none = wanted.found is False
            return Claim(wanted, first, others[0], others[1] if event else None, found_none)
        raise ConflictError(f"the claim on {target.text} keeps changing hands")

    def update(self, claim: Claim, **changes: Any) -> Sequence[Row | None]:
        """Write to the record while holding it; raises LeaseLostError when it is not ours any more.

        Returns the rows of what went beside it, as far as they went in the same transaction.
        """
        self.defer(claim, **changes)
        for _ in range(TRIES):
            try:
                return self._commit(claim, claim.record)
            except ConflictError:
                self._make_way(claim)
        raise LeaseLostError(f"the record of {claim.record.id} keeps changing")

    def defer(self, claim: Claim, **changes: Any) -> None:
        """Have changes of the record written with the next write to it, its release at the latest."""
        claim.deferred |= changes
        claim.record = msgspec.structs.replace(claim.record, **changes)

    def check(self, claim: Claim, now: datetime) -> None:
        """Raise LeaseLostError unless the claim is still ours and its lease has time left."""
        self._refresh(claim)
        if claim.record.lease_until is None or claim.record.lease_until <= now:
            raise LeaseLostError(f"the lease on {claim.record.id} has run out")

    def check_time(self, claim: Claim, now: datetime) -> None:
        """The same at no cost while the lease has time left as far as we know."""
        if claim.record.lease_until is None or claim.record.lease_until <= now:
            self.check(claim, now)

    def renew(self, claim: Claim, now: datetime) -> bool:
        """Have the lease begin anew; False when the claim is not ours any more. Safe beside its holder."""
        for _ in range(TRIES):
            row, record = read(self._ledger, ResourceId.parse(claim.record.id))
            if row is None or record is None or not self._is_ours(record, claim):
                return False
            try:
                longer = msgspec.structs.replace(record, lease_until=now + self._lease)
                self._ledger.replace(row, plain(longer))
            except ConflictError:
                continue
            return True
        return False

    def marked(self, claim: Claim) -> bool:
        """Whether somebody asked for another look since we took the claim."""
        self._refresh(claim)
        return claim.record.look_again

    def release(self, claim: Claim) -> bool:
        """Let go. False when a mark is set: take it back with `unmark`, queue its question, release again."""
        for _ in range(TRIES):
            if claim.record.look_again:
                return False
            try:
                self._let_go(claim)
            except ConflictError:
                self._make_way(claim)
                continue
            return True
        raise LeaseLostError(f"the record of {claim.record.id} keeps changing")

    def unmark(self, claim: Claim) -> None:
        """Take the mark back before its question is queued.

        The high-water mark goes with it: should we die in between, our own message must not be skipped when
        it comes back.
        """
        self.update(claim, look_again=False, mark=None)

    def note_reads(self, target: ResourceId, seen: TargetRecord, more: Iterable[str]) -> bool:
        """Add to what a target's last look read, for whoever holds no claim; False if it is not as `seen`."""
        known = self.known(target)
        if known.row is None or known.record != seen:
            return False
        reads = sorted({*seen.reads, *more})
        with suppress(ConflictError):
            self._ledger.replace(known.row, plain(msgspec.structs.replace(seen, reads=reads)))
            return True
        return False

    def expect_findings(self, target: ResourceId) -> None:
        """Before somebody who holds no claim records a finding: the next look must not take it for new."""
        for _ in range(TRIES):
            known = self.known(target)
            if known.record is None or known.row is None or known.record.found is not False:
                return
            with suppress(ConflictError):
                self._ledger.replace(known.row, plain(msgspec.structs.replace(known.record, found=True)))
                return
        raise ConflictError(f"the record of {target.text} keeps changing")

    def go_along(self, claim: Claim, change: Insert | Replace) -> None:
        """Have another record written with the next write of the claim, or apart where it lies elsewhere."""
        partition = change.partition if isinstance(change, Insert) else change.row.partition
        lies_beside = partition[-2:] == claim.row.partition[-2:]
        (claim.beside if lies_beside else claim.apart).append(change)

    def write_apart(self, claim: Claim) -> None:
        """Write each for itself what does not go with the record, or went no more."""
        claim.apart += claim.beside
        claim.beside = []
        while claim.apart:
            change = claim.apart[0]
            match change:
                case Insert():
                    self._ledger.put(change.partition, change.key, change.value)
                case Replace():
                    self._ledger.put(change.row.partition, change.row.key, change.value)
                case Delete():
                    self._ledger.delete(change.row)
            del claim.apart[0]

    def _let_go(self, claim: Claim) -> None:
        end: list[Change] = [] if claim.held is None else [Delete(claim.held)]
        self._commit(claim, msgspec.structs.replace(claim.record, owner="", lease_until=None), end)
        claim.held = None
        self._latest.keep(claim.row)

    def _commit(
        self, claim: Claim, record: TargetRecord, end: list[Change] | None = None
    ) -> Sequence[Row | None]:
        """Write a held record and what goes with it; what does not fit is cut."""
        beside = [*(end or []), *claim.beside]
        for most in (*SMALLER, 0):
            try:
                rows = self._ledger.commit([Replace(claim.row, plain(record)), *beside])
                break
            except TooLargeError:
                if not most:
                    raise
                record = slim(record, most)
        assert rows[0] is not None
        claim.record, claim.row = record, rows[0]
        claim.deferred, claim.beside = {}, []
        return rows[1:]

    def _make_way(self, claim: Claim) -> None:
        """After a conflict: take in what others have written, or write apart what does not go together."""
        version = claim.row.etag
        self._refresh(claim)
        if claim.row.etag == version:
            self.write_apart(claim)
            claim.held = held.row_of(self._ledger, ResourceId.parse(claim.record.id))

    def _in_the_way(self, target: ResourceId, known: Known, event: Insert | None, *, taking: bool) -> Known:
        """After a conflict: the record as it is now, when nothing beside it kept us from it."""
        now = self.known(target)
        if _version(now) == _version(known):
            if event is not None and self._ledger.read(event.partition, event.key) is not None:
                raise DecideAgainError(f"the event {event.key} came before")
            left = held.row_of(self._ledger, target) if taking else None
            if left is not None:  # of a claim whose holder died
                self._ledger.delete(left)
        return now

    def _taken(self, record: TargetRecord, now: datetime) -> TargetRecord:
        """A question that a dead holder left is ours now: as in `unmark`, the high-water mark goes too."""
        return msgspec.structs.replace(
            record,
            owner=self._owner,
            token=record.token + 1,
            taken_at=now,
            lease_until=now + self._lease,
            look_again=False,
            mark=None if record.look_again else record.mark,
        )

    def _write(
        self, row: Row | None, target: ResourceId, record: TargetRecord, beside: Sequence[Change]
    ) -> list[Row | None]:
        value = plain(record)
        own = Insert(partition_of(target), key_of(target), value) if row is None else Replace(row, value)
        return list(self._ledger.commit([own, *beside]))

    def _refresh(self, claim: Claim) -> None:
        with naming(self._ledger):
            row = self._ledger.read(claim.row.partition, claim.row.key)
            if row is None:
                raise LeaseLostError(f"the record of {claim.record.id} is gone")
            record = record_in(row)
        if not self._is_ours(record, claim):
            raise LeaseLostError(f"another worker holds {claim.record.id} now")
        if record.found:
            claim.deferred.pop("found", None)  # somebody has recorded a finding meanwhile
        claim.row, claim.record = row, msgspec.structs.replace(record, **claim.deferred)

    def _is_ours(self, record: TargetRecord, claim: Claim) -> bool:
        return record.token == claim.record.token and record.owner == self._owner


def _will_see(record: TargetRecord, happened_before: datetime | None) -> bool:
    """Whether the holder took the claim after a change was made."""
    taken = record.taken_at
    return happened_before is not None and taken is not None and happened_before < taken


def _version(known: Known) -> str:
    return "" if known.row is None else known.row.etag


def _marked(record: TargetRecord) -> TargetRecord:
    return msgspec.structs.replace(record, look_again=True)
