"""Records that cannot be read, put out of the way of what needs them, and kept for whoever looks into it.

A person decides that: what is set aside is not known to the app any more, as if it had never been written.
What a later release wrote is no damage and stays where it is.
"""

from base64 import b64encode
from contextlib import suppress
from datetime import datetime
from typing import Any

from remediation.errors import InputError, TooLargeError
from remediation.ledger.keys import short, stamp
from remediation.ledger.unreadable import forget_name, named
from remediation.ports import Ledger, Row

PARTITION = "damaged"
MOST_KEPT = 256 * 1024
"""Bytes that are kept of a record that is too large to be kept whole."""


def set_aside(ledger: Ledger, partition: str, key: str, by: str, now: datetime) -> str:
    """Move one record out of the way; returns the key under which it is kept.

    Raises InputError for a record that is not there, that a later release wrote, or that nobody failed to
    read, and ConflictError when it has changed meanwhile.
    """
    row = _found(ledger, partition, key)
    why = row.unreadable or _why(ledger, partition, key)
    facts = {"partition": partition, "key": key, "why": why, "by": by, "at": now.isoformat()}
    name = f"{stamp(now)}-{short(partition, key)[:12]}"
    _keep(ledger, name, facts, row)
    ledger.delete(row)
    forget_name(ledger, partition, key)
    return name


def _found(ledger: Ledger, partition: str, key: str) -> Row:
    rows = [row for row in ledger.rows(partition, start=key, end=f"{key}\0", limit=1) if row.key == key]
    if not rows:
        raise InputError(f"{partition} {key}: the ledger has no such record")
    if rows[0].newer:
        raise InputError(f"{partition} {key}: {rows[0].unreadable}; it is no damage and stays")
    return rows[0]


def _why(ledger: Ledger, partition: str, key: str) -> str:
    """Why somebody could not read a record whose form is good; InputError where nobody said so."""
    for each in named(ledger):
        if (each.partition, each.key) == (partition, key):
            return each.why
    raise InputError(f"{partition} {key}: nobody has failed to read it")


def _keep(ledger: Ledger, name: str, facts: dict[str, Any], row: Row) -> None:
    if not row.unreadable:
        ledger.insert(PARTITION, name, {**facts, "value": row.value})
        return
    with suppress(TooLargeError):
        ledger.insert(PARTITION, name, {**facts, "raw": b64encode(row.raw).decode()})
        return
    cut = b64encode(row.raw[:MOST_KEPT]).decode()
    ledger.insert(PARTITION, name, {**facts, "raw": cut, "cut": True})


def set_aside_at(row: Row) -> datetime:
    return datetime.fromisoformat(row.value["at"])
