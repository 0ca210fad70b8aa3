"""The events that came in, each once, for replays. An event seen twice is one row.

How the handling of an event ended stands in its row too, as far as it has ended. Events lie in the shard of
what they are about, by the day of their own time, so that a duplicate finds its row wherever it arrives. What
an earlier release kept, by day alone, is still found.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from remediation.errors import ConflictError, UnreadableError
from remediation.ledger.diary import days
from remediation.ledger.keys import sharded, shards, short
from remediation.ledger.unreadable import as_read, naming, readable
from remediation.messages import Message, utc
from remediation.model import Ending, Outcome
from remediation.ports import Insert, Ledger, Replace, Row
from remediation.resource_id import ResourceId
from remediation.structs import converted

MOST_PER_DAY = 100_000


KIND = "inbox"
EARLIER = "inbox-"
"""With this began the partitions of days, in which an earlier release kept its events."""
UNDATED = "undated"


def partition_of(message: Message) -> str:
    return sharded(KIND, short(message.target or message.expand or message.sweep or ""))


def earlier_partition(moment: datetime | None) -> str:
    """Where an earlier release kept the events of a day."""
    return f"{EARLIER}{_day(moment)}"


def _day(moment: datetime | None) -> str:
    return UNDATED if moment is None else f"{moment:%Y%m%d}"


class Arrival:
    """One message on its way through: its row in the inbox, stored once, alone or with what is written then.

    `first_received` says when the event was first handled if it was here before, `was_answered` whether that
    has ended before; both are known once it is stored. `came_in` is when it first stood at the app's door, as
    far as one knows. `is_closed`: its end is written, too.
    """

    def __init__(self, ledger: Ledger, message: Message, now: datetime) -> None:
        self.first_received: datetime | None = None
        self.came_in = message.received
        self.was_answered = False
        self.is_closed = False
        self._ledger = ledger
        self._message = message
        self._now = now
        self._row: Row | None = None
        self._is_stored = not message.event_id

    def pending(self, shard: str) -> Insert | None:
        """The row that is still to be stored, for who writes in this shard; None where nothing is to go."""
        lies_there = partition_of(self._message).endswith(shard)
        return None if self._is_stored or not lies_there else self._new()

    def went_along(self, row: Row | None) -> None:
        """It was stored with something else."""
        self._is_stored, self._row = True, row

    def store(self) -> datetime | None:
        """Remember the event, if nobody has yet; says when it first came in if it was here before.

        A message without an event id (a sweep, a look again) leaves nothing. One event may mean several
        pieces of work; each has its own row.
        """
        if self._is_stored:
            return self.first_received
        new = self._new()
        try:
            self._row = self._ledger.insert(new.partition, new.key, new.value)
        except ConflictError:
            self._row = _read(self._ledger, self._message)
            self.first_received = _first_seen(self._row)
            self.came_in = _earlier(self.came_in, _door(self._row))
            self.was_answered = self.first_received is not None and bool(_outcome(self._row, self._message))
        self._is_stored = True
        return self.first_received

    def ending(self, outcome: Outcome, now: datetime) -> Insert | None:
        """The row that says how the event's handling ended, to be written whatever is there.

        What was merged into another look or skipped has no ending of its own and costs no write, however
        hard it storms; but who replays waits for an answer.
        """
        message = self._message
        idle = outcome.ending in {Ending.SKIPPED, Ending.MERGED}
        if not message.event_id or (idle and not message.replay_id):
            return None
        ended = {"outcome": outcome.word, "endedAt": now.isoformat(), "replayId": message.replay_id}
        value = _value(message, self.first_received or self._now) | ended
        return Insert(partition_of(message), _key(message), value)

    def close(self, outcome: Outcome, now: datetime) -> Replace | Insert | None:
        """The same, for who writes it with something else and closes this."""
        ended = self.ending(outcome, now)
        return ended if ended is None or self._row is None else Replace(self._row, ended.value)

    def _new(self) -> Insert:
        return Insert(partition_of(self._message), _key(self._message), _value(self._message, self._now))


class Inbox:
    """Events in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def arrival(self, message: Message, now: datetime) -> Arrival:
        return Arrival(self._ledger, message, now)

    def store(self, message: Message, now: datetime) -> datetime | None:
        """Remember an event at once; as `Arrival.store`."""
        return self.arrival(message, now).store()

    def ended(self, arrival: Arrival, outcome: Outcome, now: datetime) -> None:
        """Remember how an event's handling ended, unless that was written with something else."""
        row = None if arrival.is_closed else arrival.ending(outcome, now)
        if row is not None:
            self._ledger.put(row.partition, row.key, row.value)

    def outcome(self, message: Message) -> str:
        """How the replay that a message belongs to ended for it; "" while it has not."""
        return _outcome(_read(self._ledger, message), message)

    def between(self, since: datetime, until: datetime) -> Iterator[tuple[Message, str]]:
        """Events with since <= time < until and their outcomes ("" for open or merged), the latest first.

        An event without a time of its own goes by when it came in, and comes last.
        """
        for day in days(since, until):
            for moment, message, outcome in sorted(self._of(day), key=lambda event: event[0], reverse=True):
                if since <= moment < until:
                    yield message, outcome
        for moment, message, outcome in self._of(None):
            if since <= moment < until:
                yield message, outcome

    def of(
        self, target: ResourceId, since: datetime, until: datetime, most: int = MOST_PER_DAY
    ) -> list[tuple[Message, datetime]] | None:
        """The events about one target with since <= time < until, the oldest first, and when each came in.

        One list a day. None where `most` or more of a day lie in its shard: nobody can tell then whether
        these are all. What an earlier release kept by day alone is not among them.
        """
        shard, found = sharded(KIND, short(target.text)), list[tuple[Message, datetime]]()
        for day in days(since, until):
            start, end = f"{_day(day)}-", f"{_day(day)}."
            rows = list(self._ledger.rows(shard, start=start, end=end, limit=most))
            if len(rows) >= most:
                return None
            kept = readable(self._ledger, rows, _event)
            found += [(one, received_at(row)) for (_, one, _), row in kept]
        about = [each for each in found if each[0].named.lower() == target.key]
        timed = [(each[0].event_time, each) for each in about if each[0].event_time is not None]
        return [each for at, each in sorted(timed, key=lambda one: one[0]) if since <= at < until]

    def _of(self, day: datetime | None) -> Iterator["Event"]:
        """The events of a day, each once; those that have no day for None."""
        found: dict[str, Event] = {}
        start, end = f"{_day(day)}-", f"{_day(day)}."
        for partition in shards(KIND):
            rows = self._ledger.rows(partition, start=start, end=end, limit=MOST_PER_DAY)
            found |= {row.key.removeprefix(start): one for one, row in readable(self._ledger, rows, _event)}
        earlier = self._ledger.rows(earlier_partition(day), limit=MOST_PER_DAY)
        for one, row in readable(self._ledger, earlier, _event):
            found.setdefault(row.key, one)
        yield from found.values()


type Event = tuple[datetime, Message, str]


def _outcome(row: Row | None, message: Message) -> str:
    if row is None or row.value.get("replayId") != message.replay_id:
        return ""
    ending = str(row.value.get("outcome", ""))
    return "" if ending == Ending.HANDED_ON else ending


def _first_seen(row: Row | None) -> datetime | None:
    try:
        return None if row is None else as_read(row, received_at)
    except UnreadableError:
        return None


def _door(row: Row | None) -> datetime | None:
    """When an event stood at the door, as its row has it."""
    try:
        told = None if row is None else row.value.get("received")
        return None if told is None else datetime.fromisoformat(told)
    except (TypeError, ValueError):
        return None


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


def _read(ledger: Ledger, message: Message) -> Row | None:
    """The row of a message; None where there is none that can be read."""
    try:
        with naming(ledger):
            return ledger.read(partition_of(message), _key(message))
    except UnreadableError:
        return None


def received_at(row: Row) -> datetime:
    """When the event of a row first came in."""
    return datetime.fromisoformat(row.value["receivedAt"])


def _key(message: Message) -> str:
    return f"{_day(message.event_time)}-{_digest(message)}"


def _digest(message: Message) -> str:
    return short(message.event_id, message.target or "", message.expand or "", message.sweep or "")


def _value(message: Message, received: datetime) -> dict[str, Any]:
    return {
        "eventId": message.event_id,
        "target": message.target,
        "expand": message.expand,
        "sweep": message.sweep,
        "eventTime": message.event_time.isoformat() if message.event_time else None,
        "receivedAt": received.isoformat(),
        "received": message.received.isoformat() if message.received else None,
        "operation": message.operation,
        "actor": message.actor,
        "correlationId": message.correlation_id,
    }


def _moment(value: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(value["eventTime"] or value["receivedAt"])


def _event(row: Row) -> Event:
    value = row.value
    return utc(_moment(value)), converted(value, Message), str(value.get("outcome", ""))
