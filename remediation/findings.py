"""The life of a finding, and which announcement it owes.

                 violated
    (none) ---------------------> OPEN      Found, Proposed; Flapping where others keep undoing our repair
    RESOLVED, FIXED ------------> OPEN      Reopened
    EXEMPT ---------------------> OPEN      ExemptionExpired
    OPEN -----------------------> OPEN      Changed; nothing when the same is seen again
                 violated, by a rule that wants a second look (`Violation.confirm_after`)
    not OPEN -------------------> SUSPECTED (nothing), OPEN once a look after `confirm_at` sees it again
                 our write has ended it, as a fresh read says
    any ------------------------> FIXED     Fixed, once per write
                 nobody sees it any more
    OPEN -----------------------> RESOLVED  Resolved
    EXEMPT, SUSPECTED ----------> RESOLVED  (nothing)
                 an exemption is in force
    any other ------------------> EXEMPT    Exempted, not told as new
    EXEMPT ---------------------> EXEMPT    Exempted where what is left alone, or its end, changes
                 nothing has happened for long
    OPEN -----------------------> OPEN      Reminded, once per opening; not what somebody acknowledged
                 somebody takes it on (model/acknowledging)
    OPEN -----------------------> OPEN      Acknowledged, once, until it changes
                 other channels than before are those of its owner (telling/channels)
    OPEN, EXEMPT ---------------> the same  Moved
                 a resource could not be looked at
    (none), RESOLVED -----------> OPEN      GaveUp; the next good look resolves it

A rule that cannot tell (unknown) leaves its findings as they are. State, sequence number and the
announcement owed are stored in one record before anything is sent, so a crash in between costs a repeat
with the same id, never a loss. The same violation seen again owes nothing: one finding, one announcement,
however many events mention it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.baseline import Tags
from remediation.messages import Message
from remediation.model import Disposition, Finding, Fix, Guard, Plan, Severity, Unknown
from remediation.model.changes import what_is_new
from remediation.model.fitting import digest_of, fitted, substance
from remediation.model.records import FindingRecord, FixRecord, State, name_of

__all__ = [
    "GAVE_UP",
    "UNSEEN",
    "FindingRecord",
    "FixRecord",
    "Look",
    "State",
    "announced",
    "draft",
    "gave_up",
    "moved_on",
    "name_of",
    "owed",
    "remind",
    "second_look",
    "with_gave_up",
    "with_ours",
]

UNSEEN = "Bastion Guard gave up looking at this resource"
DRAFT_BYTES = 24 * 1024
GAVE_UP = "gave-up"
"""The rule of the finding that says we stopped trying a resource."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one handling of a target came to: what is found now, what we repaired, what nobody can tell.

    `repaired` are drafts of the findings that our writes meant to end, each with its `write_id`. `tags` are
    those that say whose a resource is, by its key, where they were asked for.
    """

    plan: Plan = field(default_factory=Plan)
    repaired: tuple[FindingRecord, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    gone: bool = False
    tags: Mapping[str, Tags] = field(default_factory=dict)

    @property
    def doubtful(self) -> frozenset[str]:
        """The rules that could not tell: what they said before neither ends nor counts as repaired."""
        return frozenset(unknown.rule for unknown in self.unknowns)


def moved_on(
    known: Mapping[str, FindingRecord], look: Look, message: Message, now: datetime
) -> dict[str, FindingRecord]:
    """The records after a look: each finding moved on by exactly the changes that happened to it."""
    records = dict(known)
    seen = {name_of(finding.rule, finding.resource.text) for finding in look.plan.findings}
    for draft in look.repaired:
        if draft.name not in seen and draft.rule not in look.doubtful:
            _fixed(records, draft, now)
    for finding in look.plan.exempt:
        _exempted(records, finding, message, now)
    for finding in (*look.plan.alerts, *look.plan.proposals):
        _violated(records, finding, message, now)
    for name, record in known.items():
        if name not in seen and record.rule not in look.doubtful:
            _silent(records, name, look, message, now)
    return records


def owed(records: Iterable[FindingRecord]) -> list[FindingRecord]:
    """The records whose last change the drift topic has not accepted yet."""
    return [record for record in records if record.announced < record.seq]


def announced(record: FindingRecord) -> FindingRecord:
    return msgspec.structs.replace(record, announced=record.seq)


def draft(finding: Finding, message: Message, now: datetime, write_id: str) -> FindingRecord:
    """The record a finding will have once the write has ended it; kept beside the write until then.

    One that is large holds the step at hand and digests of the rest.
    """
    record = _record(finding, State.FIXED, message, now)
    return fitted(msgspec.structs.replace(record, write_id=write_id), DRAFT_BYTES)


def gave_up(target: str, why: str, message: Message, now: datetime, title: str = UNSEEN) -> FindingRecord:
    """The record that tells people we stopped trying a resource; the next good look resolves it."""
    return FindingRecord(
        rule=GAVE_UP,
        resource=target,
        title=title,
        severity=Severity.HIGH.text,
        message=why,
        guidance=[],
        evidence={"attempts": message.attempt},
        disposition=Disposition.ALERT.value,
        state=State.OPEN,
        seq=1,
        opened_at=now,
        changed_at=now,
        change="GaveUp",
        actor=message.actor,
        operation=message.operation,
        event_time=message.event_time,
        correlation_id=message.correlation_id,
    )


def with_gave_up(known: Mapping[str, FindingRecord], record: FindingRecord) -> dict[str, FindingRecord]:
    """The records with a gave-up record opened; one that is open already says it once."""
    before = known.get(record.name)
    if before is not None and before.state is State.OPEN:
        return dict(known)
    return {**known, record.name: _next(before, record, "GaveUp")}


def with_ours(
    known: Mapping[str, FindingRecord], record: FindingRecord, *, once: bool = False
) -> dict[str, FindingRecord]:
    """The records with one that is about the app itself, which no look moves on: opened, changed or over.

    The same again owes nothing, and neither does the end of what nobody was told of. News told `once` have no
    life: they are over as soon as they are told.
    """
    before = known.get(record.name)
    was_open = before is not None and before.state is State.OPEN
    if once and before is not None:
        return dict(known)
    if record.state is not State.OPEN and not (was_open or once):
        return dict(known)
    if before is None or not was_open:
        return {**known, record.name: _next(before, record, record.change)}
    if record.state is State.OPEN and not _is_news(before, record):
        return dict(known)
    change = "DriftChanged" if record.state is State.OPEN else record.change
    return {**known, record.name: _next(before, record, change, opened_at=before.opened_at)}


def _fixed(records: dict[str, FindingRecord], fixed: FindingRecord, now: datetime) -> None:
    known = records.get(fixed.name)
    if known is not None and known.write_id == fixed.write_id:
        return  # recorded before a crash; the announcement is owed or sent already
    fresh = msgspec.structs.replace(fixed, changed_at=now)
    records[fixed.name] = _next(known, fresh, "DriftFixed")


def _violated(records: dict[str, FindingRecord], finding: Finding, message: Message, now: datetime) -> None:
    name = name_of(finding.rule, finding.resource.text)
    known, fresh = records.get(name), _record(finding, State.OPEN, message, now)
    if _wants_another_look(known, finding, now):
        records[name] = _suspected(known, fresh, finding, now)
    elif known is None or known.state is not State.OPEN:
        records[name] = _next(known, fresh, _opening(known, fresh))
    elif _is_news(known, fresh):
        begins = fresh.is_held_by(Guard.FLAPPING) and not known.is_held_by(Guard.FLAPPING)
        change = "DriftFlapping" if begins else "DriftChanged"
        new = what_is_new(known, fresh)
        records[name] = _next(known, fresh, change, opened_at=known.opened_at, note=new)


def _wants_another_look(known: FindingRecord | None, finding: Finding, now: datetime) -> bool:
    """Whether it is too early to tell people: seen for the first time, or for the second time too soon."""
    if finding.confirm_after is None:
        return False
    if known is not None and known.state is State.SUSPECTED and known.confirm_at is not None:
        return now < known.confirm_at
    return known is None or known.state not in {State.OPEN, State.EXEMPT}


def _suspected(
    known: FindingRecord | None, fresh: FindingRecord, finding: Finding, now: datetime
) -> FindingRecord:
    """The record between first and second look. What an earlier life of it still owes stays owed."""
    if known is not None and known.state is State.SUSPECTED:
        return known
    assert finding.confirm_after is not None
    waiting = known or msgspec.structs.replace(fresh, seq=0)
    return fitted(
        msgspec.structs.replace(
            waiting, state=State.SUSPECTED, opened_at=now, confirm_at=now + finding.confirm_after
        )
    )


def second_look(records: Iterable[FindingRecord], now: datetime) -> datetime | None:
    """When the next suspected finding is to be looked at again; None when none waits for that."""
    waiting = [record.confirm_at for record in records if record.state is State.SUSPECTED]
    return min((moment for moment in waiting if moment is not None and moment > now), default=None)


def _opening(known: FindingRecord | None, fresh: FindingRecord) -> str:
    """What the opening of a finding is called, by what it was before and why it is not repaired."""
    if fresh.is_held_by(Guard.FLAPPING):
        return "DriftFlapping"
    if known is not None and known.seq:
        return "DriftExemptionExpired" if known.state is State.EXEMPT else "DriftReopened"
    return "DriftProposed" if fresh.disposition == Disposition.PROPOSE.value else "DriftFound"


def _exempted(records: dict[str, FindingRecord], finding: Finding, message: Message, now: datetime) -> None:
    name = name_of(finding.rule, finding.resource.text)
    known, fresh = records.get(name), _record(finding, State.EXEMPT, message, now)
    if known is not None and known.state is State.EXEMPT and _leave(known) == _leave(fresh):
        return
    records[name] = _next(known, fresh, "DriftExempted")


def _leave(record: FindingRecord) -> tuple[Any, ...]:
    """What an exemption was told to leave alone, and until when: news when it changes."""
    return record.severity, record.message, record.exempt_until, record.exempt_by.get("source")


def remind(known: Mapping[str, FindingRecord], after: timedelta, now: datetime) -> dict[str, FindingRecord]:
    """The records with a reminder owed for each finding that has been open and unchanged for long, once."""
    return {
        name: _next(record, record, "DriftReminded", reminded_at=now)
        if _is_due(record, after, now)
        else record
        for name, record in known.items()
    }


def _is_due(record: FindingRecord, after: timedelta, now: datetime) -> bool:
    waiting = record.state is State.OPEN and record.reminded_at is None and not record.acknowledged
    return waiting and bool(after) and record.changed_at + after <= now


def _silent(
    records: dict[str, FindingRecord], name: str, look: Look, message: Message, now: datetime
) -> None:
    """A finding nobody sees any more: resolved, and told where people had been told of it."""
    record = records[name]
    if record.state is State.OPEN:
        records[name] = msgspec.structs.replace(
            record,
            state=State.RESOLVED,
            change="DriftResolved",
            seq=record.seq + 1,
            changed_at=now,
            actor=message.actor,
            operation=message.operation,
            event_time=message.event_time,
            correlation_id=message.correlation_id,
            note="the resource was deleted" if look.gone else _accepted(message),
        )
    elif record.state in {State.EXEMPT, State.SUSPECTED}:
        records[name] = msgspec.structs.replace(record, state=State.RESOLVED, changed_at=now)


def _accepted(message: Message) -> str:
    """What the owner has to know where a person has declared what is there."""
    if message.reason != "accepted":
        return ""
    by = message.actor.get("name", "somebody")
    return f"{by} accepted what is there: the next deployment undoes it, unless its template says the same"


def _next(known: FindingRecord | None, fresh: FindingRecord, change: str, **fields: Any) -> FindingRecord:
    seq, sent = (known.seq + 1, known.announced) if known is not None else (1, 0)
    return fitted(msgspec.structs.replace(fresh, change=change, seq=seq, announced=sent, **fields))


def _is_news(known: FindingRecord, fresh: FindingRecord) -> bool:
    """Whether people are to hear of it again; what was cut is compared by what it was before."""
    if known.substance:
        return known.substance != digest_of(fresh)
    return substance(known) != substance(fresh)


def _record(finding: Finding, state: State, message: Message, now: datetime) -> FindingRecord:
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
        actor=message.actor,
        operation=message.operation,
        event_time=message.event_time,
        correlation_id=message.correlation_id,
        commands=list(finding.commands),
        fix=None if finding.fix is None else _fix_record(finding.fix),
    )


def _fix_record(fix: Fix) -> FixRecord:
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
