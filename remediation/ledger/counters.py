"""Counts that several workers share: our repairs per finding, our writes per hour. They fail closed."""

import sys
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.errors import TooLargeError, UnreadableError
from remediation.ledger.keys import Latest, absent, change, short
from remediation.ledger.unreadable import as_read, naming, record_of
from remediation.model import Closing, Opening, Share, Spent
from remediation.ports import Ledger
from remediation.structs import converted

REPAIRS = "repairs"
NOBODY_KNOWS = Spent(writes=sys.maxsize)
BUDGET = "budget"

type Entry = dict[str, Any]


class Counters:
    """Counters in the ledger; a count that cannot be written raises, and then nothing is written to ARM."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._latest = Latest()

    def closings(self, finding: tuple[str, str], now: datetime, window: timedelta) -> tuple[Closing, ...]:
        """Our repairs of this finding within the window, oldest first, each with the opening it closed.

        Raises UnreadableError: then nobody knows, and nothing is written.
        """
        with naming(self._ledger):
            row = self._ledger.read(REPAIRS, short(*finding))
            self._latest.keep(row or absent(REPAIRS, short(*finding)))
            return () if row is None else as_read(row, lambda each: _closings(each.value, now - window))

    def count_repair(self, finding: tuple[str, str], closing: Closing, window: timedelta) -> None:
        """Count one repair.

        Where it does not fit, what was open beside earlier ones goes: the guard then holds back the sooner.
        """

        def counted(value: dict[str, Any] | None) -> dict[str, Any]:
            kept = [] if value is None else _within(value, closing.at - window)
            return {"finding": list(finding), "closed": [*kept, _entry(closing)]}

        def slim(value: dict[str, Any] | None) -> dict[str, Any]:
            row = counted(value)
            entries = [{**entry, "beside": []} for entry in row["closed"][:-1]]
            return {**row, "closed": [*entries, row["closed"][-1]]}

        key = short(*finding)
        try:
            change(self._ledger, REPAIRS, key, counted, known=self._latest.take(REPAIRS, key))
        except TooLargeError:
            change(self._ledger, REPAIRS, short(*finding), slim)

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
        """What was written in this hour; more than any budget has when nobody can tell.

        It only grows, so what this worker knows will do: taking a write finds out what others took meanwhile,
        and is remembered here.
        """
        try:
            with naming(self._ledger):
                row = self._latest.peek(BUDGET, _hour(now)) or self._ledger.read(BUDGET, _hour(now))
                self._latest.keep(row or absent(BUDGET, _hour(now)))
                return _spent(None if row is None or not row.etag else record_of(row, _Written))
        except UnreadableError:
            return NOBODY_KNOWS

    def take_writes(self, cap: int, now: datetime, share: Share) -> int:
        """Take the writes of a repair out of this hour's budget; how many it may make now, 0 for none.

        0 as well when nobody can tell.
        """
        granted = 0

        def counted(value: dict[str, Any] | None) -> dict[str, Any] | None:
            nonlocal granted
            spent = _spent(None if value is None else converted(value, _Written))
            granted = spent.grants(cap, share)
            if not granted:
                return None
            more = spent.plus(share, granted)
            return {"writes": more.writes, "groups": dict(more.groups), "yielding": more.yielding}

        try:
            known = self._latest.take(BUDGET, _hour(now))
            self._latest.keep(change(self._ledger, BUDGET, _hour(now), counted, _Written, known))
        except UnreadableError:
            return 0
        return granted


class _Written(msgspec.Struct, frozen=True):
    """The hour's budget as its row has it; one of an earlier release counts writes alone."""

    writes: int = 0
    groups: dict[str, int] = {}
    yielding: int = 0


def _spent(row: _Written | None) -> Spent:
    return Spent() if row is None else Spent(row.writes, row.groups, row.yielding)


def _closings(row: dict[str, Any], since: datetime) -> tuple[Closing, ...]:
    return tuple(_closing(entry) for entry in _within(row, since))


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
