"""Room for one large round at a time in a process, so that its memory is bounded however many are due.

A round holds every list it reads until it ends, and the host hands a process the rounds of several
subscriptions at once.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 60
"""A round that asked more often the last time is a large one: beyond its twenty-odd lists it read pages."""


class Room:
    """What a process has room for; safe among threads."""

    def __init__(self) -> None:
        self._large = threading.Lock()

    @contextmanager
    def entered(self, asked: int | None) -> Iterator[bool]:
        """Whether there is room for a round that `asked` so often last time; None is unknown, so large."""
        if asked is not None and asked <= LARGE:
            yield True
            return
        has_room = self._large.acquire(blocking=False)
        try:
            yield has_room
        finally:
            if has_room:
                self._large.release()
