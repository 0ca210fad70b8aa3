"""A finding as JSON: in a list, and in full with what may be done about it."""

from collections.abc import Mapping, Sequence
from typing import Any

from remediation.findings import FindingRecord, FixRecord, State
from remediation.model.decisions import CLOSES, shown_moment
from remediation.on_call.listing.identity import etag_of, id_of
from remediation.resource_id import ResourceId


def summary(target: str, record: FindingRecord) -> dict[str, Any]:
    """A finding as a list tells it."""
    resource = ResourceId.parse(record.resource)
    until = record.exempt_until if record.state is State.EXEMPT else None
    return {
        "id": id_of(target, record.name),
        "etag": etag_of(record),
        "rule": record.rule,
        "title": record.title,
        "severity": record.severity,
        "resource": record.resource,
        "name": resource.name,
        "subscription": resource.subscription,
        "resourceGroup": resource.resource_group,
        "state": record.state.value,
        "disposition": record.disposition,
        "owner": record.owner,
        "channels": list(record.channels),
        "message": record.message,
        "openedAt": shown_moment(record.opened_at),
        "changedAt": shown_moment(record.changed_at),
        "change": record.change,
        "heldBackBy": list(record.held_back_by),
        "exemptUntil": None if until is None else shown_moment(until),
        "acknowledgedBy": record.acknowledged.get("by") or None,
        "actor": dict(record.actor),
    }


def detail(
    target: str, record: FindingRecord, history: Sequence[Mapping[str, Any]], can: Mapping[str, Any]
) -> dict[str, Any]:
    """A finding in full: why, by which ways, what would be written, and what `can` be done about it."""
    acknowledged = record.acknowledged
    return {
        **summary(target, record),
        "target": target,
        "guidance": list(record.guidance),
        "evidence": record.evidence,
        "witness": dict(record.witness),
        "ways": _ways(record.evidence),
        "fix": None if record.fix is None else _fix(record.fix),
        "commands": list(record.commands),
        "history": list(history),
        "writeId": record.write_id,
        "note": record.note,
        "cut": list(record.cut),
        "acknowledged": {"by": acknowledged["by"], "at": acknowledged["at"]} if acknowledged else None,
        "appliedBy": record.applied_by.get("name"),
        "can": can,
    }


def _ways(evidence: Mapping[str, Any]) -> list[Any]:
    """The ways in that the finding is about, as its evidence has them."""
    told = evidence.get("ways") or evidence.get(CLOSES) or []
    return list(told) if isinstance(told, list | tuple) else [told]


def _fix(fix: FixRecord) -> dict[str, Any]:
    """The writes, and what is there before each; of one that is too large to keep, the step at hand."""
    before = {key.lower(): body for key, body in fix.before.items()}
    ids = [str(write.get("id", "")) for write in fix.writes]
    return {
        "title": fix.title,
        "writes": [{key: write.get(key) for key in ("method", "id", "body")} for write in fix.writes],
        "before": {each: before.get(each.lower()) for each in ids},
        "proof": fix.proof,
        "traffic": list(fix.traffic),
        "closes": list(fix.closes),
        "furtherSteps": len(fix.rest),
    }
