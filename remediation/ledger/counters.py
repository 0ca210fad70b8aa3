"""Counts that several workers share: our repairs per finding, our writes per hour. They fail closed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from remediation.ledger.keys import change, short
from remediation.ports import Ledger

REPAIRS = "repairs"
BUDGET = "budget"


class Counters:
    """Counters in the ledger; a count that cannot be written raises, and then nothing is written to ARM."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def repairs(self, finding: tuple[str, str], now: datetime, window: timedelta) -> int:
        """How often we repaired this finding within the window."""
        row = self._ledger.read(REPAIRS, short(*finding))
        return 0 if row is None else len(_within(row.value.get("times", ()), now - window))

    def count_repair(self, finding: tuple[str, str], now: datetime, window: timedelta) -> None:
        def counted(value: dict[str, Any] | None) -> dict[str, Any]:
            times = [] if value is None else _within(value.get("times", ()), now - window)
            return {"finding": list(finding), "times": [*times, now.isoformat()]}

        change(self._ledger, REPAIRS, short(*finding), counted)

    def forget_repair(self, finding: tuple[str, str]) -> None:
        """Take the latest count back: the write was refused or never made, so nobody can have undone it."""

        def without(value: dict[str, Any] | None) -> dict[str, Any] | None:
            return None if value is None else {**value, "times": value.get("times", [])[:-1]}

        change(self._ledger, REPAIRS, short(*finding), without)

    def writes_left(self, cap: int, now: datetime) -> int:
        row = self._ledger.read(BUDGET, _hour(now))
        return cap if row is None else max(0, cap - int(row.value.get("writes", 0)))

    def take_write(self, cap: int, now: datetime) -> bool:
        """Take one write out of this hour's budget; False when it is used up."""
        taken = False

        def counted(value: dict[str, Any] | None) -> dict[str, Any] | None:
            nonlocal taken
            used = 0 if value is None else int(value.get("writes", 0))
            taken = used < cap
            return {"writes": used + 1} if taken else None

        change(self._ledger, BUDGET, _hour(now), counted)
        return taken


def _within(times: Iterable[str], since: datetime) -> list[str]:
    return [text for text in times if datetime.fromisoformat(text) > since]


def _hour(now: datetime) -> str:
    return f"{now:%Y%m%dT%H}"
