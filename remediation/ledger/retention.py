"""What the ledger forgets: personal data is kept for a set time, and old rows do not pile up."""

from datetime import datetime, timedelta
from functools import partial

from remediation.errors import ConflictError
from remediation.findings import FindingRecord, State
from remediation.ledger import diary, inbox, journal
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.keys import stamp
from remediation.ports import Ledger
from remediation.resource_id import ResourceId

LOOK_BACK_DAYS = 60
"""Days before the limit whose inbox is searched too: an app that slept for longer keeps nothing older."""


def forget(ledger: Ledger, now: datetime, keep: timedelta, most: int = 2000) -> int:
    """Remove events, writes and ended findings older than `keep`, at most about `most` rows at once."""
    limit = now - keep
    count = 0
    for day in range(1, LOOK_BACK_DAYS + 1):
        for book in (inbox, diary):
            partition = book.partition_of(limit - timedelta(days=day))
            count += _remove(ledger, partition, end="", most=most - count)
    count += _remove(ledger, journal.PARTITION, end=stamp(limit), most=most - count)
    return count + _forget_findings(ledger, limit)


def _remove(ledger: Ledger, partition: str, end: str, most: int) -> int:
    count = 0
    for row in ledger.rows(partition, end=end, limit=max(0, most)) if most > 0 else ():
        try:
            ledger.delete(row)
        except ConflictError:
            continue
        count += 1
    return count


def _forget_findings(ledger: Ledger, limit: datetime) -> int:
    """Drop findings that ended before the limit and owe nothing; open ones stay, with whoever caused them."""
    book = FindingsBook(ledger)
    count = 0
    for found in book.all():
        old = [record for record in found.records.values() if _is_over(record, limit)]
        if old:
            book.amend(ResourceId.parse(found.target), partial(_young, limit=limit))
            count += len(old)
    return count


def _young(known: dict[str, FindingRecord], limit: datetime) -> dict[str, FindingRecord]:
    return {name: record for name, record in known.items() if not _is_over(record, limit)}


def _is_over(record: FindingRecord, limit: datetime) -> bool:
    ended = record.state in {State.FIXED, State.RESOLVED}
    return ended and record.changed_at < limit and record.announced >= record.seq
