"""What happened, in the order of time: judgements, announcements that were accepted, and what was not done.

Not done is work that waits, and an event that was skipped or refused.

Writes have a book of their own, the journal. What was merged into another look leaves nothing here, since
that look answers it. What waits is one line for each target and moment, however many messages wait.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from remediation.findings import FindingRecord
from remediation.ledger.keys import SHARDS, moment_of, plain, sharded, shards, short, stamp
from remediation.ledger.unreadable import fetch, readable, record_of
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.model.decisions import shown_moment
from remediation.model.fitting import first_of, shortened
from remediation.ports import Insert, Ledger, Row
from remediation.resource_id import ResourceId

JUDGEMENTS = frozenset({
    Ending.COMPLIANT, Ending.REPAIRED, Ending.OPEN, Ending.UNKNOWN, Ending.GONE, Ending.GAVE_UP,
})  # fmt: skip
type Kind = Literal["waiting", "skipped"]
NOT_DONE: Mapping[Ending, tuple[Kind, str]] = {
    Ending.HANDED_ON: ("waiting", "waiting"),
    Ending.SKIPPED: ("skipped", "skipped"),
    Ending.REFUSED: ("skipped", "refused"),
}
"""The kind and the words of a line about what ended without a look."""
MOST_PER_DAY = 100_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TOGETHER = timedelta(seconds=10)
"""Messages about one target that begin to wait within so long are one line."""
LOOKED_BACK = tuple(timedelta(minutes=each) for each in (1, 10, 60, 6 * 60, 24 * 60, 3 * 24 * 60))
"""How far back the latest judgement is looked for, step by step: a busy day is never read as a whole."""
MOST_REASONS, LONGEST_DETAIL = 100, 4000


class Entry(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One line of the diary.

    `what` is how a judgement ended, or the change that was announced; `rules` are those that found
    something, `unknown` those that could not tell, each with its reason. What waits does so `until` then.
    Times are UTC.
    """

    id: str
    at: datetime
    kind: Literal["judged", "announced", "waiting", "skipped"]
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
    until: datetime | None = None


KIND = "diary"
EARLIER = "diary-"
"""With this began the partitions of days, in which an earlier release kept its lines."""


def earlier_partition(day: datetime) -> str:
    """Where an earlier release kept the lines of a day."""
    return f"{EARLIER}{day:%Y%m%d}"


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
                what=outcome.word,
                rules=sorted({finding.rule for finding in outcome.findings}),
                unknown=first_of(
                    [f"{each.rule}: {each.reason}" for each in outcome.unknowns], MOST_REASONS, 600
                ),
                detail=shortened(outcome.detail or _held_back(outcome), LONGEST_DETAIL),
                **_asked_by(message),
            )
        )

    def passed_over(self, message: Message, outcome: Outcome, now: datetime) -> None:
        """Note what was not done, and why: work that waits, an event that was skipped or refused."""
        if outcome.ending not in NOT_DONE or (outcome.ending is Ending.HANDED_ON and outcome.until is None):
            return
        kind, what = NOT_DONE[outcome.ending]
        at, about = now, [outcome.target, message.event_id, message.replay_id]
        if kind == "waiting":
            at, about = outcome.since or now - (now - EPOCH) % TOGETHER, [outcome.target]
        line = _line(
            Entry(
                id=f"{stamp(at)}-{kind[0]}{_mark(outcome.target, short(*about))}",
                at=at,
                kind=kind,
                target=outcome.target,
                what=what,
                detail=shortened(outcome.detail, LONGEST_DETAIL),
                **_asked_by(message),
                until=outcome.until,
            )
        )
        self._ledger.put(line.partition, line.key, line.value)

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
                actor=dict(record.told_of),
                operation=record.operation,
                correlation_id=record.correlation_id,
                replay_id=replay_id,
            )
        )

    def get(self, identity: str) -> Entry | None:
        shard = identity[-_MARK:] or "0"
        places = [sharded(KIND, shard)] if shard[0] in SHARDS else []
        places.append(f"{EARLIER}{identity[:8]}")
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

    def of_target(self, target: str, since: datetime, until: datetime) -> Sequence[Entry]:
        """The lines of the shard in which those about a target lie, since <= at < until; of others too."""
        partition = sharded(KIND, short(target))
        rows = self._ledger.rows(partition, start=stamp(since), end=stamp(until), limit=MOST_PER_DAY)
        return [entry for entry, _ in readable(self._ledger, rows, _entry)]

    def begins(self) -> datetime | None:
        """When the first line was noted that there is; None without any."""
        day = self._ledger.next_partition(EARLIER, f"{EARLIER}:")
        places = (*shards(KIND), *([] if day is None else [day]))
        firsts = (moment_of(row.key) for place in places for row in self._ledger.rows(place, limit=1))
        return min((first for first in firsts if first is not None), default=None)

    def last_judged(self, now: datetime) -> Entry | None:
        """The latest judgement of the last days; None where there was none, or a later release noted it."""
        until = now + timedelta(minutes=1)
        for back in LOOKED_BACK:
            since = now - back
            found = (entry for entry in self.between(since, until) if entry.kind == "judged")
            if (last := next(found, None)) is not None:
                return last
            until = since
        return None


_MARK = 7
"""Digits at the end of a line's id; the first of them is the shard it lies in."""


def _mark(target: str, what: str) -> str:
    return short(target)[0] + what[: _MARK - 1]


def _line(entry: Entry) -> Insert:
    return Insert(sharded(KIND, entry.id[-_MARK:]), entry.id, plain(entry))


def _asked_by(message: Message) -> dict[str, Any]:
    """What a line says of the message that it answers."""
    return {
        "reason": message.reason,
        "actor": message.actor,
        "operation": message.operation,
        "event_id": message.event_id,
        "correlation_id": message.correlation_id,
        "replay_id": message.replay_id,
    }


def _entry(row: Row) -> Entry:
    return record_of(row, Entry)


def _held_back(outcome: Outcome) -> str:
    """Why what could be repaired was not, each reason once."""
    holds = (hold for finding in outcome.findings for hold in finding.holds)
    reasons = (
        f"{hold.reason} (until {shown_moment(hold.until)})" if hold.until else hold.reason for hold in holds
    )
    return "; ".join(dict.fromkeys(reasons))


def days(since: datetime, until: datetime) -> Iterator[datetime]:
    """The days that a time window touches, the latest first."""
    day = until.replace(hour=0, minute=0, second=0, microsecond=0)
    while day + timedelta(days=1) > since:
        yield day
        day -= timedelta(days=1)
