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
    OPEN, EXEMPT ---------------> RESOLVED  Resolved
    SUSPECTED ------------------> RESOLVED  (nothing)
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
from remediation.messages import MOVED, Message
from remediation.model import Disposition, Finding, Guard, Plan, Unknown, ascribing
from remediation.model.ascribing import later, with_deed
from remediation.model.changes import in_order_before, what_is_new
from remediation.model.deeds import Deed
from remediation.model.fitting import digest_of, fitted, substance
from remediation.model.recording import recorded, unseen
from remediation.model.records import FindingRecord, FixRecord, State, name_of

__all__ = [
    "GAVE_UP",
    "UNSEEN",
    "FindingRecord",
    "FixRecord",
    "Look",
    "State",
    "announced",
    "deed_of",
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
DELETED = "the resource was deleted"
HAD_BEGUN = "we had begun to repair it"
BEGUN = "somebody else has ended it, by another principal's write, while we were repairing it"
WITH_OURS = "it ended while something else here was repaired"
GAVE_UP = "gave-up"
"""The rule of the finding that says we stopped trying a resource."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one handling of a target came to: what is found now, what we repaired, what nobody can tell.

    `repaired` are drafts of the findings that our writes were to end, each with its `write_id`; `begun` those
    of which we have made some writes and not the deciding one. `tags` are those that say whose a resource is,
    by its key, where asked for. What was not there `since` then, by our last complete look, no older change
    has brought about; `heard`: whose change a kept event tells of after that, `moved_to`: where it is now.
    """

    plan: Plan = field(default_factory=Plan)
    repaired: tuple[FindingRecord, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    gone: bool = False
    tags: Mapping[str, Tags] = field(default_factory=dict)
    begun: tuple[FindingRecord, ...] = ()
    since: datetime | None = None
    moved_to: str = ""
    heard: ascribing.Heard = ascribing.nobody

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
            _fixed(records, draft, look, now)
    for draft in look.begun:
        if draft.name not in seen and draft.rule not in look.doubtful:
            _ended_by_others(records, draft, look, now)
    for finding in look.plan.exempt:
        _exempted(records, finding, look, message, now)
    for finding in (*look.plan.alerts, *look.plan.proposals):
        _violated(records, finding, look, message, now)
    for name, record in known.items():
        if name not in seen and record.rule not in look.doubtful:
            _silent(records, name, look, message, now)
    return records


def owed(records: Iterable[FindingRecord]) -> list[FindingRecord]:
    """The records whose last change the drift topic has not accepted yet."""
    return [record for record in records if record.announced < record.seq]


def announced(record: FindingRecord) -> FindingRecord:
    return msgspec.structs.replace(record, announced=record.seq)


def deed_of(message: Message) -> Deed:
    """The change that a message came with."""
    return Deed(
        actor=message.actor,
        operation=message.operation,
        event_time=message.event_time,
        correlation_id=message.correlation_id,
    )


def draft(finding: Finding, message: Message, now: datetime, write_id: str) -> FindingRecord:
    """The record a finding will have once the write has ended it; kept beside the write until then.

    One that is large holds the step at hand and digests of the rest.
    """
    record = recorded(finding, State.FIXED, deed_of(message), now)
    return fitted(msgspec.structs.replace(record, write_id=write_id), DRAFT_BYTES)


def gave_up(target: str, why: str, message: Message, now: datetime, title: str = UNSEEN) -> FindingRecord:
    """The record that tells people we stopped trying a resource; the next good look resolves it."""
    return unseen(GAVE_UP, target, title, why, deed_of(message), now, attempts=message.attempt)


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


def _fixed(records: dict[str, FindingRecord], fixed: FindingRecord, look: Look, now: datetime) -> None:
    known = records.get(fixed.name)
    if known is not None and known.write_id == fixed.write_id:
        return  # recorded before a crash; the announcement is owed or sent already
    if look.gone and not fixed.deletes_itself:
        _ended_by_others(records, fixed, look, now, "we had repaired it before")
        return
    records[fixed.name] = _next(known, ascribing.ended(known, fixed, look.since, now), "DriftFixed")


def _ended_by_others(
    records: dict[str, FindingRecord], begun: FindingRecord, look: Look, now: datetime, ours: str = HAD_BEGUN
) -> None:
    """A finding that is over although our deciding write did not end it: resolved, by whom is not known."""
    known = records.get(begun.name)
    if known is not None and known.state is State.RESOLVED:
        return
    ended = ascribing.ended(known, begun, look.since, now)
    note = BEGUN if not look.gone else f"{_where_it_went(look)}; {ours}"
    unnamed = with_deed(ended, ended.deed.unnamed, state=State.RESOLVED, write_id="", note=note)
    records[begun.name] = _next(known, unnamed, "DriftResolved")


def _violated(
    records: dict[str, FindingRecord], finding: Finding, look: Look, message: Message, now: datetime
) -> None:
    name = name_of(finding.rule, finding.resource.text)
    known, fresh = records.get(name), recorded(finding, State.OPEN, deed_of(message), now)
    if _wants_another_look(known, finding, now):
        opened = ascribing.opened(known, fresh, look.since, look.heard)
        records[name] = _suspected(known, opened, finding, now)
    elif known is None or known.state is not State.OPEN:
        change, opened = _opening(known, fresh), ascribing.opened(known, fresh, look.since, look.heard)
        records[name] = _next(known, opened, change, note=in_order_before(known, change))
    elif _is_news(known, fresh):
        begins = fresh.is_held_by(Guard.FLAPPING) and not known.is_held_by(Guard.FLAPPING)
        change = "DriftFlapping" if begins else "DriftChanged"
        kept = ascribing.changed(known, fresh, look.since)
        records[name] = _next(known, kept, change, note=what_is_new(known, fresh))
    else:
        carried = message.reason == MOVED  # the opening of what it was before it had this id
        records[name] = ascribing.better_known(known, fresh, None if carried else look.since)


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


def _exempted(
    records: dict[str, FindingRecord], finding: Finding, look: Look, message: Message, now: datetime
) -> None:
    name = name_of(finding.rule, finding.resource.text)
    known, fresh = records.get(name), recorded(finding, State.EXEMPT, deed_of(message), now)
    if known is not None and known.state is State.EXEMPT and _leave(known) == _leave(fresh):
        return
    if known is not None and known.seq and known.state is not State.RESOLVED:
        left_alone = with_deed(fresh, later(fresh.deed, known, look.since), opened_by=known.opening)
    else:
        left_alone = ascribing.opened(known, fresh, look.since, look.heard)
    records[name] = _next(known, left_alone, "DriftExempted")


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
    if record.state in {State.OPEN, State.EXEMPT}:
        ours = bool(look.repaired) and not look.gone
        deed = deed_of(message).unnamed if ours else later(deed_of(message), record, look.since)
        note = WITH_OURS if ours else (_where_it_went(look) if look.gone else _accepted(message))
        records[name] = with_deed(
            record,
            deed,
            state=State.RESOLVED,
            change="DriftResolved",
            seq=record.seq + 1,
            changed_at=now,
            opened_by=record.opening,
            note=note,
        )
    elif record.state is State.SUSPECTED:
        records[name] = msgspec.structs.replace(record, state=State.RESOLVED, changed_at=now)


def _where_it_went(look: Look) -> str:
    return f"the resource was moved: it is {look.moved_to} now" if look.moved_to else DELETED


def _accepted(message: Message) -> str:
    """What the owner has to know where a person has declared what is there."""
    said = "accepted what is there: the next deployment undoes it, unless its template says the same"
    return f"{message.actor.get('name', 'somebody')} {said}" if message.reason == "accepted" else ""


def _next(known: FindingRecord | None, fresh: FindingRecord, change: str, **fields: Any) -> FindingRecord:
    seq, sent = (known.seq + 1, known.announced) if known is not None else (1, 0)
    return fitted(msgspec.structs.replace(fresh, change=change, seq=seq, announced=sent, **fields))


def _is_news(known: FindingRecord, fresh: FindingRecord) -> bool:
    """Whether people are to hear of it again; what was cut is compared by what it was before."""
    return known.substance != digest_of(fresh) if known.substance else substance(known) != substance(fresh)
