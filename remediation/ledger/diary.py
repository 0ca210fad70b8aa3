"""What happened, in the order of time: each judgement that was made and each announcement that was accepted.

Writes have a book of their own, the journal. What ended without a look (merged, skipped, handed on) is no
judgement and leaves nothing here, so that a storm of events does not bury what they led to.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from remediation.findings import FindingRecord
from remediation.ledger.keys import SHARDS, plain, sharded, shards, short, stamp
from remediation.ledger.unreadable import fetch, readable, record_of
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.model.fitting import first_of, shortened
from remediation.ports import Insert, Ledger, Row
from remediation.resource_id import ResourceId

JUDGEMENTS = frozenset({
    Ending.COMPLIANT, Ending.REPAIRED, Ending.OPEN, Ending.UNKNOWN, Ending.GONE, Ending.GAVE_UP,
})  # fmt: skip
MOST_PER_DAY = 100_000
MOST_REASONS, LONGEST_DETAIL = 100, 4000


class Entry(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One line of the diary.

    `what` is how a judgement ended, or the change that was announced; `rules` are those that found
    something, `unknown` those that could not tell, each with its reason. Times are UTC.
    """

    id: str
    at: datetime
    kind: Literal["judged", "announced"]
    target: str
    what: str
    rules: list[str] = []
    unknown: list[str] = []
    detail: str = ""
    reason: str = ""
    write_id: str = ""
    actor: dict[str, str] = {}
    operation: str = ""
    event_id: str = ""
    correlation_id: str = ""
    replay_id: str = ""


KIND = "diary"


def earlier_partition(day: datetime) -> str:
    """Where an earlier release kept the lines of a day."""
    return f"diary-{day:%Y%m%d}"


class Diary:
    """The diary in the ledger: the lines about a target lie in its shard, in the order of time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def judged(self, message: Message, outcome: Outcome, now: datetime) -> None:
        """Note a judgement; anything else that a message came to is passed over."""
        line = self.judgement(message, outcome, now)
        if line is not None:
            self._ledger.put(line.partition, line.key, line.value)

    def judgement(self, message: Message, outcome: Outcome, now: datetime) -> Insert | None:
        """The line of a judgement, for who writes it with something else; None for anything else."""
        if outcome.ending not in JUDGEMENTS:
            return None
        what = short(outcome.target, message.event_id, message.replay_id)
        return _line(
            Entry(
                id=f"{stamp(now)}-j{_mark(outcome.target, what)}",
                at=now,
                kind="judged",
                target=outcome.target,
                what=_what(outcome),
                rules=sorted({finding.rule for finding in outcome.findings}),
                unknown=first_of(
                    [f"{each.rule}: {each.reason}" for each in outcome.unknowns], MOST_REASONS, 600
                ),
                detail=shortened(outcome.detail, LONGEST_DETAIL),
                reason=message.reason,
                actor=message.actor,
                operation=message.operation,
                event_id=message.event_id,
                correlation_id=message.correlation_id,
                replay_id=message.replay_id,
            )
        )

    def announced(self, target: ResourceId, record: FindingRecord, replay_id: str = "") -> None:
        """Note what was told; the same announcement sent twice is one line."""
        line = self.announcement(target, record, replay_id)
        self._ledger.put(line.partition, line.key, line.value)

    def announcement(self, target: ResourceId, record: FindingRecord, replay_id: str = "") -> Insert:
        """The line of what was told, for who writes it with something else."""
        what = short(target.key, record.name, str(record.seq))
        return _line(
            Entry(
                id=f"{stamp(record.changed_at)}-a{_mark(target.text, what)}",
                at=record.changed_at,
                kind="announced",
                target=record.resource,
                what=record.change,
                rules=[record.rule],
                detail=shortened(record.message, LONGEST_DETAIL),
                write_id=record.write_id,
                actor=record.actor,
                operation=record.operation,
                correlation_id=record.correlation_id,
                replay_id=replay_id,
            )
        )

    def get(self, identity: str) -> Entry | None:
        shard = identity[-_MARK:] or "0"
        places = [sharded(KIND, shard)] if shard[0] in SHARDS else []
        places.append(f"diary-{identity[:8]}")
        found = (fetch(self._ledger, place, identity, Entry) for place in places)
        return next((entry for entry in found if entry is not None), None)

    def between(self, since: datetime, until: datetime) -> Iterator[Entry]:
        """The lines with since <= at < until, the latest first."""
        for day in days(since, until):
            start, end = stamp(max(since, day)), stamp(min(until, day + timedelta(days=1)))
            rows: list[Row] = []
            for partition in (*shards(KIND), earlier_partition(day)):
                rows += self._ledger.rows(partition, start=start, end=end, limit=MOST_PER_DAY)
            rows.sort(key=lambda row: row.key, reverse=True)
            yield from (entry for entry, _ in readable(self._ledger, rows, _entry))


_MARK = 7
"""Digits at the end of a line's id; the first of them is the shard it lies in."""


def _mark(target: str, what: str) -> str:
    return short(target)[0] + what[: _MARK - 1]


def _line(entry: Entry) -> Insert:
    return Insert(sharded(KIND, entry.id[-_MARK:]), entry.id, plain(entry))


def _entry(row: Row) -> Entry:
    return record_of(row, Entry)


def _what(outcome: Outcome) -> str:
    """The ending; nothing but exempt findings makes no resource compliant."""
    quiet = outcome.ending is Ending.COMPLIANT and outcome.findings
    return "exempt" if quiet else outcome.ending.value


def days(since: datetime, until: datetime) -> Iterator[datetime]:
    """The days that a time window touches, the latest first."""
    day = until.replace(hour=0, minute=0, second=0, microsecond=0)
    while day + timedelta(days=1) > since:
        yield day
        day -= timedelta(days=1)
