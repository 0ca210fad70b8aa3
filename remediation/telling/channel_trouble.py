"""A channel that takes nothing is a problem of its own: told on the default channel, and when it is over.

Refused is what no further try will change: a webhook that is gone, a secret that is missing. It is told at
once. What may pass by itself is told when all tries have failed for too long: five minutes where the secret
is a reference to a vault that is not resolved, an hour where the channel is busy or silent. What is owed to
the channel stays owed. Of the default channel it is told in another one, the topic carries the news too, and
an alert of the platform watches the log for `cards.refused` and `channel.failed`.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from remediation.errors import BastionGuardError, PermanentError, TransientError
from remediation.findings import GAVE_UP, FindingRecord
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message
from remediation.model.records import State
from remediation.ports import Clock, Notifier
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald
from remediation.telling.parts_down import LASTS, UNRESOLVED, Trouble

log = logging.getLogger("bastion_guard.sender")

CHANNELS = "providers/BastionGuard.Settings/channels"
"""The name under which it is told; ARM has no such resource."""
SILENT_AFTER = timedelta(hours=1)
"""For so long tries may fail at a channel that is busy or silent, counted from the first that did.

By then some ten tries have failed, the last two a quarter of an hour apart. Outages of a chat that are
shorter are everyday life, and their cards come as a digest; to tell other people of each would be noise. The
one webhook is told of after five minutes, since while that is silent nobody hears of anything.
"""
KNOWN_FOR = timedelta(minutes=1)
"""What was told is asked anew after so long: another worker may have told it, or its end."""


def channel_of(record: FindingRecord) -> str:
    """The channel that a record says takes nothing; "" for a finding about anything else."""
    _, found, name = record.resource.partition(f"/{CHANNELS}/")
    return name if found and record.rule == GAVE_UP else ""


def about(subscription: str, channel: str) -> ResourceId:
    """Under which it is told of a channel that it takes nothing."""
    return ResourceId.parse(f"/subscriptions/{subscription}/{CHANNELS}/{channel}")


def refusing(book: FindingsBook, subscription: str, channels: Iterable[str]) -> Iterator[Trouble]:
    """The channels of which it was told that they take nothing, for health."""
    for channel in channels:
        for record in book.of(about(subscription, channel)).values():
            if record.rule == GAVE_UP and record.state is State.OPEN:
                since, at = record.opened_at, record.changed_at
                yield Trouble(part=channel, reason=record.message, since=since, at=at)


class Watched:
    """A Notifier that tells when its channel takes nothing, and when it takes cards again."""

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
        self._open: bool | None = None
        self._known_until = clock.now()
        self._herald = herald

    def post(self, card: dict[str, Any]) -> None:
        try:
            self._notifier.post(card)
        except PermanentError as error:
            self._tell(f"The channel {self._channel} refuses alerts: {error}. What it was not told is kept")
            raise
        self._tell("")

    def waits(self, error: TransientError, since: datetime) -> None:
        """All tries have failed since then: told when that is too long."""
        patience = LASTS if error.code == UNRESOLVED else SILENT_AFTER
        if self._clock.now() - since < patience:
            return
        facts = {"channel": self._channel, "code": error.code, "reason": str(error)}
        log.error("channel.failed", extra=facts)
        self._tell(
            f"Since {since:%Y-%m-%d %H:%M} UTC the channel {self._channel} has taken no alerts: {error}. "
            "What it was not told is kept"
        )

    def _tell(self, why: str) -> None:
        """Tell it, or its end; once. What keeps that from being told stops no card."""
        herald = self._herald()
        if herald is None:
            return
        try:
            if self._is_told() is bool(why):
                return
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

    def _is_told(self) -> bool:
        """Whether people were told, as of the last minute."""
        now = self._clock.now()
        if self._open is None or now >= self._known_until:
            self._open = any(record.state is State.OPEN for record in self._book.of(self._about).values())
            self._known_until = now + KNOWN_FOR
        return self._open
