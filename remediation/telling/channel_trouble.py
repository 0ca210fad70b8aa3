"""A channel that refuses for good is a problem of its own: told on the default channel, and when it is over.

Refused is what no further try will change: a webhook that is gone, a secret that is missing. A secret whose
reference to a vault is not resolved may pass by itself, and is told when it lasts. What is owed to the
channel stays owed. The topic carries the news as well, for where the default channel is the one that refuses,
and an alert of the platform watches the log for `cards.refused`.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from remediation.errors import BastionGuardError, PermanentError, TransientError
from remediation.findings import GAVE_UP, FindingRecord
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message
from remediation.model.records import State
from remediation.ports import Clock, Notifier
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald
from remediation.telling.parts_down import LASTS, UNRESOLVED, Trouble

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger("bastion_guard.sender")

CHANNELS = "providers/BastionGuard.Settings/channels"
"""The name under which it is told; ARM has no such resource."""


def channel_of(record: FindingRecord) -> str:
    """The channel that a record says refuses; "" for a finding about anything else."""
    _, found, name = record.resource.partition(f"/{CHANNELS}/")
    return name if found and record.rule == GAVE_UP else ""


def about(subscription: str, channel: str) -> ResourceId:
    """Under which it is told of a channel that it refuses."""
    return ResourceId.parse(f"/subscriptions/{subscription}/{CHANNELS}/{channel}")


def refusing(book: FindingsBook, subscription: str, channels: Iterable[str]) -> Iterator[Trouble]:
    """The channels of which it was told that they refuse, for health."""
    for channel in channels:
        for record in book.of(about(subscription, channel)).values():
            if record.rule == GAVE_UP and record.state is State.OPEN:
                since, at = record.opened_at, record.changed_at
                yield Trouble(part=channel, reason=record.message, since=since, at=at)


class Watched:
    """A Notifier that tells when its channel refuses, and when it takes cards again."""

    def __init__(
        self,
        notifier: Notifier,
        book: FindingsBook,
        channel: str,
        subscription: str,
        herald: Callable[[], Herald | None],
        clock: Clock,
    ) -> None:
        self._notifier = notifier
        self._book = book
        self._channel = channel
        self._about = about(subscription, channel)
        self._clock = clock
        self._unresolved: datetime | None = None
        self._open: bool | None = None
        self._herald = herald

    def post(self, card: dict[str, Any]) -> None:
        try:
            self._notifier.post(card)
        except PermanentError as error:
            self._tell(f"The channel {self._channel} refuses alerts: {error}. What it was not told is kept")
            raise
        except TransientError as error:
            if self._lasts(error):
                self._tell(
                    f"The channel {self._channel} takes no alerts: {error}. What it was not told is kept"
                )
            raise
        self._unresolved = None
        self._tell("")

    def _lasts(self, error: TransientError) -> bool:
        """Whether its secret has been an unresolved reference for so long that a person must look."""
        if error.code != UNRESOLVED:
            return False
        now = self._clock.now()
        self._unresolved = self._unresolved or now
        return now - self._unresolved >= LASTS

    def _tell(self, why: str) -> None:
        """Tell it, or its end; once. What keeps that from being told stops no card."""
        herald = self._herald()
        if herald is None or self._open is bool(why):
            return
        try:
            if why or self._is_open():
                self._record(herald, why)
            self._open = bool(why)
        except BastionGuardError as error:
            log.warning("announcements.delayed", extra={"reason": str(error)})

    def _record(self, herald: Herald, why: str) -> None:
        message = Message(target=self._about.text)
        if why:
            title = f"Alerts do not reach the channel {self._channel}"
            records = herald.record_gave_up(self._about, why, message, title)
        else:
            records = herald.record_reached(self._about, message)
        herald.announce(self._about, records.values())

    def _is_open(self) -> bool:
        return any(record.state is State.OPEN for record in self._book.of(self._about).values())
