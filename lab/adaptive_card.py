"""What Teams shows of an Adaptive Card: a strict reading of schema 1.2 for cards that come by webhook.

Everything unknown is a fault, because Teams drops a card with a property or element it does not know
without telling the sender. Inputs and Submit are faults: nobody receives what they would send.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

type Faults = Iterator[str]
type Check = Callable[[Any, str], Faults]

MAX_ACTIONS = 6
VERSIONS = ("1.0", "1.1", "1.2")


def faults_of(card: Any) -> list[str]:
    """Everything wrong with a card, each with its path; empty when Teams would show it."""
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return ["card: not an object of type AdaptiveCard"]
    faults = list(_card(card, "card"))
    ids = list(_ids(card))
    faults += [
        f"card: the id {each!r} is used twice" for each in sorted({i for i in ids if ids.count(i) > 1})
    ]
    faults += [
        f"card: ToggleVisibility names {each!r}, no element has that id" for each in _targets(card) - set(ids)
    ]
    return faults


def _text(value: Any, path: str) -> Faults:
    if not isinstance(value, str):
        yield f"{path}: text is wanted, not {type(value).__name__}"


def _flag(value: Any, path: str) -> Faults:
    if not isinstance(value, bool):
        yield f"{path}: true or false is wanted"


def _count(value: Any, path: str) -> Faults:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        yield f"{path}: a number is wanted"


def _width(value: Any, path: str) -> Faults:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        yield f"{path}: auto, stretch, a weight or pixels"


def _link(value: Any, path: str) -> Faults:
    if not isinstance(value, str) or urlsplit(value).scheme not in {"https", "http", "mailto"}:
        yield f"{path}: not a web address"


def _one_of(*allowed: str) -> Check:
    known = {each.lower() for each in allowed}

    def check(value: Any, path: str) -> Faults:
        if not isinstance(value, str) or value.lower() not in known:
            yield f"{path}: {value!r} is none of {', '.join(allowed)}"

    return check


def _each(check: Check) -> Check:
    def check_all(value: Any, path: str) -> Faults:
        if not isinstance(value, list):
            yield f"{path}: a list is wanted"
            return
        for number, item in enumerate(value):
            yield from check(item, f"{path}[{number}]")

    return check_all


def _object(required: set[str], known: Mapping[str, Check]) -> Check:
    def check(value: Any, path: str) -> Faults:
        if not isinstance(value, dict):
            yield f"{path}: an object is wanted"
            return
        for key in sorted(required - value.keys()):
            yield f"{path}: {key} is missing"
        for key, item in value.items():
            if key not in known:
                yield f"{path}: {key} is not known to schema 1.2"
            elif item is None:
                yield f"{path}.{key}: null"
            else:
                yield from known[key](item, f"{path}.{key}")

    return check


def _by_type(kinds: Mapping[str, Check], what: str) -> Check:
    def check(value: Any, path: str) -> Faults:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            yield f"{path}: {kind!r} is no {what} that a webhook card can have"
        else:
            yield from kinds[kind](value, path)

    return check


def _element(value: Any, path: str) -> Faults:
    yield from _by_type(ELEMENTS, "element")(value, path)


def _action(value: Any, path: str) -> Faults:
    yield from _by_type(ACTIONS, "action")(value, path)


def _actions(value: Any, path: str) -> Faults:
    yield from _each(_action)(value, path)
    if isinstance(value, list) and len(value) > MAX_ACTIONS:
        yield f"{path}: {len(value)} actions, Teams shows {MAX_ACTIONS}"


def _inline(value: Any, path: str) -> Faults:
    yield from (() if isinstance(value, str) else TEXT_RUN(value, path))


def _fallback(value: Any, path: str) -> Faults:
    yield from (() if value == "drop" else _element(value, path))


def _target(value: Any, path: str) -> Faults:
    known = {"elementId": _text, "isVisible": _flag, "type": _text}
    yield from (() if isinstance(value, str) else _object({"elementId"}, known)(value, path))


def _anything(_value: Any, _path: str) -> Faults:
    yield from ()


ALIGNMENT = _one_of("left", "center", "right")
VERTICAL = _one_of("top", "center", "bottom")
COLOUR = _one_of("default", "dark", "light", "accent", "good", "warning", "attention")
SIZE = _one_of("default", "small", "medium", "large", "extraLarge")
STYLE = _one_of("default", "emphasis", "good", "attention", "warning", "accent")
FONT = {
    "color": COLOUR,
    "fontType": _one_of("default", "monospace"),
    "isSubtle": _flag,
    "size": SIZE,
    "weight": _one_of("default", "lighter", "bolder"),
}
COMMON: dict[str, Check] = {
    "type": _text,
    "id": _text,
    "spacing": _one_of("default", "none", "small", "medium", "large", "extraLarge", "padding"),
    "separator": _flag,
    "isVisible": _flag,
    "height": _one_of("auto", "stretch"),
    "fallback": _fallback,
    "requires": _anything,
}
BOX: dict[str, Check] = {"style": STYLE, "bleed": _flag, "minHeight": _text, "selectAction": _action}
FACT = _object({"title", "value"}, {"title": _text, "value": _text})
TEXT_RUN = _object(
    {"type", "text"},
    {"type": _one_of("TextRun"), "text": _text, "highlight": _flag, "italic": _flag, "strikethrough": _flag}
    | FONT
    | {"selectAction": _action},
)
COLUMN = _object(
    set(),
    COMMON | BOX | {"items": _each(_element), "width": _width, "verticalContentAlignment": VERTICAL},
)
IMAGE = _object(
    {"url"},
    COMMON
    | {
        "url": _link,
        "altText": _text,
        "backgroundColor": _text,
        "horizontalAlignment": ALIGNMENT,
        "selectAction": _action,
        "size": _one_of("auto", "stretch", "small", "medium", "large"),
        "style": _one_of("default", "person"),
        "width": _text,
        "height": _text,
    },
)
ELEMENTS: dict[str, Check] = {
    "TextBlock": _object(
        {"text"},
        COMMON | FONT | {"text": _text, "wrap": _flag, "maxLines": _count, "horizontalAlignment": ALIGNMENT},
    ),
    "RichTextBlock": _object(
        {"inlines"}, COMMON | {"inlines": _each(_inline), "horizontalAlignment": ALIGNMENT}
    ),
    "FactSet": _object({"facts"}, COMMON | {"facts": _each(FACT)}),
    "Container": _object(
        {"items"}, COMMON | BOX | {"items": _each(_element), "verticalContentAlignment": VERTICAL}
    ),
    "ColumnSet": _object(
        {"columns"}, COMMON | BOX | {"columns": _each(COLUMN), "horizontalAlignment": ALIGNMENT}
    ),
    "Image": IMAGE,
    "ImageSet": _object({"images"}, COMMON | {"images": _each(IMAGE), "imageSize": _text}),
    "ActionSet": _object({"actions"}, COMMON | {"actions": _actions}),
}
_BUTTON: dict[str, Check] = {
    "type": _text,
    "id": _text,
    "title": _text,
    "iconUrl": _link,
    "style": _one_of("default", "positive", "destructive"),
    "fallback": _anything,
    "requires": _anything,
}
MENTIONED = _object({"id", "name"}, {"id": _text, "name": _text})
MENTION = _object(
    {"type", "text", "mentioned"}, {"type": _one_of("mention"), "text": _text, "mentioned": MENTIONED}
)
TEAMS = _object(set(), {"width": _one_of("Full"), "entities": _each(MENTION)})
_card = _object(
    {"type", "version", "body"},
    {
        "$schema": _link,
        "type": _text,
        "version": _one_of(*VERSIONS),
        "body": _each(_element),
        "actions": _actions,
        "fallbackText": _text,
        "speak": _text,
        "lang": _text,
        "minHeight": _text,
        "selectAction": _action,
        "verticalContentAlignment": VERTICAL,
        "msteams": TEAMS,
    },
)
_inner_card = _object(
    {"type", "body"},
    {"type": _one_of("AdaptiveCard"), "version": _one_of(*VERSIONS), "$schema": _link, "style": STYLE}
    | {"body": _each(_element), "actions": _actions, "fallbackText": _text},
)
ACTIONS: dict[str, Check] = {
    "Action.OpenUrl": _object({"url", "title"}, _BUTTON | {"url": _link}),
    "Action.ShowCard": _object({"card", "title"}, _BUTTON | {"card": _inner_card}),
    "Action.ToggleVisibility": _object({"targetElements"}, _BUTTON | {"targetElements": _each(_target)}),
}


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a card."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item)


def _ids(card: dict[str, Any]) -> Iterator[str]:
    for node in _nodes(card):
        if node.get("type") in ELEMENTS or node.get("type") == "Column":
            identity = node.get("id")
            if isinstance(identity, str):
                yield identity


def _targets(card: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for node in _nodes(card):
        targets = node.get("targetElements", []) if node.get("type") == "Action.ToggleVisibility" else []
        for target in targets if isinstance(targets, list) else []:
            identity = target.get("elementId") if isinstance(target, dict) else target
            found |= {identity} if isinstance(identity, str) else set()
    return found
