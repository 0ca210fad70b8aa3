"""Cards for people: what is owed is noted first, then sent from the finding's current state.

An event on the drift topic is a hint that a card is owed. The sender reads the finding as it is now, drops
what people know already, makes one digest of what has piled up, and hands itself on while Teams is down.
Between the webhook's answer and our note that a card was sent a crash repeats that card; nothing loses one.
"""

import logging
from collections.abc import Sequence
from typing import Any

import msgspec

from remediation.cards import card, digest
from remediation.errors import InputError, PermanentError, TransientError
from remediation.findings import FindingRecord
from remediation.ledger.cards import Cards, Owed
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import CardMessage
from remediation.policy import Policy
from remediation.ports import Clock, Ledger, Notifier, Queue, Row

log = logging.getLogger("bastion_guard.sender")

type Due = tuple[Owed, Row, FindingRecord]


class Sender:
    """Notes which cards are owed, and sends them."""

    def __init__(
        self,
        ledger: Ledger,
        queue: Queue,
        notifier: Notifier,
        clock: Clock,
        policy: Policy,
        *,
        digest_above: int,
        delay: float,
    ) -> None:
        self._cards = Cards(ledger)
        self._book = FindingsBook(ledger)
        self._queue = queue
        self._notifier = notifier
        self._clock = clock
        self._policy = policy
        self._digest_above = digest_above
        self._delay = delay

    def note(self, data: object) -> None:
        """Note the card that an announcement owes; raises InputError when the data is not one of ours."""
        try:
            owed = msgspec.convert(_parts(data), Owed)
        except (msgspec.ValidationError, KeyError, TypeError) as error:
            raise InputError(f"not an announcement of a finding: {error}") from error
        if self._cards.owe(owed):
            self._queue.send_card(CardMessage(), delay=self._delay)

    def send(self, message: CardMessage) -> int:
        """Send what is owed; returns the number of cards posted. Handed on while Teams does not answer."""
        due = self._due()
        try:
            return self._post(due)
        except TransientError as error:
            delay = self._policy.delay(message.attempt, error.retry_after)
            self._queue.send_card(CardMessage(attempt=message.attempt + 1), delay=delay)
            log.warning("cards.delayed", extra={"owed": len(due), "seconds": delay, "reason": str(error)})
            return 0
        except PermanentError as error:
            # Kept as owed: the sweep tries again once somebody has mended the webhook.
            log.error("cards.refused", extra={"owed": len(due), "reason": str(error)})  # noqa: TRY400
            return 0

    def nudge(self) -> None:
        """Send again whatever is owed, for the sweep."""
        if self._cards.owed(limit=1):
            self._queue.send_card(CardMessage())

    def _due(self) -> list[Due]:
        due: list[Due] = []
        for owed, row in self._cards.owed():
            record = self._book.find(owed.target, owed.finding)
            if record is None or record.seq <= self._cards.sent(owed):
                self._cards.settle(owed, row, owed.seq)
            else:
                due.append((owed, row, record))
        return due

    def _post(self, due: Sequence[Due]) -> int:
        now = self._clock.now()
        if len(due) > self._digest_above:
            self._notifier.post(digest([record for _, _, record in due], now=now))
            for owed, row, record in due:
                self._cards.settle(owed, row, record.seq)
            return 1
        for owed, row, record in due:
            self._notifier.post(card(record, now=now))
            self._cards.settle(owed, row, record.seq)
        return len(due)


def _parts(data: Any) -> dict[str, Any]:
    return {"target": data["target"], "finding": data["finding"], "seq": data["seq"]}
