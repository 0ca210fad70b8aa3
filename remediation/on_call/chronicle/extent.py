"""How far back the records reach. Of what was before nothing is known, which is not that nothing happened."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from remediation.errors import UnreadableError
from remediation.ledger.diary import Diary
from remediation.ledger.keys import moment_of
from remediation.ledger.retention import forgotten
from remediation.ports import Ledger


@dataclass(frozen=True, slots=True)
class Extent:
    """What is forgotten is what lies before a moment; what `begins` is the first line that there is."""

    forgotten_before: datetime | None = None
    begins: datetime | None = None
    retention: timedelta | None = None

    def note(self, since: datetime) -> str:
        """What whoever asks about a time from `since` on must know; "" where all of it is remembered."""
        before = self.forgotten_before
        if before is not None and since < before:
            days = "" if self.retention is None else f" (RETENTION_DAYS {self.retention.days})"
            return f"records before {_shown(before)} are forgotten{days}"
        if self.begins is None:
            return "there are no records: nothing has been judged yet, or the ledger is a new one"
        if since < self.begins:
            return f"the records begin at {_shown(self.begins)}: nothing is known of what was before"
        return ""

    def note_on(self, identity: str) -> str:
        """Why there may be no entry of this id: "; records before ... are forgotten", or ""."""
        moment = moment_of(identity)
        note = "" if moment is None else self.note(moment)
        return f"; {note}" if note else ""


def extent_of(ledger: Ledger, retention: timedelta | None = None) -> Extent:
    """How far back a ledger reaches; a note of its own that cannot be read tells nothing."""
    before = None
    with suppress(UnreadableError):
        run = forgotten(ledger)
        before = None if run is None else run.before
    return Extent(before, Diary(ledger).begins(), retention)


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
