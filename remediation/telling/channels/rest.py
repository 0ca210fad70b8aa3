"""A place that does not answer is left in peace until its next try: one nudge waits for that, and is enough.

Every card that is owed sends a nudge. Were each of them to try a channel that is down, and to hand itself on,
a thousand findings would knock a thousand times. Each process remembers its own rests, which costs the ledger
nothing; so a channel is knocked at once per process and try, and once more after a restart.
"""

from datetime import datetime


class Rest:
    """Until when a place is left in peace by this process."""

    def __init__(self) -> None:
        self._until: datetime | None = None

    def lasts(self, now: datetime) -> bool:
        return self._until is not None and now < self._until

    def begin(self, until: datetime) -> None:
        self._until = until
