"""What we remember of a target itself: how it was read, what was asked of it, and whether a delivery is news.

It lies in the shard of its id, beside the events and judgements of the same target. An earlier release kept
the records of all targets in one partition: what still lies there alone is read there, and moves with the
next claim.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.ledger.keys import plain, sharded, shards, short
from remediation.ledger.unreadable import naming, readable, record_of, struct_of
from remediation.model.fitting import first_of, fitted, shortened
from remediation.model.records import FindingRecord, name_of
from remediation.ports import Ledger, Row
from remediation.resource_id import ResourceId
from remediation.structs import converted

KIND = "targets"
EARLIER = "targets"
"""The partition in which an earlier release kept the records of all targets."""
STEPS_LEFT = "stepsLeft"
"""In a draft: how many writes of the repair were to come after its last one. The deciding one has none."""
RESERVED_FOR = timedelta(hours=1)
"""For how long a repair that was begun goes on with the writes that were taken for it."""
MOST_REFUSED = 100
"""Reasons that the record of a target keeps when it does not fit."""


class Mark(msgspec.Struct, frozen=True, rename="camel"):
    """Up to when a target has been seen completely, and by which baseline and rules."""

    seen: datetime
    baseline_hash: str
    rules_hash: str
    etag: str | None = None


class Pending(msgspec.Struct, frozen=True, rename="camel"):
    """A write that was begun: recorded before it is sent, its operation as soon as ARM has named it.

    `draft` is the finding's record (as JSON, cut) for when the write has ended it. Until `quiet_until` a
    message that will ask how it stands is known to be on the queue, and nobody else need ask. `opening`
    names the rule that the write closes, where a fix closes several.
    """

    write_id: str
    resource: str
    draft: dict[str, Any]
    since: datetime
    operation_url: str = ""
    quiet_until: datetime | None = None
    opening: str = ""


class TagSeen(msgspec.Struct, frozen=True, rename="camel"):
    """A tag of a target that holds repairs back: its value, since when it has been seen, by whose change.

    `by` is a digest of who is said to have set it, `name` that principal's name, both "" where no event told.
    `void` names the findings for which it counts for nothing.
    """

    value: str
    since: datetime
    by: str = ""
    void: list[str] = []
    name: str = ""


class Reserved(msgspec.Struct, frozen=True, rename="camel"):
    """Writes of a repair that was begun: taken out of the budget at that moment, and not made yet."""

    writes: int
    since: datetime

    def is_good(self, now: datetime) -> bool:
        """Whether one of them may be made now: what is older was the budget of another hour."""
        return self.writes > 0 and self.since <= now < self.since + RESERVED_FOR


class TargetRecord(msgspec.Struct, frozen=True, rename="camel"):
    """What we remember of a target itself.

    `reads` are the ids its last judgement read. `repaired` holds the drafts (by finding) of what our finished
    writes have ended and nobody has recorded as a finding yet, `reserved` what of the budget is left to those
    that go on. `refused` holds why ARM refused a write, by
    the write's digest: it is not tried again at every event, only when a sweep or a person asks. A look is
    queued for `wake_at`, because by then time alone has changed what the last one came to. `found` says
    whether a finding may have been recorded of it; None where nobody has told yet. `verdict` is what the last
    look came to, as a digest, `admin_rules` what a network was told of those in force on it, and `declared`
    a name for what differed from what was declared, for rounds to compare. `guid` is the one that ARM gave
    the resource for life.
    """

    id: str
    owner: str = ""
    token: int = 0
    taken_at: datetime | None = None
    lease_until: datetime | None = None
    look_again: bool = False
    mark: Mark | None = None
    pending: Pending | None = None
    repaired: dict[str, dict[str, Any]] = {}
    reserved: dict[str, Reserved] = {}
    refused: dict[str, str] = {}
    reads: list[str] = []
    region: str = ""
    judged_at: datetime | None = None
    ending: str = ""
    unknown: list[str] = []
    tag: TagSeen | None = None
    opt_out: TagSeen | None = None
    wake_at: datetime | None = None
    found: bool | None = None
    verdict: str = ""
    admin_rules: list[dict[str, Any]] | None = None
    guid: str = ""
    declared: str = ""

    def going_on(self, now: datetime) -> list[str]:
        """The findings whose repair was begun and has writes left that it took out of the budget."""
        return [name for name, reserved in self.reserved.items() if reserved.is_good(now)]

    def under_way(self, now: datetime) -> list[str]:
        """The findings whose repair was begun, one whose last write runs among them: its budget is spent."""
        running = self.pending.draft if self.pending is not None else None
        last = [] if running is None else [name_of(running["rule"], running["resource"])]
        return list(dict.fromkeys([*self.going_on(now), *last]))


def key_of(target: ResourceId) -> str:
    return short(target.key)


def partition_of(target: ResourceId) -> str:
    return sharded(KIND, key_of(target))


def read(ledger: Ledger, target: ResourceId) -> tuple[Row | None, TargetRecord | None]:
    """The record of a target with its row; without a row where it is new, or still lies where it lay."""
    key = key_of(target)
    with naming(ledger):
        row = ledger.read(partition_of(target), key) or ledger.read(EARLIER, key)
        if row is None:
            return None, None
        record = record_in(row)
    return (None if row.partition == EARLIER else row), record


def all_records(ledger: Ledger, limit: int = 100_000) -> dict[str, TargetRecord]:
    """What we remember of every target, by the key of its id."""
    return {record.id.lower(): record for record in _everyone(ledger, limit)}


def _everyone(ledger: Ledger, limit: int) -> Iterator[TargetRecord]:
    """Those that have moved come last and count."""
    for partition in (EARLIER, *shards(KIND)):
        yield from (record for record, _ in readable(ledger, ledger.rows(partition, limit=limit), record_in))


def is_old_news(
    record: TargetRecord | None,
    event_time: datetime | None,
    margin: timedelta,
    baseline_hash: str,
    rules_hash: str,
) -> bool:
    """Whether a first delivery tells nothing that our last complete look has not seen."""
    if record is None or record.mark is None or event_time is None or record.look_again:
        return False
    same_judge = (record.mark.baseline_hash, record.mark.rules_hash) == (baseline_hash, rules_hash)
    return same_judge and event_time < record.mark.seen - margin


def has_seen(
    record: TargetRecord | None, first_received: datetime | None, baseline_hash: str, rules_hash: str
) -> bool:
    """Whether a repeated delivery tells nothing: our last complete look began after it first came in.

    Both moments are of our own clock, and a change precedes its event, so no margin is needed.
    """
    if record is None or record.mark is None or first_received is None or record.look_again:
        return False
    same_judge = (record.mark.baseline_hash, record.mark.rules_hash) == (baseline_hash, rules_hash)
    return same_judge and first_received <= record.mark.seen


def slim(record: TargetRecord, most: int) -> TargetRecord:
    """A record whose drafts are smaller, and whose reasons are told once and shortly."""
    pending = record.pending
    if pending is not None:
        pending = msgspec.structs.replace(pending, draft=_slim_draft(pending.draft, most))
    return msgspec.structs.replace(
        record,
        pending=pending,
        repaired={name: _slim_draft(draft, most) for name, draft in record.repaired.items()},
        refused={step: shortened(why, 200) for step, why in list(record.refused.items())[-MOST_REFUSED:]},
        unknown=first_of(record.unknown, MOST_REFUSED, 200),
        admin_rules=None,
    )


def _slim_draft(draft: dict[str, Any], most: int) -> dict[str, Any]:
    result: dict[str, Any] = plain(fitted(converted(draft, FindingRecord), most))
    return result | {key: draft[key] for key in (STEPS_LEFT,) if key in draft}


def record_in(row: Row) -> TargetRecord:
    """A draft that no finding's record can be made of makes the whole unreadable."""
    record = record_of(row, TargetRecord)
    pending = [] if record.pending is None else [record.pending.draft]
    for draft in (*pending, *record.repaired.values()):
        struct_of(draft, FindingRecord, row.partition, row.key)
    return record
