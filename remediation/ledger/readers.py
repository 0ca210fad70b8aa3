"""Which targets' judgements read a resource: the way from a neighbour back to those it means something to."""

from collections.abc import Iterable, Sequence

from remediation.ledger.keys import short
from remediation.model import ResourceId
from remediation.ports import Ledger

MOST = 500


class Readers:
    """The reverse index in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def note(self, target: ResourceId, before: Iterable[str], now: Iterable[str]) -> None:
        """Replace what a target's judgement read: `before` the last time, `now` this time (id keys)."""
        old, new = set(before) - {target.key}, set(now) - {target.key}
        for read in sorted(new - old):
            self._ledger.put(_partition(read), short(target.key), {"target": target.text, "read": read})
        for read in sorted(old - new):
            row = self._ledger.read(_partition(read), short(target.key))
            if row is not None:
                self._ledger.delete(row)

    def of(self, resource: ResourceId, limit: int = MOST) -> Sequence[ResourceId]:
        """The targets that read a resource; one more than `limit` says that there are too many to fan out."""
        rows = self._ledger.rows(_partition(resource.key), limit=limit + 1)
        return [ResourceId.parse(row.value["target"]) for row in rows]


def _partition(read: str) -> str:
    return f"readers-{short(read)}"
