"""A ledger that takes no writes: noticed by writing to it, and told without it."""

from contextlib import suppress
from datetime import datetime, timedelta

from remediation.errors import BastionGuardError, UnreadableError
from remediation.findings import gave_up
from remediation.ledger.unreadable import as_read, naming
from remediation.messages import Message
from remediation.ports import Ledger, Row
from remediation.telling.channels.voices import Told
from remediation.telling.part_news import ABOUT

PARTITION, KEY = "heartbeat", "ledger"
SILENT_AFTER = timedelta(hours=1)
"""The timer beats every quarter of an hour."""


def beat(ledger: Ledger, now: datetime) -> None:
    """Write that the ledger takes writes; raises what keeps it from that."""
    with suppress(UnreadableError):  # a later release's own
        ledger.put(PARTITION, KEY, {"at": now.isoformat()})


def silence(ledger: Ledger, now: datetime) -> timedelta:
    """For how long nothing could be written, beyond what is ordinary; zero where nobody can tell."""
    with suppress(UnreadableError), naming(ledger):
        row = ledger.read(PARTITION, KEY)
        if row is not None and now - (last := as_read(row, _at)) >= SILENT_AFTER:
            return now - last
    return timedelta(0)


def unwritable(error: BastionGuardError, now: datetime, subscription: str) -> Told:
    """News that no ledger holds, for whoever can be told directly; all else that is told comes from there."""
    target = f"/subscriptions/{subscription}/{ABOUT}/ledger"
    why = (
        f"Its ledger takes no writes ({now:%Y-%m-%d %H:%M} UTC): nothing is judged, and no card is kept. "
        f"{str(error)[:600]}. See the runbook, unwritable-ledger."
    )
    return target, gave_up(target, why, Message(target=target), now, "Bastion Guard cannot work")


def _at(row: Row) -> datetime:
    return datetime.fromisoformat(row.value["at"])
