"""What the ledger forgets: personal data is kept for a set time, and old rows do not pile up.

The oldest goes first, however far back it lies, book by book in turn, until nothing is too old or the time of
the run is over. What the run came to is remembered: health says when forgetting lags behind, and history up
to when it can tell nothing any more.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import batched

import msgspec

from remediation.errors import BastionGuardError, UnreadableError
from remediation.findings import FindingRecord, State
from remediation.ledger import damaged, diary, inbox, intake, journal
from remediation.ledger.decided import acts, changes
from remediation.ledger.decided.in_force import Standing
from remediation.ledger.decided.texts import Texts
from remediation.ledger.declaring import declarations, deployments
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.keys import change, plain, shards, stamp
from remediation.ledger.unreadable import fetch, readable
from remediation.ledger.versions import kind_of
from remediation.ports import Archive, Clock, Ledger, Row
from remediation.resource_id import ResourceId
from remediation.structs import converted

log = logging.getLogger("bastion_guard.retention")

LETTERS_COME_BACK_FOR = timedelta(days=7)
"""What was taken in is remembered for at least so long, or the import would find a dead letter to be new."""

WITHIN = timedelta(seconds=60)
"""How long a run may take: it shares the host's five minutes with the rest of a sweep."""

MOST_READ = 100_000
"""Rows read of a partition whose keys tell no time."""

PAGE, PAGE_OF_WRITES = 500, 100
"""Rows read at once; a write's row holds whole documents."""

PARTITION, KEY = "retention", "forgotten"


class Forgotten(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the last run came to. Nothing is told of what lies `before`, but for what is left of it.

    The run itself was about what lies before `limit`. `ended` is when it ended, `oldest` the day of the
    oldest row that it had no time for, or could not remove; None where it left nothing.
    """

    before: datetime
    limit: datetime
    ended: datetime
    oldest: datetime | None = None

    def lag(self, now: datetime) -> timedelta:
        """For how much longer than they should rows are kept: zero while every run ends with its work."""
        left = timedelta(0) if self.oldest is None else self.limit - self.oldest
        silent = now - self.ended
        return max(left, silent if silent > LONGEST_SILENCE else timedelta(0), timedelta(0))


LONGEST_SILENCE = timedelta(days=2)
"""Without a run for so long, forgetting lags: a sweep comes every six hours."""

type Pages = Iterator[Sequence[Row]]


def forgotten(ledger: Ledger) -> Forgotten | None:
    """What the last run came to; None before the first. Raises UnreadableError."""
    return fetch(ledger, PARTITION, KEY, Forgotten)


def forget(
    ledger: Ledger,
    clock: Clock,
    keep: timedelta,
    within: timedelta = WITHIN,
    archive: Archive | None = None,
) -> int:
    """Remove events, writes and ended findings older than `keep`; returns how many, when all or time is gone.

    With an archive no write is forgotten that is not kept there. A part that fails stops no other; its error
    is raised when all the others are done.
    """
    began = clock.now()
    limit, deadline = began - keep, began + within
    errors: list[BastionGuardError] = []
    books = _outdated(ledger, began, limit, archive)
    count = 0
    while books and clock.now() < deadline:
        for book in list(books):
            try:
                rows = next(book, None)
                count += 0 if rows is None else ledger.delete_all(rows)
            except BastionGuardError as error:
                errors.append(error)
                rows = None
            if rows is None:
                books.remove(book)
    if not books:
        count += _forget_findings(ledger, limit)
    oldest = _oldest(ledger, limit) if books or errors else None
    _note(ledger, Forgotten(before=limit, limit=limit, ended=clock.now(), oldest=oldest))
    if errors:
        log.warning("retention.failed", extra={"parts": len(errors), "reason": str(errors[0])})
        raise errors[0]
    return count


def forget_more(ledger: Ledger, clock: Clock, keep: timedelta, archive: Archive | None = None) -> int:
    """Go on where the last run left something; nothing is read where it did not."""
    with suppress(UnreadableError):
        last = forgotten(ledger)
        if last is None or last.oldest is None:
            return 0
    return forget(ledger, clock, keep, archive=archive)


def _note(ledger: Ledger, run: Forgotten) -> None:
    """Remember a run. What was forgotten once stays forgotten, also when rows are to be kept for longer."""

    def noted(value: dict[str, object] | None) -> dict[str, object]:
        before = run.before if value is None else converted(value, Forgotten).before
        kept: dict[str, object] = plain(msgspec.structs.replace(run, before=max(before, run.before)))
        return kept

    try:
        change(ledger, PARTITION, KEY, noted, Forgotten)
    except UnreadableError:
        ledger.put(PARTITION, KEY, plain(run))  # a damaged one is of no use; a later release's stays
    if run.oldest is not None:
        log.warning("retention.lags", extra={"oldest": run.oldest.isoformat()})


def _oldest(ledger: Ledger, limit: datetime) -> datetime | None:
    """The day of the oldest row that is left of those kept by day or by time; None when nobody can tell."""
    try:
        days = (ledger.next_partition(book.EARLIER, book.earlier_partition(limit)) for book in (inbox, diary))
        firsts = [row for name in days if name is not None for row in ledger.rows(name, limit=1)]
        for partition, end in _by_time(limit):
            firsts += ledger.rows(partition, end=end, limit=1)
    except BastionGuardError:
        return None
    found = [_day(row) for row in firsts if not row.newer]
    return min((day for day in found if day is not None), default=None)


def _by_time(limit: datetime) -> list[tuple[str, str]]:
    """The partitions whose keys are led by a time, each with the first key that is young enough."""
    day, moment = f"{limit:%Y%m%d}", stamp(limit)
    books = [(partition, day) for kind in (inbox.KIND, diary.KIND) for partition in shards(kind)]
    return books + [(partition, moment) for partition in (journal.EARLIER, *shards(journal.KIND))]


def _day(row: Row) -> datetime | None:
    """The day of a row whose key or partition tells one; None for any other."""
    for text in (row.key, row.partition.rpartition("-")[2]):
        with suppress(ValueError):
            return datetime.strptime(text[:8], "%Y%m%d").replace(tzinfo=UTC)
    return None


def _outdated(ledger: Ledger, now: datetime, limit: datetime, archive: Archive | None) -> list[Pages]:
    """The rows to remove, book by book, the oldest first; each page is read when it is asked for.

    What an earlier release kept day by day is a book of its own, and so is each shard.
    """
    return [
        *(_days_before(ledger, book.EARLIER, book.earlier_partition(limit)) for book in (inbox, diary)),
        *(_of_time(ledger, archive, partition, end) for partition, end in _by_time(limit)),
        _kept(archive, "baselines", _pages(ledger, changes.PARTITION, stamp(limit), PAGE)),
        _kept(archive, "baselines", _texts(ledger)),
        _older(ledger, damaged.PARTITION, damaged.set_aside_at, limit),
        *(
            _older(ledger, partition, inbox.received_at, limit, start=inbox.UNDATED)
            for partition in shards(inbox.KIND)
        ),
        _older(ledger, inbox.earlier_partition(None), inbox.received_at, limit),
        _older(ledger, acts.PARTITION, acts.begun_at, now - acts.KEPT),
        _older(ledger, intake.ASIDE, intake.noted_at, limit),
        _older(ledger, deployments.PARTITION, deployments.heard_at, limit),
        _older(ledger, declarations.PARTITION, declarations.nobodys_since, limit),
        _older(ledger, intake.TAKEN, intake.noted_at, min(limit, now - LETTERS_COME_BACK_FOR)),
    ]


def _of_time(ledger: Ledger, archive: Archive | None, partition: str, end: str) -> Pages:
    if kind_of(partition) == journal.KIND:
        return _kept(archive, "writes", _pages(ledger, partition, end, PAGE_OF_WRITES))
    return _pages(ledger, partition, end, PAGE)


def _kept(archive: Archive | None, folder: str, pages: Pages) -> Pages:
    """The pages, each given out when it is in the archive: a JSON line a record, named by the first."""
    for rows in pages:
        if archive is not None:
            lines = b"\n".join(msgspec.json.encode(row.value) for row in rows if not row.unreadable)
            first = rows[0].key
            archive.keep(f"{folder}/{first[:4]}/{first[4:6]}/{first}.jsonl", lines + b"\n")
        yield rows


def _texts(ledger: Ledger) -> Pages:
    """The texts of baselines by which nothing was written that is still known, and nothing is now."""
    with suppress(UnreadableError):  # then nobody can tell which of them is in force
        standing = Standing(ledger).read()
        if standing is not None:
            yield from batched(Texts(ledger).outdated(standing[0].hash), PAGE_OF_WRITES, strict=False)


def _days_before(ledger: Ledger, first: str, end: str) -> Pages:
    """Every row of the days before the one of the limit, whatever the years between them."""
    while (partition := ledger.next_partition(first, end)) is not None:
        yield from _pages(ledger, partition, "", PAGE)
        first = partition + "\0"


def _pages(ledger: Ledger, partition: str, end: str, size: int) -> Pages:
    """The rows of a partition whose keys lie before `end`, all of them without one, page by page.

    A damaged one is as old as its key says; what a later release wrote is that release's to forget.
    """
    start = ""
    while rows := ledger.rows(partition, start=start, end=end, limit=size):
        ours = [row for row in rows if not row.newer]
        if ours:
            yield ours
        start = rows[-1].key + "\0"


def _older(
    ledger: Ledger, partition: str, moment: Callable[[Row], datetime], limit: datetime, start: str = ""
) -> Pages:
    """The rows of a partition, whatever their keys, whose own moment lies before the limit."""
    found = readable(ledger, ledger.rows(partition, start=start, limit=MOST_READ), moment)
    old = sorted(((noted, row) for noted, row in found if noted < limit), key=lambda each: each[0])
    yield from batched((row for _, row in old), PAGE, strict=False)


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
