"""The events that came in, each once, for replays. An event seen twice is one row."""

from datetime import datetime
from typing import Any

from remediation.errors import ConflictError
from remediation.ledger.keys import short
from remediation.messages import Message
from remediation.ports import Ledger


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
        value: dict[str, Any] = {
            "eventId": message.event_id,
            "target": message.target,
            "expand": message.expand,
            "sweep": message.sweep,
            "eventTime": message.event_time.isoformat() if message.event_time else None,
            "receivedAt": now.isoformat(),
            "operation": message.operation,
            "actor": message.actor,
            "correlationId": message.correlation_id,
        }
        try:
            self._ledger.insert(partition_of(message.event_time), _key(message), value)
        except ConflictError:
            return self._first_seen(message)
        return None

    def _first_seen(self, message: Message) -> datetime | None:
        row = self._ledger.read(partition_of(message.event_time), _key(message))
        return None if row is None else datetime.fromisoformat(row.value["receivedAt"])


def _key(message: Message) -> str:
    return short(message.event_id, message.target or "", message.expand or "", message.sweep or "")
