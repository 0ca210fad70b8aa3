"""Every write we make: the intent before it is sent, its operation, its end, and the way back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.errors import ConflictError, TooLargeError
from remediation.ledger.keys import SHARDS, change, plain, sharded, shards, short, stamp
from remediation.ledger.unreadable import naming, readable, record_of, struct_of
from remediation.model.fitting import first_of, shortened
from remediation.ports import Insert, Ledger, Replace, Row

KIND = "writes"
EARLIER = "writes"
"""The partition in which an earlier release kept all writes."""
ENDING = 8
"""Digits at the end of a write's id; the first of them is the shard it lies in, its target's."""
CERTAINLY_FITS = 600 * 1024
"""Bytes of JSON that a record holds whatever they are."""
REPAIR_ENDS_WITHIN = timedelta(hours=6)
MOST = 100_000


class WriteRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One write. `state`: intended, accepted, done, failed, dropped. A body that is None means absent.

    `follows` is the write before it within the same repair, `undo_of` the write that it takes back and
    `undone_by` the last one that took it back itself,
    `finding` the resource of the finding that it was to end, `closes` which ways in to machines end with it.
    `opening` is the rule that it closes, or whose companion it makes, where a repair closes several.
    """

    id: str
    target: str
    rule: str
    title: str
    method: str
    resource: str
    step: int
    steps: int
    state: str
    intended_at: datetime
    ended_at: datetime | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    inverse: list[dict[str, Any]] = []
    proof: str = ""
    traffic: list[str] = []
    closes: list[str] = []
    operation_url: str = ""
    baseline_hash: str = ""
    actor: dict[str, str] = {}
    correlation_id: str = ""
    replay_id: str = ""
    error: str = ""
    follows: str = ""
    finding: str = ""
    undo_of: str = ""
    undone_by: str = ""
    opening: str = ""


def new_id(moment: datetime, resource: str, rule: str, token: int, target: str = "") -> str:
    """An id that sorts by time, tells its shard and can be typed: 20261020T091530123456Z-1a2b3c4d."""
    ending = short(target or resource)[0] + short(resource, rule, str(token))[: ENDING - 1]
    return f"{stamp(moment)}-{ending}"


def partition_of(write_id: str) -> str:
    shard = write_id[-ENDING:][:1]
    return sharded(KIND, shard) if shard and shard in SHARDS else EARLIER


class Journal:
    """The write history in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def intend(self, record: WriteRecord) -> None:
        """Store what is about to be written; raises ConflictError if the id is taken.

        What only tells is cut where it does not fit. Without the documents that undo needs nothing is stored:
        TooLargeError.
        """
        partition = partition_of(record.id)
        try:
            self._ledger.insert(partition, record.id, plain(record))
        except TooLargeError:
            self._ledger.insert(partition, record.id, plain(_slim(record)))

    def intention(self, record: WriteRecord) -> Insert | None:
        """The same, for who writes it with something else; None where it may not fit as it is."""
        value = plain(record)
        if len(msgspec.json.encode(value)) > CERTAINLY_FITS:
            return None
        return Insert(partition_of(record.id), record.id, value)

    def row_of(self, write_id: str) -> Row | None:
        """The row of a write, wherever it lies."""
        with naming(self._ledger):
            row = self._ledger.read(partition_of(write_id), write_id)
            return row or self._ledger.read(EARLIER, write_id)

    def accepted(self, write_id: str, operation_url: str) -> None:
        self._amend(write_id, state="accepted", operation_url=operation_url)

    def ended(self, write_id: str, state: str, now: datetime, error: str = "") -> None:
        self._amend(write_id, state=state, ended_at=now, error=error)

    def get(self, write_id: str) -> WriteRecord | None:
        row = self.row_of(write_id)
        if row is None:
            return None
        with naming(self._ledger):
            return record_of(row, WriteRecord)

    def between(self, since: datetime, until: datetime, limit: int = 1000) -> Sequence[WriteRecord]:
        """The writes that were intended since <= at < until, the earliest `limit` of them, in order."""
        rows: list[Row] = []
        for partition in (EARLIER, *shards(KIND)):
            rows += self._ledger.rows(partition, start=stamp(since), end=stamp(until), limit=limit)
        rows.sort(key=lambda row: row.key)
        return [record for record, _ in readable(self._ledger, rows[:limit], _record)]

    def of_target(self, target: str, since: datetime, until: datetime) -> Sequence[WriteRecord]:
        """The writes of a target that were intended since <= at < until, in order."""
        partition = sharded(KIND, short(target))
        rows = self._ledger.rows(partition, start=stamp(since), end=stamp(until), limit=MOST)
        found = [record for record, _ in readable(self._ledger, rows, _record)]
        return [record for record in found if record.target.lower() == target.lower()]

    def repair_of(self, record: WriteRecord) -> Sequence[WriteRecord]:
        """All writes of the repair that a write belongs to, in the order in which they were made.

        Where a repair closes several openings one by one, those of the same opening.
        """
        chain = [record]
        while chain[0].follows and (before := self.get(chain[0].follows)) is not None:
            chain.insert(0, before)
        end = record.intended_at + REPAIR_ENDS_WITHIN
        if record.step < record.steps:
            later = {each.follows: each for each in self.between(record.intended_at, end, limit=MOST)}
            while (after := later.get(chain[-1].id)) is not None:
                chain.append(after)
        return [each for each in chain if each.opening == record.opening]

    def undone(self, write_id: str, by: str) -> None:
        """Note which write took this one back."""
        self._amend(write_id, undone_by=by)

    def _amend(self, write_id: str, **fields: Any) -> None:
        def amended(value: dict[str, Any] | None) -> dict[str, Any]:
            if value is None:
                raise ConflictError(f"the history has no write {write_id}")
            record = struct_of(value, WriteRecord, KIND, write_id)
            result: dict[str, Any] = plain(msgspec.structs.replace(record, **fields))
            return result

        row = self.row_of(write_id)
        change(self._ledger, row.partition if row else KIND, write_id, amended, known=row)


def amended(row: Row, **fields: Any) -> Replace:
    """A write's record with other facts, for who writes it with something else."""
    return Replace(row, plain(msgspec.structs.replace(record_of(row, WriteRecord), **fields)))


def _slim(record: WriteRecord) -> WriteRecord:
    """The way back of one write follows from what was before it, so it need not be kept twice."""
    return msgspec.structs.replace(
        record,
        inverse=[{key: value for key, value in one.items() if key != "body"} for one in record.inverse],
        proof=shortened(record.proof, 600),
        traffic=first_of(record.traffic, 20, 200),
        closes=first_of(record.closes, 20, 200),
    )


def _record(row: Row) -> WriteRecord:
    return record_of(row, WriteRecord)
