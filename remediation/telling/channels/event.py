"""The CloudEvent of a finding's change, as the drift topic carries it and a webhook of one's own gets it."""

from remediation.findings import FindingRecord
from remediation.ledger.keys import plain, short
from remediation.model.fitting import fitted
from remediation.ports import Announcement
from remediation.resource_id import ResourceId

SCHEMA_VERSION = 2
"""Of an announcement's data; raised when a field gets another meaning, not when one is added."""


def announcement(target: ResourceId, record: FindingRecord) -> Announcement:
    """The CloudEvent for the last change of a finding; its data is the record, its target and its name.

    A record that an earlier release kept whole is cut to what a topic takes.
    """
    return Announcement(
        id=f"{short(target.key, record.name)}-{record.seq}",
        type=f"BastionGuard.{record.change}",
        subject=record.resource,
        time=record.changed_at,
        data={
            **plain(fitted(record)),
            "target": target.text,
            "finding": record.name,
            "schemaVersion": SCHEMA_VERSION,
        },
    )
