"""What happened, day by day: each judgement that was made and each announcement that was accepted.

Writes have a book of their own, the journal. What ended without a look (merged, skipped, handed on) is no
judgement and leaves nothing here, so that a storm of events does not bury what they led to.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from remediation.findings import FindingRecord
from remediation.ledger.keys import plain, short, stamp
from remediation.ledger.unreadable import fetch, readable, record_of
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.model.fitting import first_of, shortened
from remediation.ports import Ledger, Row
from remediation.resource_id import ResourceId

JUDGEMENTS = frozenset({
    Ending.COMPLIANT, Ending.REPAIRED, Ending.OPEN, Ending.UNKNOWN, Ending.GONE, Ending.GAVE_UP,
})  # fmt: skip
MOST_PER_DAY = 100_000
LOOKED_BACK = tuple(timedelta(minutes=each) for each in (1, 10, 60, 6 * 60, 24 * 60, 3 * 24 * 60))
"""How far back the latest judgement is looked for, step by step: a busy day is never read as a whole."""
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


def partition_of(day: datetime) -> str:
    return f"diary-{day:%Y%m%d}"


class Diary:
    """The diary in the ledger, one partition per day, its lines in the order of time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def judged(self, message: Message, outcome: Outcome, now: datetime) -> None:
        """Note a judgement; anything else that a message came to is passed over."""
        if outcome.ending not in JUDGEMENTS:
            return
        self._note(
            Entry(
                id=f"{stamp(now)}-j{short(outcome.target, message.event_id, message.replay_id)[:7]}",
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
        identity = short(target.key, record.name, str(record.seq))[:7]
        self._note(
            Entry(
                id=f"{stamp(record.changed_at)}-a{identity}",
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
        return fetch(self._ledger, f"diary-{identity[:8]}", identity, Entry)

    def between(self, since: datetime, until: datetime) -> Iterator[Entry]:
        """The lines with since <= at < until, the latest first."""
        for day in days(since, until):
            rows = self._ledger.rows(
                partition_of(day), start=stamp(since), end=stamp(until), limit=MOST_PER_DAY
            )
            for entry, _ in readable(self._ledger, reversed(rows), _entry):
                yield entry

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

    def _note(self, entry: Entry) -> None:
        self._ledger.put(partition_of(entry.at), entry.id, plain(entry))


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
