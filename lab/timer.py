"""A timer of the app, run by the lab's time.

While the activity log holds what the last run cannot have seen, the lab is not at rest: the next run is
waited for, or the moment at which a late item stands in the log.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable

from lab.clock import LabClock
from lab.functions_host import FunctionsHost


class Timer:
    """Runs a function every so many seconds. `news(moment)` are the later moments that want another run."""

    flying = 0  # the host counts what runs

    def __init__(
        self,
        host: FunctionsHost,
        name: str,
        every: float,
        clock: LabClock,
        news: Callable[[float], Iterable[float]],
    ) -> None:
        self.held = False
        self.runs = 0
        self._host = host
        self._name = name
        self._every = every
        self._clock = clock
        self._news = news
        self._next = clock.now() + every
        self._seen = clock.now()

    def next_due(self) -> float | None:
        """When the run is due that sees what none has seen yet; None where there is no such thing."""
        wanted = min(self._news(self._seen), default=None)
        return None if wanted is None or self.held else max(wanted, self._next)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Timer"]:
        """Run it while this is entered."""
        loop = asyncio.create_task(self._run(), name=f"timer {self._name}")
        try:
            yield self
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._clock.reach(self._next)
            began = self._clock.now()
            if not self.held:
                await self._host.run_timer(self._name)
                self._seen = began
                self.runs += 1
            self._next = self._clock.now() + self._every
