"""Cards owed to people. A row under "owed" exists exactly as long as a card is owed."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from remediation.errors import ConflictError
from remediation.ledger.keys import Latest, change, plain, short
from remediation.ledger.unreadable import fetch, readable, record_of
from remediation.ports import Ledger, Row

OWED = "cards-owed"
SENT = "cards-sent"
MOST_READ = 5000


class Owed(msgspec.Struct, frozen=True, rename="camel"):
    """The card for one finding, owed since its change number `seq`.

    Until `taken_until` a sender is posting it; nudges are handled side by side, and one card is enough. By
    `expected` somebody will have tried: whoever was to is gone if nobody has.
    """

    target: str
    finding: str
    seq: int
    taken_until: datetime | None = None
    expected: datetime | None = None

    def is_left(self, now: datetime) -> bool:
        """Whether whoever was to post it is gone."""
        moments = [moment for moment in (self.taken_until, self.expected) if moment is not None]
        return bool(moments) and max(moments) <= now


class _Sent(msgspec.Struct, frozen=True):
    seq: int


class Cards:
    """What the sender of cards remembers."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._latest = Latest()

    def owe(self, owed: Owed) -> bool:
        """Note that a card is owed; False when it is already sent or a newer one is owed."""
        if self.sent(owed) >= owed.seq:
            return False
        self.owe_new(owed)
        return True

    def owe_new(self, owed: Owed) -> None:
        """The same of what can hardly have been sent; the sender looks before it posts."""
        known = self._latest.take(OWED, _key(owed))
        if known is None:
            with suppress(ConflictError):
                self._latest.keep(self._ledger.insert(OWED, _key(owed), _plain(owed)))
                return

        def newest(value: dict[str, Any] | None) -> dict[str, Any] | None:
            if value is None:
                return _plain(owed)
            expected = _plain(owed)["expected"]
            return None if int(value["seq"]) >= owed.seq else {**value, "seq": owed.seq, "expected": expected}

        self._latest.keep(change(self._ledger, OWED, _key(owed), newest, Owed, known))

    def owed(self, limit: int = 500) -> Sequence[tuple[Owed, Row]]:
        """Cards that are owed, at most `limit`, with their rows; what cannot be read is passed over."""
        found = readable(self._ledger, self._ledger.rows(OWED, limit=MOST_READ), _owed)
        return list(islice(found, limit))

    def take(self, row: Row, now: datetime, until: datetime) -> Row | None:
        """Take a card for posting; None when another sender has it or its row has changed."""
        owed = _owed(row)
        if owed.taken_until is not None and owed.taken_until > now:
            return None
        try:
            return self._ledger.replace(row, _plain(msgspec.structs.replace(owed, taken_until=until)))
        except ConflictError:
            return None

    def retake(self, row: Row, until: datetime) -> Row | None:
        """Hold on to a card that was taken; None when another sender has it now."""
        try:
            return self._ledger.replace(row, _plain(msgspec.structs.replace(_owed(row), taken_until=until)))
        except ConflictError:
            return None

    def give_back(self, owed: Owed, expected: datetime | None = None) -> None:
        """Let other senders have a card that is still owed; the next try is `expected` by then."""
        freed = {"takenUntil": None, "expected": None if expected is None else expected.isoformat()}

        def free(value: dict[str, Any] | None) -> dict[str, Any] | None:
            return None if value is None else {**value, **freed}

        change(self._ledger, OWED, _key(owed), free, Owed)

    def sent(self, owed: Owed) -> int:
        """The number of the last change a card was sent for; 0 for none."""
        sent = fetch(self._ledger, SENT, _key(owed), _Sent)
        return 0 if sent is None else sent.seq

    def delivered(self, owed: Owed, row: Row, seq: int) -> bool:
        """Remember that people know of change `seq`. False when a newer change is owed already."""

        def highest(value: dict[str, Any] | None) -> dict[str, Any] | None:
            known = 0 if value is None else int(value["seq"])
            return None if known >= seq else {"finding": owed.finding, "seq": seq}

        change(self._ledger, SENT, _key(owed), highest, _Sent)
        self._latest.take(OWED, _key(owed))
        try:
            self._ledger.delete(row)
        except ConflictError:
            self.give_back(owed)
            return False
        return True


def _owed(row: Row) -> Owed:
    return record_of(row, Owed)


def _plain(owed: Owed) -> dict[str, Any]:
    result: dict[str, Any] = plain(owed)
    return result


def _key(owed: Owed) -> str:
    return short(owed.target, owed.finding)
