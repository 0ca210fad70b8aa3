"""How often one person may have something changed; a process counts for itself."""

import threading
from collections import deque
from datetime import datetime, timedelta

from remediation.errors import ThrottledError

MOST, WITHIN = 30, timedelta(minutes=1)
MOST_PEOPLE = 1000


class Pace:
    """Counts the latest requests of each person. Safe to ask from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[str, deque[datetime]] = {}

    def keep(self, who: str, now: datetime) -> None:
        """Count one request; raises ThrottledError, with when to come back, for one too many."""
        with self._lock:
            if who not in self._latest and len(self._latest) >= MOST_PEOPLE:
                self._latest.clear()
            latest = self._latest.setdefault(who, deque(maxlen=MOST))
            if len(latest) == MOST and latest[0] <= now < latest[0] + WITHIN:
                left = (latest[0] + WITHIN - now).total_seconds()
                raise ThrottledError(f"{MOST} changes a minute is all", retry_after=max(1.0, left))
            latest.append(now)
