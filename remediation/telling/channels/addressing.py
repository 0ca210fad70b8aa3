"""Writes on each finding whose it is and where it is told, and notices when that changes. Pure.

A finding that is open and is told elsewhere from now on is news of its own: the old channels are told that it
went, the new ones what it is. What is over stays where it was told.
"""

from collections.abc import Mapping

import msgspec

from remediation.baseline import Concern, Routing, Tags
from remediation.errors import InvalidResourceId
from remediation.findings import FindingRecord, State
from remediation.model import Severity
from remediation.model.records import MOVED
from remediation.resource_id import ResourceId

_LIVE = frozenset({State.OPEN, State.EXEMPT})
NOT_READ = Tags()


def addressed(
    known: Mapping[str, FindingRecord],
    after: Mapping[str, FindingRecord],
    routing: Routing,
    tags: Mapping[str, Tags],
) -> dict[str, FindingRecord]:
    """The records with owner and channels as they are by today's tags and routes.

    `tags` are by the key of the resource. What was not asked keeps the owner it had, or has that of its
    target's other findings.
    """
    return {name: _addressed(known.get(name), record, routing, tags, after) for name, record in after.items()}


def _addressed(
    known: FindingRecord | None,
    record: FindingRecord,
    routing: Routing,
    tags: Mapping[str, Tags],
    beside: Mapping[str, FindingRecord],
) -> FindingRecord:
    changed = known is None or known.seq != record.seq
    if record.state not in _LIVE and known is not None and known.seq:
        return msgspec.structs.replace(record, owner=known.owner, channels=known.channels, left=known.left)
    owner, channels = _address(record, known, routing, tags, beside)
    before = record if known is None else known
    told_in = before.channels if known is not None else channels
    left = _left(before, told_in, channels)
    fields = {"owner": owner, "channels": channels, "left": left}
    if changed or channels == told_in:
        return msgspec.structs.replace(record, **fields)
    return msgspec.structs.replace(record, **fields, change=MOVED, seq=record.seq + 1, news=record.last_news)


def _left(before: FindingRecord, told_in: list[str], channels: list[str]) -> list[str]:
    """Where it was told in this life or an earlier one, and is not told any more."""
    places = [*before.left, *(told_in or [""])] if before.seq else before.left
    return [place for place in dict.fromkeys(places) if place not in (channels or [""])]


def _address(
    record: FindingRecord,
    known: FindingRecord | None,
    routing: Routing,
    tags: Mapping[str, Tags],
    beside: Mapping[str, FindingRecord],
) -> tuple[str, list[str]]:
    resource = _parsed(record.resource)
    if resource is None:
        return "", [routing.default] if routing.default else []
    read = tags.get(resource.key, NOT_READ)
    owner = routing.owner_of(read)
    name = owner.name
    seen = dict(routing.seen_tags(read))
    if not name and not owner.sure:
        name = _remembered(record, known, beside)
        seen |= {tag: name for tag in routing.owner_tags if name and tag not in seen}
    concern = Concern(resource, record.rule, _severity(record), seen)
    return name, list(routing.channels_for(concern))


def _remembered(
    record: FindingRecord, known: FindingRecord | None, beside: Mapping[str, FindingRecord]
) -> str:
    """Whose it was when that was last known; a finding without a past has the owner of its neighbours."""
    if known is not None and known.owner:
        return known.owner
    same = (one.owner for one in beside.values() if one.resource.lower() == record.resource.lower())
    return next(filter(None, same), "")


def _severity(record: FindingRecord) -> Severity:
    return Severity.__members__.get(record.severity.upper(), Severity.HIGH)


def _parsed(resource: str) -> ResourceId | None:
    try:
        return ResourceId.parse(resource)
    except InvalidResourceId:
        return None
