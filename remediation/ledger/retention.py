"""What the ledger forgets: personal data is kept for a set time, and old rows do not pile up."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from remediation.errors import BastionGuardError, ConflictError
from remediation.findings import FindingRecord, State
from remediation.ledger import diary, inbox, intake, journal
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.keys import shards, stamp
from remediation.ledger.unreadable import readable
from remediation.ports import Ledger, Row
from remediation.resource_id import ResourceId

log = logging.getLogger("bastion_guard.retention")

LOOK_BACK_DAYS = 60
"""Days before the limit for which what an earlier release kept day by day is searched."""

LETTERS_COME_BACK_FOR = timedelta(days=7)
"""What was taken in is remembered for at least so long, or the import would find a dead letter to be new."""

MOST_READ = 100_000
"""Rows read of a partition whose keys tell no time."""


def forget(ledger: Ledger, now: datetime, keep: timedelta, most: int = 2000) -> int:
    """Remove events, writes and ended findings older than `keep`, at most about `most` rows at once.

    A part that fails stops no other; its error is raised when all the others are done.
    """
    limit = now - keep
    count = 0
    errors: list[BastionGuardError] = []
    for rows in _outdated(ledger, now, limit, most):
        try:
            for row in islice(rows, max(0, most - count)):
                count += _remove(ledger, row)
        except BastionGuardError as error:
            errors.append(error)
    count += _forget_findings(ledger, limit)
    if errors:
        log.warning("retention.failed", extra={"parts": len(errors), "reason": str(errors[0])})
        raise errors[0]
    return count


def _outdated(ledger: Ledger, now: datetime, limit: datetime, most: int) -> Iterator[Iterator[Row]]:
    """The rows to remove, partition by partition; each is read only when its rows are asked for."""
    for day in range(1, LOOK_BACK_DAYS + 1):
        for book in (inbox, diary):
            yield _before(ledger, book.earlier_partition(limit - timedelta(days=day)), "", most)
    for partition in (*shards(inbox.KIND), *shards(diary.KIND)):
        yield _before(ledger, partition, f"{limit:%Y%m%d}", most)
    for partition in shards(inbox.KIND):
        yield _older(ledger, partition, inbox.received_at, limit, start=inbox.UNDATED)
    for partition in (journal.EARLIER, *shards(journal.KIND)):
        yield _before(ledger, partition, stamp(limit), most)
    yield _older(ledger, inbox.earlier_partition(None), inbox.received_at, limit)
    yield _older(ledger, intake.ASIDE, intake.noted_at, limit)
    yield _older(ledger, intake.TAKEN, intake.noted_at, min(limit, now - LETTERS_COME_BACK_FOR))


def _before(ledger: Ledger, partition: str, end: str, most: int) -> Iterator[Row]:
    """The rows of a partition whose keys lie before `end`, all of them without one.

    A damaged one is as old as its key says; what a later release wrote is that release's to forget.
    """
    yield from (row for row in ledger.rows(partition, end=end, limit=most) if not row.newer)


def _older(
    ledger: Ledger, partition: str, moment: Callable[[Row], datetime], limit: datetime, start: str = ""
) -> Iterator[Row]:
    """The rows of a partition, whatever their keys, whose own moment lies before the limit."""
    found = readable(ledger, ledger.rows(partition, start=start, limit=MOST_READ), moment)
    yield from (row for noted, row in found if noted < limit)


def _remove(ledger: Ledger, row: Row) -> int:
    try:
        ledger.delete(row)
    except ConflictError:
        return 0
    return 1


def _forget_findings(ledger: Ledger, limit: datetime) -> int:
    """Drop findings that ended before the limit and owe nothing; open ones stay, with whoever caused them."""
    book = FindingsBook(ledger)
    count = 0
    for found in book.all():
        old = [record for record in found.records.values() if _is_over(record, limit)]
        if not old:
            continue
        try:
            book.amend(ResourceId.parse(found.target), partial(_young, limit=limit))
        except BastionGuardError as error:
            log.warning("retention.failed", extra={"target": found.target, "reason": str(error)})
            continue
        count += len(old)
    return count


def _young(known: dict[str, FindingRecord], limit: datetime) -> dict[str, FindingRecord]:
    return {name: record for name, record in known.items() if not _is_over(record, limit)}


def _is_over(record: FindingRecord, limit: datetime) -> bool:
    ended = record.state in {State.FIXED, State.RESOLVED}
    return ended and record.changed_at < limit and record.announced >= record.seq
