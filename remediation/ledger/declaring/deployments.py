"""When each deployment was last heard of: while it goes on, nothing of it is judged as drift."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.ledger.keys import change, plain, short
from remediation.ledger.unreadable import fetch, record_of
from remediation.ports import Ledger, Row
from remediation.structs import converted

PARTITION = "deployments"


class Heard(msgspec.Struct, frozen=True):
    """A deployment, by its correlation id, and when we last heard of a write of it."""

    id: str
    last: datetime


class Deployments:
    """Deployments in the ledger; forgotten with the events that told of them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def heard(self, identity: str, now: datetime) -> None:
        """A write of a deployment was told of. Raises ConflictError, UnreadableError."""

        def later(value: dict[str, Any] | None) -> dict[str, Any] | None:
            known = None if value is None else converted(value, Heard)
            if known is not None and known.last >= now:
                return None
            result: dict[str, Any] = plain(Heard(identity, now))
            return result

        change(self._ledger, PARTITION, short(identity), later, Heard)

    def ends(self, identity: str, heard: datetime, settle: timedelta) -> datetime:
        """When it has ended unless it writes again; `heard` is what a resource of it knows."""
        known = fetch(self._ledger, PARTITION, short(identity), Heard) if identity else None
        return (heard if known is None else max(known.last, heard)) + settle


def heard_at(row: Row) -> datetime:
    return record_of(row, Heard).last
