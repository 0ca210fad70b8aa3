"""Puts the list of open findings right: after a crash, and where an earlier release kept none."""

from remediation.ledger.findings_book import FindingsBook, TargetFindings
from remediation.ledger.outstanding import Open, Shelf, rows_of
from remediation.ports import Ledger

BUILT, KEY = "open-built", "x"
PAGE = 1000


def build_once(ledger: Ledger) -> None:
    """Make the list from the book, unless that was done before: at its first use in an account."""
    if ledger.read(BUILT, KEY) is None:
        mend(ledger)


def mend(ledger: Ledger) -> int:
    """Have the list say what the book says; returns how many of its rows were wrong.

    Each difference is looked at once more before it is mended: whoever changes a finding meanwhile keeps the
    list up by themselves.
    """
    book, shelf = FindingsBook(ledger), Shelf(ledger)
    listed = _listed(shelf)
    wanted: dict[str, Open] = {}
    for found in book.all():
        wanted |= rows_of(found.target, found.records)
    wrong = [key for key in {*listed, *wanted} if listed.get(key) != wanted.get(key)]
    first = ledger.read(BUILT, KEY) is None
    for key in wrong:
        row = wanted.get(key) if first else _now(book, key)
        if row is None:
            shelf.take_off(key)
        else:
            shelf.put(key, row, known=key in listed)
    if first:
        ledger.put(BUILT, KEY, {"built": True})
    return len(wrong)


def _listed(shelf: Shelf) -> dict[str, Open | None]:
    rows: dict[str, Open | None] = {}
    start = ""
    while page := shelf.page(start, "", PAGE):
        rows |= dict(page)
        start = f"{page[-1][0]}-"
    return rows


def _now(book: FindingsBook, key: str) -> Open | None:
    """The row that the book has for a key at this moment."""
    found: TargetFindings | None = book.at(key.split("-")[1])
    return None if found is None else rows_of(found.target, found.records).get(key)
