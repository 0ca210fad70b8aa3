"""An activity log in memory, as bad as the real one, and a guard that reads it."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from remediation.adapters.memory.storage import MemoryLedger, MemoryQueue, VirtualClock
from remediation.intake.accepting import Accepting
from remediation.intake.fetching.checking import Checker
from remediation.intake.fetching.port import LogPage
from remediation.intake.fetching.progress import Fetched
from remediation.intake.fetching.rounds import Rounds
from remediation.intake.fetching.windows import Windows
from remediation.ledger.inbox import Inbox
from remediation.ledger.pressure import Pressure
from remediation.messages import Message, decode
from remediation.ports import Backlog, Clock
from tests.builders import NSG_ID, SUBSCRIPTION
from tests.noted import Noted

OPERATION = "Microsoft.Network/networkSecurityGroups/write"


def a_record(name: str, at: datetime, status: str = "Succeeded", **fields: Any) -> dict[str, Any]:
    """A record of a write on the NSG `web`; `name` is its id and the correlation id of its operation."""
    return {
        "eventDataId": f"{name}-{status}",
        "correlationId": name,
        "caller": "ada@contoso.example",
        "category": {"value": "Administrative"},
        "operationName": {"value": OPERATION},
        "status": {"value": status},
        "resourceId": NSG_ID.text,
        "eventTimestamp": at.isoformat(),
        **fields,
    }


@dataclass
class MemoryLog:
    """What stands in the log, each record from a moment on. Its clock is `ahead` of ours."""

    clock: Clock
    ahead: timedelta = timedelta(0)
    page: int = 100
    asked: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    failing: list[Exception] = field(default_factory=list)
    _kept: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)

    def now(self) -> datetime:
        return self.clock.now() + self.ahead

    def tells(self, name: str, late: float = 0, **fields: Any) -> datetime:
        """Something is changed now; the log tells of it so many seconds later."""
        now = self.now()
        self._kept.append((now + timedelta(seconds=late), a_record(name, now, **fields)))
        return now

    def repeats(self, late: float = 0) -> None:
        """The last record comes a second time."""
        _, record = self._kept[-1]
        self._kept.append((self.now() + timedelta(seconds=late), record))

    def pages(self, subscription: str, since: datetime, until: datetime | None) -> Iterator[LogPage]:
        self.asked.append((since, until))
        there = [each for each in reversed(self._kept) if each[0] <= self.now()]
        there.sort(key=lambda each: each[0], reverse=True)
        wanted = [
            record
            for _, record in there
            if since <= (moment := datetime.fromisoformat(record["eventTimestamp"]))
            and (until is None or moment <= until)
        ]
        for start in range(0, max(1, len(wanted)), self.page):
            if self.failing:
                raise self.failing.pop(0)
            yield LogPage(wanted[start : start + self.page], self.now())


@dataclass
class Gauges:
    """Queues that hold what a test says."""

    kept: list[Backlog] = field(default_factory=list)

    def backlog(self) -> list[Backlog]:
        return self.kept


class Reading:
    """A guard that reads a log: what it puts on the queue, what it remembers, what it counts."""

    def __init__(self, ahead: timedelta = timedelta(0), page: int = 100) -> None:
        self.clock = VirtualClock()
        self.log = MemoryLog(self.clock, ahead, page)
        self.ledger = MemoryLedger()
        self.queue = MemoryQueue(self.clock)
        self.noted = Noted()
        self.fetched = Fetched(self.ledger)
        self.pressure = Pressure(self.ledger)
        self.inbox = Inbox(self.ledger)
        self.gauge = Gauges()

    def rounds(self, **through: Any) -> Rounds:
        parts: dict[str, Any] = {
            "windows": Windows(self.log, self.fetched, self.clock),
            "fetched": self.fetched,
            "pressure": self.pressure,
            "queue": self.queue,
            "take": Accepting(self.noted, self.clock).messages,
            "clock": self.clock,
            "measures": self.noted,
        }
        return Rounds(**{**parts, **through})

    def checker(self) -> Checker:
        return Checker(self.rounds(fetches=False), self.inbox, self.gauge)

    def after(self, seconds: float) -> "Reading":
        self.clock.advance(seconds)
        return self

    def fetches(self) -> list[str]:
        """One round; the names of the changes that are handed in, in order."""
        self.rounds().fetch(SUBSCRIPTION)
        return self.taken()

    def taken(self) -> list[str]:
        return [message.correlation_id for message in self.messages()]

    def messages(self) -> list[Message]:
        """What lies on the queue, taken off it."""
        found = []
        for received in self.queue.receive("reconcile", visibility=60, limit=1000):
            found.append(decode(base64.b64decode(received.text)))
            self.queue.delete("reconcile", received)
        return found


def a_watched() -> Reading:
    """One whose log was checked once, before anything of the test happens."""
    reading = Reading()
    reading.checker().check(SUBSCRIPTION)
    reading.log.asked.clear()
    return reading
