"""Fetching: what is new in the log of each subscription is handed in, as if Event Grid had delivered it.

A message is sent before its record is remembered: a crash in between costs a duplicate, which a look tells
from news, and never a loss. A subscription that cannot be read stops no other; a 429 is shared with every
worker.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.errors import PermanentError, ThrottledError, TransientError
from remediation.intake.fetching.progress import Fetched, Progress
from remediation.intake.fetching.windows import Found, Windows, moment_of
from remediation.ledger.pressure import Pressure
from remediation.measures import Measures, seconds_between
from remediation.messages import Message
from remediation.ports import Clock, Queue

log = logging.getLogger("bastion_guard.fetching")

WITHIN = timedelta(seconds=150)
"""How long a round may take, before it goes on in the next: a function has five minutes."""
ASKED_TO_WAIT = 60.0
"""Seconds to wait after a 429 that names none."""

type Take = Callable[[Mapping[str, Any]], list[Message]]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Reads on where the last round of a subscription ended. `take` says what an event means.

    `fetches` says that this is how changes come in.
    """

    windows: Windows
    fetched: Fetched
    pressure: Pressure
    queue: Queue
    take: Take
    clock: Clock
    measures: Measures
    fetches: bool = True

    def before(self, subscription: str) -> Progress:
        """How far a subscription was read."""
        known = self.fetched.progress(subscription)
        if self.fetches:  # no event is expected
            return msgspec.structs.replace(known, fetches=True, missed=0, missing=None, checked=None)
        return msgspec.structs.replace(known, fetches=False)

    def fetch(self, subscription: str) -> Progress:
        """One round; returns how far the subscription is read now. Raises where ledger or queue fail."""
        before = self.before(subscription)
        return self.guarded(before, lambda: self._round(before))

    def guarded(self, before: Progress, read: Callable[[], Progress]) -> Progress:
        """What a reading came to. That a person must act is noted, that everybody waits is shared."""
        now, subscription = self.clock.now(), before.subscription
        wait = self.pressure.wait(subscription, "", "arm", now)
        if before.read_at is None and before.since is None:
            before = msgspec.structs.replace(before, since=now)
            self.fetched.note(before)  # from when on it is behind, should nothing ever be read
        if wait > 0:
            log.info("changes.wait", extra={"subscription": subscription, "seconds": round(wait)})
            return before
        try:
            return read()
        except ThrottledError as error:
            seconds = error.retry_after or ASKED_TO_WAIT
            self.pressure.throttled(subscription, "", "arm", now, seconds)
            log.warning("changes.throttled", extra={"subscription": subscription, "seconds": seconds})
        except TransientError as error:
            log.warning("changes.delayed", extra={"subscription": subscription, "reason": str(error)})
        except PermanentError as error:
            return self._unread(before, error, now)
        return self.before(subscription)

    def hand_in(self, subscription: str, found: Found, reason: str = "event") -> int:
        """Send what the events on a page mean, then remember them; returns the number of events."""
        for event in found.events.values():
            for message in self.take(event):
                self.queue.send(msgspec.structs.replace(message, reason=reason))
        if found.events:
            self.fetched.remember(subscription, found.events, found.latest, self.clock.now())
        return len(found.events)

    def _round(self, before: Progress) -> Progress:
        began, subscription = self.clock.now(), before.subscription
        reached = Reached(before, self.clock, note=self.fetched.note)
        taken = records = 0
        for found in self.windows.read(before, reached.done):
            self._time(found)
            taken += self.hand_in(subscription, found)
            records += found.records
            if self.clock.now() > began + WITHIN:
                log.warning("changes.unfinished", extra={"subscription": subscription, "changes": taken})
                break
        self.measures.count("fetched", taken)
        behind = reached.progress.behind(self.clock.now())
        self.measures.time("changes_behind", behind.total_seconds())
        facts = {"subscription": subscription, "changes": taken, "records": records}
        log.info("changes.fetched", extra={**facts, "behind_seconds": round(behind.total_seconds())})
        return reached.progress

    def _time(self, found: Found) -> None:
        """How late changes are handed in: mostly by how late the log tells of them."""
        for event in found.events.values():
            late = seconds_between(moment_of(event), found.at)
            if late is not None:
                self.measures.time("changes_late", late)

    def _unread(self, before: Progress, error: PermanentError, now: datetime) -> Progress:
        """A person must act: the subscription is named, for health and for whoever tells people."""
        known = self.before(before.subscription)
        progress = msgspec.structs.replace(
            known, trouble=str(error)[:600], since=known.since if known.trouble else now
        )
        self.fetched.note(progress)
        log.error("changes.unread", extra={"subscription": before.subscription, "reason": str(error)})
        return progress


class Reached:
    """How far one reading came; `note` is told each time it comes further."""

    def __init__(
        self,
        before: Progress,
        clock: Clock,
        *,
        note: Callable[[Progress], None] | None = None,
        short_of: timedelta = timedelta(0),
    ) -> None:
        self.progress = before
        self._clock = clock
        self._note = note
        self._short_of = short_of

    def done(self, through: datetime, at: datetime) -> None:
        """All through a moment, less what the reading stays short of, was taken in; it is `at` now."""
        left = max(timedelta(0), at - through)
        self.progress = msgspec.structs.replace(
            self.progress,
            through=through - self._short_of,
            read_at=self._clock.now() - left,
            trouble="",
            since=None,
        )
        if self._note is not None:
            self._note(self.progress)
