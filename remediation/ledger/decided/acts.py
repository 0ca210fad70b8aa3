"""What a person's request came to, for when it is sent again: by the key that they gave it.

A browser or a script that got no answer asks once more with the same key, and is told what came of the first.
"""

from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from remediation.errors import ConflictError
from remediation.ledger.keys import plain, short
from remediation.ledger.unreadable import naming, record_of
from remediation.ports import Ledger, Row

PARTITION = "acted"
KEPT = timedelta(days=1)
LONGEST = timedelta(minutes=5)
"""No request takes longer: one that has no end by then has died, and may be made anew."""


class Act(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One request: by whom, `asked` (a digest of what it was), and what came of it once it has ended.

    Then `target`, `rule` and `resource` name the finding that it was about.
    """

    by: str
    asked: str
    begun: datetime
    ended: bool = False
    done: str = ""
    write_id: str = ""
    accepted: bool = False
    target: str = ""
    rule: str = ""
    resource: str = ""


class Acts:
    """Requests by person and key, in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def begin(self, act: Act, key: str) -> Act | None:
        """Note that a request has begun; an earlier one of the same person and key is returned instead.

        One that never ended is begun anew after `LONGEST`: what people ask for is conditional on what they
        saw, so that asking twice does it once.
        """
        name = short(act.by, key)
        with suppress(ConflictError):
            self._ledger.insert(PARTITION, name, plain(act))
            return None
        row = self._read(name)
        if row is None:
            return None
        earlier = record_of(row, Act)
        if earlier.ended or earlier.asked != act.asked or act.begun < earlier.begun + LONGEST:
            return earlier
        with suppress(ConflictError):
            self._ledger.replace(row, plain(act))
            return None
        return earlier

    def end(self, act: Act, key: str) -> None:
        """What it came to."""
        self._ledger.put(PARTITION, short(act.by, key), plain(msgspec.structs.replace(act, ended=True)))

    def forget(self, act: Act, key: str) -> None:
        """It came to nothing, and may be tried again."""
        row = self._read(short(act.by, key))
        if row is not None:
            with suppress(ConflictError):
                self._ledger.delete(row)

    def _read(self, name: str) -> Row | None:
        with naming(self._ledger):
            return self._ledger.read(PARTITION, name)


def begun_at(row: Row) -> datetime:
    return record_of(row, Act).begun
