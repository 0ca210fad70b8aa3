"""The ports of one process: working adapters behind a gate."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from remediation.adapters.memory.storage import MemoryLedger, MemoryQueue
from remediation.errors import ForbiddenError, ThrottledError
from remediation.messages import CardMessage, Message
from remediation.model import Listing, Resource, Write
from remediation.ports import Announcement, Change, Operation, Progress, Row
from remediation.resource_id import ResourceId
from tests.simulation.azure import Azure, Bucket
from tests.simulation.laws import Laws
from tests.simulation.scenario import Kind
from tests.simulation.trouble import Gate
from tests.simulation.witness import Read, Witness


def refuse(kind: Kind) -> None:
    if kind == "throttle":
        raise ThrottledError("HTTP 429 SubscriptionRequestsThrottled", retry_after=7.0)
    if kind == "forbidden":
        raise ForbiddenError("HTTP 403 AuthorizationFailed", code="AuthorizationFailed")


@dataclass
class Arm:
    """A Cloud: throttled, sometimes late, sometimes failing what it accepted. Every write meets the laws."""

    azure: Azure
    gate: Gate
    witness: Witness
    laws: Laws

    def get(self, resource: ResourceId) -> Resource | None:
        stale = False

        def notice(kind: Kind) -> None:
            nonlocal stale
            refuse(kind)
            stale |= kind == "stale"

        def read() -> Resource | None:
            _throttle(self.azure.reads)
            seen = self.azure.stale(resource) if stale else self.azure.look(resource)
            found = Read(len(self.azure.changes), seen, stale)
            self.witness.read(self.gate.scheduler.here, resource, found)
            return seen

        return self.gate.call("arm.read", read, notice)

    def list(self, listing: Listing) -> Sequence[Resource]:
        def read() -> Sequence[Resource]:
            _throttle(self.azure.reads)
            return self.azure.cloud.list(listing)

        return self.gate.call("arm.read", read, refuse)

    def write(self, write: Write) -> Operation:
        failing = False

        def notice(kind: Kind) -> None:
            nonlocal failing
            refuse(kind)
            failing |= kind == "failed"

        def send() -> Operation:
            _throttle(self.azure.writes)
            if failing:
                self.witness.counts["writes made"] += 1
                return Operation("sim://failed", retry_after=5.0)
            task = self.gate.scheduler.here
            judged = self.laws.before(task, write)
            operation = self.azure.change(write, by=task.name)
            self.witness.counts["writes made"] += 1
            self.laws.after(task, self.azure.changes[-1], judged)
            return operation

        return self.gate.call("arm.write", send, notice)

    def poll(self, url: str) -> Progress:
        def ask() -> Progress:
            _throttle(self.azure.reads)
            if url == "sim://failed":
                return Progress("failed", "InternalServerError", "An error occurred.")
            return self.azure.cloud.poll(url)

        return self.gate.call("arm.poll", ask, refuse)


def _throttle(bucket: Bucket) -> None:
    wait = bucket.wait()
    if wait:
        raise ThrottledError("HTTP 429 SubscriptionRequestsThrottled", retry_after=wait)


@dataclass
class Records:
    """A Ledger."""

    ledger: MemoryLedger
    gate: Gate
    witness: Witness

    def read(self, partition: str, key: str) -> Row | None:
        return self.gate.call("ledger", lambda: self.ledger.read(partition, key))

    def insert(self, partition: str, key: str, value: dict[str, Any]) -> Row:
        row = self.gate.call("ledger", lambda: self.ledger.insert(partition, key, value))
        self._written(partition, key, value)
        return row

    def replace(self, row: Row, value: dict[str, Any]) -> Row:
        new = self.gate.call("ledger", lambda: self.ledger.replace(row, value))
        self._written(row.partition, row.key, value)
        return new

    def put(self, partition: str, key: str, value: dict[str, Any]) -> None:
        self.gate.call("ledger", lambda: self.ledger.put(partition, key, value))
        self._written(partition, key, value)

    def delete(self, row: Row) -> None:
        self.gate.call("ledger", lambda: self.ledger.delete(row))

    def commit(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        rows = self.gate.call("ledger", lambda: self.ledger.commit(changes))
        for row in rows:
            if row is not None:
                self._written(row.partition, row.key, row.value)
        return rows

    def rows(self, partition: str, *, start: str = "", end: str = "", limit: int = 1000) -> Sequence[Row]:
        return self.gate.call(
            "ledger", lambda: self.ledger.rows(partition, start=start, end=end, limit=limit)
        )

    def next_partition(self, first: str, end: str) -> str | None:
        return self.gate.call("ledger", lambda: self.ledger.next_partition(first, end))

    def delete_all(self, rows: Sequence[Row]) -> int:
        return self.gate.call("ledger", lambda: self.ledger.delete_all(rows))

    def _written(self, partition: str, key: str, value: dict[str, Any]) -> None:
        self.witness.written(self.gate.scheduler.here, partition, key, value)


@dataclass
class Lines:
    """A Queue whose messages may become visible later than asked for, and so in another order."""

    queue: MemoryQueue
    gate: Gate

    def send(self, message: Message, *, delay: float = 0) -> None:
        self.gate.call("queue", lambda: self.queue.send(message, delay=delay + self._late()))

    def send_card(self, message: CardMessage, *, delay: float = 0) -> None:
        self.gate.call("queue", lambda: self.queue.send_card(message, delay=delay + self._late()))

    def _late(self) -> float:
        return self.gate.rng.choice((0.0, 0.0, 0.5, 3.0))


@dataclass
class Channel:
    """An Announcer; `accept` is the topic's side, which delivers what it has accepted."""

    accept: Callable[[Sequence[Announcement]], None]
    gate: Gate
    witness: Witness

    def announce(self, announcements: Iterable[Announcement]) -> None:
        def publish() -> None:
            accepted = list(announcements)
            self.witness.announced(self.gate.scheduler.here, accepted)
            self.accept(accepted)

        self.gate.call("topic", publish)


@dataclass
class Teams:
    """A Notifier."""

    gate: Gate
    witness: Witness

    def post(self, card: dict[str, Any]) -> None:
        self.gate.call("teams", lambda: self.witness.posted(self.gate.scheduler.here))
