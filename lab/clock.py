"""One time for everything in the lab: it runs with real time, and can skip ahead over idle waits.

Whoever waits on it (a thread of the app, a task of the lab) is woken when somebody moves it, so that a
retry an hour away happens at once when the lab has nothing else to do.
"""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from lab.arm.clock import Clock


class LabClock(Clock):
    """The lab's clock with listeners; `advance` may be called from any thread."""

    def __init__(self, start: float | None = None, *, running: bool = True) -> None:
        super().__init__(start, running=running)
        self._moved = threading.Condition()
        self._listeners: list[Callable[[], None]] = []
        self._asleep: list[float] = []

    def advance(self, seconds: float) -> float:
        """Move forward, wake everybody who waits, return the new time."""
        with self._moved:
            now = super().advance(seconds)
            self._moved.notify_all()
        for listener in tuple(self._listeners):
            listener()
        return now

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each advance; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def asleep(self) -> list[float]:
        """When each thread that waits on this clock will wake up."""
        return list(self._asleep)

    def wait_until(self, moment: float) -> None:
        """Block this thread until the lab's time has come."""
        with self._moved:
            self._asleep.append(moment)
            self._moved.notify_all()
            while (left := moment - self.now()) > 0:
                self._moved.wait(left if self.running else None)
            self._asleep.remove(moment)

    def await_sleepers(self, count: int, *, seconds: float = 5) -> bool:
        """Block until that many threads wait on this clock; False after so many real seconds."""
        with self._moved:
            return self._moved.wait_for(lambda: len(self._asleep) >= count, seconds)

    async def reach(self, moment: float | None) -> None:
        """Return when the lab's time has come; None never comes."""
        loop, moved = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(moved.set)

        end = self.subscribe(wake)
        try:
            while moment is None or self.now() < moment:
                moved.clear()
                left = None if moment is None or not self.running else moment - self.now()
                await _either(moved, left)
        finally:
            end()


async def _either(event: asyncio.Event, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


class AppClock:
    """The lab's time as the app's `Clock` port."""

    def __init__(self, clock: LabClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

    def sleep(self, seconds: float) -> None:
        self._clock.wait_until(self._clock.now() + seconds)
