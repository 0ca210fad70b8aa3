"""What was taken in again after an outage, each thing once, and what is poisonous for good.

A dead letter goes by the path of its blob, a poison message by its work; of either only a digest is kept.
What comes back although it was taken in before is set aside here, where `replay --poison` still finds it. Its
text names people, so it stays no longer than they may be remembered; see `retention`.
"""

from collections.abc import Iterator
from datetime import datetime

from remediation.errors import UnreadableError
from remediation.ledger.keys import short
from remediation.ledger.unreadable import as_read, naming, readable
from remediation.ports import Ledger, Row

TAKEN, ASIDE = "taken-in", "set-aside"


class Intake:
    """The memory of the import."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def was_taken(self, name: str, since: datetime | None = None) -> bool:
        """Whether it was taken in, ever or since a moment; a row that cannot be read says that it was."""
        try:
            with naming(self._ledger):
                row = self._ledger.read(TAKEN, short(name))
                return row is not None and (since is None or as_read(row, noted_at) >= since)
        except UnreadableError:
            return True

    def take(self, name: str, now: datetime) -> None:
        self._ledger.put(TAKEN, short(name), {"at": now.isoformat()})

    def set_aside(self, text: str, why: str, now: datetime) -> None:
        """Keep a message that is poisonous for good; the same one twice is one row."""
        self._ledger.put(ASIDE, short(text), {"text": text, "why": why, "at": now.isoformat()})

    def aside(self, limit: int) -> Iterator[tuple[str, Row]]:
        """The texts that were set aside, each with the row to `forget` it by."""
        yield from readable(self._ledger, self._ledger.rows(ASIDE, limit=limit), _text)

    def forget(self, row: Row) -> None:
        """A person replays it: it is no longer aside, and may be taken in once more."""
        self._ledger.delete(row)


def _text(row: Row) -> str:
    return str(row.value["text"])


def noted_at(row: Row) -> datetime:
    """When a row of either partition was written."""
    return datetime.fromisoformat(row.value["at"])
