"""How far changes are fetched, for whoever asks what happened: what was not fetched yet is in no list."""

from datetime import datetime, timedelta

from remediation.intake.fetching.progress import Fetched
from remediation.ports import Ledger

ORDINARY = timedelta(minutes=15)
"""So much of the present is never in the list, and worth no word: records come late."""
MOST_NAMED = 5


def note_of(ledger: Ledger, until: datetime) -> str:
    """What is not known of a time until then; "" where everything is."""
    notes: list[str] = []
    for each in Fetched(ledger).all():
        if each.trouble:
            notes.append(f"the activity log of subscription {each.subscription} cannot be read")
        elif each.fetches and each.through is not None and until - each.through > ORDINARY:
            moment = f"{each.through:%Y-%m-%d %H:%M} UTC"
            notes.append(f"changes of subscription {each.subscription} are fetched up to {moment}")
    left = len(notes) - MOST_NAMED
    return "; ".join(notes[:MOST_NAMED]) + (f"; and {left} more" if left > 0 else "")
