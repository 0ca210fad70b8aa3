"""Moments and spans as people type them: ``2026-10-20T03:00Z``, ``2026-10-20``, ``6h`` (ago), ``30m``."""

import re
from datetime import UTC, datetime, timedelta

from remediation.errors import InputError
from remediation.messages import utc
from remediation.plain import shown

_SPAN = re.compile(r"(\d{1,5})\s*([mhd])")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""What is outside is no time that anybody means, and leaves no room to count days from."""
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    """A length of time: ``30m``, ``4h``, ``2d``; raises InputError for anything else."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise InputError(f"not a length of time such as 30m, 4h or 2d: {text[:60]!r}")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def moment(text: str, now: datetime) -> datetime:
    """A moment in UTC: ISO 8601 (UTC unless it names a zone), or a span before `now`."""
    wrong = f"not a time such as 2026-10-20T03:00Z, or 6h for six hours ago: {shown(text)}"
    try:
        back = _SPAN.fullmatch(text.strip().lower())
        found = now - span(text) if back else utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError) as error:
        raise InputError(wrong) from error
    if not EARLIEST <= found <= LATEST:
        raise InputError(wrong)
    return found
