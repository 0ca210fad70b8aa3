"""A finding as plain lines, for terminals and logs: the same story, the same neutralised text."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from remediation.findings import FindingRecord
from remediation.telling.cards.safe import clip, exact, neutral
from remediation.telling.cards.story import Line, Tone, story

_SIGNS = {Tone.ADDED: "+ ", Tone.REMOVED: "- "}
_WIDTH = 400
_COMMAND = 4000


def card_text(record: FindingRecord, *, now: datetime | None = None) -> list[str]:
    """The lines of a card. Without `now`, ages count from the finding's own last change."""
    told = story(record, now=now or record.changed_at)
    headline = f"{told.news.label} [{told.severity}] {told.title}: {told.about}"
    return [
        clip(neutral(headline), _WIDTH),
        neutral(told.news.meaning),
        *(_text(text) for text in told.lead),
        *(f"  {clip(neutral(name), 20):<13} {clip(neutral(value), _WIDTH)}" for name, value in told.facts),
        *(text for section in told.sections for text in _section(section.heading, section.lines)),
    ]


def _section(heading: str, lines: tuple[Line, ...]) -> Iterator[str]:
    yield f"{neutral(heading)}:"
    yield from (f"  {shown}" for text in lines for shown in _text(text).split("\n"))


def _text(text: Line) -> str:
    """One line, or a command's several."""
    if text.tone is not Tone.COMMAND:
        return f"{_SIGNS.get(text.tone, '')}{clip(neutral(text.text), _WIDTH)}"
    shown = exact(text.text, _COMMAND)
    return text.text if shown else "(a command is left out: it holds characters that hide, or is too long)"


def text_of(card: Any) -> Iterator[str]:
    """The text of any card's elements in their order, one line per block; what a log keeps of a card."""
    if isinstance(card, dict) and card.get("type") == "RichTextBlock":
        yield "".join(str(run.get("text", "")) for run in card["inlines"])
    elif isinstance(card, dict):
        for key in ("body", "items", "columns"):
            yield from text_of(card.get(key))
    elif isinstance(card, list):
        for element in card:
            yield from text_of(element)
