"""The findings of each target in one record, with the announcements they owe."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from remediation.errors import TooLargeError
from remediation.findings import FindingRecord, State
from remediation.ledger.keys import Latest, absent, change, plain, short
from remediation.ledger.outstanding import Shelf
from remediation.ledger.unreadable import fetch, readable, record_of, struct_of
from remediation.model.fitting import SMALLER, fitted
from remediation.ports import Ledger, Row
from remediation.resource_id import ResourceId
from remediation.structs import converted

PARTITION = "findings"
MOST_RECORDS = 100
"""Of a target whose findings do not fit even when each is cut: what is over and told is forgotten first."""

type Decide = Callable[[dict[str, Any] | None], dict[str, Any] | None]


class TargetFindings(msgspec.Struct, frozen=True, rename="camel"):
    """All findings ever opened on a target, by `findings.name_of`, resolved ones included."""

    target: str
    records: dict[str, FindingRecord] = {}


class FindingsBook:
    """Findings in the ledger, and the list of open ones. Written by whoever holds the target's claim."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._latest = Latest()
        self._shelf = Shelf(ledger)

    def of(self, target: ResourceId) -> dict[str, FindingRecord]:
        found = fetch(self._ledger, PARTITION, short(target.key), TargetFindings)
        return {} if found is None else dict(found.records)

    def expect_none(self, target: ResourceId) -> None:
        """Nothing was ever recorded of a target, as far as its holder knows: that saves looking first."""
        self._latest.keep(absent(PARTITION, short(target.key)))

    def amend(
        self,
        target: ResourceId,
        change_records: Callable[[dict[str, FindingRecord]], Mapping[str, FindingRecord]],
    ) -> dict[str, FindingRecord]:
        """Move a target's findings on, also when somebody else writes meanwhile; returns them as kept."""
        key, before = short(target.key), dict[str, FindingRecord]()

        def amended(value: dict[str, Any] | None) -> dict[str, Any] | None:
            nonlocal before
            known = {} if value is None else dict(struct_of(value, TargetFindings, PARTITION, key).records)
            wanted = dict(change_records(known))
            before = known
            if wanted == known:
                return None
            result: dict[str, Any] = plain(TargetFindings(target.text, wanted))
            return result

        row = self._fitting(key, amended)
        self._latest.keep(row)
        kept = {} if row is None else dict(record_of(row, TargetFindings).records)
        self._shelf.follow(target.text, before, kept)
        return kept

    def _fitting(self, key: str, amended: Decide) -> Row | None:
        """Write, with every record cut further where all of them together do not fit."""
        for most in (None, *SMALLER):
            try:
                wanted = amended if most is None else _cut(amended, most)
                known = self._latest.take(PARTITION, key)
                return change(self._ledger, PARTITION, key, wanted, known=known)
            except TooLargeError:
                continue
        return change(self._ledger, PARTITION, key, _cut(amended, SMALLER[-1], MOST_RECORDS))

    def at(self, key: str) -> TargetFindings | None:
        """The findings of the target whose `short` name this is; None where none was ever opened."""
        return fetch(self._ledger, PARTITION, key, TargetFindings)

    def page(self, start: str, limit: int) -> Sequence[tuple[str, TargetFindings | None]]:
        """At most `limit` records from a key on, each with its key; None for one that cannot be read."""
        rows = self._ledger.rows(PARTITION, start=start, limit=limit)
        known = {row.key: found for found, row in readable(self._ledger, rows, _of_target)}
        return [(row.key, known.get(row.key)) for row in rows]

    def find(self, target: str, name: str) -> FindingRecord | None:
        return self.of(ResourceId.parse(target)).get(name)

    def all(self, limit: int = 100_000) -> Sequence[TargetFindings]:
        """The findings of every target; those of a record that cannot be read are left out, and named."""
        rows = self._ledger.rows(PARTITION, limit=limit)
        return [found for found, _ in readable(self._ledger, rows, _of_target)]


def _cut(amended: Decide, most: int, count: int | None = None) -> Decide:
    """The same change with smaller records, and of those that are over and told only the latest `count`."""

    def smaller(value: dict[str, Any] | None) -> dict[str, Any] | None:
        wanted = amended(value)
        if wanted is None:
            return None
        found = converted(wanted, TargetFindings)
        records = {name: fitted(record, most) for name, record in found.records.items()}
        if count is not None:
            over = sorted((record.changed_at, name) for name, record in records.items() if _is_over(record))
            for _, name in over[: max(0, len(records) - count)]:
                del records[name]
        result: dict[str, Any] = plain(msgspec.structs.replace(found, records=records))
        return result

    return smaller


def _is_over(record: FindingRecord) -> bool:
    return record.state in {State.FIXED, State.RESOLVED} and record.announced >= record.seq


def _of_target(row: Row) -> TargetFindings:
    found = converted(row.value, TargetFindings)
    ResourceId.parse(found.target)
    return found
