"""What was declared, one row a resource: the younger word is kept, whoever's it is.

A deployment's word, a file's and a person's stand in the same place, so that what is in force is one read. A
document is a template's and holds no more than the resource itself; who declared is personal data, and is
renewed or replaced with each declaration.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from remediation.declared.declaration import Declaration
from remediation.declared.standing import in_force
from remediation.errors import InvalidResourceId, UnreadableError
from remediation.ledger.keys import change, plain, short
from remediation.ledger.unreadable import as_read, fetch, readable, struct_of
from remediation.ports import Ledger, Row
from remediation.resource_id import ResourceId

PARTITION = "declared"
MOST = 50_000


class DeclarationRecord(msgspec.Struct, frozen=True, rename="camel"):
    """A declaration as a row, by when it was kept."""

    declaration: dict[str, Any]
    kept: datetime


class Declarations:
    """Declarations in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def of(self, resource: ResourceId) -> Declaration | None:
        """What is declared of a resource; None where nobody declared it. Raises UnreadableError."""
        record = fetch(self._ledger, PARTITION, short(resource.key), DeclarationRecord)
        return None if record is None else _declaration(record, short(resource.key))

    def all(self) -> Sequence[Declaration]:
        """Everything that is declared; a row that cannot be read is left out, and named."""
        rows = self._ledger.rows(PARTITION, limit=MOST)
        return [declaration for declaration, _ in readable(self._ledger, rows, _of_row)]

    def names(self) -> Mapping[str, int]:
        """By whose word how many resources stand as they do."""
        found: dict[str, int] = {}
        for declaration in self.all():
            found[declaration.source.name] = found.get(declaration.source.name, 0) + 1
        return found

    def keep(self, declaration: Declaration, now: datetime) -> bool:
        """Keep a word, unless a younger one stands; whether it is in force now.

        Raises ConflictError when others keep winning, UnreadableError for a row that cannot be read.
        """
        key = short(declaration.id.key)
        wins = True

        def decided(value: dict[str, Any] | None) -> dict[str, Any] | None:
            nonlocal wins
            if value is not None:
                known = _declaration(struct_of(value, DeclarationRecord, PARTITION, key), key)
                wins = in_force(known, declaration) is declaration
            if not wins:
                return None
            result: dict[str, Any] = plain(DeclarationRecord(declaration.to_json(), now))
            return result

        change(self._ledger, PARTITION, key, decided)
        return wins

    def keep_all(self, declarations: Iterable[Declaration], now: datetime) -> int:
        """Keep the words of one input; how many of them are in force now."""
        return sum(self.keep(declaration, now) for declaration in declarations)

    def remove(self, name: str) -> int:
        """Forget what stands by a word; how many rows went. What somebody declared meanwhile stays."""
        rows = self._ledger.rows(PARTITION, limit=MOST)
        gone = [
            row
            for declaration, row in readable(self._ledger, rows, _of_row)
            if declaration.source.name == name
        ]
        return self._ledger.delete_all(gone) if gone else 0


def _of_row(row: Row) -> Declaration:
    return as_read(
        row, lambda one: _declaration(struct_of(one.value, DeclarationRecord, PARTITION, one.key), one.key)
    )


def _declaration(record: DeclarationRecord, key: str) -> Declaration:
    try:
        return Declaration.of(record.declaration)
    except (InvalidResourceId, KeyError, TypeError, ValueError) as error:
        raise UnreadableError(PARTITION, key, f"no declaration: {error}") from error
