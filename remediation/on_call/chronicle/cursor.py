"""Where a page of lines ended, as one word that asks for the next page."""

from dataclasses import dataclass
from datetime import datetime

from remediation.errors import InputError
from remediation.ledger.keys import moment_of, stamp


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line's place in the order of time: its moment, what goes before what at one moment, its id."""

    at: datetime
    rank: int
    id: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last line that was told, and since when lines were asked for: a span moves on, a page must not."""

    since: datetime
    last: Place

    @property
    def text(self) -> str:
        return f"{stamp(self.since)}.{stamp(self.last.at)}.{self.last.rank}.{self.last.id}"


def read(text: str) -> Cursor:
    """The cursor of a page before; raises InputError for anything else."""
    since, at, rank, identity = (*text.split(".", 3), "", "", "")[:4]
    began, ended = moment_of(since), moment_of(at)
    if began is None or ended is None or not rank.isdecimal() or len(rank) > 1 or not identity:
        raise InputError("not what a page before gave as its next one")
    return Cursor(began, Place(ended, int(rank), identity))
