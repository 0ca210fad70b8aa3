"""Moments and spans as people type them: ``2026-10-20T03:00Z``, ``2026-10-20``, ``6h`` (ago), ``30m``."""

import re
from datetime import datetime, timedelta

from remediation.errors import InputError
from remediation.messages import utc

_SPAN = re.compile(r"(\d{1,5})\s*([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    """A length of time: ``30m``, ``4h``, ``2d``; raises InputError for anything else."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise InputError(f"not a length of time such as 30m, 4h or 2d: {text[:60]!r}")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def moment(text: str, now: datetime) -> datetime:
    """A moment in UTC: ISO 8601 (UTC unless it names a zone), or a span before `now`."""
    try:
        if _SPAN.fullmatch(text.strip().lower()):
            return now - span(text)
        return utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"not a time such as 2026-10-20T03:00Z, or 6h for six hours ago: {text[:60]!r}"
        ) from error
