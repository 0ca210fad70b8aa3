"""The baselines that were in force, each by its hash: judged and written by once, read again by a restart.

A text is kept for as long as it is in force and for as long after that as the history names it, which is as
long as the writes that it led to.
"""

from collections.abc import Iterator

import msgspec

from remediation.errors import ConflictError
from remediation.ledger.decided.changes import Changes
from remediation.ledger.keys import plain
from remediation.ledger.unreadable import fetch
from remediation.ports import Ledger, Row

PARTITION = "baseline-texts"
MOST = 1000


class Text(msgspec.Struct, frozen=True):
    """A baseline as it was written, and where it came from."""

    text: str
    source: str = ""


class Texts:
    """The texts in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def keep(self, name: str, text: Text) -> None:
        """Keep a text under its hash; raises TooLargeError for one that no record holds."""
        if self._ledger.read(PARTITION, name) is None:
            try:
                self._ledger.insert(PARTITION, name, plain(text))
            except ConflictError:  # somebody else kept the same
                return

    def get(self, name: str) -> Text | None:
        """The text of this hash; None where it is not kept. Raises UnreadableError."""
        return fetch(self._ledger, PARTITION, name, Text)

    def outdated(self, in_force: str) -> Iterator[Row]:
        """The rows of texts that are not in force, and that no change in the history names any more."""
        rows = self._ledger.rows(PARTITION, limit=MOST)
        if not rows:
            return
        named = {in_force}
        for change in Changes(self._ledger).all():
            named |= {change.text_hash, change.text_before}
        yield from (row for row in rows if row.key not in named and not row.newer)
