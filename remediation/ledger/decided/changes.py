"""Every change of what is in force, in the order of time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import msgspec

from remediation.ledger.keys import plain, short, stamp
from remediation.ledger.unreadable import fetch, readable, record_of
from remediation.ports import Ledger, Row

PARTITION = "baseline-changes"
MOST = 10_000

type What = Literal["first", "changed", "stopped", "started", "invalid", "valid"]


class Change(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One change of what is in force.

    `hash` and `mode` are what holds afterwards, a stop included; `text_hash` names the baseline's text alone;
    `before`, `text_before` and `mode_before` are the same of what held until then.
    `difference` has {path, before, after} for each value; `ahead` is what is about to be written because of
    it ({count, rules, shown}); `mistakes` are those of a source that cannot be used, without values.
    """

    id: str
    at: datetime
    what: What
    hash: str
    text_hash: str = "none"
    mode: str = "observe"
    before: str = ""
    text_before: str = ""
    mode_before: str = ""
    source: str = ""
    by: str = ""
    reason: str = ""
    difference: list[dict[str, str]] = []
    mistakes: list[str] = []
    ahead: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """A name that two workers who make the same change at once arrive at both."""
        return self.id.rpartition("-")[2]


def new_id(at: datetime, what: What, *about: str) -> str:
    """An id that sorts by time; its end follows from what changes."""
    return f"{stamp(at)}-b{short(what, *about)[:12]}"


class Changes:
    """The changes in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def keep(self, change: Change) -> None:
        """Keep a change; one that is kept already stays the one entry it is."""
        self._ledger.put(PARTITION, change.id, plain(change))

    def get(self, identity: str) -> Change | None:
        return fetch(self._ledger, PARTITION, identity, Change)

    def between(self, since: datetime, until: datetime) -> Iterator[Change]:
        """The changes with since <= at < until, the latest first."""
        rows = self._ledger.rows(PARTITION, start=stamp(since), end=stamp(until), limit=MOST)
        for change, _ in readable(self._ledger, reversed(rows), _change):
            yield change

    def all(self) -> Iterator[Change]:
        for change, _ in readable(self._ledger, self._ledger.rows(PARTITION, limit=MOST), _change):
            yield change


def _change(row: Row) -> Change:
    return record_of(row, Change)
