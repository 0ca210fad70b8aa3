"""The latest lines of a resource's history: its own shard is read, day by day, and no other."""

from datetime import datetime, timedelta
from typing import Any

from remediation.ledger.diary import Diary, days
from remediation.ledger.journal import Journal
from remediation.on_call.history import Line, of_entry, of_write
from remediation.ports import Ledger

MOST = 20
BACK = timedelta(days=7)


def latest(ledger: Ledger, target: str, resource: str, now: datetime) -> list[dict[str, Any]]:
    """At most `MOST` lines about a target and what lies below it, the latest first."""
    names = {target.lower(), resource.lower()}
    found: list[Line] = []
    for day in days(now - BACK, now + timedelta(minutes=1)):
        end = day + timedelta(days=1)
        writes = Journal(ledger).of_target(target, day, end)
        lines = [*map(of_write, writes), *map(of_entry, Diary(ledger).of_target(target, day, end))]
        about = [line for line in lines if _is_about(line.resource.lower(), names)]
        found += sorted(about, key=lambda line: line.place, reverse=True)
        if len(found) >= MOST:
            break
    return [line.to_json() for line in found[:MOST]]


def _is_about(resource: str, names: set[str]) -> bool:
    return any(resource == name or resource.startswith(f"{name}/") for name in names)
