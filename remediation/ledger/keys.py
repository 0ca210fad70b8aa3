"""Names of partitions and keys, and the one loop for changes that others may make as well."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec

from remediation.errors import ConflictError
from remediation.ledger.unreadable import naming, record_of
from remediation.ports import Ledger, Row

TRIES = 24
SHARDS = "0123456789abcdef"
"""Parts into which the records of targets are spread; what is written together about one lies in its part."""


def short(*parts: str) -> str:
    """A fixed-length name for any texts, resource ids among them, of any length and script."""
    return hashlib.sha256("\n".join(part.lower() for part in parts).encode()).hexdigest()[:32]


def id_of(target: str, name: str) -> str:
    """The id of a finding, by its target's id and its name among the target's findings; fits an address."""
    return f"{short(target)}-{short(name)}"


def sharded(kind: str, key: str) -> str:
    """The partition of a kind of record in the shard of a `short` name."""
    return f"{kind}@{key[0]}"


def shards(kind: str) -> list[str]:
    """The partitions of a kind of record in every shard."""
    return [f"{kind}@{shard}" for shard in SHARDS]


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


def absent(partition: str, key: str) -> Row:
    """What stands for a record that is not there, where a version of it is expected."""
    return Row(partition, key, {}, "")


class Latest:
    """The versions of records as this worker last had them, the latest few: worth one try, never trusted."""

    def __init__(self, most: int = 512) -> None:
        self._rows: dict[tuple[str, str], Row] = {}
        self._most = most

    def take(self, partition: str, key: str) -> Row | None:
        return self._rows.pop((partition, key), None)

    def peek(self, partition: str, key: str) -> Row | None:
        return self._rows.get((partition, key))

    def keep(self, row: Row | None) -> None:
        if row is None:
            return
        self._rows[row.partition, row.key] = row
        while len(self._rows) > self._most:
            with suppress(KeyError, StopIteration, RuntimeError):  # others keep and take beside us
                del self._rows[next(iter(self._rows))]


def upsert(ledger: Ledger, partition: str, key: str, value: dict[str, Any], known: Row | None) -> Row | None:
    """Write a record whatever was there, in one call where it is new or as it was `known`."""
    if known is None:
        with suppress(ConflictError):
            return ledger.insert(partition, key, value)
    return change(ledger, partition, key, lambda _: value, known=known)


def change(
    ledger: Ledger,
    partition: str,
    key: str,
    decide: Callable[[dict[str, Any] | None], dict[str, Any] | None],
    shape: type | None = None,
    known: Row | None = None,
) -> Row | None:
    """Read, decide, write; again when somebody else wrote in between. None from `decide` writes nothing.

    `known` is a version that was read before (`absent`: there was none): only where it is not the current one
    any more, or nothing would be written on its account, is the record read anew.
    Returns the row as it is now.

    Raises ConflictError when others keep winning, which is then handed on, and UnreadableError for a record
    that cannot be read as a `shape`, or that `decide` says so of.
    """
    if known is not None and (value := decide(known.value if known.etag else None)) is not None:
        with suppress(ConflictError):
            return ledger.replace(known, value) if known.etag else ledger.insert(partition, key, value)
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
