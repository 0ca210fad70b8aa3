"""Until when ARM asked us to leave (subscription, region, kind) alone, known to every worker.

Nobody is waited for longer than `LONGEST_WAIT` at a time; a moment beyond that was never agreed to and counts
for nothing. What is asked for again and again is one spell of pressure, and `since` is when it began.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.errors import LONGEST_WAIT, UnreadableError, bounded_wait
from remediation.ledger.keys import change
from remediation.ledger.unreadable import fetch, readable, record_of
from remediation.ports import Ledger, Row

PARTITION = "pressure"
LONGEST = timedelta(seconds=LONGEST_WAIT)
BELIEVED = timedelta(seconds=5)
"""How long a worker goes by what it read: one read of the ledger for all messages of so long."""
LULL = timedelta(minutes=30)
"""So long after the last wait a spell of pressure is over: a message that was handed on has asked by then."""


@dataclass(frozen=True, slots=True)
class Spell:
    """ARM asks for peace: since when, and until when the last time. Its row is for whoever ends it."""

    subscription: str
    region: str
    since: datetime
    until: datetime
    row: Row

    def is_over(self, now: datetime) -> bool:
        return self.until + LULL <= now

    def wait(self, now: datetime) -> float:
        """Seconds to wait yet, at most `LONGEST_WAIT`."""
        return _left(self.until, now)


class _Noted(msgspec.Struct, frozen=True, rename="camel"):
    not_before: datetime
    since: datetime | None = None


class Pressure:
    """Shared back-pressure. `kind` is reads or writes; an unknown region is its own bucket."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._asked: dict[str, datetime] = {}

    def wait(self, subscription: str, region: str, kind: str, now: datetime) -> float:
        """Seconds to wait before calling, 0 when nobody asked us to or nobody can tell.

        That there is nothing to wait for is believed for `BELIEVED`: who calls meanwhile is told by ARM.
        """
        key = _key(subscription, region, kind)
        asked = self._asked.get(key)
        if asked is not None and asked <= now < asked + BELIEVED:
            return 0.0
        try:
            noted = fetch(self._ledger, PARTITION, key, _Noted)
        except UnreadableError:
            return 0.0
        left = 0.0 if noted is None else _left(noted.not_before, now)
        if not left:
            self._asked[key] = now
        return left

    def throttled(self, subscription: str, region: str, kind: str, now: datetime, seconds: float) -> None:
        """Remember a 429. A longer wait that somebody else was told stays."""
        until = now + timedelta(seconds=bounded_wait(seconds) or 0.0)

        def later(value: dict[str, Any] | None) -> dict[str, Any] | None:
            known = None if value is None else datetime.fromisoformat(value["notBefore"])
            if value is None or known is None or known + LULL <= now or known > now + LONGEST:
                return {"notBefore": until.isoformat(), "since": now.isoformat()}
            since = value.get("since", now.isoformat())
            return None if known >= until else {"notBefore": until.isoformat(), "since": since}

        self._asked.pop(_key(subscription, region, kind), None)
        with suppress(UnreadableError):
            change(self._ledger, PARTITION, _key(subscription, region, kind), later, _Noted)

    def spells(self, limit: int = 1000) -> Iterator[Spell]:
        """Every spell that is remembered, those that are over included."""
        for spell, _ in readable(self._ledger, self._ledger.rows(PARTITION, limit=limit), _spell):
            yield spell

    def forget(self, spell: Spell) -> None:
        """It is over; raises ConflictError when it has begun again."""
        self._ledger.delete(spell.row)


def _spell(row: Row) -> Spell:
    noted = record_of(row, _Noted)
    subscription, _, rest = row.key.partition("|")
    since = noted.since or noted.not_before
    return Spell(subscription, rest.rpartition("|")[0], since, noted.not_before, row)


def _left(until: datetime, now: datetime) -> float:
    wait = (until - now).total_seconds()
    return wait if 0.0 < wait <= LONGEST_WAIT else 0.0


def _key(subscription: str, region: str, kind: str) -> str:
    return f"{subscription}|{region.lower().replace(' ', '') or 'anywhere'}|{kind}"
