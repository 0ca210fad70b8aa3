"""The ledger on Azure Table storage: one table, one entity per record, every change conditioned by ETag.

A value is spread over binary properties, which hold 64 KiB each. What lies in one shard lies in one partition
of the table, each record's key led by the name of our own, so that it can be written in one transaction. The
table is made when it is found missing, so that the usual start costs no call.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.retrying import Retry
from remediation.adapters.storage import ledger_codec as codec
from remediation.adapters.storage.account import CLIENT_OPTIONS, StorageAccount
from remediation.errors import ConflictError, PermanentError, UnreadableError
from remediation.ledger.versions import version_of
from remediation.ports import Change, Delete, Insert, Replace, Row

if TYPE_CHECKING:
    from azure.data.tables import TableClient, TableEntity

CHUNK = 64 * 1024
VALUE = tuple(f"V{number}" for number in range(codec.MAX_BYTES // CHUNK + 1))
"""Properties that hold the bytes of a value, in order."""
PAGE = 1000
TRIES = 8
"""Looks at a record that others keep writing, before it is written whatever is there."""
LONG_KEY = "K"
"""Property of a record whose key was hashed: the whole key, escaped."""
MISSING_TABLE, MISSING_RECORD = "TableNotFound", "ResourceNotFound"
PARTITIONS = "PartitionKey ge @first and PartitionKey lt @end"
BATCH = 100
"""Entities of one transaction, which the service limits."""
IN_RANGE = "PartitionKey eq @partition and RowKey ge @start"


class TablesLedger:
    """A Ledger on one table; safe to share among threads."""

    def __init__(
        self,
        account: StorageAccount,
        *,
        table: str = "BastionGuard",
        retry: Retry | None = None,
        versions: Callable[[str], int] = version_of,
    ) -> None:
        from azure.core import MatchConditions
        from azure.data.tables import UpdateMode

        self._table = _client(account, table)
        self._retry = retry or Retry()
        self._version_of = versions
        self._unchanged = MatchConditions.IfNotModified
        self._replacing = UpdateMode.REPLACE

    def read(self, partition: str, key: str) -> Row | None:
        keys = codec.partition_key(partition), codec.row_key(partition, key)
        try:
            entity = self._call(f"reading {partition}", lambda: self._table.get_entity(*keys))
        except PermanentError as error:
            if error.code in {MISSING_TABLE, MISSING_RECORD}:
                return None
            raise
        value = codec.unpack(_packed(entity), self._version_of(partition), partition, key)
        return Row(partition, key, value, _etag(entity))

    def insert(self, partition: str, key: str, value: dict[str, Any]) -> Row:
        entity = self._entity(partition, key, value)

        def create() -> Row:
            return self._once(value, partition, key, lambda: self._table.create_entity(entity))

        return self._creating(create)

    def replace(self, row: Row, value: dict[str, Any]) -> Row:
        codec.refuse_unreadable(row)
        entity = self._entity(row.partition, row.key, value)
        condition = self._as_it_was(row)

        def update() -> Mapping[str, Any]:
            return self._table.update_entity(entity, self._replacing, **condition)

        try:
            return self._once(value, row.partition, row.key, update)
        except PermanentError as error:
            if error.code not in {MISSING_TABLE, MISSING_RECORD}:
                raise
            raise ConflictError(str(error), code=error.code) from error  # what is gone has changed too

    def put(self, partition: str, key: str, value: dict[str, Any]) -> None:
        """Insert, since most of these are new; what is there already is looked at before it is replaced."""
        for _ in range(TRIES):
            with suppress(ConflictError):
                self.insert(partition, key, value)
                return
            try:
                row = self.read(partition, key)
            except UnreadableError as error:
                if not error.newer:
                    self._overwrite(partition, key, value)
                return
            if row is None:
                continue
            with suppress(ConflictError):
                self.replace(row, value)
                return
        self._overwrite(partition, key, value)

    def _overwrite(self, partition: str, key: str, value: dict[str, Any]) -> None:
        entity = self._entity(partition, key, value)
        doing = f"writing a record of {partition}"
        self._call(doing, lambda: self._table.upsert_entity(entity, self._replacing))

    def delete(self, row: Row) -> None:
        keys, condition = _keys(row.partition, row.key), self._as_it_was(row)

        def remove() -> None:
            self._table.delete_entity(keys, **condition)

        try:
            self._call(f"deleting a record of {row.partition}", remove)
        except PermanentError as error:
            if error.code not in {MISSING_TABLE, MISSING_RECORD}:
                raise

    def rows(self, partition: str, *, start: str = "", end: str = "", limit: int = 1000) -> Sequence[Row]:
        doing = f"listing {partition}"
        try:
            return self._call(doing, lambda: self._rows(partition, start, end, limit))
        except PermanentError as error:
            if error.code == MISSING_TABLE:
                return []
            raise

    def commit(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        """One entity group transaction; of a single change the operation itself."""
        codec.refuse_far_apart(changes)
        if len(changes) == 1:
            return [self._one(changes[0])]
        return self._creating(partial(self._all, changes, [self._operation(change) for change in changes]))

    def _one(self, change: Change) -> Row | None:
        match change:
            case Insert():
                return self.insert(change.partition, change.key, change.value)
            case Replace():
                return self.replace(change.row, change.value)
            case Delete():
                self.delete(change.row)
                return None

    def _all(self, changes: Sequence[Change], operations: Sequence["Operation"]) -> Sequence[Row | None]:
        """As `_once`: a later try that finds an earlier one done counts as done."""
        tries = 0

        def attempt() -> list[Mapping[str, Any]]:
            nonlocal tries
            tries += 1
            return list(self._table.submit_transaction(operations))

        try:
            answers = self._call("writing records together", attempt)
        except (ConflictError, PermanentError) as error:
            if isinstance(error, PermanentError) and error.code != MISSING_RECORD:
                raise
            current = self._as_wanted(changes) if tries > 1 else None
            if current is None:
                raise ConflictError(str(error), code=error.code) from error
            return current
        return [_written(change, answer) for change, answer in zip(changes, answers, strict=True)]

    def _as_wanted(self, changes: Sequence[Change]) -> Sequence[Row | None] | None:
        """The records, where each is as its change would have it; None where one is not."""
        found: list[Row | None] = []
        for change in changes:
            place = change if isinstance(change, Insert) else change.row
            row = self.read(place.partition, place.key)
            wanted = None if isinstance(change, Delete) else codec.copied(change.value)
            if (None if row is None else row.value) != wanted:
                return None
            found.append(row)
        return found

    def _operation(self, change: Change) -> "Operation":
        match change:
            case Insert():
                return "create", self._entity(change.partition, change.key, change.value)
            case Replace():
                codec.refuse_unreadable(change.row)
                entity = self._entity(change.row.partition, change.row.key, change.value)
                return "update", entity, {"mode": self._replacing, **self._as_it_was(change.row)}
            case Delete():
                keys = _keys(change.row.partition, change.row.key)
                return "delete", keys, self._as_it_was(change.row)

    def _as_it_was(self, row: Row) -> dict[str, Any]:
        return {"etag": row.etag, "match_condition": self._unchanged}

    def next_partition(self, first: str, end: str) -> str | None:
        """Asks for the first entity of the range alone; the service keeps them in this order."""
        names = {"first": codec.escape_whole(first), "end": codec.escape_whole(end)}

        def look() -> str | None:
            found = self._table.query_entities(
                PARTITIONS, parameters=names, results_per_page=1, select=["PartitionKey"]
            )
            return next((codec.unescape(entity["PartitionKey"]) for entity in found), None)

        try:
            return self._call("looking for a partition", look)
        except PermanentError as error:
            if error.code == MISSING_TABLE:
                return None
            raise

    def delete_all(self, rows: Sequence[Row]) -> int:
        """In transactions of the size that the service takes; one that is refused is done row by row."""
        return sum(self._delete_batch(batch) for batch in itertools.batched(rows, BATCH, strict=False))

    def _delete_batch(self, rows: Sequence[Row]) -> int:
        operations = [self._operation(Delete(row)) for row in rows]
        try:
            doing = f"deleting records of {rows[0].partition}"
            self._call(doing, lambda: self._table.submit_transaction(operations))
        except (ConflictError, PermanentError):
            return sum(self._deleted(row) for row in rows)
        return len(rows)

    def _deleted(self, row: Row) -> bool:
        try:
            self.delete(row)
        except ConflictError:
            return False
        return True

    def _rows(self, partition: str, start: str, end: str, limit: int) -> Sequence[Row]:
        first, last = codec.row_bounds(partition, start, end)
        query = IN_RANGE + (" and RowKey lt @end" if last else "")
        names = {"partition": codec.partition_key(partition), "start": first, "end": last}
        entities: Iterable[TableEntity] = self._table.query_entities(
            query, parameters=names, results_per_page=max(1, min(PAGE, limit))
        )
        newest = self._version_of(partition)
        found = (
            codec.row(_packed(entity), newest, partition, _key(partition, entity), _etag(entity))
            for entity in entities
        )
        wanted = (row for row in found if start <= row.key and (not end or row.key < end))
        return sorted(itertools.islice(wanted, limit), key=lambda row: row.key)

    def _call[T](self, doing: str, action: Callable[[], T]) -> T:
        def attempt() -> T:
            with azure_errors(f"the ledger, {doing}"):
                return action()

        return self._retry.call(attempt)

    def _entity(self, partition: str, key: str, value: dict[str, Any]) -> "Entity":
        packed, entity = codec.pack(value, self._version_of(partition)), _keys(partition, key)
        chunks = (packed[start : start + CHUNK] for start in range(0, len(packed), CHUNK))
        entity.update(zip(VALUE, chunks, strict=False))
        return entity | {LONG_KEY: codec.escape_whole(key)} if codec.is_hashed(partition, key) else entity

    def _once(
        self, value: dict[str, Any], partition: str, key: str, send: Callable[[], Mapping[str, Any]]
    ) -> Row:
        """Send a conditional change; a later try that finds an earlier one done counts as done.

        Without that, a lost answer would make us believe that another worker holds what is ours.
        """
        tries = 0
        written: dict[str, Any] = codec.copied(value)

        def attempt() -> Row:
            nonlocal tries
            tries += 1
            return Row(partition, key, written, send()["etag"])

        try:
            return self._call(f"writing a record of {partition}", attempt)
        except ConflictError:
            current = self.read(partition, key) if tries > 1 else None
            if current is None or current.value != written:
                raise
            return current

    def _creating[T](self, action: Callable[[], T]) -> T:
        """Do what needs the table, and make the table if that is what is missing."""
        try:
            return action()
        except PermanentError as error:
            if error.code != MISSING_TABLE:
                raise
        with suppress(ConflictError):  # somebody else made it first
            self._call("making the table", self._table.create_table)
        return action()


type Entity = dict[str, str | bytes]
type Operation = tuple[str, Entity] | tuple[str, Entity, dict[str, Any]]


def _written(change: Change, answer: Mapping[str, Any]) -> Row | None:
    match change:
        case Insert():
            return Row(change.partition, change.key, codec.copied(change.value), answer["etag"])
        case Replace():
            return Row(change.row.partition, change.row.key, codec.copied(change.value), answer["etag"])
        case Delete():
            return None


def _client(account: StorageAccount, table: str) -> "TableClient":
    from azure.data.tables import TableServiceClient

    if account.connection_string:
        service = TableServiceClient.from_connection_string(account.connection_string, **CLIENT_OPTIONS)
    else:
        service = TableServiceClient(account.endpoint, credential=account.credential, **CLIENT_OPTIONS)
    return service.get_table_client(table)


def _packed(entity: Mapping[str, Any]) -> bytes:
    return b"".join(entity[name] for name in VALUE if name in entity)


def _keys(partition: str, key: str) -> "Entity":
    return {"PartitionKey": codec.partition_key(partition), "RowKey": codec.row_key(partition, key)}


def _key(partition: str, entity: Mapping[str, Any]) -> str:
    whole = entity.get(LONG_KEY)
    return codec.unescape(whole) if whole else codec.key_of(partition, entity["RowKey"])


def _etag(entity: "TableEntity") -> str:
    return str(entity.metadata["etag"])
