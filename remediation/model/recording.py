"""A finding's record, made of what a look found and of the change that it answers."""

from datetime import datetime

from remediation.model.deeds import Deed
from remediation.model.findings import Disposition, Finding, Fix, Severity
from remediation.model.records import FindingRecord, FixRecord, State


def recorded(finding: Finding, state: State, deed: Deed, now: datetime) -> FindingRecord:
    """The record of a finding in its first moment."""
    return FindingRecord(
        rule=finding.rule,
        resource=finding.resource.text,
        title=finding.title,
        severity=finding.severity.text,
        message=finding.message,
        guidance=list(finding.guidance),
        evidence=finding.shown_evidence(),
        disposition=finding.disposition.value,
        state=state,
        seq=1,
        opened_at=now,
        changed_at=now,
        actor=deed.actor,
        operation=deed.operation,
        event_time=deed.event_time,
        correlation_id=deed.correlation_id,
        commands=list(finding.commands),
        fix=None if finding.fix is None else _fix(finding.fix),
    )


def unseen(
    rule: str, resource: str, title: str, why: str, deed: Deed, now: datetime, *, attempts: int
) -> FindingRecord:
    """The record of what nobody could look at: whether it is in order is not known."""
    return FindingRecord(
        rule=rule,
        resource=resource,
        title=title,
        severity=Severity.HIGH.text,
        message=why,
        guidance=[],
        evidence={"attempts": attempts},
        disposition=Disposition.ALERT.value,
        state=State.OPEN,
        seq=1,
        opened_at=now,
        changed_at=now,
        change="GaveUp",
        actor=deed.actor,
        operation=deed.operation,
        event_time=deed.event_time,
        correlation_id=deed.correlation_id,
    )


def _fix(fix: Fix) -> FixRecord:
    return FixRecord(
        title=fix.title,
        writes=[write.to_json() for write in fix.writes],
        inverse=[write.to_json() for write in fix.inverse],
        before={key: None if body is None else dict(body) for key, body in fix.before.items()},
        proof=fix.proof,
        traffic=list(fix.traffic),
        tolerances=list(fix.tolerances),
        closes=list(fix.closes),
    )
