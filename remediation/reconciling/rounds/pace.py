"""Half of ARM's read bucket for rounds, and no more: the other half is always the direct lane's.

ARM gives a principal 25 reads a second of each subscription, and 250 at once. Who reads at this pace never
takes more than half of either, however large an estate is.
"""

import re
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from remediation.ports import Clock

RATE, AT_ONCE = 12.5, 125.0
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/?]+)", re.IGNORECASE)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: datetime


@dataclass
class Pace:
    """Waits, before a request, until the requests of this process keep to the pace; safe among threads."""

    clock: Clock
    rate: float = RATE
    at_once: float = AT_ONCE
    _buckets: dict[str, _Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, path: str) -> None:
        """Wait for the turn of one request; `path` names its subscription."""
        wait = self._wait(_of(path))
        if wait > 0:
            self.clock.sleep(wait)

    def _wait(self, subscription: str) -> float:
        """Take one token, perhaps one that is yet to come: seconds until it is there."""
        with self._lock:
            now = self.clock.now()
            bucket = self._buckets.setdefault(subscription, _Bucket(self.at_once, now))
            elapsed = max(timedelta(), now - bucket.at).total_seconds()
            bucket.left = min(self.at_once, bucket.left + elapsed * self.rate) - 1
            bucket.at = now
            return max(0.0, -bucket.left / self.rate)


def _of(path: str) -> str:
    found = _SUBSCRIPTION.search(path)
    return found[1].lower() if found else ""
