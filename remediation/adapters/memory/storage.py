"""The outside world in memory: every port, held to the contract of its twin on Azure.

These fakes ship. They run the demo's single-process host, the dry run and most tests; `shared` lets an app
and the host that runs it meet at the same ledger and queues by name, as they would at a storage account.
"""

import bisect
import itertools
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from remediation.adapters.clock import SystemClock, VirtualClock
from remediation.adapters.memory.cloud import MemoryCloud
from remediation.adapters.storage import ledger_codec as codec
from remediation.adapters.storage.archive import MemoryArchive
from remediation.adapters.storage.dead_letters import MemoryDeadLetters
from remediation.adapters.storage.declared_files import MemoryDeclaredFiles
from remediation.adapters.storage.marker import MemoryMarker
from remediation.errors import ConflictError
from remediation.ledger.versions import version_of
from remediation.messages import CardMessage, Message, encode, on_the_wire
from remediation.ports import Announcement, Change, Clock, Delete, Insert, Replace, Row

__all__ = [
    "MemoryAnnouncer",
    "MemoryCloud",
    "MemoryLedger",
    "MemoryNotifier",
    "MemoryQueue",
    "MemoryStorage",
    "Received",
    "VirtualClock",
    "shared",
]

RECONCILE, NEIGHBOURHOOD, CARDS = "reconcile", "neighbourhood", "cards"


class MemoryLedger:
    """A Ledger of packed records, so that what is read is never what somebody still holds and changes."""

    def __init__(self, versions: Callable[[str], int] = version_of) -> None:
        self._version_of = versions
        self._records: dict[tuple[str, str], tuple[bytes, str]] = {}
        self._keys: dict[str, list[str]] = {}
        self._versions = itertools.count(1)
        self._lock = threading.Lock()

    def read(self, partition: str, key: str) -> Row | None:
        with self._lock:
            record = self._records.get((partition, key))
        return None if record is None else self._row(partition, key, *record)

    def insert(self, partition: str, key: str, value: dict[str, Any]) -> Row:
        packed = self._packed(partition, value)
        with self._lock:
            if (partition, key) in self._records:
                raise ConflictError(f"the ledger has {partition}/{key} already")
            return self._store(partition, key, packed)

    def replace(self, row: Row, value: dict[str, Any]) -> Row:
        codec.refuse_unreadable(row)
        packed = self._packed(row.partition, value)
        with self._lock:
            self._check(row, self._records.get((row.partition, row.key)))
            return self._store(row.partition, row.key, packed)

    def put(self, partition: str, key: str, value: dict[str, Any]) -> None:
        packed = self._packed(partition, value)
        with self._lock:
            record = self._records.get((partition, key))
            if record is None or not self._listed(partition, key, *record).newer:
                self._store(partition, key, packed)

    def delete(self, row: Row) -> None:
        with self._lock:
            record = self._records.get((row.partition, row.key))
            if record is None:
                return
            self._check(row, record)
            self._drop(row)

    def commit(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        codec.refuse_far_apart(changes)
        packed = [self._packed_change(change) for change in changes]
        with self._lock:
            for change in changes:
                self._check_change(change)
            return [self._make(change, value) for change, value in zip(changes, packed, strict=True)]

    def _packed_change(self, change: Change) -> bytes:
        match change:
            case Insert():
                return self._packed(change.partition, change.value)
            case Replace():
                codec.refuse_unreadable(change.row)
                return self._packed(change.row.partition, change.value)
            case Delete():
                return b""

    def _check_change(self, change: Change) -> None:
        if isinstance(change, Insert):
            if (change.partition, change.key) in self._records:
                raise ConflictError(f"the ledger has {change.partition}/{change.key} already")
        else:
            self._check(change.row, self._records.get((change.row.partition, change.row.key)))

    def _make(self, change: Change, packed: bytes) -> Row | None:
        match change:
            case Insert():
                return self._store(change.partition, change.key, packed)
            case Replace():
                return self._store(change.row.partition, change.row.key, packed)
            case Delete():
                self._drop(change.row)
                return None

    def rows(self, partition: str, *, start: str = "", end: str = "", limit: int = 1000) -> Sequence[Row]:
        with self._lock:
            keys = self._keys.get(partition, [])
            stop = bisect.bisect_left(keys, end) if end else len(keys)
            chosen = keys[bisect.bisect_left(keys, start) : stop][:limit]
            records = [(key, *self._records[partition, key]) for key in chosen]
        return [self._listed(partition, *record) for record in records]

    def next_partition(self, first: str, end: str) -> str | None:
        with self._lock:
            held = (name for name, keys in self._keys.items() if keys and first <= name < end)
            return min((name for name in held if not codec.lies_in_shard(name)), default=None)

    def delete_all(self, rows: Sequence[Row]) -> int:
        count = 0
        for row in rows:
            with suppress(ConflictError):
                self.delete(row)
                count += 1
        return count

    def _packed(self, partition: str, value: dict[str, Any]) -> bytes:
        return codec.pack(value, self._version_of(partition))

    def _row(self, partition: str, key: str, packed: bytes, etag: str) -> Row:
        return Row(partition, key, codec.unpack(packed, self._version_of(partition), partition, key), etag)

    def _listed(self, partition: str, key: str, packed: bytes, etag: str) -> Row:
        return codec.row(packed, self._version_of(partition), partition, key, etag)

    def _check(self, row: Row, record: tuple[bytes, str] | None) -> None:
        if record is None or record[1] != row.etag:
            raise ConflictError(f"the ledger has another version of {row.partition}/{row.key} by now")

    def _drop(self, row: Row) -> None:
        del self._records[row.partition, row.key]
        self._keys[row.partition].remove(row.key)

    def _store(self, partition: str, key: str, packed: bytes) -> Row:
        if (partition, key) not in self._records:
            bisect.insort(self._keys.setdefault(partition, []), key)
        etag = f'W/"{next(self._versions)}"'
        self._records[partition, key] = (packed, etag)
        return self._row(partition, key, packed, etag)


@dataclass(frozen=True, slots=True)
class Received:
    """A message as a poller gets it: base64 `text`, and the receipt that deletes or releases it."""

    id: str
    text: str
    dequeue_count: int
    inserted: datetime
    next_visible: datetime
    receipt: int


@dataclass(slots=True)
class _Lying:
    id: str
    text: str
    inserted: datetime
    visible: datetime
    dequeue_count: int = 0
    receipt: int = 0


class MemoryQueue:
    """Storage queues: delays, invisibility while somebody works, dequeue counts, at-least-once delivery.

    Any number of named queues exist as soon as they are used; `reconcile`, `neighbourhood` and `cards` are
    those of the port. The side of the host is `put`, `receive`, `delete`, `release` and `next_visible`; every
    change that may make a message visible calls the subscribers, on the thread that caused it.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        reconcile: str = RECONCILE,
        neighbourhood: str = NEIGHBOURHOOD,
        cards: str = CARDS,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self._reconcile, self._neighbourhood, self._cards = reconcile, neighbourhood, cards
        self._queues: dict[str, dict[str, _Lying]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._subscribers: list[Callable[[], None]] = []

    def send(self, message: Message, *, delay: float = 0) -> None:
        lane = self._reconcile if message.is_direct else self._neighbourhood
        self.put(lane, on_the_wire(encode(message)), delay=delay)

    def send_card(self, message: CardMessage, *, delay: float = 0) -> None:
        self.put(self._cards, on_the_wire(encode(message)), delay=delay)

    def put(self, queue: str, text: str, *, delay: float = 0) -> None:
        """Add a message as it lies on the wire, visible after `delay` seconds."""
        now = self.clock.now()
        with self._lock:
            identity = f"{next(self._numbers):08d}"
            lying = _Lying(identity, text, now, now + timedelta(seconds=max(0.0, delay)))
            self._queues.setdefault(queue, {})[identity] = lying
        self._tell()

    def receive(self, queue: str, *, visibility: float, limit: int = 1) -> list[Received]:
        """Take up to `limit` visible messages; they reappear after `visibility` seconds unless deleted."""
        now = self.clock.now()
        with self._lock:
            visible = (lying for lying in self._queues.get(queue, {}).values() if lying.visible <= now)
            taken = list(itertools.islice(visible, limit))
            return [self._take(lying, now + timedelta(seconds=visibility)) for lying in taken]

    def delete(self, queue: str, message: Received) -> bool:
        """Remove a message that is done; False when its receipt is stale because it reappeared meanwhile."""
        with self._lock:
            current = self._queues.get(queue, {}).get(message.id)
            if current is None or current.receipt != message.receipt:
                return False
            del self._queues[queue][message.id]
            return True

    def release(self, queue: str, message: Received, *, delay: float = 0) -> bool:
        """Give a message back, visible after `delay` seconds; False when the receipt is stale."""
        with self._lock:
            current = self._queues.get(queue, {}).get(message.id)
            if current is None or current.receipt != message.receipt:
                return False
            current.visible = self.clock.now() + timedelta(seconds=max(0.0, delay))
        self._tell()
        return True

    def poison(self, queue: str, message: Received) -> None:
        """Move a message that failed too often to `{queue}-poison`, as the Functions host does."""
        if self.delete(queue, message):
            self.put(f"{queue}-poison", message.text)

    def texts(self, queue: str = RECONCILE) -> list[str]:
        """The wire texts of everything that lies on a queue, visible or not, oldest first."""
        with self._lock:
            return [lying.text for lying in self._queues.get(queue, {}).values()]

    def next_visible(self, queue: str) -> datetime | None:
        """When the next message of a queue is or becomes visible; None when nothing lies there."""
        with self._lock:
            return min((lying.visible for lying in self._queues.get(queue, {}).values()), default=None)

    def oldest_visible(self, queue: str) -> datetime | None:
        """Since when the first message that could be taken now has lain there; None where there is none."""
        now = self.clock.now()
        with self._lock:
            lying = self._queues.get(queue, {}).values()
            return min((each.inserted for each in lying if each.visible <= now), default=None)

    def subscribe(self, notice: Callable[[], None]) -> Callable[[], None]:
        """Call `notice` whenever a message may have become available; returns what ends that."""
        self._subscribers.append(notice)
        return lambda: self._subscribers.remove(notice)

    def _take(self, lying: _Lying, until: datetime) -> Received:
        lying.visible = until
        lying.dequeue_count += 1
        lying.receipt += 1
        return Received(lying.id, lying.text, lying.dequeue_count, lying.inserted, until, lying.receipt)

    def _tell(self) -> None:
        for notice in tuple(self._subscribers):
            notice()


class MemoryAnnouncer:
    """A channel of record that remembers; `announcements` is everything published, in order."""

    def __init__(self) -> None:
        self.announcements: list[Announcement] = []

    def announce(self, announcements: Iterable[Announcement]) -> None:
        self.announcements.extend(announcements)


class MemoryNotifier:
    """A channel of people that remembers; `cards` is everything posted, in order."""

    def __init__(self) -> None:
        self.cards: list[dict[str, Any]] = []

    def post(self, card: dict[str, Any]) -> None:
        self.cards.append(card)


@dataclass(frozen=True, slots=True)
class MemoryStorage:
    """A storage account in memory: what an app and the host that runs it have in common."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    dead_letters: MemoryDeadLetters = field(default_factory=MemoryDeadLetters)
    archive: MemoryArchive = field(default_factory=MemoryArchive)
    marker: MemoryMarker = field(default_factory=MemoryMarker)
    declared: MemoryDeclaredFiles = field(default_factory=MemoryDeclaredFiles)


_accounts: dict[str, MemoryStorage] = {}
_accounts_lock = threading.Lock()


def shared(name: str, clock: Clock | None = None) -> MemoryStorage:
    """The storage of this name in this process, made at first use; the first caller's clock counts."""
    with _accounts_lock:
        if name not in _accounts:
            _accounts[name] = MemoryStorage(queue=MemoryQueue(clock))
        return _accounts[name]


def forget(name: str) -> None:
    """Drop the storage of this name, so that the next use starts empty."""
    with _accounts_lock:
        _accounts.pop(name, None)
