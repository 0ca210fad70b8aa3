"""The few elements of Adaptive Cards that our cards are made of.

Version 1.2, because it is the newest that every Teams client renders whatever way a card arrived. It has
RichTextBlock, container styles and the monospace font; it lacks Table and CodeBlock, which we do without.

`run` is the only place where text enters a card, and TextRun the only element that holds it.
"""

from typing import Any, Literal

from remediation.telling.cards.safe import clip, neutral

type Element = dict[str, Any]
type Colour = Literal["default", "accent", "good", "warning", "attention"]
type Style = Literal["default", "emphasis", "accent", "good", "warning", "attention"]
type Size = Literal["small", "default", "medium", "large"]

VERSION = "1.2"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


def run(
    text: object,
    *,
    limit: int = 400,
    bold: bool = False,
    subtle: bool = False,
    size: Size = "default",
    colour: Colour = "default",
) -> Element:
    """Text that came from anywhere, neutralised and cut to `limit` characters."""
    element: Element = {"type": "TextRun", "text": clip(neutral(text), limit) or "-"}
    if bold:
        element["weight"] = "bolder"
    if subtle:
        element["isSubtle"] = True
    if size != "default":
        element["size"] = size
    if colour != "default":
        element["color"] = colour
    return element


def code(text: str, *, colour: Colour = "default") -> Element:
    """A line in the monospace font, spaces kept. The caller asked `safe.exact` whether it may be shown."""
    element: Element = {"type": "TextRun", "text": text, "fontType": "monospace", "size": "small"}
    if colour != "default":
        element["color"] = colour
    return element


def line(*runs: Element, spacing: str = "small") -> Element:
    return {"type": "RichTextBlock", "inlines": list(runs), "spacing": spacing}


def container(items: list[Element], *, style: Style = "default", bleed: bool = False) -> Element:
    element: Element = {"type": "Container", "items": items, "spacing": "medium"}
    if style != "default":
        element["style"] = style
    if bleed:
        element["bleed"] = True
    return element


def box(runs: list[Element]) -> Element:
    """Lines of code on a ground of their own, close together."""
    lines = [line(each, spacing="none") for each in runs]
    return {"type": "Container", "items": lines, "spacing": "small", "style": "emphasis"}


def fact(name: str, value: Element) -> Element:
    """A row with its name on the left. FactSet would do this, and would read the value as Markdown."""
    return {
        "type": "ColumnSet",
        "spacing": "small",
        "columns": [
            {"type": "Column", "width": "92px", "items": [line(run(name, subtle=True))]},
            {"type": "Column", "width": "stretch", "items": [line(value)]},
        ],
    }


def link(title: str, url: str) -> Element:
    """A button that opens `url`. The title is ours, the URL was built by `links`."""
    return {"type": "Action.OpenUrl", "title": title, "url": url}


def adaptive_card(body: list[Element], actions: list[Element], *, fallback: str) -> Element:
    """The card around a body. `fallback` is what a client too old for the version shows."""
    card: Element = {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "msteams": {"width": "Full"},
        "fallbackText": clip(neutral(fallback), 200),
        "body": body,
    }
    return card | {"actions": actions} if actions else card
