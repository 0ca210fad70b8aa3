"""What a person had left alone: until a moment, for planning to honour.

Exemptions that the team decides on stand in the baseline, and those of a resource in its tag; these last for
hours or days and are given by `undo` and `exempt`, each for the openings it names. Each has an id, so that it
can be ended, shortened or prolonged.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from remediation.ledger.keys import change, plain, short
from remediation.ledger.unreadable import fetch, readable, record_of, struct_of
from remediation.model import Exemption, Opening
from remediation.ports import Ledger, Row
from remediation.resource_id import ResourceId

PARTITION = "exemptions"
MOST = 10_000
DIGITS = 8


class ExemptionRecord(msgspec.Struct, frozen=True, rename="camel"):
    """One finding left alone, or one opening of it; `write_id` names the write that was taken back.

    `opening` is a rule's name and `what` whom it let reach what (see `model.Opening`); both are "" where the
    finding is left alone as a whole. `by` gave it (`by_id` is their Entra object id, where it is known) and
    `changed_by` has moved its end last.
    """

    rule: str
    resource: str
    until: datetime
    write_id: str = ""
    opening: str = ""
    what: str = ""
    by: str = ""
    reason: str = ""
    source: Literal["undo", "exempt"] = "undo"
    since: datetime | None = None
    changed_by: str = ""
    by_id: str = ""

    @property
    def id(self) -> str:
        """A short name that people can type."""
        return short(self.rule, self.resource.lower(), self.opening.lower(), self.what)[:DIGITS]

    def as_exemption(self) -> Exemption:
        opening = Opening(self.opening, self.what) if self.opening else None
        return Exemption(self.until, self.source, self.by, self.reason or self.write_id, self.id, opening)


type Amend = Callable[[dict[str, ExemptionRecord]], dict[str, ExemptionRecord]]


class _OfTarget(msgspec.Struct, frozen=True, rename="camel"):
    target: str
    records: dict[str, ExemptionRecord] = {}


class Exemptions:
    """Exemptions in the ledger, one record per target."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def of(self, target: ResourceId, now: datetime) -> Mapping[tuple[str, str], Sequence[Exemption]]:
        """What of a target's findings is left alone, by the finding's key; what is over is left out.

        Raises UnreadableError: then nobody knows, and nothing is written.
        """
        found = fetch(self._ledger, PARTITION, short(target.key), _OfTarget)
        result: dict[tuple[str, str], list[Exemption]] = {}
        for record in () if found is None else found.records.values():
            if record.until > now:
                result.setdefault((record.rule, record.resource.lower()), []).append(record.as_exemption())
        return result

    def all(self, now: datetime) -> Sequence[tuple[ResourceId, ExemptionRecord]]:
        """Those in force of every target; a record that cannot be read is left out, and named."""
        rows = self._ledger.rows(PARTITION, limit=MOST)
        return [
            (ResourceId.parse(found.target), record)
            for found, _ in readable(self._ledger, rows, _of_target)
            for record in found.records.values()
            if record.until > now
        ]

    def grant(self, target: ResourceId, record: ExemptionRecord) -> None:
        """Leave something alone; the latest word about the same counts. What is over is forgotten."""
        now = record.since or record.until
        self._amend(
            target,
            lambda known: {
                **{name: one for name, one in known.items() if one.until > now},
                record.id: record,
            },
        )

    def end(self, target: ResourceId, identity: str) -> None:
        """Leave it alone no longer; gone already is fine."""
        self._amend(target, lambda known: {name: one for name, one in known.items() if one.id != identity})

    def _amend(self, target: ResourceId, amended: Amend) -> None:
        key = short(target.key)

        def changed(value: dict[str, Any] | None) -> dict[str, Any] | None:
            known = {} if value is None else dict(struct_of(value, _OfTarget, PARTITION, key).records)
            wanted = amended(known)
            if wanted == known:
                return None
            result: dict[str, Any] = plain(_OfTarget(target.text, wanted))
            return result

        change(self._ledger, PARTITION, key, changed)


def _of_target(row: Row) -> _OfTarget:
    return record_of(row, _OfTarget)
