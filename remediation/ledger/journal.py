"""Every write we make: the intent before it is sent, its operation, its end, and the way back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.errors import ConflictError
from remediation.ledger.keys import change, plain, short, stamp
from remediation.ports import Ledger

PARTITION = "writes"
REPAIR_ENDS_WITHIN = timedelta(hours=6)
MOST = 100_000


class WriteRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One write. `state`: intended, accepted, done, failed, dropped. A body that is None means absent.

    `follows` is the write before it within the same repair, `undo_of` the write that it takes back and
    `undone_by` the last one that took it back itself,
    `finding` the resource of the finding that it was to end, `closes` which ways in to machines end with it.
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


def new_id(moment: datetime, resource: str, rule: str, token: int) -> str:
    """An id that sorts by time and can be typed: 20261020T091530123456Z-1a2b3c4d."""
    return f"{stamp(moment)}-{short(resource, rule, str(token))[:8]}"


class Journal:
    """The write history in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def intend(self, record: WriteRecord) -> None:
        """Store what is about to be written; raises ConflictError if the id is taken."""
        self._ledger.insert(PARTITION, record.id, plain(record))

    def accepted(self, write_id: str, operation_url: str) -> None:
        self._amend(write_id, state="accepted", operation_url=operation_url)

    def ended(self, write_id: str, state: str, now: datetime, error: str = "") -> None:
        self._amend(write_id, state=state, ended_at=now, error=error)

    def get(self, write_id: str) -> WriteRecord | None:
        row = self._ledger.read(PARTITION, write_id)
        return None if row is None else msgspec.convert(row.value, WriteRecord)

    def between(self, since: datetime, until: datetime, limit: int = 1000) -> Sequence[WriteRecord]:
        rows = self._ledger.rows(PARTITION, start=stamp(since), end=stamp(until), limit=limit)
        return [msgspec.convert(row.value, WriteRecord) for row in rows]

    def repair_of(self, record: WriteRecord) -> Sequence[WriteRecord]:
        """All writes of the repair that a write belongs to, in the order in which they were made."""
        chain = [record]
        while chain[0].follows and (before := self.get(chain[0].follows)) is not None:
            chain.insert(0, before)
        end = record.intended_at + REPAIR_ENDS_WITHIN
        if record.step < record.steps:
            later = {each.follows: each for each in self.between(record.intended_at, end, limit=MOST)}
            while (after := later.get(chain[-1].id)) is not None:
                chain.append(after)
        return chain

    def undone(self, write_id: str, by: str) -> None:
        """Note which write took this one back."""
        self._amend(write_id, undone_by=by)

    def _amend(self, write_id: str, **fields: Any) -> None:
        def amended(value: dict[str, Any] | None) -> dict[str, Any]:
            if value is None:
                raise ConflictError(f"the history has no write {write_id}")
            record = msgspec.convert(value, WriteRecord)
            result: dict[str, Any] = plain(msgspec.structs.replace(record, **fields))
            return result

        change(self._ledger, PARTITION, write_id, amended)
