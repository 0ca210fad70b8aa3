"""Counts that several workers share: our repairs per finding, our writes per hour. They fail closed."""

from datetime import datetime, timedelta
from typing import Any

from remediation.ledger.keys import change, short
from remediation.model import Closing, Opening, Share, Spent
from remediation.ports import Ledger

REPAIRS = "repairs"
BUDGET = "budget"

type Entry = dict[str, Any]


class Counters:
    """Counters in the ledger; a count that cannot be written raises, and then nothing is written to ARM."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def closings(self, finding: tuple[str, str], now: datetime, window: timedelta) -> tuple[Closing, ...]:
        """Our repairs of this finding within the window, oldest first, each with the opening it closed."""
        row = self._ledger.read(REPAIRS, short(*finding))
        return () if row is None else tuple(_closing(entry) for entry in _within(row.value, now - window))

    def count_repair(self, finding: tuple[str, str], closing: Closing, window: timedelta) -> None:
        def counted(value: dict[str, Any] | None) -> dict[str, Any]:
            kept = [] if value is None else _within(value, closing.at - window)
            return {"finding": list(finding), "closed": [*kept, _entry(closing)]}

        change(self._ledger, REPAIRS, short(*finding), counted)

    def forget_repair(self, finding: tuple[str, str], rule: str = "") -> None:
        """Take the latest count back: the write was refused or never made, so nobody can have undone it."""

        def without(value: dict[str, Any] | None) -> dict[str, Any] | None:
            entries: list[Entry] = [] if value is None else value.get("closed", [])
            last = max((at for at, one in enumerate(entries) if one.get("rule", "") == rule), default=None)
            if value is None or last is None:
                return None
            return {**value, "closed": [*entries[:last], *entries[last + 1 :]]}

        change(self._ledger, REPAIRS, short(*finding), without)

    def spent(self, now: datetime) -> Spent:
        """What was written in this hour."""
        row = self._ledger.read(BUDGET, _hour(now))
        return _spent(None if row is None else row.value)

    def take_write(self, cap: int, now: datetime, share: Share) -> bool:
        """Take one write out of this hour's budget; False when it, or the write's share, is used up."""
        taken = False

        def counted(value: dict[str, Any] | None) -> dict[str, Any] | None:
            nonlocal taken
            spent = _spent(value)
            taken = spent.used_up(cap, share) is None
            if not taken:
                return None
            more = spent.plus(share)
            return {"writes": more.writes, "groups": dict(more.groups), "yielding": more.yielding}

        change(self._ledger, BUDGET, _hour(now), counted)
        return taken


def _spent(row: dict[str, Any] | None) -> Spent:
    """A row of an earlier release counts writes alone."""
    found = row or {}
    groups = {str(group): int(count) for group, count in dict(found.get("groups") or {}).items()}
    return Spent(int(found.get("writes", 0)), groups, int(found.get("yielding", 0)))


def _within(row: dict[str, Any], since: datetime) -> list[Entry]:
    """The entries of a row that are not older; a row of an earlier release has times alone."""
    entries = row.get("closed") or [{"at": at} for at in row.get("times", ())]
    return [entry for entry in entries if datetime.fromisoformat(entry["at"]) > since]


def _entry(closing: Closing) -> Entry:
    opening = closing.opening
    return {
        "at": closing.at.isoformat(),
        "rule": opening.rule,
        "what": opening.what,
        "by": closing.by,
        "beside": list(closing.beside),
    }


def _closing(entry: Entry) -> Closing:
    opening = Opening(entry.get("rule", ""), entry.get("what", ""))
    at, beside = datetime.fromisoformat(entry["at"]), tuple(entry.get("beside", ()))
    return Closing(at, opening, entry.get("by", ""), beside)


def _hour(now: datetime) -> str:
    return f"{now:%Y%m%dT%H}"
