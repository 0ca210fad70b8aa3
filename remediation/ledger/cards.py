"""Cards owed to people. A row under "owed" exists exactly as long as a card is owed."""

from collections.abc import Sequence
from typing import Any

import msgspec

from remediation.errors import ConflictError
from remediation.ledger.keys import change, plain, short
from remediation.ports import Ledger, Row

OWED = "cards-owed"
SENT = "cards-sent"


class Owed(msgspec.Struct, frozen=True, rename="camel"):
    """The card for one finding, owed since its change number `seq`."""

    target: str
    finding: str
    seq: int


class Cards:
    """What the sender of cards remembers."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def owe(self, owed: Owed) -> bool:
        """Note that a card is owed; False when it is already sent or a newer one is owed."""
        if self.sent(owed) >= owed.seq:
            return False

        def newest(value: dict[str, Any] | None) -> dict[str, Any] | None:
            if value is not None and int(value["seq"]) >= owed.seq:
                return None
            result: dict[str, Any] = plain(owed)
            return result

        change(self._ledger, OWED, _key(owed), newest)
        return True

    def owed(self, limit: int = 500) -> Sequence[tuple[Owed, Row]]:
        rows = self._ledger.rows(OWED, limit=limit)
        return [(msgspec.convert(row.value, Owed), row) for row in rows]

    def sent(self, owed: Owed) -> int:
        """The number of the last change a card was sent for; 0 for none."""
        row = self._ledger.read(SENT, _key(owed))
        return 0 if row is None else int(row.value["seq"])

    def settle(self, owed: Owed, row: Row, seq: int) -> None:
        """Remember that people know of change `seq`; a card owed for a newer change stays owed."""
        self._ledger.put(SENT, _key(owed), {"finding": owed.finding, "seq": max(seq, self.sent(owed))})
        if owed.seq <= seq:
            try:
                self._ledger.delete(row)
            except ConflictError:
                return


def _key(owed: Owed) -> str:
    return short(owed.target, owed.finding)
