"""The events that came in, each once, for replays. An event seen twice is one row.

How the handling of an event ended stands in its row too, as far as it has ended.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from remediation.errors import ConflictError, UnreadableError
from remediation.ledger.diary import days
from remediation.ledger.keys import short
from remediation.ledger.unreadable import as_read, naming, readable
from remediation.messages import Message, utc
from remediation.model import Ending, Outcome
from remediation.ports import Ledger, Row

MOST_PER_DAY = 100_000


def partition_of(moment: datetime | None) -> str:
    """Events lie by the day of their own time, so that a duplicate finds its row wherever it arrives."""
    return f"inbox-{moment:%Y%m%d}" if moment is not None else "inbox-undated"


class Inbox:
    """Events in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def store(self, message: Message, now: datetime) -> datetime | None:
        """Remember the event a message carries; says when it first came in if it was here before.

        A message without an event id (a sweep, a look again) leaves nothing. One event may mean several
        pieces of work; each has its own row.
        """
        if not message.event_id:
            return None
        try:
            self._ledger.insert(partition_of(message.event_time), _key(message), _value(message, now))
        except ConflictError:
            return self._first_seen(message)
        return None

    def ended(
        self, message: Message, outcome: Outcome, first_received: datetime | None, now: datetime
    ) -> None:
        """Remember how an event's handling ended; `first_received` is what `store` said of the message.

        What was merged into another look or skipped has no ending of its own and costs no write, however
        hard it storms; but who replays waits for an answer.
        """
        idle = outcome.ending in {Ending.SKIPPED, Ending.MERGED}
        if not message.event_id or (idle and not message.replay_id):
            return
        ending = {
            "outcome": outcome.word,
            "endedAt": now.isoformat(),
            "replayId": message.replay_id,
        }
        value = _value(message, first_received or now) | ending
        self._ledger.put(partition_of(message.event_time), _key(message), value)

    def outcome(self, message: Message) -> str:
        """How the replay that a message belongs to ended for it; "" while it has not."""
        row = self._read(message)
        if row is None or row.value.get("replayId") != message.replay_id:
            return ""
        ending = str(row.value.get("outcome", ""))
        return "" if ending == Ending.HANDED_ON else ending

    def between(self, since: datetime, until: datetime) -> Iterator[tuple[Message, str]]:
        """Events with since <= time < until and their outcomes ("" for open or merged), the latest first.

        An event without a time of its own goes by when it came in, and comes last.
        """
        for day in days(since, until):
            rows = self._ledger.rows(partition_of(day), limit=MOST_PER_DAY)
            found = [event for event, _ in readable(self._ledger, rows, _read)]
            for moment, message, outcome in sorted(found, key=lambda event: event[0], reverse=True):
                if since <= moment < until:
                    yield message, outcome
        undated = self._ledger.rows(partition_of(None), limit=MOST_PER_DAY)
        for (moment, message, outcome), _ in readable(self._ledger, undated, _read):
            if since <= moment < until:
                yield message, outcome

    def _first_seen(self, message: Message) -> datetime | None:
        row = self._read(message)
        try:
            return None if row is None else as_read(row, received_at)
        except UnreadableError:
            return None

    def _read(self, message: Message) -> Row | None:
        """The row of a message; None where there is none that can be read."""
        try:
            with naming(self._ledger):
                return self._ledger.read(partition_of(message.event_time), _key(message))
        except UnreadableError:
            return None


def received_at(row: Row) -> datetime:
    """When the event of a row first came in."""
    return datetime.fromisoformat(row.value["receivedAt"])


def _key(message: Message) -> str:
    return short(message.event_id, message.target or "", message.expand or "", message.sweep or "")


def _value(message: Message, received: datetime) -> dict[str, Any]:
    return {
        "eventId": message.event_id,
        "target": message.target,
        "expand": message.expand,
        "sweep": message.sweep,
        "eventTime": message.event_time.isoformat() if message.event_time else None,
        "receivedAt": received.isoformat(),
        "operation": message.operation,
        "actor": message.actor,
        "correlationId": message.correlation_id,
    }


def _moment(value: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(value["eventTime"] or value["receivedAt"])


def _read(row: Row) -> tuple[datetime, Message, str]:
    value = row.value
    return utc(_moment(value)), msgspec.convert(value, Message), str(value.get("outcome", ""))
