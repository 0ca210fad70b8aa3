"""A message a host took off a queue, and what it asks of a queue, wherever that lies."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Received:
    """A message taken off a queue for a while. `text` is what lay there, still encoded."""

    id: str
    receipt: str
    text: str
    dequeue_count: int
    inserted: datetime | None = None
    expires: datetime | None = None
    next_visible: datetime | None = None


class QueueSource(Protocol):
    """One queue as a host sees it. Texts are as they lie on the queue; the poller decodes."""

    name: str

    async def receive(self, count: int, hide: float) -> list[Received]:
        """Take up to `count` visible messages and hide them for `hide` seconds."""
        ...

    async def delete(self, message: Received) -> None: ...

    async def show(self, message: Received, delay: float) -> None:
        """Let a taken message be seen again after `delay` seconds."""
        ...

    async def poison(self, message: Received) -> None:
        """Move a taken message to the queue ``{name}-poison``."""
        ...

    async def send(self, text: str) -> None: ...

    async def arrival(self) -> None:
        """Return when something may be visible; returning too often is allowed."""
        ...

    async def depth(self) -> int:
        """How many messages lie there, visible or not."""
        ...

    def next_visible(self) -> datetime | None:
        """When the next message is or becomes visible; None when nothing lies there or nobody can tell."""
        ...

    async def close(self) -> None: ...

    def wake(self) -> None:
        """Somebody moved the clock or knows of a message: `arrival` returns now."""
        ...
