"""What the core needs from the outside world, as narrow as it can be.

Each port has at least two adapters: one on Azure's SDKs and one in memory, held to the same contract tests.
All raise errors of `remediation.errors` and nothing else for what a service or a network does. `Ports` holds
the five that a worker needs, since they travel together.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from remediation.errors import TransientError
from remediation.messages import CardMessage, Message
from remediation.model import Listing, Resource, Write
from remediation.resource_id import ResourceId


class Clock(Protocol):
    """Time. Nothing else in the core asks what time it is or waits."""

    def now(self) -> datetime:
        """This moment in UTC, with its zone."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; a virtual clock only moves."""
        ...


@dataclass(frozen=True, slots=True)
class Operation:
    """A write that ARM accepted. `url` is its operation, kept verbatim; None when it is already done."""

    url: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How an operation stands. `code` and `message` are ARM's when it failed or was cancelled."""

    state: Literal["running", "succeeded", "failed", "cancelled"]
    code: str = ""
    message: str = ""
    retry_after: float | None = None


class Cloud(Protocol):
    """ARM. Every read asks ARM itself; nothing is cached.

    Raises ForbiddenError (401, 403), ThrottledError (429, with retry_after), ConflictError (412, another
    operation in progress), TransientError (5xx, no answer), PermanentError (everything else).
    """

    def get(self, resource: ResourceId) -> Resource | None:
        """The document as ARM returns it now, or None where ARM says 404."""
        ...

    def list(self, listing: Listing) -> Sequence[Resource]:
        """Every resource of a type on or under a scope, all pages; empty where the scope is gone."""
        ...

    def write(self, write: Write) -> Operation:
        """Send one PUT or DELETE; returns as soon as ARM has accepted it. Deleting what is gone succeeds."""
        ...

    def poll(self, url: str) -> Progress:
        """Ask how an operation stands, once. An operation ARM no longer knows counts as succeeded."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One record of the ledger as it was read; `etag` names this version.

    In a list a record that cannot be read stands with an empty value, the reason in `unreadable`, and what is
    there in `raw`; `newer` says that a later release wrote it.
    """

    partition: str
    key: str
    value: dict[str, Any]
    etag: str
    unreadable: str = ""
    newer: bool = False
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Insert:
    """Create a record; a conflict when there is one already."""

    partition: str
    key: str
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Replace:
    """Write a record whose etag is still `row.etag`; a conflict otherwise, gone included."""

    row: Row
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a record whose etag is still `row.etag`; a conflict otherwise, gone included."""

    row: Row


type Change = Insert | Replace | Delete


class Ledger(Protocol):
    """What we remember: JSON records under (partition, key), each change conditioned on what was read.

    Keys are any text (adapters escape or hash them). Values are JSON objects of up to 800 KB when
    compressed (TooLargeError). Each carries the version of its kind; what a later release wrote is left
    alone. Raises ConflictError when the record is not (or no longer) as the caller believes, and
    TransientError when the store cannot be reached.

    Partitions whose names end in the same ``@`` and shard lie together: what is written together there is
    one `commit`.
    """

    def read(self, partition: str, key: str) -> Row | None:
        """The record; raises UnreadableError when it is damaged or of a later release."""
        ...

    def insert(self, partition: str, key: str, value: dict[str, Any]) -> Row:
        """Create a record; ConflictError when there is one already."""
        ...

    def replace(self, row: Row, value: dict[str, Any]) -> Row:
        """Write a record whose etag is still `row.etag`; ConflictError otherwise, gone included."""
        ...

    def put(self, partition: str, key: str, value: dict[str, Any]) -> None:
        """Write a record whatever was there, unless a later release's: facts that only one writer owns."""
        ...

    def delete(self, row: Row) -> None:
        """Remove a record whose etag is still `row.etag`; ConflictError otherwise. Gone is fine."""
        ...

    def commit(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        """Make all of at most a hundred changes within one shard, or none and raise ConflictError.

        Returns each record as it is now, None for what was deleted. No record may be named twice.
        """
        ...

    def rows(self, partition: str, *, start: str = "", end: str = "", limit: int = 1000) -> Sequence[Row]:
        """Records of a partition with start <= key < end (empty: no bound), in key order, at most `limit`.

        One that cannot be read is among them, so that it stops no other.
        """
        ...

    def next_partition(self, first: str, end: str) -> str | None:
        """The first partition with a record, first <= partition < end; None where there is none.

        Shards have no place in that order: their names are known.
        """
        ...

    def delete_all(self, rows: Sequence[Row]) -> int:
        """Remove records of one partition; returns how many went. What changed since it was read stays."""
        ...


class Archive(Protocol):
    """Where records go before they are forgotten."""

    def keep(self, name: str, content: bytes) -> None:
        """Store a document under a name, over one that is there; returns when it is stored."""
        ...


class Queue(Protocol):
    """The queues of the two lanes and that of owed cards. Messages never expire."""

    def send(self, message: Message, *, delay: float = 0) -> None:
        """Put work on its lane's queue (`Message.is_direct`), visible in `delay` seconds, at most 7 days."""
        ...

    def send_card(self, message: CardMessage, *, delay: float = 0) -> None:
        """Nudge the sender of cards after `delay` seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Backlog:
    """What lies on a queue: messages, delayed ones included, and since when the first that is due."""

    queue: str
    messages: int
    oldest: datetime | None = None


class Gauge(Protocol):
    """Tells how much work waits."""

    def backlog(self) -> Sequence[Backlog]:
        """Each queue of the app, those of what was given up included."""
        ...


@dataclass(frozen=True, slots=True)
class Announcement:
    """One change in the life of a finding, as it goes to the drift topic (a CloudEvent 1.0).

    `id` is deterministic (finding and sequence number), so that a consumer can drop repeats.
    `type` is for example ``BastionGuard.DriftFixed``; `subject` is the resource's id.
    """

    id: str
    type: str
    subject: str
    time: datetime
    data: dict[str, Any]


class Announcer(Protocol):
    """The channel of record: the drift topic, or what stands in for it."""

    def announce(self, announcements: Iterable[Announcement]) -> None:
        """Publish; returns when the channel has accepted all of them."""
        ...


class Notifier(Protocol):
    """Where people read: a Teams webhook, or a log."""

    def post(self, card: dict[str, Any]) -> None:
        """Send one Adaptive Card (the card itself, without the webhook's envelope)."""
        ...


type Together = Callable[[Sequence[Callable[[], Any]]], Iterable[Any]]
"""Makes calls that do not depend on each other; their results, in order."""


def in_turn(calls: Sequence[Callable[[], Any]]) -> Iterator[Any]:
    """One call after the other; none any more behind one that has to be tried again."""
    for call in calls:
        answer = call()
        yield answer
        if isinstance(answer, TransientError):
            return


type Keeping = Callable[[Callable[[], bool], float], AbstractContextManager[None]]
"""Calls something every so many seconds while the block lasts, until it answers False."""


def unkept(_renew: Callable[[], bool], _every: float) -> AbstractContextManager[None]:
    """Nobody renews: for work that is shorter than its lease."""
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside world as a worker sees it: what it reads, writes, remembers, queues and tells, and when.

    `together` is how reads that do not depend on each other are made, `keeping` how leases are renewed.
    """

    cloud: Cloud
    ledger: Ledger
    queue: Queue
    announcer: Announcer
    clock: Clock
    together: Together = in_turn
    keeping: Keeping = unkept
