"""The drift topic while it may be down: judging goes on, cards are sent directly, it is owed its part."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from remediation.errors import BastionGuardError, PermanentError, StillOwedError, TransientError
from remediation.ports import Announcement, Announcer, Clock
from remediation.telling.parts_down import TOPIC, PartsDown
from remediation.telling.without_topic import DirectAnnouncer, Noting

log = logging.getLogger("bastion_guard.announce")

BLIP = timedelta(minutes=1)
"""A topic that is silent for less is simply asked again by whoever had something to say."""
LOOK_AGAIN = timedelta(minutes=10)
"""So often a process that sees the topic work asks whether another one found it down."""


class WatchedAnnouncer:
    """An Announcer over another; while that is down cards are sent directly, and StillOwedError says so."""

    def __init__(self, topic: Announcer, sender: Noting, parts: PartsDown, clock: Clock) -> None:
        self._topic = topic
        self._direct = DirectAnnouncer(sender)
        self._parts = parts
        self._clock = clock
        self._down_until: datetime | None = None
        self._looked: datetime | None = None

    def announce(self, announcements: Iterable[Announcement]) -> None:
        told, now = list(announcements), self._clock.now()
        if self._down_until is not None and now < self._down_until:
            self._tell_directly(told)
            raise StillOwedError("the drift topic is down: what is announced is owed to it")
        try:
            self._topic.announce(told)
        except (TransientError, PermanentError) as error:
            self._failed(told, error, now)
            raise
        if self._looked is None or self._down_until is not None or now - self._looked >= LOOK_AGAIN:
            self._parts.works(TOPIC)
            self._down_until, self._looked = None, now

    def _failed(self, told: list[Announcement], error: BastionGuardError, now: datetime) -> None:
        trouble = self._parts.failed(TOPIC, error)
        self._looked = None
        if trouble.passing and now - trouble.since < BLIP:
            return
        self._down_until = now + BLIP
        log.error("channel.failed", extra={"channel": TOPIC, "reason": trouble.reason})
        self._tell_directly(told)
        raise StillOwedError(f"{error}: what is announced is owed") from error

    def _tell_directly(self, told: list[Announcement]) -> None:
        self._direct.announce(told)
