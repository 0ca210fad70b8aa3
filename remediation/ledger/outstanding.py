"""The list of open findings, the worst first and then the oldest: what lists show of each.

The findings book holds a row for each target, in no order that says anything. Here is a row for each open
finding, under a key that sorts as people want to read. It is written after the book and follows from it: a
crash in between leaves it behind, until the next sweep mends it. Nothing is decided by it.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from remediation.errors import ConflictError
from remediation.ledger.keys import plain, short, stamp
from remediation.ledger.unreadable import readable, record_of
from remediation.model import Severity
from remediation.model.decisions import GUARDS, HELD_BACK_BY, HELD_BACK_UNTIL
from remediation.model.fitting import digest_of
from remediation.model.records import FindingRecord, State
from remediation.ports import Ledger, Row

PARTITION = "open"
WORST = len(Severity)
AFTER = "-"
"""Behind a key it sorts after it, and before the next."""
_RANKS = {severity.text: WORST - severity for severity in Severity}
_KEY = re.compile(r"\d\d{8}T\d{12}Z-[0-9a-f]{32}-[0-9a-f]{32}")
_SHOWN = frozenset({GUARDS, HELD_BACK_BY, HELD_BACK_UNTIL})


class Open(msgspec.Struct, frozen=True):
    """An open finding as lists show it, with the target whose look found it."""

    target: str
    finding: FindingRecord


type Rows = Mapping[str, Open]


def key_of(target: str, record: FindingRecord) -> str:
    """Where a finding stands: the worst first, then the oldest."""
    rank = _RANKS.get(record.severity, WORST)
    return f"{rank}{stamp(record.opened_at)}-{short(target)}-{short(record.name)}"


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def bounds(severity: str) -> tuple[str, str]:
    """From which key to before which one a severity stands; "" where nothing bounds it."""
    rank = _RANKS.get(severity)
    return ("", "") if rank is None else (str(rank), str(rank + 1))


def rows_of(target: str, records: Mapping[str, FindingRecord]) -> Rows:
    """The rows that a target's findings make."""
    every = [record for record in records.values() if record.state is State.OPEN]
    return {key_of(target, record): Open(target, _as_listed(record)) for record in every}


def _as_listed(record: FindingRecord) -> FindingRecord:
    """A record without what lists do not show; its digest stands for what it says in full."""
    return msgspec.structs.replace(
        record,
        guidance=[],
        evidence={key: value for key, value in record.evidence.items() if key in _SHOWN},
        commands=[],
        fix=None,
        announced=0,
        substance=digest_of(record),
    )


class Shelf:
    """The list in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def follow(
        self, target: str, before: Mapping[str, FindingRecord], after: Mapping[str, FindingRecord]
    ) -> None:
        """Have the list say what the book says of a target now, and said `before`."""
        was, now = rows_of(target, before), rows_of(target, after)
        for key in was.keys() - now.keys():
            self.take_off(key)
        for key, row in now.items():
            if row != was.get(key):
                self.put(key, row, known=key in was)

    def put(self, key: str, row: Open, *, known: bool = True) -> None:
        value: dict[str, Any] = plain(row)
        if not known:
            with suppress(ConflictError):
                self._ledger.insert(PARTITION, key, value)
                return
        self._ledger.put(PARTITION, key, value)

    def take_off(self, key: str) -> None:
        """Take a row off, also one that cannot be read; what a later release wrote is left to that."""
        for row in self._ledger.rows(PARTITION, start=key, end=f"{key}{AFTER}", limit=1):
            if not row.newer:
                with suppress(ConflictError):  # somebody has written it anew, or taken it off already
                    self._ledger.delete(row)

    def page(self, start: str, end: str, limit: int) -> Sequence[tuple[str, Open | None]]:
        """At most `limit` rows with start <= key < end, in order; None for one that cannot be read."""
        rows = self._ledger.rows(PARTITION, start=start, end=end, limit=limit)
        known = {row.key: found for found, row in readable(self._ledger, rows, _of_row)}
        return [(row.key, known.get(row.key)) for row in rows]


def _of_row(row: Row) -> Open:
    return record_of(row, Open)
