"""How far the activity log of each subscription was read, and which of its records were taken in.

A record may be found again by every reading whose window it lies in. So the ids of what was taken in are
remembered, as digests, in a row for each page, for as long as a window may still reach back to one of them.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from remediation.errors import UnreadableError
from remediation.ledger.keys import plain, short, stamp
from remediation.ledger.unreadable import fetch, readable, record_of
from remediation.ports import Ledger, Row

PROGRESS = "fetching"
LATE_ROUNDS, LATE_CHECKS = timedelta(minutes=30), timedelta(hours=4)
CLOCKS = timedelta(minutes=5)
"""By so much the time of an event may lie before that of its record."""
STOPPED = timedelta(minutes=90)
"""Checks are due every hour; without one for so long the app was stopped, unless they are always rare."""
MOST_ROWS = 10_000
MOST_IDS = 10_000
"""Ids in one row; a page of the log has a few hundred."""


class Progress(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How far one subscription was read.

    `through` is a moment of Azure's clock: what stood in the log then, of all times before, was taken in. It
    is None before the first reading, and `read_at` is when that was, by our clock. `trouble` says why the log
    cannot be read, `since` from when on. `missed` counts changes of the last check that no event told of.
    `told` names the troubles that people were told of and that are not over. `fetches` says that changes come
    in this way alone; else the log is read as a check. A check knows of when the latest event is that was
    delivered (`last_event`), and since when changes are `missing` that events should have told of, until
    events have told of every change again. `checked` is when one was made or tried last, by our clock, and
    `apart` how many seconds after the one before; None where changes were fetched last, or never read.
    """

    subscription: str
    through: datetime | None = None
    read_at: datetime | None = None
    trouble: str = ""
    since: datetime | None = None
    missed: int = 0
    told: list[str] = []
    fetches: bool = False
    last_event: datetime | None = None
    missing: datetime | None = None
    checked: datetime | None = None
    apart: int = 0

    @property
    def is_silent(self) -> bool:
        """Whether no event at all has come in since the first change that none told of."""
        return self.missing is not None and (self.last_event is None or self.last_event < self.missing)

    def missing_for(self, now: datetime) -> timedelta:
        """For how long there have been changes that no event told of."""
        return timedelta(0) if self.missing is None else max(timedelta(0), now - self.missing)

    def was_unwatched(self, now: datetime) -> bool:
        """Whether nobody was there to be told for longer than lies between two checks, or ever.

        The app was stopped then, or watched something else. What happened meanwhile says nothing of how
        events are delivered: there were none yet, or they come hours later, as Event Grid tries again.
        """
        return self.checked is None or self._since_check(now) > max(STOPPED.total_seconds(), 1.5 * self.apart)

    def with_check(self, now: datetime) -> "Progress":
        """With a check that is made now."""
        return msgspec.structs.replace(self, checked=now, apart=round(self._since_check(now)))

    def _since_check(self, now: datetime) -> float:
        return 0.0 if self.checked is None else max(0.0, (now - self.checked).total_seconds())

    def behind(self, now: datetime) -> timedelta:
        """For how long nothing was read, by our clock; what was never read is behind since it was tried."""
        last = self.read_at or self.since or now
        return max(timedelta(0), now - last)

    def is_late(self, now: datetime) -> bool:
        """Whether it was not read for longer than a timer of a minute, or of an hour, accounts for."""
        return self.behind(now) >= (LATE_ROUNDS if self.fetches else LATE_CHECKS)


class _Taken(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Digests of the ids of records, and the moment of the latest of them."""

    ids: list[str]
    latest: datetime


class Fetched:
    """The memory of whoever reads the log; only one does at a time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def progress(self, subscription: str) -> Progress:
        """How far a subscription was read; one whose record cannot be read begins anew."""
        with suppress(UnreadableError):
            return fetch(self._ledger, PROGRESS, subscription, Progress) or Progress(
                subscription=subscription
            )
        return Progress(subscription=subscription)

    def all(self) -> list[Progress]:
        """Every subscription that was ever read."""
        rows = self._ledger.rows(PROGRESS)
        return [each for each, _ in readable(self._ledger, rows, lambda row: record_of(row, Progress))]

    def note(self, progress: Progress) -> None:
        with suppress(UnreadableError):  # a later release's record is its own
            self._ledger.put(PROGRESS, progress.subscription, plain(progress))

    def known(self, subscription: str) -> set[str]:
        """Digests of what was taken in and is not forgotten."""
        return {identity for taken, _ in self._taken(subscription) for identity in taken.ids}

    def known_from(self, subscription: str, since: datetime) -> set[str]:
        """The same for a window that begins then; rows that no window reaches back to are forgotten."""
        rows = self._taken(subscription)
        over = [row for taken, row in rows if taken.latest < since - CLOCKS]
        if over:
            self._ledger.delete_all(over)
        return {identity for taken, _ in rows for identity in taken.ids}

    def _taken(self, subscription: str) -> list[tuple[_Taken, Row]]:
        rows = self._ledger.rows(_partition(subscription), limit=MOST_ROWS)
        return list(readable(self._ledger, rows, lambda row: record_of(row, _Taken)))

    def remember(self, subscription: str, ids: Collection[str], latest: datetime, now: datetime) -> None:
        """Note digests of a page that was taken in."""
        for number, part in enumerate(_parts(sorted(ids))):
            key = f"{stamp(now)}-{short(*part)[:8]}-{number}"
            self._ledger.put(_partition(subscription), key, plain(_Taken(ids=part, latest=latest)))


def digest(identity: str) -> str:
    """What is remembered of a record's id."""
    return short(identity)[:16]


def _partition(subscription: str) -> str:
    return f"fetched-{short(subscription)}"


def _parts(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + MOST_IDS] for start in range(0, len(ids), MOST_IDS))
