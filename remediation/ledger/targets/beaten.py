"""Repairs of ours that somebody else had made, word for word, between our look and our write.

Once is chance: a person may have taken the same thing back. Again and again it is another guard at work.
"""

from datetime import datetime, timedelta

import msgspec

from remediation.ledger.keys import plain, short, stamp
from remediation.ledger.unreadable import readable, record_of
from remediation.ports import Ledger, Row

PARTITION = "beaten"
MOST = 500
KEPT = timedelta(hours=24)


class Beaten(msgspec.Struct, frozen=True, rename="camel"):
    """One such repair: of which target, under which rule, and when we found it made."""

    at: datetime
    target: str
    rule: str


def note(ledger: Ledger, beaten: Beaten) -> None:
    ledger.put(PARTITION, f"{stamp(beaten.at)}-{short(beaten.target, beaten.rule)[:8]}", plain(beaten))


def lately(ledger: Ledger, now: datetime) -> list[Beaten]:
    """Those of the last day, in their order."""
    rows = ledger.rows(PARTITION, start=stamp(now - KEPT), limit=MOST)
    return [beaten for beaten, _ in readable(ledger, rows, _beaten)]


def forget(ledger: Ledger, now: datetime) -> None:
    """Drop what is older than a day; what cannot be read stays for health to name."""
    rows = ledger.rows(PARTITION, end=stamp(now - KEPT), limit=MOST)
    for _, row in list(readable(ledger, rows, _beaten)):
        ledger.delete(row)


def _beaten(row: Row) -> Beaten:
    return record_of(row, Beaten)
