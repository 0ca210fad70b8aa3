"""The lab's time: it runs with real time and can be moved forward, never back."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch, as the lab sees them.

    `running=False` makes a clock that moves by `advance` alone; tests of token buckets and of
    operations use it, because then nothing depends on how fast the machine is.
    """

    def __init__(self, start: float | None = None, *, running: bool = True) -> None:
        self._start = time.time() if start is None else start
        self._origin = time.monotonic()
        self._offset = 0.0
        self._running = running

    def now(self) -> float:
        elapsed = time.monotonic() - self._origin if self._running else 0.0
        return self._start + elapsed + self._offset

    def advance(self, seconds: float) -> float:
        """Move forward by `seconds` (0 or more) and return the new time."""
        if seconds < 0:
            raise ValueError(f"the clock cannot go back: {seconds} seconds")
        self._offset += seconds
        return self.now()

    @property
    def running(self) -> bool:
        return self._running


def timestamp(seconds: float) -> str:
    """ISO 8601 in UTC with the seven fractional digits Azure writes."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0Z"
