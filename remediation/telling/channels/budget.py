"""How many cards a channel gets in a minute; what is beyond waits, and becomes part of the next digest.

The count is in the ledger, since several workers send side by side. What cannot be counted is sent all the
same: a card too many is better than none.
"""

import logging
from datetime import timedelta
from typing import Any

from remediation.errors import ConflictError, PermanentError, ThrottledError
from remediation.ledger.keys import change
from remediation.ports import Clock, Ledger, Notifier

PARTITION = "channel-posts"
MINUTE = timedelta(minutes=1)
FULL = "CardsPerMinute"
"""The code where our own budget holds a card back: that says nothing of the channel."""

log = logging.getLogger("bastion_guard.sender")


class Budgeted:
    """A Notifier that posts at most so many times a minute; ThrottledError says when there is room again."""

    def __init__(
        self, notifier: Notifier, ledger: Ledger, clock: Clock, *, place: str, per_minute: int
    ) -> None:
        self._notifier = notifier
        self._ledger = ledger
        self._clock = clock
        self._key = place or "one webhook"
        self._per_minute = per_minute

    def post(self, card: dict[str, Any]) -> None:
        self._take()
        self._notifier.post(card)

    def _take(self) -> None:
        now = self._clock.now()
        minute = f"{now:%Y-%m-%dT%H:%MZ}"
        full = False

        def counted(value: dict[str, Any] | None) -> dict[str, Any] | None:
            nonlocal full
            count = int(value["count"]) if value is not None and value.get("minute") == minute else 0
            full = count >= self._per_minute
            return None if full else {"minute": minute, "count": count + 1}

        try:
            change(self._ledger, PARTITION, self._key, counted)
        except (ConflictError, PermanentError) as error:
            log.warning("cards.uncounted", extra={"reason": str(error)})
            return
        if full:
            left = MINUTE - timedelta(seconds=now.second, microseconds=now.microsecond)
            raise ThrottledError(
                "enough cards for this minute", retry_after=left.total_seconds() + 1, code=FULL
            )
