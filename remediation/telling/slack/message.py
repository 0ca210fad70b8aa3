"""One finding as a message of blocks."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from remediation.findings import FindingRecord
from remediation.guidance import GUIDANCE_URL
from remediation.telling.cards import links
from remediation.telling.cards.greeting import MEANING, TITLE, sentence
from remediation.telling.cards.safe import clip, exact, neutral
from remediation.telling.cards.size import Room
from remediation.telling.cards.story import Line, Section, Story, Tone, story
from remediation.telling.slack import blocks
from remediation.telling.slack.blocks import Block

_SIGNS = {Tone.ADDED: "+", Tone.REMOVED: "-"}


def message(record: FindingRecord, *, now: datetime, board: str | None = None) -> dict[str, Any]:
    """The message for a finding's latest news; `board` is its address on the app's page, if it has one."""
    told = story(record, now=now)
    places = blocks.links(
        (board, links.TO_BOARD),
        (links.portal(record.resource), links.TO_PORTAL),
        (GUIDANCE_URL, "Read the guidance"),
    )
    return blocks.fitted(lambda room: _message(told, places, room))


def greeting(channel: str, *, now: datetime) -> dict[str, Any]:
    lines = blocks.section(
        blocks.text(MEANING, limit=200), blocks.end_of_line(), blocks.text(sentence(channel, now), limit=200)
    )
    return blocks.message([blocks.header(TITLE), blocks.rich(lines)], f"{TITLE}: {channel}")


def _message(told: Story, places: Block, room: Room) -> dict[str, Any]:
    body = [blocks.header(told.title), blocks.rich(_kicker(told), *_lead(told, room), _facts(told, room))]
    body += [blocks.rich(*_section(part, room)) for part in told.sections]
    body.append(blocks.rich(places))
    fallback = f"{told.news.label}, {told.severity}: {told.title} ({told.about})"
    return blocks.message(body, fallback)


def _kicker(told: Story) -> Block:
    """What kind of news, how bad, where, and what it asks."""
    return blocks.section(
        blocks.text(f"{told.news.label} \u00b7 {told.severity}".upper(), limit=60, bold=True),
        blocks.gap(" \u00b7 "),
        blocks.text(told.about, limit=160),
        blocks.end_of_line(),
        blocks.text(told.news.meaning, limit=160, bold=True),
    )


def _lead(told: Story, room: Room) -> Iterator[Block]:
    for line in told.lead:
        yield blocks.section(_text(line, room))


def _facts(told: Story, room: Room) -> Block:
    runs: list[Block] = []
    for name, value in told.facts:
        runs += [
            blocks.text(f"{name}:", bold=True),
            blocks.gap(),
            blocks.text(value, limit=min(room.text, 200)),
            blocks.end_of_line(),
        ]
    return blocks.section(*runs[:-1])


def _section(part: Section, room: Room) -> Iterator[Block]:
    """A heading and its lines; before/after lines and commands stand in boxes of their own."""
    yield blocks.section(blocks.text(part.heading, bold=True))
    commands = [line.text for line in part.lines if line.tone is Tone.COMMAND]
    yield from _commands(commands, room) if commands else _lines(part.lines, room)


def _lines(lines: Sequence[Line], room: Room) -> Iterator[Block]:
    for boxed, group in groupby(lines[: room.lines], key=lambda line: line.tone in _SIGNS):
        if boxed:
            yield blocks.code("\n".join(_changed(line, room) for line in group))
        else:
            yield from (blocks.section(_text(line, room)) for line in group)
    if len(lines) > room.lines:
        yield blocks.section(blocks.text(f"... and {len(lines) - room.lines} more, see the portal"))


def _commands(commands: Sequence[str], room: Room) -> Iterator[Block]:
    """The first commands that can be shown exactly; the others are counted, never cut."""
    fit = [command for command in commands if exact(command, room.command)][: room.commands]
    if fit:
        yield blocks.code("\n".join(fit))
    left = len(commands) - len(fit)
    if left:
        what = f"{left} command{'s' if left > 1 else ''} left out"
        yield blocks.section(blocks.text(f"{what}: too much for a message, or characters that hide."))


def _changed(line: Line, room: Room) -> str:
    return f"{_SIGNS[line.tone]} {clip(neutral(line.text), room.text)}"


def _text(line: Line, room: Room) -> Block:
    return blocks.text(
        line.text, limit=room.text, bold=line.tone is Tone.STRONG, italic=line.tone is Tone.SUBTLE
    )
