"""Where events that did not get through can be found: ports of the replay beside those of the core.

All raise errors of `remediation.errors` and nothing else for what a service or a network does.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A blob with what Event Grid could not deliver: its path, when it was written, what reads its bytes."""

    path: str
    written: datetime
    read: Callable[[], bytes]


class DeadLetters(Protocol):
    """Where undeliverable events are put."""

    def between(self, since: datetime, until: datetime) -> Iterable[DeadLetter]:
        """Dead letters written with since <= time < until, as they are asked for."""
        ...


@dataclass(frozen=True, slots=True)
class Poison:
    """A message that failed too often; `remove` removes it for good."""

    text: str
    remove: Callable[[], None]


class PoisonQueue(Protocol):
    """Where the host moves messages that failed too often."""

    def taken(self, limit: int) -> AbstractContextManager[Sequence[Poison]]:
        """Hold up to `limit` messages; on leaving, what was not removed is there again."""
        ...


class ActivityLog(Protocol):
    """ARM's own record of what was changed."""

    def events(
        self, subscription: str, since: datetime, until: datetime, group: str = ""
    ) -> Iterable[dict[str, Any]]:
        """The events that the changes of a window raised, as Event Grid would have sent them."""
        ...
