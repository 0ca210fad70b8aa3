"""Each thing that can keep a repair back, in words, with its end and with what a person can do about it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from remediation.declared.rule import DECLARED_DRIFT
from remediation.errors import UnreadableError
from remediation.findings import FindingRecord, State
from remediation.judging.planning import NO_BASELINE, OBSERVES
from remediation.ledger.claims import TargetRecord
from remediation.ledger.targets.record import RESERVED_FOR
from remediation.model import Guard
from remediation.model.decisions import GUARDS, HELD_BACK_UNTIL, moment_shown
from remediation.model.openings import whose_word
from remediation.model.records import name_of
from remediation.on_call.history import Line
from remediation.on_call.preview import Prospect
from remediation.on_call.why.answer import Kind, Reason
from remediation.telling.cards import advice, words

KINDS: Mapping[Guard, Kind] = {
    Guard.OBSERVING: "mode",
    Guard.LOCKED: "lock",
    Guard.FLAPPING: "flap",
    Guard.OVER_BUDGET: "budget",
    Guard.REFUSED_BEFORE: "refused",
}
"""The kinds of reasons that guards are; every other one is a guard."""
TIMED = frozenset({Guard.OVER_BUDGET, Guard.EXEMPT_BY_POLICY, Guard.DECLARED})
"""Guards that let go by time alone."""


def of_prospect(prospect: Prospect, known: Mapping[str, FindingRecord]) -> Iterator[Reason]:
    """What a look made now would say: why each finding is not repaired, and what nobody can tell.

    `known` are the findings of the target as they are recorded, by name.
    """
    if prospect.trouble:
        yield Reason("trouble", prospect.trouble, todo=advice.look(prospect.target))
    for record in prospect.findings:
        yield from _until_told(record, known)
        yield from _of_finding(record, prospect.target)
    for wait in prospect.waiting:
        yield Reason("wait", wait.text, DECLARED_DRIFT.id, wait.until)
    for unknown in prospect.unknowns:
        yield Reason("unknown", unknown.reason, unknown.rule)


def _until_told(record: FindingRecord, known: Mapping[str, FindingRecord]) -> Iterator[Reason]:
    """Why nobody has been told of a drift from what was declared, and when they are."""
    found = known.get(name_of(record.rule, record.resource))
    if record.rule != DECLARED_DRIFT.id or found is None or found.state is not State.SUSPECTED:
        return
    made = found.opening
    if made.actor and made.event_time is not None:
        tool = words.client(made.actor)
        whose = f"{words.who(made.actor)} changed it{f' with {tool}' if tool else ''}"
        text = (
            f"{whose} at {made.event_time:%Y-%m-%d %H:%M:%S} UTC, and the event of a deployment that did it "
            "after all may still be on its way"
        )
    else:
        text = "no event tells who changed it, and a deployment that did it may still be under way"
    yield Reason("wait", text, record.rule, found.confirm_at)


def _of_finding(record: FindingRecord, target: str) -> Iterator[Reason]:
    if record.exempt_until is not None:
        text = f"it is left alone by {whose_word(record.exempt_by)}"
        yield Reason("exemption", text, record.rule, record.exempt_until)
        return
    guards = record.evidence.get(GUARDS) or ()
    for guard, text in zip(guards, record.held_back_by, strict=False):
        yield _of_guard(Guard(guard), text, record, target)
    yield from (Reason("left", text, record.rule) for text in words.left_open(record.evidence))
    if record.disposition == "alert":
        yield Reason("no-fix", words.not_repaired(record.evidence), record.rule)


def _of_guard(guard: Guard, text: str, record: FindingRecord, target: str) -> Reason:
    until = moment_shown(record.evidence, HELD_BACK_UNTIL) if guard in TIMED else None
    then = advice.by_itself(guard, text)
    if then == advice.UNREADABLE:
        return Reason("unreadable", text, record.rule, then=then)
    todo = advice.look(target) if guard in {Guard.LOCKED, Guard.REFUSED_BEFORE} else ""
    if guard is Guard.OBSERVING and text not in {OBSERVES, NO_BASELINE}:  # somebody has stopped all writing
        todo = advice.start()
    return Reason(KINDS.get(guard, "guard"), text, record.rule, until, then, todo)


def of_target(record: TargetRecord | None, target: str, now: datetime) -> Iterator[Reason]:
    """What our own record of a target says: who is at it, what runs, what was refused, if ever judged."""
    if record is None or record.judged_at is None:
        text = "it has never been judged: no event of it came in, and no sweep has reached it"
        yield Reason("not-seen", text, todo=advice.look(target))
    if record is None:
        return
    if record.lease_until is not None and record.lease_until > now:
        yield Reason("claim", "a worker is at it right now", until=record.lease_until)
    if record.pending is not None:
        text = (
            f"write {record.pending.write_id} is running since {record.pending.since:%Y-%m-%d %H:%M:%S} UTC"
        )
        yield Reason("operation", text)
    yield from _of_repairs(record, now)
    for why in dict.fromkeys(record.refused.values()):
        then = advice.BY_ITSELF[Guard.REFUSED_BEFORE]
        yield Reason("refused", why, then=then, todo=advice.look(target))
    if record.wake_at is not None and record.wake_at > now:
        yield Reason("wait", "a look is queued for the moment at which a guard lets go", until=record.wake_at)


def _of_repairs(record: TargetRecord, now: datetime) -> Iterator[Reason]:
    """Repairs of several writes that are going on: what others find used up is kept for them."""
    for name in record.going_on(now):
        rule, kept = name.partition(" ")[0], record.reserved[name]
        more = "1 more write is" if kept.writes == 1 else f"{kept.writes} more writes are"
        text = (
            f"its repair was begun at {kept.since:%H:%M:%S} UTC and goes on: {more} kept for it of the budget"
        )
        then = f"What is not made by {kept.since + RESERVED_FOR:%H:%M:%S} UTC is taken out of it anew."
        yield Reason("begun", text, rule, then=then)


def of_unreadable(errors: Iterable[UnreadableError]) -> Iterator[Reason]:
    """Our own records of a target that nobody can read: each look gives up and tells nothing."""
    for error in errors:
        yield Reason("unreadable", f"{error}, so every look at it gives up", then=advice.UNREADABLE)


def of_pressure(seconds: float, now: datetime) -> Iterator[Reason]:
    """Whether Azure asks everybody to wait."""
    if seconds > 0:
        text = "ARM throttles, and no worker asks it anything"
        yield Reason("wait", text, until=now + timedelta(seconds=seconds))


def of_waiting(line: Line | None, now: datetime) -> Iterator[Reason]:
    """Work that was handed on and whose time has not come."""
    if line is not None and line.until is not None and line.until > now:
        yield Reason("wait", line.detail, until=line.until)


def opened_at(record: FindingRecord, known: Mapping[str, FindingRecord]) -> datetime | None:
    """Since when a finding has been open, as far as it was told before."""
    found = known.get(name_of(record.rule, record.resource))
    return None if found is None or found.state.value not in {"open", "exempt"} else found.opened_at
