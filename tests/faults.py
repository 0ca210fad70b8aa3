"""Trouble, wrapped around working adapters: each class is a port that holds a port and misbehaves."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from remediation.errors import ConflictError, TransientError
from remediation.ledger.versions import kind_of
from remediation.messages import CardMessage, Message
from remediation.model import Listing, Resource, Write
from remediation.ports import (
    Announcement,
    Announcer,
    Change,
    Cloud,
    Insert,
    Ledger,
    Notifier,
    Operation,
    Progress,
    Queue,
    Replace,
    Row,
)
from remediation.resource_id import ResourceId


def nothing(*_: object) -> None:
    """What a hook does unless a test says otherwise."""


class Killed(BaseException):
    """The process is gone: no handler of ours may run any more, so this is no Exception."""


@dataclass
class Lifetime:
    """How many port calls a process still makes before it is killed; the killed one never makes another."""

    calls: int
    made: int = 0

    def spend(self) -> None:
        self.made += 1
        if self.made > self.calls:
            raise Killed


@dataclass
class Mortal:
    """Any port of a process that dies: `after` the effect of its last call, so that its answer is lost."""

    port: Any
    lifetime: Lifetime
    after: bool = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            last = self.lifetime.made == self.lifetime.calls
            if not (self.after and last):
                self.lifetime.spend()
            answer = method(*args, **kwargs)
            if self.after and last:
                self.lifetime.spend()
            return answer

        return call


@dataclass
class Interrupted:
    """A Cloud around which the world moves on: a hook is called before (or after) its call is passed on."""

    cloud: Cloud
    before_get: Callable[[ResourceId], None] = nothing
    after_get: Callable[[ResourceId], None] = nothing
    before_list: Callable[[Listing], None] = nothing
    before_write: Callable[[Write], None] = nothing
    before_poll: Callable[[str], None] = nothing

    def get(self, resource: ResourceId) -> Resource | None:
        self.before_get(resource)
        found = self.cloud.get(resource)
        self.after_get(resource)
        return found

    def list(self, listing: Listing) -> Sequence[Resource]:
        self.before_list(listing)
        return self.cloud.list(listing)

    def write(self, write: Write) -> Operation:
        self.before_write(write)
        return self.cloud.write(write)

    def poll(self, url: str) -> Progress:
        self.before_poll(url)
        return self.cloud.poll(url)


def failing(*errors: Exception, on: Callable[[Any], bool] = bool) -> Callable[[Any], None]:
    """A hook that raises the errors one after the other, at the calls `on` chooses, and then no more."""
    left = list(errors)

    def hook(asked: Any) -> None:
        if left and on(asked):
            raise left.pop(0)

    return hook


def always(error: Exception, on: Callable[[Any], bool] = bool) -> Callable[[Any], None]:
    """A hook that raises the same error at every call `on` chooses."""

    def hook(asked: Any) -> None:
        if on(asked):
            raise error

    return hook


def once(action: Callable[[], object]) -> Callable[[Any], None]:
    """A hook that lets somebody act in between, the first time only."""
    left = [action]

    def hook(_: Any) -> None:
        if left:
            left.pop()()

    return hook


@dataclass
class Deaf:
    """A Cloud whose answer to a write is lost on the way back, though the write had its effect."""

    cloud: Cloud
    lost: int = 1

    def write(self, write: Write) -> Operation:
        operation = self.cloud.write(write)
        if self.lost:
            self.lost -= 1
            raise TransientError("the connection broke before the answer came")
        return operation

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cloud, name)


@dataclass
class Ineffective:
    """A Cloud that accepts writes and does nothing: the next read shows what was there before."""

    cloud: Cloud
    accepted: list[Write] = field(default_factory=list)

    def write(self, write: Write) -> Operation:
        self.accepted.append(write)
        return Operation()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cloud, name)


@dataclass
class Operating:
    """A Cloud whose writes end as told: the operation it returns answers `progress`, one after the other."""

    cloud: Cloud
    progress: list[Progress]
    effective: bool = True

    def write(self, write: Write) -> Operation:
        if self.effective:
            self.cloud.write(write)
        return Operation("https://operations.example/1", retry_after=2.0)

    def poll(self, _url: str) -> Progress:
        return self.progress.pop(0) if len(self.progress) > 1 else self.progress[0]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cloud, name)


@dataclass
class Contended:
    """A Ledger in which somebody else acts just before a record of a kind is replaced."""

    ledger: Ledger
    partition: str
    meanwhile: Callable[[Any], None]

    def replace(self, row: Row, value: dict[str, Any]) -> Row:
        if kind_of(row.partition) == self.partition:
            self.meanwhile(value)
        return self.ledger.replace(row, value)

    def commit(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        for change in changes:
            if isinstance(change, Replace) and kind_of(change.row.partition) == self.partition:
                self.meanwhile(change.value)
        return self.ledger.commit(changes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


@dataclass
class Watched:
    """A Ledger that tells of each write of the partitions whose names begin alike, by its key."""

    ledger: Ledger
    partition: str
    tell: Callable[[str], None]

    def insert(self, partition: str, key: str, value: dict[str, Any]) -> Row:
        self._note(partition, key)
        return self.ledger.insert(partition, key, value)

    def replace(self, row: Row, value: dict[str, Any]) -> Row:
        self._note(row.partition, row.key)
        return self.ledger.replace(row, value)

    def put(self, partition: str, key: str, value: dict[str, Any]) -> None:
        self._note(partition, key)
        self.ledger.put(partition, key, value)

    def commit(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        for change in changes:
            place = change if isinstance(change, Insert) else change.row
            self._note(place.partition, place.key)
        return self.ledger.commit(changes)

    def _note(self, partition: str, key: str) -> None:
        if partition.startswith(self.partition):
            self.tell(key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


@dataclass
class Unwritable:
    """A Ledger that takes no record of one kind, or always conflicts on it."""

    ledger: Ledger
    partition: str
    error: Exception = field(default_factory=lambda: ConflictError("somebody else keeps winning"))

    def insert(self, partition: str, key: str, value: dict[str, Any]) -> Row:
        self._refuse(partition)
        return self.ledger.insert(partition, key, value)

    def replace(self, row: Row, value: dict[str, Any]) -> Row:
        self._refuse(row.partition)
        return self.ledger.replace(row, value)

    def put(self, partition: str, key: str, value: dict[str, Any]) -> None:
        self._refuse(partition)
        self.ledger.put(partition, key, value)

    def commit(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        for change in changes:
            self._refuse((change if isinstance(change, Insert) else change.row).partition)
        return self.ledger.commit(changes)

    def _refuse(self, partition: str) -> None:
        if kind_of(partition) == self.partition:
            raise self.error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


@dataclass
class Clogged:
    """A Queue that takes nothing for the first few sends."""

    queue: Queue
    refused: int = 1

    def send(self, message: Message, *, delay: float = 0) -> None:
        self._refuse()
        self.queue.send(message, delay=delay)

    def send_card(self, message: CardMessage, *, delay: float = 0) -> None:
        self._refuse()
        self.queue.send_card(message, delay=delay)

    def _refuse(self) -> None:
        if self.refused:
            self.refused -= 1
            raise TransientError("the queue cannot be reached")


@dataclass
class Mute:
    """An Announcer that is down for the first few announcements."""

    announcer: Announcer
    down: int
    error: Exception = field(default_factory=lambda: TransientError("the drift topic does not answer"))

    def announce(self, announcements: Iterable[Announcement]) -> None:
        if self.down:
            self.down -= 1
            raise self.error
        self.announcer.announce(announcements)


@dataclass
class Teams:
    """A Notifier before whose posts something happens: an error, or another worker."""

    notifier: Notifier
    before: Callable[[Any], None] = nothing

    def post(self, card: dict[str, Any]) -> None:
        self.before(card)
        self.notifier.post(card)
