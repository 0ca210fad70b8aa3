"""A place that does not answer is left in peace until its next try: one nudge waits for that, and is enough.

Every card that is owed sends a nudge. Were each of them to try a channel that is down, and to hand itself on,
a thousand findings would knock a thousand times.
"""

import logging
from datetime import datetime
from typing import Any

import msgspec

from remediation.errors import BastionGuardError
from remediation.ledger.keys import change
from remediation.ledger.unreadable import fetch
from remediation.ports import Ledger

PARTITION = "channel-rests"

log = logging.getLogger("bastion_guard.sender")


class _Rest(msgspec.Struct, frozen=True):
    until: datetime


class Rest:
    """Until when a place is left in peace. What cannot be read or kept is none: one more try is no harm."""

    def __init__(self, ledger: Ledger, place: str) -> None:
        self._ledger = ledger
        self._key = place or "one webhook"

    def lasts(self, now: datetime) -> bool:
        try:
            found = fetch(self._ledger, PARTITION, self._key, _Rest)
        except BastionGuardError as error:
            log.warning("rest.not_read", extra={"reason": str(error)})
            return False
        return found is not None and now < found.until

    def begin(self, until: datetime) -> None:
        def later(value: dict[str, Any] | None) -> dict[str, Any]:
            del value
            return {"until": until.isoformat()}

        try:
            change(self._ledger, PARTITION, self._key, later)
        except BastionGuardError as error:
            log.warning("rest.not_kept", extra={"reason": str(error)})
