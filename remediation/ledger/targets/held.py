"""Which claims are held: a row beside the target's record, made with the claim and gone with its release.

So whoever looks after claims whose holder died reads a few rows, however many targets there are.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from remediation.ledger.keys import plain, sharded, shards, short
from remediation.ledger.unreadable import readable, record_of
from remediation.ports import Insert, Ledger, Row
from remediation.resource_id import ResourceId

KIND = "held"
MOST = 1000
"""Claims looked after at a time, of one shard."""


class Held(msgspec.Struct, frozen=True, rename="camel"):
    """A claim that somebody holds, until then at least: a lease that is renewed goes on for longer."""

    target: str
    until: datetime


def noted(target: ResourceId, until: datetime) -> Insert:
    """The row that goes with a claim."""
    value: dict[str, Any] = plain(Held(target.text, until))
    return Insert(partition_of(target), short(target.key), value)


def row_of(ledger: Ledger, target: ResourceId) -> Row | None:
    return ledger.read(partition_of(target), short(target.key))


def partition_of(target: ResourceId) -> str:
    return sharded(KIND, short(target.key))


def overdue(ledger: Ledger, now: datetime) -> Iterator[tuple[ResourceId, Row]]:
    """The targets of claims whose first lease is over, each with its row; unreadable ones are left."""
    for partition in shards(KIND):
        for (target, until), row in readable(ledger, ledger.rows(partition, limit=MOST), _held):
            if until <= now:
                yield target, row


def _held(row: Row) -> tuple[ResourceId, datetime]:
    held = record_of(row, Held)
    return ResourceId.parse(held.target), held.until
