"""A change of what is in force as people are told of it: a record like that of a finding, about the app.

A stop and a source that cannot be used have a life: open until somebody starts again or mends it. A changed
baseline is told once. None of them is a finding on a resource of Azure, and no look at one ends them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec

from remediation.findings import FindingRecord, State
from remediation.ledger.decided.changes import Change
from remediation.model import Disposition, Severity
from remediation.model.own import (
    AHEAD,
    CHANGE,
    CHANGED,
    DIFFERENCE,
    HASH,
    INVALID,
    MODE,
    SOURCE,
    STOPPED,
    the_baseline,
)
from remediation.resource_id import ResourceId
from remediation.telling.cards import advice


@dataclass(frozen=True, slots=True)
class News:
    """What is told, about which of our own resources; `once` where it is over as soon as it is told."""

    about: ResourceId
    record: FindingRecord
    once: bool = False


def news_of(change: Change, subscriptions: Collection[str]) -> News | None:
    """The news that a change is; None for the first baseline of all, which is no change for anybody."""
    about = the_baseline(subscriptions)
    match change.what:
        case "first":
            return None
        case "changed":
            return News(about, _changed(change, about), once=True)
        case "stopped":
            return News(about, _stopped(change, about))
        case "started":
            return News(about, _started(change, about))
        case "invalid":
            return News(about, _invalid(change, about))
        case "valid":
            return News(about, _record(change, about, INVALID, _UNUSABLE, "It can be used.", "DriftResolved"))


_UNUSABLE = "The baseline cannot be used as it is now"


def _changed(change: Change, about: ResourceId) -> FindingRecord:
    """A resource of its own for each change, so that a later one does not take its place."""
    named = f"{about.text.rpartition('/baselines/')[0]}/baselineChanges/{change.name}"
    title = "The baseline has changed"
    if change.mode != change.mode_before:
        title = f"The baseline has changed: {change.mode} mode, it was {change.mode_before}"
    count = len(change.difference)
    message = f"{count} value{'s are' if count != 1 else ' is'} different. Everything is looked at again."
    record = _record(change, about, CHANGED, title, message, "BaselineChanged")
    return _with(record, resource=named, severity=_severity(change).text)


def _severity(change: Change) -> Severity:
    """A mode is news of another weight than an exemption."""
    return Severity.MEDIUM if change.mode != change.mode_before else Severity.INFO


def _stopped(change: Change, about: ResourceId) -> FindingRecord:
    why = f": {change.reason}" if change.reason else ""
    message = (
        f"Stopped by {change.by} at {change.at:%Y-%m-%d %H:%M} UTC{why}. Drift is told and proposed only."
    )
    record = _record(change, about, STOPPED, "All repairs are stopped", message, "WritingStopped")
    commands = [advice.start()]
    return _with(record, state=State.OPEN, severity=Severity.HIGH.text, commands=commands)


def _started(change: Change, about: ResourceId) -> FindingRecord:
    message = f"{change.by} has ended the stop{f': {change.reason}' if change.reason else ''}."
    message += f" The baseline holds again, in {change.mode} mode, and everything is looked at."
    return _record(change, about, STOPPED, "All repairs were stopped", message, "WritingStarted")


def _invalid(change: Change, about: ResourceId) -> FindingRecord:
    message = "; ".join(change.mistakes)
    record = _record(change, about, INVALID, _UNUSABLE, message, "BaselineInvalid")
    return _with(record, state=State.OPEN, severity=Severity.HIGH.text)


def _record(
    change: Change, about: ResourceId, rule: str, title: str, message: str, kind: str
) -> FindingRecord:
    evidence: dict[str, Any] = {HASH: change.hash, MODE: change.mode, CHANGE: change.id}
    if change.source:
        evidence[SOURCE] = change.source
    if change.difference:
        evidence[DIFFERENCE] = change.difference
    if change.ahead:
        evidence[AHEAD] = change.ahead
    return FindingRecord(
        rule=rule,
        resource=about.text,
        title=title,
        severity=Severity.INFO.text,
        message=message,
        guidance=[],
        evidence=evidence,
        disposition=Disposition.ALERT.value,
        state=State.RESOLVED,
        seq=1,
        opened_at=change.at,
        changed_at=change.at,
        change=kind,
        actor={"name": change.by} if change.by else {},
    )


def _with(record: FindingRecord, **changes: Any) -> FindingRecord:
    return msgspec.structs.replace(record, **changes)
