"""Names of partitions and keys, and the one loop for changes that others may make as well."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from remediation.errors import ConflictError
from remediation.ledger.unreadable import naming, record_of
from remediation.ports import Ledger, Row

TRIES = 24


def short(*parts: str) -> str:
    """A fixed-length name for any texts, resource ids among them, of any length and script."""
    return hashlib.sha256("\n".join(part.lower() for part in parts).encode()).hexdigest()[:32]


def stamp(moment: datetime) -> str:
    """A moment as text that sorts as time does: 20261020T091530123456Z."""
    return f"{moment:%Y%m%dT%H%M%S%f}Z"


def moment_of(text: str) -> datetime | None:
    """The moment with which a text begins, as `stamp` writes it; None where it begins with none."""
    try:
        return datetime.strptime(text[:22], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def plain(value: Any) -> Any:
    """A struct as the JSON object the ledger keeps."""
    return msgspec.to_builtins(value)


def change(
    ledger: Ledger,
    partition: str,
    key: str,
    decide: Callable[[dict[str, Any] | None], dict[str, Any] | None],
    shape: type | None = None,
) -> Row | None:
    """Read, decide, write; again when somebody else wrote in between. None from `decide` writes nothing.

    Returns the row as it is now. Raises ConflictError when others keep winning, which is then handed on, and
    UnreadableError for a record that cannot be read as a `shape`, or that `decide` says so of.
    """
    for _ in range(TRIES):
        with naming(ledger):
            row = ledger.read(partition, key)
            if row is not None and shape is not None:
                record_of(row, shape)
            value = decide(None if row is None else row.value)
        if value is None:
            return row
        try:
            return ledger.insert(partition, key, value) if row is None else ledger.replace(row, value)
        except ConflictError:
            continue
    raise ConflictError(f"the ledger's record {partition}/{key} keeps changing")
