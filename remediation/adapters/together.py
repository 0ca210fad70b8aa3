"""Calls that do not depend on each other, made side by side on a few threads of their own.

They are bounded for the process: a function that reads a lot must not take ARM's bucket at once. The threads
begin with the first use and hold nothing.
"""

import contextvars
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

AT_ONCE = 12
"""Calls under way for one process, beside those of the threads that ask."""


class Pool:
    """Makes calls together; one call alone, and the first of several, on the thread of who asks."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None

    def __call__(self, calls: Sequence[Callable[[], Any]]) -> Iterable[Any]:
        """The results, in order; what a call raises is raised once all have ended."""
        if len(calls) < 2:
            return [call() for call in calls]
        others = [self._threads().submit(contextvars.copy_context().run, call) for call in calls[1:]]
        first = calls[0]()
        return [first, *(other.result() for other in others)]

    def _threads(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(self._at_once, thread_name_prefix="reads")
            return self._executor
