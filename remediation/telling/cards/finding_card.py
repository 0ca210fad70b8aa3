"""One finding as an Adaptive Card."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from remediation.findings import FindingRecord
from remediation.guidance import GUIDANCE_URL
from remediation.model.own import OWN_RULES
from remediation.telling.cards import links
from remediation.telling.cards.elements import (
    Colour,
    Element,
    adaptive_card,
    box,
    code,
    container,
    fact,
    line,
    link,
    run,
)
from remediation.telling.cards.news import STYLES, colour
from remediation.telling.cards.safe import clip, exact, neutral
from remediation.telling.cards.size import Room, fitted
from remediation.telling.cards.story import Line, Section, Story, Tone, story

_SIGNS: dict[Tone, tuple[str, Colour]] = {Tone.ADDED: ("+", "good"), Tone.REMOVED: ("\u2212", "attention")}


def card(record: FindingRecord, *, now: datetime, board: str | None = None) -> dict[str, Any]:
    """The card for a finding's latest news: an Adaptive Card 1.2, at most 20 KB with its envelope.

    `board` is the finding's address on the app's page, where it has one.
    """
    told = story(record, now=now)
    buttons = _buttons(record, board)
    return fitted(lambda room: _card(told, colour(record), buttons, room))


def _card(told: Story, tint: Colour, buttons: list[Element], room: Room) -> Element:
    sections = [container(list(_section(section, room))) for section in told.sections]
    body = [_header(told, tint, room), *_lead(told, room), _facts(told, room), *sections]
    return adaptive_card(body, buttons, fallback=f"{told.news.label}: {told.title} ({told.about})")


def _header(told: Story, tint: Colour, room: Room) -> Element:
    """What kind of news, how bad, what, where, and what it asks: enough for the first look on a phone."""
    kicker = f"{told.news.label} \u00b7 {told.severity}".upper()
    lines = [
        line(run(kicker, limit=60, bold=True, size="small", colour=tint)),
        line(run(told.title, limit=room.text, bold=True, size="large")),
        line(run(told.about, limit=min(room.text * 2, 160)), spacing="none"),
        line(run(told.news.meaning, limit=160, bold=True)),
    ]
    return container(lines, style=STYLES[tint], bleed=True)


def _lead(told: Story, room: Room) -> Iterator[Element]:
    for text in told.lead:
        yield line(_run(text, room))


def _facts(told: Story, room: Room) -> Element:
    return container([fact(name, run(value, limit=min(room.text, 200))) for name, value in told.facts])


def _section(section: Section, room: Room) -> Iterator[Element]:
    """A heading and its lines; before/after lines and commands stand in boxes of their own."""
    yield line(run(section.heading, bold=True))
    commands = [text for text in section.lines if text.tone is Tone.COMMAND]
    yield from _commands(commands, room) if commands else _lines(section.lines, room)


def _lines(lines: Sequence[Line], room: Room) -> Iterator[Element]:
    for boxed, group in groupby(lines[: room.lines], key=lambda text: text.tone in _SIGNS):
        if boxed:
            yield box([_changed(text, room) for text in group])
        else:
            yield from (line(_run(text, room)) for text in group)
    if len(lines) > room.lines:
        yield line(run(f"... and {len(lines) - room.lines} more, see the portal", subtle=True))


def _commands(commands: Sequence[Line], room: Room) -> Iterator[Element]:
    """The first commands that can be shown exactly; the others are counted, never cut."""
    fit = [command.text for command in commands if exact(command.text, room.command)][: room.commands]
    if fit:
        yield box([code(text) for command in fit for text in command.split("\n")])
    left = len(commands) - len(fit)
    if left:
        what = f"{left} command{'s' if left > 1 else ''} left out"
        yield line(run(f"{what}: too much for a card, or characters that hide.", subtle=True))


def _changed(text: Line, room: Room) -> Element:
    sign, tint = _SIGNS[text.tone]
    return code(f"{sign} {clip(neutral(text.text), room.text)}", colour=tint)


def _run(text: Line, room: Room) -> Element:
    return run(text.text, limit=room.text, bold=text.tone is Tone.STRONG, subtle=text.tone is Tone.SUBTLE)


def _buttons(record: FindingRecord, board: str | None) -> list[Element]:
    page = None if record.rule in OWN_RULES else links.portal(record.resource)
    opened = [(links.TO_BOARD, board), (links.TO_PORTAL, page), ("Read the guidance", GUIDANCE_URL)]
    return [link(title, address) for title, address in opened if address]
