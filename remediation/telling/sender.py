"""Cards for people: what is owed is noted first, then sent from the finding's current state.

An event on the drift topic is a hint that a card is owed. The sender reads the finding as it is now, drops
what people know already, makes one digest of what has piled up, and hands itself on while Teams is down.
Between the webhook's answer and our note that a card was sent a crash repeats that card; nothing loses one.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.errors import InputError, PermanentError, TransientError, UnreadableError
from remediation.findings import FindingRecord
from remediation.ledger.cards import Cards, Owed
from remediation.ledger.findings_book import FindingsBook
from remediation.measures import SILENT, Measures
from remediation.messages import CardMessage
from remediation.policy import Policy
from remediation.ports import Clock, Notifier, Queue, Row
from remediation.structs import converted
from remediation.telling.channels.budget import FULL
from remediation.telling.channels.outlet import ONE_WEBHOOK, Outlet
from remediation.telling.channels.voices import Told
from remediation.telling.parts_down import CARDS, PartsDown

log = logging.getLogger("bastion_guard.sender")

OURSELVES = f"/parts/{CARDS}"
"""How the target ends under which it is told that cards cannot be sent."""
SLACK = timedelta(seconds=45)
"""How late a nudge may come before its sender is taken to be gone."""
OVERDUE = timedelta(minutes=10)
"""When a try comes later than expected by more, the app was stopped: that is no silence of the place."""
LATE = timedelta(seconds=40)
"""With less time than this left on a card, it is taken once more before it is posted."""

type Due = tuple[Owed, Row, FindingRecord]
type Waits = Callable[[TransientError, datetime], None]


class Sender:
    """Notes which cards are owed, and sends them.

    `waits` hears, try after try, since when all tries have failed at a place that does not take any cards.
    """

    def __init__(
        self,
        cards: Cards,
        book: FindingsBook,
        queue: Queue,
        notifier: Notifier,
        clock: Clock,
        policy: Policy,
        *,
        digest_above: int,
        delay: float,
        measures: Measures = SILENT,
        outlet: Outlet = ONE_WEBHOOK,
        parts: PartsDown | None = None,
        waits: Waits | None = None,
    ) -> None:
        self._outlet = outlet
        self._cards = cards
        self._book = book
        self._queue = queue
        self._notifier = notifier
        self._clock = clock
        self._policy = policy
        self._digest_above = digest_above
        self._delay = delay
        self._measures = measures
        self._parts = parts
        self._waits = waits
        self._took: datetime | None = None

    def note(self, data: object) -> None:
        """Note the card that an announcement owes; raises InputError when the data is not one of ours.

        An announcement follows its record, so one that is ahead of the record is not ours. Where a record of
        the card cannot be read it is skipped, and stops no other.
        """
        owed = owed_by(data)
        if owed.target.lower().endswith(OURSELVES):
            return  # that cards cannot be sent is told elsewhere: here it would be the last to come
        try:
            record = self._book.find(owed.target, owed.finding)
            if record is None or record.seq < owed.seq:
                raise InputError(f"an announcement of a change that never was: {owed.finding[:200]!r}")
            if self._cards.owe(self._expected(owed)):
                self._queue.send_card(CardMessage(), delay=self._delay)
        except UnreadableError as error:
            log.warning("card.skipped", extra={"finding": owed.finding[:200], "reason": str(error)})

    def note_own(self, data: object) -> None:
        """Note the card that an announcement of this very process owes: its record has just been stored."""
        owed = owed_by(data)
        if owed.target.lower().endswith(OURSELVES):
            return
        try:
            self._cards.owe_new(self._expected(owed))
            self._queue.send_card(CardMessage(), delay=self._delay)
        except UnreadableError as error:
            log.warning("card.skipped", extra={"reason": str(error)})

    def send(self, message: CardMessage) -> int:
        """Send what is owed; returns the number of cards posted. Handed on while Teams does not answer."""
        due = self._due()
        left = list(due)
        began = self._clock.now()
        try:
            posted = self._post(left)
        except TransientError as error:
            self._note_trouble(error)
            attempt = 0 if self._took is not None and self._took >= began else message.attempt
            delay = self._hand_on(left, error, attempt)
            log.warning("cards.delayed", extra={"owed": len(due), "seconds": delay, "reason": str(error)})
            return 0
        except PermanentError as error:
            # Kept as owed: the timers try again, in case somebody has mended the webhook.
            self._note_trouble(error)
            self._give_back(left, None)
            facts = {"channel": self._outlet.place or CARDS, "owed": len(due), "reason": str(error)}
            log.error("cards.refused", extra=facts)  # noqa: TRY400
            return 0
        if posted and self._parts is not None:
            self._parts.works(CARDS)
        return posted

    def _note_trouble(self, error: TransientError | PermanentError) -> None:
        if self._parts is None:
            return
        trouble = self._parts.failed(CARDS, error)
        if trouble.serious:
            facts = {"channel": CARDS, "code": trouble.code, "reason": trouble.reason}
            log.error("channel.failed", extra=facts)

    def _hand_on(self, left: Sequence[Due], error: TransientError, attempt: int) -> float:
        """Leave the rest to the next try; in how many seconds that is. Only what the place fails counts."""
        now, is_full, failing = self._clock.now(), error.code == FULL, self._failing(left)
        if self._waits is not None and failing is not None and not is_full:
            self._waits(error, failing)
        delay = self._policy.delay(0 if is_full else attempt, error.retry_after)
        expected = now + timedelta(seconds=delay) + SLACK
        self._give_back(left, expected, failing if is_full else failing or now)
        self._queue.send_card(CardMessage(attempt=max(1, attempt) if is_full else attempt + 1), delay=delay)
        return delay

    def _failing(self, due: Sequence[Due]) -> datetime | None:
        """Since when every try here has failed; None where none has, or nobody tried when it was time to."""
        now = self._clock.now()
        known = [
            owed.failing
            for owed, _, _ in due
            if owed.failing is not None and owed.expected is not None and now <= owed.expected + OVERDUE
        ]
        return min((at for at in known if self._took is None or at > self._took), default=None)

    def look_after(self) -> int:
        """Nudge for cards whose sender is gone; returns how many there are."""
        now = self._clock.now()
        left = sum(owed.is_left(now) for owed, _ in self._cards.owed())
        if left:
            log.warning("cards.left_behind", extra={"owed": left})
            self._queue.send_card(CardMessage())
        return left

    def _expected(self, owed: Owed) -> Owed:
        """With the moment by which a sender will have seen it."""
        return msgspec.structs.replace(
            owed, expected=self._clock.now() + timedelta(seconds=self._delay) + SLACK
        )

    def _give_back(
        self, due: Sequence[Due], expected: datetime | None, failing: datetime | None = None
    ) -> None:
        for owed, _, _ in due:
            self._cards.give_back(owed, expected, failing)

    def nudge(self) -> None:
        """Send again whatever is owed, for the sweep."""
        if self._cards.owed(limit=1):
            self._queue.send_card(CardMessage())

    def _due(self) -> list[Due]:
        due: list[Due] = []
        now = self._clock.now()
        for owed, row in self._cards.owed():
            try:
                record = self._heard(owed)
                if record is None:
                    self._cards.delivered(owed, row, owed.seq)
                elif (taken := self._cards.take(row, now, now + self._policy.card_lease)) is not None:
                    due.append((owed, taken, record))
            except (UnreadableError, InputError) as error:
                log.warning("card.skipped", extra={"finding": owed.finding[:200], "reason": str(error)})
        return due

    def _heard(self, owed: Owed) -> FindingRecord | None:
        """The finding as this place is to hear of it now; None where there is nothing to tell any more."""
        record = self._book.find(owed.target, owed.finding)
        return None if record is None else self._outlet.heard(record, self._cards.told(owed))

    def _post(self, left: list[Due]) -> int:
        """Post what was taken; what was posted leaves the list, and the rest is to be given back."""
        now, count, until = self._clock.now(), len(left), self._clock.now() + self._policy.card_lease
        if count > self._digest_above:
            self._notifier.post(self._outlet.voice.many(list(map(_told, left)), now))
            while left:
                self._deliver(left.pop())
            return 1
        while left:
            if self._clock.now() > until - LATE:
                until = self._retake(left)
                continue
            with self._measures.span("card", left[0][2].correlation_id):
                self._notifier.post(self._outlet.voice.one(_told(left[0]), now))
            self._deliver(left.pop(0))
        return count

    def _retake(self, left: list[Due]) -> datetime:
        """Hold on to what took long to come to; what another sender has taken meanwhile is his."""
        until = self._clock.now() + self._policy.card_lease
        for at in reversed(range(len(left))):
            owed, row, record = left[at]
            again = self._cards.retake(row, until)
            if again is None:
                del left[at]
            else:
                left[at] = owed, again, record
        return until

    def _deliver(self, due: Due) -> None:
        self._took = self._clock.now()
        owed, row, record = due
        over, alone = self._outlet.ends_with(record), self._outlet.leaves_alone(record)
        if not self._cards.delivered(owed, row, record.seq, over, alone=alone):
            self._queue.send_card(CardMessage(), delay=self._delay)


def _told(due: Due) -> Told:
    owed, _, record = due
    return owed.target, record


def owed_by(data: object) -> Owed:
    """The card that an announcement owes; raises InputError when it is none of ours."""
    try:
        return converted(_parts(data), Owed)
    except (msgspec.ValidationError, KeyError, TypeError) as error:
        raise InputError(f"not an announcement of a finding: {error}") from error


def _parts(data: Any) -> dict[str, Any]:
    return {"target": data["target"], "finding": data["finding"], "seq": data["seq"]}
