"""The check where events are delivered: a change that no event told of is judged, counted and told.

An event and a record of one operation share its correlation id and its name; that they share an id is not
documented. A change counts as told of when an event of the same operation, about the same work, came in
that is not older than the record: whoever looks for a later event sees the earlier change too. What is
younger than `GRACE` is left to the next check, since events and records are both late. While work waits for
longer than that the inbox is late itself, and nothing is said.

The first check of a subscription says nothing of what it finds: that was changed before the app was there to
be told, as its own deployment was. It is judged all the same. So is the first after changes were fetched, and
after hours in which no check was made: Event Grid tries for hours to deliver to an app that was stopped. A
delivery that died meanwhile is told with the first change thereafter.

What is usual plays no part. An event is due for a change and for nothing else, so each change that stands in
the log is asked for its own: a busy subscription whose events stop is told of within an hour and ten minutes,
and so is one with a change a week, while a quiet weekend is no trouble. The check has eyes of its own for its
failures: a log that cannot be read, and checks that were not made, are told in `troubles`.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.errors import InputError
from remediation.intake import events
from remediation.intake.fetching.progress import CLOCKS, Progress, digest
from remediation.intake.fetching.rounds import Reached, Rounds
from remediation.intake.fetching.windows import Found, moment_of
from remediation.intake.routing import route
from remediation.ledger.inbox import Inbox
from remediation.messages import Message
from remediation.ports import Gauge

log = logging.getLogger("bastion_guard.fetching")

GRACE = timedelta(minutes=10)
AHEAD = timedelta(hours=1)
MISSED = "missed"
"""The reason in the message of a change that no event told of."""
UNCOUNTED = ("-poison", "cards")
"""How the names of queues end or are that hold no fresh events."""

type Work = tuple[str, str, str]


@dataclass(slots=True)
class Came:
    """The events that came in: of each operation on something, the time of the latest; and of them all."""

    latest: datetime | None = None
    _of: dict[Work, datetime] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        moment = message.event_time
        if moment is None:
            return
        self.latest = moment if self.latest is None else max(self.latest, moment)
        work = _work(message)
        self._of[work] = max(moment, self._of.get(work, moment))

    def told_of(self, message: Message) -> bool:
        """Whether one of them says what this message says, and is not older."""
        moment, wanted = self._of.get(_work(message)), message.event_time
        return moment is not None and (wanted is None or moment >= wanted - CLOCKS)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to: changes that events told of, and changes that none told of."""

    progress: Progress
    told: int = 0
    missed: int = 0

    @property
    def why(self) -> str | None:
        """What people are told: "" where events told of every change, None where nothing was changed."""
        if not self.missed:
            return "" if self.told else None
        last = (
            "no event came in meanwhile"
            if self.progress.last_event is None
            else f"the last event is of {self.progress.last_event:%Y-%m-%d %H:%M} UTC"
        )
        return (
            f"{self.missed} changes of subscription {self.progress.subscription} stand in its activity log, "
            f"and no event told of them ({last}); they are judged now"
        )


@dataclass(frozen=True, slots=True)
class Checker:
    """Compares the log with the inbox, one subscription at a time."""

    rounds: Rounds
    inbox: Inbox
    gauge: Gauge

    def check(self, subscription: str) -> Checked:
        """One check; raises where ledger or queue fail."""
        before = self.rounds.before(subscription)
        came: list[Checked] = []

        def read() -> Progress:
            came.append(self._check(before))
            return came[0].progress

        progress = self.rounds.guarded(before, read)
        return came[0] if came else Checked(self._tried(progress))

    def _check(self, before: Progress) -> Checked:
        if self._is_late():
            log.info("changes.check_later", extra={"subscription": before.subscription})
            return Checked(self._tried(before))
        now = self.rounds.clock.now()
        reached = Reached(before, self.rounds.clock, short_of=GRACE)  # noted when all is handed in
        pages = [_of_age(found) for found in self.rounds.windows.read(before, reached.done)]
        came = self._came(before.subscription, pages)
        missing, told, taken = before.missing, 0, 0
        for found in pages:
            lost = {name: event for name, event in found.events.items() if not _told(event, came)}
            told += sum(_is_new(found.events[name], found, before) for name in found.events.keys() - lost)
            missing = min(filter(None, (missing, *map(moment_of, lost.values()))), default=None)
            taken += self.rounds.hand_in(before.subscription, replace(found, events=lost), MISSED)
        missed = taken
        if taken and before.was_unwatched(now):
            told, missed, missing = 0, 0, before.missing
        progress = msgspec.structs.replace(
            reached.progress.with_check(now),
            missed=missed,
            missing=None if told and not missed else missing,
            last_event=max(filter(None, (before.last_event, came.latest)), default=None),
        )
        self.rounds.fetched.note(progress)
        self._report(progress, told)
        return Checked(progress, told, missed)

    def _tried(self, progress: Progress) -> Progress:
        """A check that could not be made shows that the app runs; the one after a stop is still to come."""
        now = self.rounds.clock.now()
        if progress.checked is None:
            return progress
        tried = (
            msgspec.structs.replace(progress, checked=None, apart=0)
            if progress.was_unwatched(now)
            else progress.with_check(now)
        )
        self.rounds.fetched.note(tried)
        return tried

    def _report(self, progress: Progress, told: int) -> None:
        facts = {"subscription": progress.subscription, "told": told, "missed": progress.missed}
        if progress.missed:
            self.rounds.measures.count("missed", progress.missed)
            log.warning("events.missed", extra=facts)
        else:
            log.info("changes.checked", extra=facts)

    def _is_late(self) -> bool:
        """Whether what came in lies on a queue for longer than a change is given time."""
        since = self.rounds.clock.now() - GRACE
        return any(
            each.oldest is not None and each.oldest < since
            for each in self.gauge.backlog()
            if not each.queue.endswith(UNCOUNTED)
        )

    def _came(self, subscription: str, pages: Iterable[Found]) -> Came:
        """The events of the time of the changes; where nothing was changed nothing is read.

        What an earlier check handed in lies in the inbox, too, and was delivered by nobody.
        """
        came = Came()
        moments = [moment_of(event) for found in pages for event in found.events.values()]
        known = [moment for moment in moments if moment is not None]
        if moments:
            now = self.rounds.clock.now()
            since = min([*known, now]) - CLOCKS
            ours = self.rounds.fetched.known(subscription)
            for message, _ in self.inbox.between(since, now + AHEAD):
                if _is_of(message, subscription) and digest(message.event_id) not in ours:
                    came.add(message)
        return came


def _of_age(found: Found) -> Found:
    """What an event may be expected of by now: changes that mean work, ended well, and not just now."""
    of_age = {
        name: event
        for name, event in found.events.items()
        if (moment_of(event) or found.at) <= found.at - GRACE and _meant(event)
    }
    return replace(found, events=of_age)


def _meant(event: Mapping[str, Any]) -> list[Message]:
    """The work of a change that ended well; none for what is no use or did not happen."""
    try:
        change = events.parse(event)
    except InputError:
        return []
    return list(route(change).messages(change)) if change.status == "success" else []


def _is_of(message: Message, subscription: str) -> bool:
    """Whether an event is about this subscription; the inbox holds those of all."""
    about = (message.target or message.expand or message.sweep or "").lower()
    return f"{about}/".startswith(f"/subscriptions/{subscription.lower()}/")


def _is_new(event: Mapping[str, Any], found: Found, before: Progress) -> bool:
    """Whether this check is the first to ask for a change: what an earlier one saw proves nothing anew."""
    return before.through is None or (moment_of(event) or found.at) > before.through


def _told(event: Mapping[str, Any], came: Came) -> bool:
    return any(came.told_of(message) for message in _meant(event))


def _work(message: Message) -> Work:
    what = message.target or message.expand or message.sweep or ""
    return message.correlation_id.lower(), message.operation.lower(), what.lower()
