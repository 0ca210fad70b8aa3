"""One page of findings, read from the ledger as far as it needs.

Open ones come from their list, the worst first and then the oldest; all others in the order of the ids, which
says nothing. So a page costs what is on it, however many findings there are. It may be short, and end with a
`next`, where few of those looked at are among those asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.findings import FindingRecord, State
from remediation.ledger.findings_book import FindingsBook, TargetFindings
from remediation.ledger.keys import short
from remediation.ledger.outstanding import AFTER, Shelf, bounds
from remediation.on_call.listing.asked import Asked
from remediation.on_call.listing.identity import LAST, id_of
from remediation.ports import Ledger

MOST_TARGETS = 1000
"""Records looked at for one page: no more than the store answers at once."""

type Place = tuple[str, FindingRecord]


@dataclass(frozen=True, slots=True)
class Page:
    """Findings, each with its target; `next` asks for those that follow, "" where none do."""

    findings: tuple[Place, ...]
    next: str


def page(ledger: Ledger, asked: Asked) -> Page:
    """The page that is asked for."""
    if asked.state == State.OPEN:
        return _of_open(Shelf(ledger), asked)
    return _of_all(FindingsBook(ledger), asked)


def _of_open(shelf: Shelf, asked: Asked) -> Page:
    found: list[tuple[str, Place]] = []
    first, end = bounds(asked.severity)
    start, left = f"{asked.after}{AFTER}" if asked.after else first, MOST_TARGETS
    size = min(asked.limit + 1, MOST_TARGETS)
    while left > 0:
        rows = shelf.page(start, end, min(size, left))
        found += [
            (key, (row.target, row.finding))
            for key, row in rows
            if row is not None and asked.meets(row.finding)
        ]
        if len(found) > asked.limit:
            told = found[: asked.limit]
            return Page(tuple(place for _, place in told), told[-1][0])
        if len(rows) < min(size, left):
            return Page(tuple(place for _, place in found), "")
        left -= len(rows)
        start, size = f"{rows[-1][0]}{AFTER}", MOST_TARGETS
    return Page(tuple(place for _, place in found), start.removesuffix(AFTER))


def _of_all(book: FindingsBook, asked: Asked) -> Page:
    found: list[tuple[str, Place]] = []
    start, left = asked.after.partition("-")[0], MOST_TARGETS
    size = min(asked.limit + 1, MOST_TARGETS)
    while left > 0:
        rows = book.page(start, min(size, left))
        found += _among(rows, asked)
        if len(found) > asked.limit:
            told = found[: asked.limit]
            return Page(tuple(place for _, place in told), told[-1][0])
        if len(rows) < min(size, left):
            return Page(tuple(place for _, place in found), "")
        left -= len(rows)
        start, size = f"{rows[-1][0]}{LAST}", MOST_TARGETS
    return Page(tuple(place for _, place in found), f"{start.removesuffix(LAST)}-{'f' * 32}")


def _among(rows: Sequence[tuple[str, TargetFindings | None]], asked: Asked) -> Iterator[tuple[str, Place]]:
    """Those asked for, each with its id, in the order of the ids."""
    for _, found in rows:
        if found is None:
            continue
        of_target = {id_of(found.target, name): record for name, record in found.records.items()}
        for identity in sorted(of_target):
            if identity > asked.after and asked.meets(of_target[identity]):
                yield identity, (found.target, of_target[identity])


def find_in(ledger: Ledger, parts: tuple[str, str]) -> Place | None:
    """The same in a ledger."""
    return find(FindingsBook(ledger), parts)


def find(book: FindingsBook, parts: tuple[str, str]) -> Place | None:
    """The finding of an id's two digests; None where there is none."""
    target, name = parts
    found = book.at(target)
    records = {} if found is None else found.records
    record = next((each for each in records.values() if short(each.name) == name), None)
    return None if found is None or record is None else (found.target, record)
