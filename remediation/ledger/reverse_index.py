"""Which targets' judgements read a resource: the way from a neighbour back to those it means something to."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from remediation.errors import UnreadableError
from remediation.ledger.keys import Latest, sharded, short, upsert
from remediation.ledger.unreadable import fetch, readable
from remediation.ports import Ledger, Row
from remediation.resource_id import ResourceId

MOST = 500
CHANGED = "changed-neighbours"


class _Change(msgspec.Struct, frozen=True):
    at: datetime


class ReverseIndex:
    """The reverse index in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._latest = Latest()

    def note(self, target: ResourceId, before: Iterable[str], now: Iterable[str]) -> list[str]:
        """Replace what a target's judgement read: `before` the last time, `now` this time (id keys).

        Returns what it had not read before: who changed in the meantime did not find the target here.
        """
        old, new = set(before) - {target.key}, set(now) - {target.key}
        for read in sorted(new - old):
            self._ledger.put(_partition(read), short(target.key), {"target": target.text, "read": read})
        for read in sorted(old - new):
            with suppress(UnreadableError):
                row = self._ledger.read(_partition(read), short(target.key))
                if row is not None:
                    self._ledger.delete(row)
        return sorted(new - old)

    def changed(self, resource: ResourceId, now: datetime) -> None:
        """Leave the moment of a change for those who have read the resource and are not noted yet.

        It comes before `of` here, and `note` before `changed_since` there: one of the two sees the other.
        """
        key, value = short(resource.key), {"id": resource.text, "at": now.isoformat()}
        partition = sharded(CHANGED, key)
        with suppress(UnreadableError):
            known = self._latest.take(partition, key)
            self._latest.keep(upsert(self._ledger, partition, key, value, known))

    def changed_since(self, reads: Iterable[str], moment: datetime) -> bool:
        """Whether one of them changed since; one of which nobody can tell may have."""
        return any(self._has_changed(read, moment) for read in reads)

    def _has_changed(self, read: str, moment: datetime) -> bool:
        try:
            change = fetch(self._ledger, sharded(CHANGED, short(read)), short(read), _Change)
        except UnreadableError:
            return True
        return change is not None and change.at >= moment

    def of(self, resource: ResourceId, limit: int = MOST) -> Sequence[ResourceId]:
        """The targets that read a resource; one more than `limit` says that there are too many to fan out."""
        rows = self._ledger.rows(_partition(resource.key), limit=limit + 1)
        return [target for target, _ in readable(self._ledger, rows, _target)]


def _target(row: Row) -> ResourceId:
    return ResourceId.parse(row.value["target"])


def _partition(read: str) -> str:
    return f"readers-{short(read)}"
