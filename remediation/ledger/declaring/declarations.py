"""What was declared, one row a resource: the younger word is kept, whoever's it is.

A deployment's word, a file's and a person's stand in the same place, so that what is in force is one read.
A target's rows (itself, its diagnostic settings, its subnets) lie side by side, and a look reads all at once.
A document is a template's and holds no more than the resource itself; who declared is personal data, and is
renewed or replaced with each declaration.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from remediation.declared.declaration import Declaration
from remediation.declared.deployed.places import target_of
from remediation.declared.standing import in_force
from remediation.errors import InvalidResourceId, UnreadableError
from remediation.kinds import BY_WORD_ALONE, DIAGNOSTIC_SETTING
from remediation.ledger.declaring.records import DeclarationRecord, ToSweep
from remediation.ledger.keys import change, plain, short
from remediation.ledger.unreadable import as_read, naming, readable, struct_of
from remediation.ports import Ledger, Row
from remediation.resource_id import ResourceId

PARTITION = "declared"
MOST = 50_000
MOST_OF_TARGET = 1000


type Decide = Callable[[DeclarationRecord | None], DeclarationRecord | None]
"""The record as it should be; None leaves it as it is."""


class Declarations:
    """Declarations in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def of(self, resource: ResourceId) -> Declaration | None:
        """What is declared of a resource; None where nobody declared it. Raises UnreadableError."""
        with naming(self._ledger):
            row = self._ledger.read(PARTITION, _key(resource))
            return None if row is None else as_read(row, _of_row)

    def of_target(self, target: ResourceId) -> Sequence[DeclarationRecord]:
        """The records of whatever is looked at with a target. Raises UnreadableError: then nobody knows."""
        first = f"{short(target.key)}-"
        with naming(self._ledger):
            rows = self._ledger.rows(PARTITION, start=first, end=f"{first}~", limit=MOST_OF_TARGET)
            return [as_read(row, record_in) for row in rows]

    def all(self) -> Sequence[Declaration]:
        """Everything that is declared; a row that cannot be read is left out, and named."""
        rows = self._ledger.rows(PARTITION, limit=MOST)
        every = readable(self._ledger, rows, _of_row)
        return [declaration for declaration, _ in every if declaration is not None]

    def to_sweep(self) -> ToSweep:
        """What a sweep compares since it was declared, but what says nothing.

        A row that cannot be read is left out too, and named.
        """
        alone, hosts, targets = dict[ResourceId, DeclarationRecord](), set[ResourceId](), set[ResourceId]()
        rows = self._ledger.rows(PARTITION, limit=MOST)
        for record, _ in readable(self._ledger, rows, record_in):
            resource = _spoken_of(record)
            if resource is None:
                continue
            target = target_of(resource)
            if target.type in BY_WORD_ALONE:
                alone[target] = record
                continue
            targets.add(target)
            if resource.type == DIAGNOSTIC_SETTING:
                hosts.add(target)
        return ToSweep(alone, frozenset(hosts), frozenset(targets))

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
        wins = True

        def decided(known: DeclarationRecord | None) -> DeclarationRecord | None:
            nonlocal wins
            before = None if known is None else declared_in(known)
            wins = before is None or in_force(before, declaration) is declaration
            if not wins:
                return None
            under_way = None if known is None else known.under_way
            return DeclarationRecord(
                id=declaration.id.text, declaration=declaration.to_json(), kept=now, under_way=under_way
            )

        self.amend(declaration.id, decided)
        return wins

    def keep_all(self, declarations: Iterable[Declaration], now: datetime) -> int:
        """Keep the words of one input; how many of them are in force now."""
        return sum(self.keep(declaration, now) for declaration in declarations)

    def amend(self, resource: ResourceId, decide: Decide) -> DeclarationRecord | None:
        """Move a resource's record on, also when somebody else writes meanwhile; returns it as it is kept."""
        key = _key(resource)

        def decided(value: dict[str, Any] | None) -> dict[str, Any] | None:
            known = None if value is None else record_in(Row(PARTITION, key, value, ""))
            wanted = decide(known)
            return None if wanted is None or wanted == known else _plain(wanted)

        row = change(self._ledger, PARTITION, key, decided)
        return None if row is None else as_read(row, record_in)

    def remove(self, name: str, *, but: datetime | None = None) -> int:
        """Forget what stands by a word; how many rows went. What somebody declared meanwhile stays.

        `but`: what it said at that moment stays, too.
        """
        rows = self._ledger.rows(PARTITION, limit=MOST)
        gone = [
            row
            for declaration, row in readable(self._ledger, rows, _of_row)
            if declaration is not None and _is_by(declaration, name, but)
        ]
        return self._ledger.delete_all(gone) if gone else 0

    def forget(self, resource: ResourceId) -> None:
        """Nothing is declared of a resource any more."""
        self.amend(resource, lambda known: known and msgspec.structs.replace(known, declaration=None))


def _is_by(declaration: Declaration, name: str, but: datetime | None) -> bool:
    source = declaration.source
    return source.name == name and (but is None or source.at != but)


def record_in(row: Row) -> DeclarationRecord:
    """A row as its record, with a declaration that can be read."""
    record = struct_of(row.value, DeclarationRecord, row.partition, row.key)
    if record.declaration is not None:
        _declaration(record.declaration, row.key)
    return record


def declared_in(record: DeclarationRecord) -> Declaration | None:
    """The word of a record, which was read before; None where none stands."""
    return None if record.declaration is None else Declaration.of(record.declaration)


def nobodys_since(row: Row) -> datetime:
    """Since when a record holds no word; far ahead where it holds one."""
    record = record_in(row)
    return record.kept if record.declaration is None else datetime.max.replace(tzinfo=record.kept.tzinfo)


def _spoken_of(record: DeclarationRecord) -> ResourceId | None:
    """What a record is about; None where it says nothing, or where that is no id."""
    try:
        return ResourceId.parse(record.id) if record.speaks else None
    except InvalidResourceId:
        return None


def _key(resource: ResourceId) -> str:
    return f"{short(target_of(resource).key)}-{short(resource.key)}"


def _plain(record: DeclarationRecord) -> dict[str, Any]:
    result: dict[str, Any] = plain(record)
    return result


def _of_row(row: Row) -> Declaration | None:
    return declared_in(record_in(row))


def _declaration(told: dict[str, Any], key: str) -> Declaration:
    try:
        return Declaration.of(told)
    except (InvalidResourceId, KeyError, TypeError, ValueError) as error:
        raise UnreadableError(PARTITION, key, f"no declaration: {error}") from error
