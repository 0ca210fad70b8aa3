"""Records that cannot be read: each stops what needs it and nothing else, and is named here.

They are named for people, in health's details, by whoever meets them; every sweep begins a fresh list, since
it meets those that are still there again.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from remediation.errors import NEWER, BastionGuardError, ConflictError, InputError, UnreadableError
from remediation.ports import Ledger, Row
from remediation.structs import converted

log = logging.getLogger("bastion_guard.ledger")

PARTITION = "unreadable"
MOST_NAMED = 100
"""Of one list; the rest is counted in the log."""

_WRONG_SHAPE = (msgspec.ValidationError, InputError, KeyError, ValueError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Named:
    """One record that somebody could not read."""

    partition: str
    key: str
    why: str

    @property
    def is_newer(self) -> bool:
        """Whether it is no damage: a later release wrote it, and an earlier one runs again."""
        return self.why.startswith(NEWER)


def record_of[T](row: Row, kind: type[T]) -> T:
    """A row as the struct it should be; raises UnreadableError."""
    return as_read(row, lambda each: converted(each.value, kind))


def struct_of[T](value: Any, kind: type[T], partition: str, key: str) -> T:
    """A part of a record as the struct it should be; raises UnreadableError about that record."""
    return record_of(Row(partition, key, value, ""), kind)


def as_read[T](row: Row, read: Callable[[Row], T]) -> T:
    """What `read` makes of a row; UnreadableError where it can make nothing of it."""
    if row.unreadable:
        raise UnreadableError(row.partition, row.key, row.unreadable, newer=row.newer)
    try:
        return read(row)
    except _WRONG_SHAPE as error:
        why = f"it is not of the shape it should be: {type(error).__name__}"
        raise UnreadableError(row.partition, row.key, why) from error


@contextmanager
def naming(ledger: Ledger) -> Iterator[None]:
    """Name the record that an UnreadableError on its way out is about."""
    try:
        yield
    except UnreadableError as error:
        _name(ledger, error)
        raise


def fetch[T](ledger: Ledger, partition: str, key: str, kind: type[T]) -> T | None:
    """One record; None where there is none. Raises UnreadableError, and names it."""
    with naming(ledger):
        row = ledger.read(partition, key)
        return None if row is None else record_of(row, kind)


def readable[T](ledger: Ledger, rows: Iterable[Row], read: Callable[[Row], T]) -> Iterator[tuple[T, Row]]:
    """What `read` makes of each row, with the row; one that cannot be read is skipped, counted and named."""
    skipped = 0
    for row in rows:
        try:
            value = as_read(row, read)
        except UnreadableError as error:
            skipped += 1
            if skipped <= MOST_NAMED:
                _name(ledger, error)
            continue
        yield value, row
    if skipped:
        log.warning("records.skipped", extra={"count": skipped})


def named(ledger: Ledger, limit: int = MOST_NAMED) -> list[Named]:
    """The records that could not be read since the last sweep began, at most `limit`."""
    rows = ledger.rows(PARTITION, limit=limit)
    return [Named(**row.value) for row in rows if not row.unreadable and set(row.value) == _FIELDS]


def forget_name(ledger: Ledger, partition: str, key: str) -> None:
    """Take one record off the list: it is out of the way."""
    for row in ledger.rows(PARTITION, limit=10 * MOST_NAMED):
        if row.key == f"{partition}/{key}":
            with suppress(ConflictError):
                ledger.delete(row)


def begin_afresh(ledger: Ledger) -> None:
    """Forget the list; whoever meets such a record again names it again."""
    for row in ledger.rows(PARTITION, limit=10 * MOST_NAMED):
        with suppress(ConflictError):
            ledger.delete(row)


def _name(ledger: Ledger, error: UnreadableError) -> None:
    """Best effort: that it cannot be named must not hide that it cannot be read."""
    log.warning("record.unreadable", extra={"reason": error.why, "record": f"{error.partition}/{error.key}"})
    with suppress(BastionGuardError):
        row = asdict(Named(error.partition, error.key, error.why))
        ledger.insert(PARTITION, f"{error.partition}/{error.key}", row)


_FIELDS = frozenset({"partition", "key", "why"})
