"""How many findings there are, and what was repaired lately and how fast.

Counting reads the findings of every target, so what was counted is kept for a moment: a page of findings is
read afresh each time, the numbers above it may be some seconds old, of many thousands a minute.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import msgspec

from remediation.findings import State
from remediation.ledger.findings_book import PARTITION
from remediation.ledger.unreadable import readable
from remediation.model import Severity
from remediation.model.decisions import shown_moment
from remediation.model.own import OWN_RULES
from remediation.model.records import name_of
from remediation.on_call.listing.identity import LAST, id_of
from remediation.ports import Clock, Ledger, Row
from remediation.structs import converted

LEAST_KEPT, MOST_KEPT, WORTH = timedelta(seconds=5), timedelta(seconds=60), 50
"""A count is kept for so many times as long as it took."""
WEEK = timedelta(days=7)
PAGE = 1000
MOST_TOLD = 50
COUNTED = tuple(severity.text for severity in reversed(Severity) if severity is not Severity.INFO)


class _Counted(msgspec.Struct, frozen=True, rename="camel"):
    """Of a finding's record only what is counted."""

    rule: str
    resource: str
    severity: str
    state: State
    changed_at: datetime
    event_time: datetime | None = None


class _OfTarget(msgspec.Struct, frozen=True):
    target: str
    records: dict[str, _Counted] = {}


@dataclass(frozen=True, slots=True)
class Repair:
    """One repair: of what, when it was made, and how long after the change that made it necessary."""

    id: str
    at: datetime
    resource: str
    rule: str
    seconds: float | None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "at": shown_moment(self.at),
            "resource": self.resource,
            "rule": self.rule,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted `at` a moment; `repairs` the latest first, each finding's last one."""

    at: datetime
    open: Mapping[str, int]
    exempt: int
    repairs: tuple[Repair, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "open": {severity: self.open.get(severity, 0) for severity in COUNTED},
            "exempt": self.exempt,
            "fixedThisWeek": len(self.since(WEEK)),
        }

    def since(self, back: timedelta) -> list[Repair]:
        return [repair for repair in self.repairs if repair.at > self.at - back]

    def summary(self, back: timedelta) -> dict[str, Any]:
        """What was repaired in a time, the latest `MOST_TOLD`, and how fast in the middle."""
        repairs = self.since(back)
        known = [repair.seconds for repair in repairs if repair.seconds is not None]
        return {
            "repaired": [repair.to_json() for repair in repairs[:MOST_TOLD]],
            "repairedCount": len(repairs),
            "medianSeconds": round(median(known), 1) if known else None,
        }


class Census:
    """Counts, and remembers for a while what it came to. Safe to ask from several threads."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._lock = threading.Lock()
        self._last: Count | None = None
        self._until = clock.now()

    def count(self) -> Count:
        with self._lock:
            now = self._clock.now()
            if self._last is None or not self._last.at <= now < self._until:
                self._last = self._counted(now)
                took = self._clock.now() - now
                self._until = now + min(max(WORTH * took, LEAST_KEPT), MOST_KEPT)
            return self._last

    def forget(self) -> None:
        """Count anew the next time: somebody has changed what is counted."""
        self._last = None

    def _counted(self, now: datetime) -> Count:
        numbers: Counter[str] = Counter()
        exempt, repairs = 0, []
        for identity, record in self._records():
            if record.state is State.OPEN:
                numbers[record.severity] += 1
            exempt += record.state is State.EXEMPT
            if record.state is State.FIXED and record.rule not in OWN_RULES:
                repairs.append(_repair(identity, record))
        repairs.sort(key=lambda repair: repair.at, reverse=True)
        return Count(now, dict(numbers), exempt, tuple(repairs))

    def _records(self) -> Iterator[tuple[str, _Counted]]:
        start = ""
        while rows := self._ledger.rows(PARTITION, start=start, limit=PAGE):
            for found, _ in readable(self._ledger, rows, _of_target):
                for record in found.records.values():
                    yield id_of(found.target, name_of(record.rule, record.resource)), record
            if len(rows) < PAGE:
                return
            start = f"{rows[-1].key}{LAST}"


def _of_target(row: Row) -> _OfTarget:
    return converted(row.value, _OfTarget)


def _repair(identity: str, record: _Counted) -> Repair:
    began = record.event_time
    seconds = None if began is None else max(0.0, round((record.changed_at - began).total_seconds(), 1))
    return Repair(identity, record.changed_at, record.resource, record.rule, seconds)
