"""A finding that somebody has taken on: said once, and quiet from then on until it changes."""

from datetime import datetime

import msgspec

from remediation.model.decisions import shown_moment
from remediation.model.records import ACKNOWLEDGED, FindingRecord


def acknowledged(record: FindingRecord, by: dict[str, str], now: datetime) -> FindingRecord:
    """The record as somebody (`name`, `objectId`) has taken it on; the next news of it takes that back."""
    told = {"by": by.get("name", ""), "objectId": by.get("objectId", ""), "at": shown_moment(now)}
    return msgspec.structs.replace(
        record, acknowledged=told, change=ACKNOWLEDGED, seq=record.seq + 1, changed_at=now, note=""
    )
