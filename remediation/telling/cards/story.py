"""What there is to tell about a finding, in reading order, before it becomes a card or lines of text.

The order is that of somebody who was just woken: what it is, is it over, who did it, what changed or would
change, what to type, why it matters. A section without lines is not told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from remediation.findings import FindingRecord, State
from remediation.guidance import why
from remediation.landing_zone.commands import SHELL
from remediation.model import Guard
from remediation.model.openings import whose_word
from remediation.model.own import OWN_RULES
from remediation.telling.cards import advice, own, words
from remediation.telling.cards.advice import AT_A_DESK, Reader
from remediation.telling.cards.diff import changes
from remediation.telling.cards.facts import ENDED, facts_of
from remediation.telling.cards.news import PREFIX, News, is_about_ourselves, news

STATEFUL = "NSGs are stateful: this holds for new connections only. Open ones stay until they end."


NOTICED = timedelta(seconds=5)
"""What is repaired within so long of its first look was repaired by it."""
_NOTE_HEADINGS = {
    "DriftChanged": "What is new",
    "DriftReopened": "What is new",
    "GaveUp": "What happened",
}


class Tone(Enum):
    """How a line reads. COMMAND lines are shown exactly or not at all."""

    PLAIN = "plain"
    STRONG = "strong"
    SUBTLE = "subtle"
    ADDED = "added"
    REMOVED = "removed"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """`about` is the resource's name, `facts` are (name, value) rows; all of it is raw text."""

    news: News
    severity: str
    title: str
    about: str
    lead: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def story(record: FindingRecord, *, now: datetime, reader: Reader = AT_A_DESK) -> Story:
    """What there is to tell, with commands as its reader types them."""
    told = _about_the_app(record, now) if record.rule in OWN_RULES else _about_a_resource(record, now)
    return replace(told, sections=tuple(_for(reader, section) for section in told.sections))


def _for(reader: Reader, section: Section) -> Section:
    lines = (
        replace(line, text=reader.command(line.text)) if line.tone is Tone.COMMAND else line
        for line in section.lines
    )
    return replace(section, lines=tuple(lines))


def _about_a_resource(record: FindingRecord, now: datetime) -> Story:
    kind = news(record)
    asked = tuple(_what_is_asked(record, now))
    told = (_end(record), *asked) if kind.over else asked
    return Story(
        news=kind,
        severity=record.severity,
        title=f"No longer: {_continued(record.title)}" if _is_past(record) else record.title,
        about=_about(record),
        lead=tuple(_lead(record)),
        facts=tuple(facts_of(record, now)),
        sections=tuple(section for section in told if section.lines),
    )


def _about_the_app(record: FindingRecord, now: datetime) -> Story:
    """News about the app itself: what is different, what follows from it, what to type."""
    told = (
        Section("What is different", tuple(map(Line, own.difference(record.evidence)))),
        Section("What is repaired from now on", tuple(map(Line, own.ahead(record.evidence)))),
        Section("What to type", tuple(Line(command, Tone.COMMAND) for command in own.commands(record))),
    )
    return Story(
        news=news(record),
        severity=record.severity,
        title=record.title,
        about=own.ABOUT,
        lead=(Line(record.message),),
        facts=tuple(own.facts(record, now)),
        sections=tuple(section for section in told if section.lines),
    )


def _continued(title: str) -> str:
    """A title in the middle of a sentence: ``A port`` becomes ``a port``, ``NSG`` and ``Bastion`` stay."""
    first = title.split(" ", 1)[0]
    return title if title[1:2].isupper() or first in words.NAMES else f"{title[:1].lower()}{title[1:]}"


def _about(record: FindingRecord) -> str:
    _, name = words.kind_and_name(record.resource)
    group, _ = words.place(record.resource)
    return f"{name} in {group}" if group else name


def _is_past(record: FindingRecord) -> bool:
    """Whether what is wrong was so, and is no more."""
    return record.state in {State.FIXED, State.RESOLVED} and not _is(record, "DriftToldElsewhere", "GaveUp")


def _is(record: FindingRecord, *changes: str) -> bool:
    return record.change.removeprefix(PREFIX) in changes


def _lead(record: FindingRecord) -> Iterator[Line]:
    """What is wrong, or was, and the packet that proves it."""
    past = _is_past(record)
    yield Line(f"It was: {record.message}" if past else record.message)
    proof = words.witness(record.witness, "could" if past else "can")
    latent = words.latent(record.evidence)
    if latent and not past:
        yield Line(f"{latent} That is why it is {record.severity}.", Tone.STRONG)
        allowed = words.witness(record.witness, "could")
        if allowed:
            yield Line(f"By its rules alone {allowed}.")
    elif proof:
        yield Line(f"{proof}.", Tone.PLAIN if past else Tone.STRONG)


def _what_is_asked(record: FindingRecord, now: datetime) -> Iterator[Section]:
    if _is(record, *ENDED, "DriftToldElsewhere"):
        return
    if record.note and not news(record).over:
        yield Section(_NOTE_HEADINGS.get(record.change.removeprefix(PREFIX), "Note"), (Line(record.note),))
    yield _how_bad(record)
    yield _repair(record)
    yield _traffic(record)
    yield Section("Left out here because it does not fit", tuple(Line(what) for what in record.cut))
    yield Section("Why it was not repaired automatically", tuple(_why_not(record)))
    hint = str(record.evidence.get("toDeclare", ""))
    yield Section("Whose word counts", tuple(Line(f"{hint}.") for _ in range(bool(hint))))
    yield Section("Its exemption tag", tuple(Line(record.void_tag) for _ in range(bool(record.void_tag))))
    yield from _to_type(record, now)
    yield Section("Why it matters", tuple(Line(sentence) for sentence in why(record.guidance)))


def _end(record: FindingRecord) -> Section:
    """What a repaired, resolved or exempted finding refers to, and how long it lasted."""
    opened = words.moment(record.opened_at)
    lines = [Line(f"The finding of {opened}{_lasted(record)}.")]
    if record.note:
        lines.append(Line(record.note))
    if _is(record, "DriftToldElsewhere"):
        lines.append(Line(_where_now(record)))
    if record.exempt_until is not None:
        had_been = "Left alone" if record.state is State.EXEMPT else "It had been left alone"
        lines.append(Line(f"{had_been} {_how_long(record)}."))
    return Section("What this refers to", tuple(lines))


def _how_bad(record: FindingRecord) -> Section:
    """Why it is as severe as it is; the lead says that of what is latent."""
    because, ways = words.because(record.evidence), words.ways_in(record.evidence)
    unknown = words.ways_unknown(record.evidence)
    if _is_past(record) or words.latent(record.evidence):
        return Section("", ())
    lines = [because] if because else []
    if ways:
        lines += ["Somebody on the internet arrives at a machine today:", *ways]
    elif unknown:
        lines += [
            f"Whether somebody arrives at a machine is not known: {unknown}. It counts as if one could."
        ]
    return Section(f"Why it is {record.severity}", tuple(map(Line, lines)))


def _where_now(record: FindingRecord) -> str:
    """Whose it is now, and where it is told."""
    owner = f"It belongs to {record.owner} now. " if record.owner else ""
    where = f"the channel {' and '.join(record.channels)}" if record.channels else "the platform's channel"
    return f"{owner}It is told in {where} until it is in order again."


def _how_long(record: FindingRecord) -> str:
    """Until when and by whose word; a record of an earlier release does not know by whose."""
    until = f"until {words.moment(record.exempt_until)}" if record.exempt_until else ""
    return f"{until} ({whose_word(record.exempt_by)})" if record.exempt_by else until


def _lasted(record: FindingRecord) -> str:
    if _is(record, "DriftFixed"):
        return f", repaired {_how_fast(record)}"
    if _is(record, *ENDED):
        return f", which was open for {words.span(record.changed_at - record.opened_at)}"
    return ""


def _how_fast(record: FindingRecord) -> str:
    if record.opening.event_time is not None:
        return f"{words.span(record.changed_at - record.opening.event_time)} after the change"
    took = record.changed_at - record.opened_at
    return f"{words.span(took)} after it was noticed" if took >= NOTICED else "as soon as it was noticed"


def _repair(record: FindingRecord) -> Section:
    if record.fix is None:
        return Section("", ())
    lines = [Line(record.fix.title, Tone.STRONG)]
    for change in changes(record.fix):
        if change.title:
            lines.append(Line(change.title, Tone.SUBTLE))
        lines.extend(Line(text, Tone.ADDED if sign == "+" else Tone.REMOVED) for sign, text in change.lines)
    return Section(_repair_heading(record), tuple(lines))


def _repair_heading(record: FindingRecord) -> str:
    if _is(record, "DriftFixed"):
        return "What was changed"
    return "Proposed repair" if record.disposition != "alert" else "What a repair would change"


def _traffic(record: FindingRecord) -> Section:
    if record.fix is None or not (record.fix.traffic or _touches_nsg(record)):
        return Section("", ())
    told = (*record.fix.closes, *record.fix.traffic, *record.fix.tolerances)
    lines = [Line(text) for text in words.sentences(told)]
    if _touches_nsg(record):
        lines.append(Line(STATEFUL, Tone.SUBTLE))
    return Section("What changes for traffic", tuple(lines))


def _touches_nsg(record: FindingRecord) -> bool:
    writes = record.fix.writes if record.fix else []
    return any("/networksecuritygroups/" in str(write.get("id", "")).lower() for write in writes)


def _why_not(record: FindingRecord) -> Iterator[Line]:
    if _is(record, "DriftFixed", "GaveUp"):
        return
    yield from (Line(reason) for reason in words.held_back(record.held_back_by))
    why = "; ".join(record.held_back_by)
    yield from (Line(advice.by_itself(guard, why)) for guard in advice.BY_ITSELF if record.is_held_by(guard))
    yield from (Line(text) for text in words.left_open(record.evidence))
    if record.disposition == "alert" and not (record.note or record.held_back_by or news(record).over):
        yield Line(words.not_repaired(record.evidence))


def _to_type(record: FindingRecord, now: datetime) -> Iterator[Section]:
    """The undo of a repair, the commands that apply a proposal, or at least where to read on."""
    if is_about_ourselves(record):
        if not news(record).over:
            yield Section("To read on", (Line(advice.page(record.resource)),))
        return
    if record.write_id and _is(record, "DriftFixed"):
        undo = Line(advice.undo(record.write_id), Tone.COMMAND)
        yield Section("To take it back (refused if somebody changed it since)", (undo,))
    elif record.commands and not news(record).over:
        heading = f"{_to_apply(record)} ({SHELL})"
        yield Section(heading, tuple(Line(command, Tone.COMMAND) for command in record.commands))
    elif not _is(record, "GaveUp") and not news(record).over:
        yield Section("To read on", (Line(advice.explain(record.rule), Tone.COMMAND),))
    yield from _to_try_again(record)
    if record.is_held_by(Guard.FLAPPING) and not news(record).over:
        leave = Line(advice.exemption(record, now), Tone.COMMAND)
        yield Section("To leave it as it is: a line below exemptions: in the baseline", (leave,))


TRIED_BY_A_LOOK = (Guard.REFUSED_BEFORE, Guard.LOCKED)
"""Guards that a look asks about anew, where an event does not."""


def _to_apply(record: FindingRecord) -> str:
    """What the commands are for; a lock refuses them as it refuses us."""
    if record.fix and (record.is_held_by(Guard.LOCKED) or _was_locked(record)):
        return "To apply it once the lock is gone"
    return "To apply it" if record.fix else "What to type"


def _was_locked(record: FindingRecord) -> bool:
    """Whether ARM refused the write because of a lock that nobody had seen before."""
    return record.is_held_by(Guard.REFUSED_BEFORE) and any(
        "ScopeLocked" in why for why in record.held_back_by
    )


def _to_try_again(record: FindingRecord) -> Iterator[Section]:
    held = not news(record).over and any(map(record.is_held_by, TRIED_BY_A_LOOK))
    if _is(record, "GaveUp") or held:
        yield Section("To try again", (Line(advice.look(record.resource), Tone.COMMAND),))
