"""The records of one subscription that were not taken in yet.

A window begins before the last reading, by more than the log is late. Its end is open, so that no clock of
ours decides what is new; a long time (the app was stopped) is read in slices, the oldest first, and each
that is done is noted. Of one record several copies may come, on one page or in later readings: each is
given out once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from remediation.intake.fetching.port import ChangeLog
from remediation.intake.fetching.progress import Fetched, Progress, digest
from remediation.intake.records import event_of, identity_of
from remediation.messages import utc
from remediation.ports import Clock

OVERLAP = timedelta(minutes=30)
"""So far a window reaches back before the last reading: records come up to 20 minutes late (documented)."""
FIRST = timedelta(hours=1)
"""So far back the very first reading of a subscription looks; what was before is the sweep's."""
KEPT = timedelta(days=89)
"""The service keeps ninety days."""
SLICE = timedelta(hours=6)

type Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """The events on one page that were not taken in before, with the digest of each; the oldest first."""

    events: Mapping[str, Event]
    at: datetime
    records: int

    @property
    def latest(self) -> datetime:
        return max((moment_of(event) or self.at for event in self.events.values()), default=self.at)


class Windows:
    """Reads the log of one subscription on from where it was left."""

    def __init__(self, log: ChangeLog, fetched: Fetched, clock: Clock) -> None:
        self._log = log
        self._fetched = fetched
        self._clock = clock

    def since(self, progress: Progress) -> datetime:
        """Where the next window begins, by Azure's clock; our own decides only where that was never told."""
        now = self._clock.now()
        last = min(progress.through, now) if progress.through else now - FIRST
        return max(last - OVERLAP, now - KEPT)

    def read(self, progress: Progress, done: Callable[[datetime, datetime], None]) -> Iterator[Found]:
        """Pages of what is new. `done` is told through which moment all was given out, and the present.

        What is given out is to be remembered by whoever takes it in; a reading that is left off, or fails, is
        begun again from the last moment that was told.
        """
        since = self.since(progress)
        known = self._fetched.known_from(progress.subscription, since)
        while (until := since + SLICE) < self._clock.now():
            answered = None
            for found in self._slice(progress.subscription, since, until, known):
                answered = answered or found.at
                yield found
            if answered is not None and answered < until:
                break  # our clock is ahead of Azure's by hours: that slice has not ended yet
            done(until, answered or until)
            since = until - OVERLAP
        answered = None
        for found in self._slice(progress.subscription, since, None, known):
            answered = answered or found.at
            yield found
        now = answered or self._clock.now()
        done(now, now)

    def _slice(
        self, subscription: str, since: datetime, until: datetime | None, known: set[str]
    ) -> Iterator[Found]:
        for page in self._log.pages(subscription, since, until):
            fresh: dict[str, Event] = {}
            for record in reversed(page.records):
                event = event_of(record)
                name = digest(identity_of(record))
                if event is not None and name not in known:
                    fresh[name] = event
            known.update(fresh)
            yield Found(fresh, page.at or self._clock.now(), len(page.records))


def moment_of(event: Mapping[str, Any]) -> datetime | None:
    """When an event says that it happened; None where it says nothing usable."""
    try:
        return utc(datetime.fromisoformat(str(event.get("eventTime")))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
