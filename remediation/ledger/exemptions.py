"""Findings that a person took a repair back of: left alone until a moment, for planning to honour.

Exemptions that the team decides on stand in the baseline; these last for hours and are made by `undo`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from remediation.findings import name_of
from remediation.ledger.keys import change, plain, short
from remediation.ledger.unreadable import fetch, struct_of
from remediation.ports import Ledger
from remediation.resource_id import ResourceId

PARTITION = "exemptions"


class ExemptionRecord(msgspec.Struct, frozen=True, rename="camel"):
    """One finding left alone; `write_id` names the write that was taken back."""

    rule: str
    resource: str
    until: datetime
    write_id: str = ""


class _OfTarget(msgspec.Struct, frozen=True, rename="camel"):
    target: str
    records: dict[str, ExemptionRecord] = {}


class Exemptions:
    """Exemptions in the ledger, one record per target."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def of(self, target: ResourceId, now: datetime) -> Mapping[tuple[str, str], datetime]:
        """Until when findings of a target are left alone, by the finding's key; past ones are left out.

        Raises UnreadableError: then nobody knows, and nothing is written.
        """
        found = fetch(self._ledger, PARTITION, short(target.key), _OfTarget)
        records = {} if found is None else found.records
        return {
            (record.rule, record.resource.lower()): record.until
            for record in records.values()
            if record.until > now
        }

    def grant(self, target: ResourceId, record: ExemptionRecord) -> None:
        """Leave a finding alone; a later end wins over an earlier one."""
        key = short(target.key)

        def granted(value: dict[str, Any] | None) -> dict[str, Any] | None:
            known = {} if value is None else dict(struct_of(value, _OfTarget, PARTITION, key).records)
            name = name_of(record.rule, record.resource)
            before = known.get(name)
            if before is not None and before.until >= record.until:
                return None
            result: dict[str, Any] = plain(_OfTarget(target.text, {**known, name: record}))
            return result

        change(self._ledger, PARTITION, key, granted)
