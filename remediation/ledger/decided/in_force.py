"""Which baseline is in force: one record, by which every worker judges and writes.

A stop lies over the baseline, whatever that says: the mode is then observe. It has a hash of its own, so that
nothing that was judged under it counts as judged by the baseline, and the other way round.

A change is in force as soon as the record is written. What is owed because of it (history, announcement, a
look at everything) stands in the same record until it is done, so that a crash in between loses none of it.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from remediation.ledger.decided.changes import Change
from remediation.ledger.keys import plain, short
from remediation.ledger.unreadable import naming, record_of
from remediation.ports import Ledger, Row

PARTITION, KEY = "in-force", "baseline"
NO_BASELINE = "none"


class Stop(msgspec.Struct, frozen=True, rename="camel"):
    """Somebody has stopped all writing."""

    by: str
    since: datetime
    reason: str = ""

    @property
    def text(self) -> str:
        """In words, as cards and health show it."""
        why = f": {self.reason}" if self.reason else ""
        return f"stopped by {self.by} at {self.since:%Y-%m-%d %H:%M} UTC{why}"


class InForce(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What is in force since `since`.

    `hash` and `mode` are those of the baseline's text, which stands in `texts`; `source` is where that came
    from, `by` who put it there as far as the source tells. `mistakes` are those of the source as it is now,
    if it cannot be used (place and kind, no value), `broken_since` since when, `broken_told` whether people
    know. `owed` are the changes of which something is left to do. `files`: a file stands among declarations.
    """

    since: datetime
    hash: str = NO_BASELINE
    mode: str = "observe"
    source: str = ""
    by: str = ""
    stop: Stop | None = None
    mistakes: list[tuple[str, str]] = []
    broken_since: datetime | None = None
    broken_told: bool = False
    owed: list[Change] = []
    files: bool = False

    @property
    def effective_hash(self) -> str:
        """The name of what workers judge by, a stop included."""
        name = f"{self.hash}-declared" if self.files else self.hash
        if self.stop is None:
            return name
        return f"{name}-{short(self.stop.by, self.stop.since.isoformat(), self.stop.reason)[:8]}"

    @property
    def effective_mode(self) -> str:
        return "observe" if self.stop is not None else self.mode


class Standing:
    """The record in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def read(self) -> tuple[InForce, Row] | None:
        """What is in force, with its row; None where there is no record. Raises UnreadableError."""
        with naming(self._ledger):
            row = self._ledger.read(PARTITION, KEY)
            return None if row is None else (record_of(row, InForce), row)

    def write(self, wanted: InForce, over: Row | None) -> Row:
        """Put it in force, over the record that was read; raises ConflictError when that has changed."""
        if over is None:
            return self._ledger.insert(PARTITION, KEY, plain(wanted))
        return self._ledger.replace(over, plain(wanted))

    def settled(self, changes: Sequence[Change]) -> None:
        """Nothing is owed for these changes any more."""
        done = {change.id for change in changes}
        found = self.read()
        if found is not None:
            known, row = found
            left = [change for change in known.owed if change.id not in done]
            if left != known.owed:
                self.write(msgspec.structs.replace(known, owed=left), row)
