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

    def store(self, message: Message, now: datetime) -> None:
        """Remember the event a message carries; one without id (a sweep, a look again) has none."""
        if not message.event_id:
            return
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
            self._ledger.insert(partition_of(message.event_time), short(message.event_id), value)
        except ConflictError:
            return
