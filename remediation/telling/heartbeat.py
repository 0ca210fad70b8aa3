"""A ledger that takes no writes: noticed by writing to it, and told without it."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from remediation.errors import BastionGuardError, UnreadableError
from remediation.ledger.unreadable import as_read, naming
from remediation.ports import Ledger, Row
from remediation.telling.cards.elements import adaptive_card, line, run

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


def unwritable_card(error: BastionGuardError, now: datetime) -> dict[str, Any]:
    """A card in plain words; everything else that is told comes from the ledger."""
    title = "Bastion Guard cannot work"
    lines = (
        f"Its ledger takes no writes ({now:%Y-%m-%d %H:%M} UTC): nothing is judged, and no card is kept.",
        str(error)[:600],
        "See the runbook, unwritable-ledger.",
    )
    body = [line(run(title, bold=True, size="medium")), *(line(run(text, limit=600)) for text in lines)]
    return adaptive_card(body, [], fallback=title)


def _at(row: Row) -> datetime:
    return datetime.fromisoformat(row.value["at"])
