"""What lies in a ledger, by kind, wherever its shards are."""

from collections.abc import Sequence

from remediation.ledger.keys import shards
from remediation.ports import Ledger, Row


def kept(ledger: Ledger, kind: str) -> Sequence[Row]:
    """The records of a kind that lies in shards."""
    return [row for partition in shards(kind) for row in ledger.rows(partition)]
