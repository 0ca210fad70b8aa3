"""Cards owed to people. A row under "owed" exists exactly as long as a card is owed."""

from collections.abc import Collection, Sequence
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
    `place` is where it is owed, "" being the one webhook of an app without channels. `failing` is when the
    first try failed of those that have all failed since; None where the last one did not, or was held back.
    """

    target: str
    finding: str
    seq: int
    taken_until: datetime | None = None
    expected: datetime | None = None
    place: str = ""
    failing: datetime | None = None

    def is_left(self, now: datetime) -> bool:
        """Whether whoever was to post it is gone."""
        moments = [moment for moment in (self.taken_until, self.expected) if moment is not None]
        return bool(moments) and max(moments) <= now


class Sent(msgspec.Struct, frozen=True):
    """The last change of a finding that a place was told of, and whether that card said that it is over.

    `alone`: over for the reader alone, since the finding stays as it is for now.
    """

    seq: int
    over: bool = False
    alone: bool = False


class Cards:
    """What the sender of cards remembers of one place: a channel by name, or "" for the one webhook."""

    def __init__(self, ledger: Ledger, place: str = "") -> None:
        self._ledger = ledger
        self._place = place
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
            if int(value["seq"]) >= owed.seq:
                return None
            new = {**value, "seq": owed.seq}
            # while tries fail the next one comes when it was to come
            return new if value.get("failing") else {**new, "expected": _plain(owed)["expected"]}

        self._latest.keep(change(self._ledger, OWED, _key(owed), newest, Owed, known))

    def owed(self, limit: int = 500) -> Sequence[tuple[Owed, Row]]:
        """Cards that are owed, at most `limit`, with their rows; what cannot be read is passed over."""
        start, end = _range(self._place)
        rows = self._ledger.rows(OWED, start=start, end=end, limit=MOST_READ)
        return list(islice(readable(self._ledger, rows, _owed), limit))

    def elsewhere(self, places: Collection[str]) -> Sequence[tuple[Owed, Row]]:
        """What is owed to other places than these, with its rows: they are gone from the baseline."""
        rows = self._ledger.rows(OWED, limit=MOST_READ)
        return [each for each in readable(self._ledger, rows, _owed) if each[0].place not in places]

    def forget(self, row: Row) -> None:
        """Owe a card no longer, unless that has changed meanwhile."""
        with suppress(ConflictError):
            self._ledger.delete(row)

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

    def give_back(
        self, owed: Owed, expected: datetime | None = None, failing: datetime | None = None
    ) -> None:
        """Let other senders have a card that is still owed; the next try is `expected` by then."""
        moments = {"expected": expected, "failing": failing}
        freed = {"takenUntil": None} | {
            name: None if at is None else at.isoformat() for name, at in moments.items()
        }

        def free(value: dict[str, Any] | None) -> dict[str, Any] | None:
            return None if value is None else {**value, **freed}

        change(self._ledger, OWED, _key(owed), free, Owed)

    def sent(self, owed: Owed) -> int:
        """The number of the last change a card was sent for; 0 for none."""
        return self.told(owed).seq

    def told(self, owed: Owed) -> Sent:
        """What the place of a card was told of the finding last."""
        return fetch(self._ledger, SENT, _key(owed), Sent) or Sent(0)

    def delivered(
        self, owed: Owed, row: Row, seq: int, over: bool | None = None, *, alone: bool = False
    ) -> bool:
        """Remember that people know of change `seq`. False when a newer change is owed already.

        `over` is what the card said, and `alone`; None where there was nothing to say, so that the last word
        stands.
        """

        def highest(value: dict[str, Any] | None) -> dict[str, Any] | None:
            known = 0 if value is None else int(value["seq"])
            before = {"over": True} if value is None else value  # who heard nothing thinks of nothing
            said = {"over": bool(before.get("over")), "alone": bool(before.get("alone"))}
            said = said if over is None else {"over": over, "alone": alone}
            return None if known >= seq else {"finding": owed.finding, "seq": seq, **said}

        change(self._ledger, SENT, _key(owed), highest, Sent)
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
    name = short(owed.target, owed.finding)
    return f"{_named(owed.place)}{name}" if owed.place else name


def _named(place: str) -> str:
    """What the keys of a named place begin with; they stand behind all those of the one webhook."""
    return f"~{place}/"


def _range(place: str) -> tuple[str, str]:
    """From which key on, and before which, everything is owed to a place."""
    return (_named(place), f"~{place}0") if place else ("", "~")
