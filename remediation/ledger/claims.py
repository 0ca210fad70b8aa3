"""One worker per target at a time, and nobody's question lost.

A claim is a lease with a fencing token on the target's record. Who finds a live lease sets its "look again"
mark and is done: the holder will see the mark when it releases, since releasing is conditioned on the
record's version, and puts the target on the queue once more. So a thousand events on one NSG become two
evaluations. The lease outlives the host's time limit for a function; the token tells a worker that was
paused past its lease that it must not write any more.

The high-water mark is the start of our last complete look by our own clock, with the hashes of the baseline
and the rules it was made with. A first delivery older than the mark by a margin is skipped without a read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.errors import ConflictError, LeaseLostError, TooLargeError, TransientError
from remediation.ledger.keys import TRIES, plain, short
from remediation.ledger.unreadable import naming, readable, record_of, struct_of
from remediation.model.fitting import SMALLER, first_of, fitted, shortened
from remediation.model.records import FindingRecord
from remediation.ports import Ledger, Row
from remediation.resource_id import ResourceId

PARTITION = "targets"
MOST_REFUSED = 100
"""Reasons that the record of a target keeps when it does not fit."""


class Mark(msgspec.Struct, frozen=True, rename="camel"):
    """Up to when a target has been seen completely, and by which baseline and rules."""

    seen: datetime
    baseline_hash: str
    rules_hash: str
    etag: str | None = None


class Pending(msgspec.Struct, frozen=True, rename="camel"):
    """A write that was begun: recorded before it is sent, its operation as soon as ARM has named it.

    `draft` is the finding's record (as JSON, cut) for when the write has ended it. Until `quiet_until` a
    message that will ask how it stands is known to be on the queue, and nobody else need ask. `opening`
    names the rule that the write closes, where a fix closes several.
    """

    write_id: str
    resource: str
    draft: dict[str, Any]
    since: datetime
    operation_url: str = ""
    quiet_until: datetime | None = None
    opening: str = ""


class TagSeen(msgspec.Struct, frozen=True, rename="camel"):
    """A tag of a target that holds repairs back: its value, since when it has been seen, by whose change.

    `by` is a digest of who is said to have set it, `name` that principal's name, both "" where no event told.
    `void` names the findings for which it counts for nothing.
    """

    value: str
    since: datetime
    by: str = ""
    void: list[str] = []
    name: str = ""


class TargetRecord(msgspec.Struct, frozen=True, rename="camel"):
    """What we remember of a target itself.

    `reads` are the ids its last judgement read. `repaired` holds the drafts (by finding) of what our finished
    writes have ended and nobody has recorded as a finding yet. `refused` holds why ARM refused a write, by
    the write's digest: it is not tried again at every event, only when a sweep or a person asks. A look is
    queued for `wake_at`, because by then time alone has changed what the last one came to.
    """

    id: str
    owner: str = ""
    token: int = 0
    lease_until: datetime | None = None
    look_again: bool = False
    mark: Mark | None = None
    pending: Pending | None = None
    repaired: dict[str, dict[str, Any]] = {}
    refused: dict[str, str] = {}
    reads: list[str] = []
    region: str = ""
    judged_at: datetime | None = None
    ending: str = ""
    unknown: list[str] = []
    tag: TagSeen | None = None
    opt_out: TagSeen | None = None
    wake_at: datetime | None = None


@dataclass(slots=True)
class Claim:
    """A held claim. `record` and its version move on as the holder writes."""

    record: TargetRecord
    row: Row


def key_of(target: ResourceId) -> str:
    return short(target.key)


class Claims:
    """Claims on targets, in the ledger."""

    def __init__(self, ledger: Ledger, owner: str, lease: timedelta) -> None:
        self._ledger = ledger
        self._owner = owner
        self._lease = lease

    def look_up(self, target: ResourceId) -> TargetRecord | None:
        with naming(self._ledger):
            row = self._ledger.read(PARTITION, key_of(target))
            return None if row is None else _record(row)

    def acquire(
        self, target: ResourceId, now: datetime, happened_before: datetime | None = None
    ) -> Claim | None:
        """Take the target, or leave a mark for whoever holds it and return None.

        No mark is needed for a change that happened before the holder took the claim: its look sees it.
        """
        for _ in range(TRIES):
            with naming(self._ledger):
                row = self._ledger.read(PARTITION, key_of(target))
                record = TargetRecord(target.text) if row is None else _record(row)
            held = record.lease_until is not None and record.lease_until > now
            if held and (record.look_again or self._will_see(record, happened_before)):
                return None
            wanted = _marked(record) if held else self._taken(record, now)
            try:
                written = self._write(row, target, wanted)
            except ConflictError:
                continue
            except TransientError as error:
                # Perhaps it was written and only the answer was lost. Then nobody knows that he holds it, and
                # whoever asks before the lease is over would merge into nothing.
                lease = self._lease.total_seconds()
                raise TransientError(f"a claim may be left behind: {error}", retry_after=lease) from error
            return None if held else Claim(wanted, written)
        raise ConflictError(f"the claim on {target.text} keeps changing hands")

    def update(self, claim: Claim, **changes: Any) -> None:
        """Write to the record while holding it; raises LeaseLostError when it is not ours any more."""
        for _ in range(TRIES):
            record = msgspec.structs.replace(claim.record, **changes)
            try:
                record, claim.row = self._replace(claim.row, record)
            except ConflictError:
                self._refresh(claim)
                continue
            claim.record = record
            return
        raise LeaseLostError(f"the record of {claim.record.id} keeps changing")

    def _replace(self, row: Row, record: TargetRecord) -> tuple[TargetRecord, Row]:
        """Write a held record; what does not fit is cut. Returns it as it was kept."""
        for most in SMALLER:
            try:
                return record, self._ledger.replace(row, plain(record))
            except TooLargeError:
                record = _slim(record, most)
        return record, self._ledger.replace(row, plain(record))

    def check(self, claim: Claim, now: datetime) -> None:
        """Raise LeaseLostError unless the claim is still ours and its lease has time left."""
        self._refresh(claim)
        if claim.record.lease_until is None or claim.record.lease_until <= now:
            raise LeaseLostError(f"the lease on {claim.record.id} has run out")

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
                self._refresh(claim)
                continue
            return True
        raise LeaseLostError(f"the record of {claim.record.id} keeps changing")

    def unmark(self, claim: Claim) -> None:
        """Take the mark back before its question is queued.

        The high-water mark goes with it: should we die in between, our own message must not be skipped when
        it comes back.
        """
        self.update(claim, look_again=False, mark=None)

    def _let_go(self, claim: Claim) -> None:
        record = msgspec.structs.replace(claim.record, owner="", lease_until=None)
        claim.row = self._ledger.replace(claim.row, plain(record))
        claim.record = record

    def _will_see(self, record: TargetRecord, happened_before: datetime | None) -> bool:
        assert record.lease_until is not None
        return happened_before is not None and happened_before < record.lease_until - self._lease

    def _taken(self, record: TargetRecord, now: datetime) -> TargetRecord:
        """A question that a dead holder left is ours now: as in `unmark`, the high-water mark goes too."""
        return msgspec.structs.replace(
            record,
            owner=self._owner,
            token=record.token + 1,
            lease_until=now + self._lease,
            look_again=False,
            mark=None if record.look_again else record.mark,
        )

    def _write(self, row: Row | None, target: ResourceId, record: TargetRecord) -> Row:
        if row is None:
            return self._ledger.insert(PARTITION, key_of(target), plain(record))
        return self._ledger.replace(row, plain(record))

    def _refresh(self, claim: Claim) -> None:
        with naming(self._ledger):
            row = self._ledger.read(PARTITION, claim.row.key)
            if row is None:
                raise LeaseLostError(f"the record of {claim.record.id} is gone")
            record = _record(row)
        if record.token != claim.record.token or record.owner != self._owner:
            raise LeaseLostError(f"another worker holds {claim.record.id} now")
        claim.row, claim.record = row, record


def is_old_news(
    record: TargetRecord | None,
    event_time: datetime | None,
    margin: timedelta,
    baseline_hash: str,
    rules_hash: str,
) -> bool:
    """Whether a first delivery tells nothing that our last complete look has not seen."""
    if record is None or record.mark is None or event_time is None or record.look_again:
        return False
    same_judge = (record.mark.baseline_hash, record.mark.rules_hash) == (baseline_hash, rules_hash)
    return same_judge and event_time < record.mark.seen - margin


def has_seen(
    record: TargetRecord | None, first_received: datetime | None, baseline_hash: str, rules_hash: str
) -> bool:
    """Whether a repeated delivery tells nothing: our last complete look began after it first came in.

    Both moments are of our own clock, and a change precedes its event, so no margin is needed.
    """
    if record is None or record.mark is None or first_received is None or record.look_again:
        return False
    same_judge = (record.mark.baseline_hash, record.mark.rules_hash) == (baseline_hash, rules_hash)
    return same_judge and first_received <= record.mark.seen


def all_records(ledger: Ledger, limit: int = 100_000) -> dict[str, TargetRecord]:
    """What we remember of every target, by the key of its id."""
    found = readable(ledger, ledger.rows(PARTITION, limit=limit), _record)
    return {record.id.lower(): record for record, _ in found}


def _marked(record: TargetRecord) -> TargetRecord:
    return msgspec.structs.replace(record, look_again=True)


def _slim(record: TargetRecord, most: int) -> TargetRecord:
    """A record whose drafts are smaller, and whose reasons are told once and shortly."""
    pending = record.pending
    if pending is not None:
        pending = msgspec.structs.replace(pending, draft=_slim_draft(pending.draft, most))
    return msgspec.structs.replace(
        record,
        pending=pending,
        repaired={name: _slim_draft(draft, most) for name, draft in record.repaired.items()},
        refused={step: shortened(why, 200) for step, why in list(record.refused.items())[-MOST_REFUSED:]},
        unknown=first_of(record.unknown, MOST_REFUSED, 200),
    )


def _slim_draft(draft: dict[str, Any], most: int) -> dict[str, Any]:
    result: dict[str, Any] = plain(fitted(msgspec.convert(draft, FindingRecord), most))
    return result


def _record(row: Row) -> TargetRecord:
    """A draft that no finding's record can be made of makes the whole unreadable."""
    record = record_of(row, TargetRecord)
    pending = [] if record.pending is None else [record.pending.draft]
    for draft in (*pending, *record.repaired.values()):
        struct_of(draft, FindingRecord, row.partition, row.key)
    return record
