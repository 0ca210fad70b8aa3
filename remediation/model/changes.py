"""What is new about a finding that people know of, in sentences for its next card."""

from collections.abc import Iterator

from remediation.model.decisions import LATENT
from remediation.model.records import FindingRecord, State

_FATES = {
    "alert": "it is only told",
    "propose": "a repair is proposed",
    "fix": "it is being repaired",
}


def what_is_new(known: FindingRecord, fresh: FindingRecord) -> str:
    """How a finding differs from what was told of it before; "" where nothing of that can be put in words."""
    return " ".join(_sentences(known, fresh))


def _sentences(known: FindingRecord, fresh: FindingRecord) -> Iterator[str]:
    if fresh.severity != known.severity:
        yield f"It is {fresh.severity} now, and was {known.severity}."
    if fresh.message != known.message:
        yield f"Before it was: {known.message}"
    latent, before = (str(record.evidence.get(LATENT, "")) for record in (fresh, known))
    if before and not latent:
        yield "Somebody can arrive at a machine now; before, nobody could."
    if latent and not before:
        yield "Nobody arrives at a machine through it any more."
    yield from _of_the_repair(known, fresh)
    if fresh.disposition != known.disposition and fresh.disposition in _FATES:
        yield f"Now {_FATES[fresh.disposition]}; before, {_FATES.get(known.disposition, known.disposition)}."
    held = [reason for reason in fresh.held_back_by if reason not in known.held_back_by]
    if held:
        yield f"New is what holds a repair back: {'; '.join(held)}."
    elif known.held_back_by and not fresh.held_back_by:
        yield "Nothing holds a repair back any more."


def in_order_before(known: FindingRecord | None, change: str) -> str:
    """Since when it had been in order, for who hears that it is back; "" of anything else."""
    if known is None or change != "DriftReopened":
        return ""
    ended = "repaired" if known.state is State.FIXED else "in order"
    return f"It had been {ended} since {known.changed_at:%Y-%m-%d %H:%M} UTC."


def _of_the_repair(known: FindingRecord, fresh: FindingRecord) -> Iterator[str]:
    """What a repair would do now; the packet that proves it goes with the message."""
    before, now = (record.fix.title if record.fix else "" for record in (known, fresh))
    if now and before and now != before:
        yield f"A repair would now be: {now}. Before: {before}."
    elif now and not before:
        yield f"There is a proven repair now: {now}."
    elif before and not now:
        yield "There is no proven repair any more."
