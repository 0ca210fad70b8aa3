"""From findings to announcements: stored together, sent afterwards, never lost.

The records are kept with the sequence number they owe before anything is sent. An announcement's id follows
from finding and sequence number, so a repeat after a crash can be dropped by whoever listens.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial

from remediation.baseline import Routing
from remediation.baseline.routes import NO_ROUTING
from remediation.errors import PermanentError, StillOwedError, TransientError
from remediation.findings import (
    GAVE_UP,
    UNSEEN,
    FindingRecord,
    Look,
    announced,
    gave_up,
    moved_on,
    owed,
    remind,
    with_gave_up,
    with_ours,
)
from remediation.ledger.diary import Diary
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message
from remediation.model.acknowledging import acknowledged
from remediation.ports import Announcer, Clock, Ledger
from remediation.resource_id import ResourceId
from remediation.telling.channels.addressing import addressed
from remediation.telling.channels.event import announcement

log = logging.getLogger("bastion_guard.announce")

MOST_SILENT = 5
"""Targets in a row of which the channel takes nothing; then it is down, and the next sweep goes on."""


class Herald:
    """Keeps the findings of a target and tells the channel of record about their changes."""

    def __init__(
        self, ledger: Ledger, announcer: Announcer, clock: Clock, routing: Routing = NO_ROUTING
    ) -> None:
        self._book = FindingsBook(ledger)
        self._diary = Diary(ledger)
        self._announcer = announcer
        self._clock = clock
        self._routing = routing

    def use(self, routing: Routing) -> None:
        """Address what is recorded from now on by these routes."""
        self._routing = routing

    def expect_none(self, target: ResourceId) -> None:
        """No finding of a target was ever recorded, as far as its holder knows."""
        self._book.expect_none(target)

    def record(self, target: ResourceId, look: Look, message: Message) -> dict[str, FindingRecord]:
        """Move the findings on; what they owe is stored with them and sent by `announce`."""
        now = self._clock.now()
        return self._book.amend(
            target, lambda known: self._addressed(known, moved_on(known, look, message, now), look)
        )

    def record_gave_up(
        self, target: ResourceId, why: str, message: Message, title: str = UNSEEN
    ) -> dict[str, FindingRecord]:
        """Record that a target is given up; returns that finding alone, since others are not ours to tell."""
        record = gave_up(target.text, why, message, self._clock.now(), title)
        return _given_up(
            self._book.amend(target, lambda known: self._addressed(known, with_gave_up(known, record)))
        )

    def record_reached(self, resource: ResourceId, message: Message) -> dict[str, FindingRecord]:
        """Resolve that a resource was given up, and nothing else: it was reached, not judged."""
        now = self._clock.now()
        return _given_up(
            self._book.amend(
                resource, lambda known: {**known, **moved_on(_given_up(known), Look(), message, now)}
            )
        )

    def record_acknowledged(
        self, target: ResourceId, name: str, by: dict[str, str], shows: Callable[[FindingRecord], bool]
    ) -> dict[str, FindingRecord]:
        """Record that somebody has taken a finding on, if it still `shows` what they saw; returns it alone.

        Nothing is decided by that, so it needs no claim: a look that ends meanwhile keeps it, or has news.
        """
        now = self._clock.now()

        def taken_on(known: dict[str, FindingRecord]) -> Mapping[str, FindingRecord]:
            record = known.get(name)
            if record is None or not shows(record):
                return known
            return {**known, name: acknowledged(record, by, now)}

        kept = self._book.amend(target, taken_on)
        return {each: record for each, record in kept.items() if each == name}

    def record_ours(
        self, about: ResourceId, record: FindingRecord, *, once: bool = False
    ) -> dict[str, FindingRecord]:
        """Record news about the app itself; returns that finding alone, if there is one."""
        kept = self._book.amend(
            about, lambda known: self._addressed(known, with_ours(known, record=record, once=once))
        )
        return {name: each for name, each in kept.items() if name == record.name}

    def _addressed(
        self, known: Mapping[str, FindingRecord], after: Mapping[str, FindingRecord], look: Look | None = None
    ) -> dict[str, FindingRecord]:
        return addressed(known, after, self._routing, {} if look is None else look.tags)

    def announce(self, target: ResourceId, records: Iterable[FindingRecord], replay_id: str = "") -> int:
        """Send what is owed; raises TransientError while the channel does not accept it.

        What is owed to a channel that is down stays owed, and whoever asks goes on.
        """
        due = owed(records)
        if not due:
            return 0
        try:
            self._announcer.announce([announcement(target, record) for record in due])
        except StillOwedError as error:
            log.warning("announcements.owed", extra={"target": target.text, "reason": str(error)})
            return 0
        for record in due:
            self._diary.announced(target, record, replay_id)
        sent = {record.name: record.seq for record in due}
        self._book.amend(
            target,
            lambda known: {
                name: announced(record) if sent.get(name) == record.seq else record
                for name, record in known.items()
            },
        )
        return len(due)

    def announce_all(self, remind_after: timedelta = timedelta(0), in_hand: timedelta = timedelta(0)) -> int:
        """Remind of what has been open for long, and send whatever any target still owes, for the sweep.

        What changed within `in_hand` is left alone: a worker that lives is about to announce it. A target
        that fails is logged and stops no other, unless nothing gets through at all; it is owed still.
        """
        count = failed = silent = 0
        for findings in self._book.all():
            try:
                count += self._announce_left(ResourceId.parse(findings.target), remind_after, in_hand)
                silent = 0
            except (TransientError, PermanentError) as error:
                failed += 1
                silent = silent + 1 if isinstance(error, TransientError) else 0
                facts = {"target": findings.target, "reason": str(error)}
                log.warning("announcements.delayed", extra=facts)
                if silent >= MOST_SILENT:
                    break
        if failed:
            log.warning("announcements.failed", extra={"targets": failed, "stopped": silent >= MOST_SILENT})
        return count

    def _announce_left(self, target: ResourceId, remind_after: timedelta, in_hand: timedelta) -> int:
        now = self._clock.now()
        records = self._book.amend(target, partial(remind, after=remind_after, now=now))
        left = [record for record in records.values() if record.changed_at <= now - in_hand]
        return self.announce(target, left)


def _given_up(records: Mapping[str, FindingRecord]) -> dict[str, FindingRecord]:
    return {name: record for name, record in records.items() if record.rule == GAVE_UP}
