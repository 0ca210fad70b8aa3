"""Every write we make: the intent before it is sent, its operation, its end, and the way back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.errors import ConflictError, TooLargeError
from remediation.ledger.keys import change, plain, short, stamp
from remediation.ledger.unreadable import fetch, readable, record_of, struct_of
from remediation.model.fitting import first_of, shortened
from remediation.ports import Ledger, Row

PARTITION = "writes"
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


def new_id(moment: datetime, resource: str, rule: str, token: int) -> str:
    """An id that sorts by time and can be typed: 20261020T091530123456Z-1a2b3c4d."""
    return f"{stamp(moment)}-{short(resource, rule, str(token))[:8]}"


class Journal:
    """The write history in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def intend(self, record: WriteRecord) -> None:
        """Store what is about to be written; raises ConflictError if the id is taken.

        What only tells is cut where it does not fit. Without the documents that undo needs nothing is stored:
        TooLargeError.
        """
        try:
            self._ledger.insert(PARTITION, record.id, plain(record))
        except TooLargeError:
            self._ledger.insert(PARTITION, record.id, plain(_slim(record)))

    def accepted(self, write_id: str, operation_url: str) -> None:
        self._amend(write_id, state="accepted", operation_url=operation_url)

    def ended(self, write_id: str, state: str, now: datetime, error: str = "") -> None:
        self._amend(write_id, state=state, ended_at=now, error=error)

    def get(self, write_id: str) -> WriteRecord | None:
        return fetch(self._ledger, PARTITION, write_id, WriteRecord)

    def between(self, since: datetime, until: datetime, limit: int = 1000) -> Sequence[WriteRecord]:
        rows = self._ledger.rows(PARTITION, start=stamp(since), end=stamp(until), limit=limit)
        return [record for record, _ in readable(self._ledger, rows, _record)]

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
            record = struct_of(value, WriteRecord, PARTITION, write_id)
            result: dict[str, Any] = plain(msgspec.structs.replace(record, **fields))
            return result

        change(self._ledger, PARTITION, write_id, amended)


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
