"""The neighbourhood lane with one guard missing at a time; see `broken_parts`."""

from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import msgspec

from remediation.errors import ConflictError
from remediation.judging.gathering import Reads
from remediation.ledger.claims import TargetRecord
from remediation.model import Resource
from remediation.ports import Ledger
from remediation.reconciling.rounds.collecting import Collector
from remediation.reconciling.rounds.comparing import Compared, Comparer
from remediation.reconciling.rounds.marks import Mark, Marks
from remediation.reconciling.rounds.picture import Picture
from remediation.reconciling.rounds.touching import Asked


class LetsGoFirst(Marks):
    """Marks are gone as soon as a round has read them: one that dies takes them along."""

    def of(self, scope: str) -> list[Mark]:
        found = super().of(scope)
        self.answered(found)
        return found


class ForgetsNewer(Marks):
    """A mark that was left anew during a round goes with those that it answers."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self.ledger = ledger

    def answered(self, marks: Sequence[Mark]) -> None:
        for mark in marks:
            row = self.ledger.read(mark.row.partition, mark.row.key)
            if row is not None:
                with suppress(ConflictError):
                    self.ledger.delete(row)


class NeverLooksBack(Marks):
    """Who ends a round does not look for marks that were left while it ran."""

    def are_left(self, scope: str) -> bool:
        return False


class NobodyTakesUp(Collector):
    """What waits without a round waits for the next question."""

    def take_up(self) -> int:
        return 0


class OldPicture(Picture):
    """What an earlier round of the same process read is taken for what is there now."""

    kept: ClassVar[MutableMapping[Reads, dict[str, Any]]] = WeakKeyDictionary()

    def __init__(self, cloud: Reads, *others: Any) -> None:
        super().__init__(cloud, *others)
        self._documents = self.kept.setdefault(cloud, {})


class SeesNoDifference(Comparer):
    """Whatever a look would come to, the direct lane is not asked."""

    def compare(self, asked: Asked, record: TargetRecord | None, picture: Reads, now: datetime) -> Compared:
        return Compared(differs=False)


class BelievesLateNews(Comparer):
    """Takes every late event for one of what the last look saw."""

    def is_the_version_seen(self, subject: Resource, record: TargetRecord) -> bool:
        return True


class TrustsTheUnfinished(Comparer):
    """Somebody is at the target, and is taken to see what the picture shows."""

    def is_unfinished(self, record: TargetRecord, now: datetime) -> bool:
        return super().is_unfinished(msgspec.structs.replace(record, lease_until=None), now)
