"""Keeps leases alive: one thread per process renews what is held, and ends when nothing is held any more."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from remediation.errors import BastionGuardError

log = logging.getLogger("bastion_guard.keeping")


class Keeper:
    """Calls `renew` again and again while work is done; safe to use from several threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: dict[int, Callable[[], bool]] = {}
        self._due: list[tuple[float, int, float]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    @contextmanager
    def __call__(self, renew: Callable[[], bool], every: float) -> Iterator[None]:
        """Have `renew` called every so many seconds, until the block ends or it answers False.

        What it raises of our own errors is logged: the next time may do better, and who holds the lease finds
        out by its writes.
        """
        number = next(self._numbers)
        with self._changed:
            self._held[number] = renew
            heapq.heappush(self._due, (time.monotonic() + every, number, every))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._held.pop(number, None)
                self._changed.notify()

    def _run(self) -> None:
        while (task := self._next()) is not None:
            number, every, renew = task
            if not self._renewed(renew):
                self._forget(number)
            else:
                with self._changed:
                    heapq.heappush(self._due, (time.monotonic() + every, number, every))

    def _next(self) -> tuple[int, float, Callable[[], bool]] | None:
        """What is due next, once it is; None, and the thread ends, when nothing is held."""
        with self._changed:
            while self._held:
                if self._due and self._due[0][1] not in self._held:
                    heapq.heappop(self._due)
                    continue
                left = self._due[0][0] - time.monotonic() if self._due else None
                if left is not None and left <= 0:
                    _, number, every = heapq.heappop(self._due)
                    return number, every, self._held[number]
                self._changed.wait(left)
            self._due.clear()
            self._thread = None
            return None

    def _renewed(self, renew: Callable[[], bool]) -> bool:
        try:
            return renew()
        except BastionGuardError as error:
            log.warning("lease.not_renewed", extra={"reason": str(error)})
            return True

    def _forget(self, number: int) -> None:
        with self._changed:
            self._held.pop(number, None)
