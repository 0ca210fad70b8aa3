"""Every place where people hear of findings, each with a sender of its own.

A place that is down is handed on by its own nudge, so it delays no other; what is owed is noted per place,
so what one has heard another need not hear again. What is owed to a place that the baseline names no more is
owed anew to wherever the finding is told today.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import msgspec

from remediation.errors import InputError, UnreadableError
from remediation.findings import FindingRecord
from remediation.ledger.cards import Cards, Owed
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import CardMessage, Message
from remediation.ports import Clock, Queue
from remediation.telling.channel_trouble import channel_of
from remediation.telling.channels.rest import Rest
from remediation.telling.sender import SLACK, Sender, owed_by

log = logging.getLogger("bastion_guard.sender")


EARLY = timedelta(seconds=3)
"""A rest ends so much before the nudge that was handed on comes: clocks differ, and it must be over."""


@dataclass(frozen=True, slots=True)
class Places:
    """Which place in the ledger a channel is. The one webhook keeps its place when it becomes a channel.

    `instead` is where it is told that the default channel takes nothing: some other place, if there is one.
    """

    by_channel: Mapping[str, str]
    default: str = ""
    instead: str | None = None

    def of(self, record: FindingRecord) -> Collection[str]:
        """Where a finding is told today.

        That a channel takes nothing is told on the default channel too, whatever the routes say, and not in
        itself; of the default channel it is told in another one.
        """
        known = [self.by_channel[name] for name in record.channels if name in self.by_channel]
        channel = channel_of(record)
        if not channel:
            return dict.fromkeys(known or [self.default])
        silent = self.by_channel.get(channel)
        told = dict.fromkeys(place for place in (*known, self.default) if place != silent)
        return told or ({} if self.instead is None else {self.instead: None})

    def left_by(self, record: FindingRecord) -> Collection[str]:
        """Where it was told before and is no more, as far as those places still exist."""
        named = (self.by_channel.get(name) if name else "" for name in record.left)
        return [place for place in dict.fromkeys(named) if place is not None and place not in self.of(record)]


class CardSender(Protocol):
    """Whoever notes and sends cards: a Sender for one place, or for all of them."""

    def note(self, data: object) -> None: ...

    def note_own(self, data: object) -> None: ...

    def send(self, message: CardMessage) -> int: ...

    def nudge(self) -> None: ...

    def look_after(self) -> int: ...


class PlaceQueue:
    """A queue whose nudges are for the sender of one place; one that is handed on begins its rest."""

    def __init__(self, queue: Queue, place: str, rest: Rest, clock: Clock) -> None:
        self._queue = queue
        self._place = place
        self._rest = rest
        self._clock = clock

    def send(self, message: Message, *, delay: float = 0) -> None:
        self._queue.send(message, delay=delay)

    def send_card(self, message: CardMessage, *, delay: float = 0) -> None:
        until = self._clock.now() + timedelta(seconds=delay) - EARLY
        self._queue.send_card(msgspec.structs.replace(message, place=self._place), delay=delay)
        if message.attempt:
            self._rest.begin(until)


@dataclass(frozen=True, slots=True)
class Post:
    """A place's own sender, and until when the place is left in peace."""

    sender: Sender
    rest: Rest


class Switchboard:
    """Notes in which places cards are owed, and has each place's sender send them."""

    def __init__(
        self,
        cards: Cards,
        book: FindingsBook,
        queue: Queue,
        places: Places,
        outlets: Mapping[str, Post],
        *,
        clock: Clock,
        delay: float,
    ) -> None:
        self._cards = cards
        self._book = book
        self._queue = queue
        self._places = places
        self._places_now = outlets
        self._clock = clock
        self._delay = delay

    def note(self, data: object) -> None:
        """Note the cards that an announcement owes; raises InputError when the data is not one of ours."""
        owed = owed_by(data)
        try:
            record = self._book.find(owed.target, owed.finding)
            if record is None or record.seq < owed.seq:
                raise InputError(f"an announcement of a change that never was: {owed.finding[:200]!r}")
            self._owe(owed, record)
        except UnreadableError as error:
            log.warning("card.skipped", extra={"finding": owed.finding[:200], "reason": str(error)})

    def note_own(self, data: object) -> None:
        """The same of an announcement of this very process."""
        self.note(data)

    def send(self, message: CardMessage) -> int:
        """Send what is owed in the place that a nudge is for; returns the number of cards posted."""
        at = self._places_now.get(message.place)
        if at is None:
            self._readdress()
            return 0
        return 0 if at.rest.lasts(self._clock.now()) else at.sender.send(message)

    def nudge(self) -> None:
        """Send again whatever is owed, for the sweep."""
        self._readdress()
        for at in self._places_now.values():
            at.sender.nudge()

    def look_after(self) -> int:
        """Nudge for cards whose sender is gone; returns how many there are."""
        return sum(at.sender.look_after() for at in self._places_now.values())

    def _owe(self, owed: Owed, record: FindingRecord) -> None:
        now = self._clock.now()
        expected = now + timedelta(seconds=self._delay) + SLACK
        for place in (*self._places.of(record), *self._places.left_by(record)):
            here = msgspec.structs.replace(owed, place=place, expected=expected)
            if self._cards.owe(here):
                self._queue.send_card(CardMessage(place=place), delay=self._delay)

    def _readdress(self) -> None:
        """What is owed to places that are gone is owed to where the finding is told today."""
        for owed, row in self._gone():
            try:
                record = self._book.find(owed.target, owed.finding)
                if record is not None:
                    self._owe(msgspec.structs.replace(owed, taken_until=None), record)
                self._cards.forget(row)
            except (UnreadableError, InputError) as error:
                log.warning("card.skipped", extra={"finding": owed.finding[:200], "reason": str(error)})

    def _gone(self) -> Sequence[tuple[Owed, Any]]:
        return self._cards.elsewhere(self._places_now.keys())
