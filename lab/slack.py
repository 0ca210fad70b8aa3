"""What Slack takes through an incoming webhook: a strict reading of Block Kit for what comes that way.

By Slack's documentation: at most 50 blocks, headers of plain text of at most 150 characters, rich text made
of sections, lists, quotes and preformatted parts. Only blocks that our messages may be made of are known.
"""

from collections.abc import Iterator, Mapping
from typing import Any

MOST_BLOCKS, LONGEST_HEADER, LONGEST_TEXT = 50, 150, 40_000
HERE = "http://127.0.0.1:"
"""The app's own page, where the lab serves it."""
_MESSAGE = frozenset({"text", "blocks", "mrkdwn", "unfurl_links", "unfurl_media"})
_STYLES = frozenset({"bold", "italic", "strike", "code"})
_PARTS = frozenset({"rich_text_section", "rich_text_preformatted"})


def faults_of_message(message: Any) -> list[str]:
    """What Slack would refuse of a message, or show otherwise than its sender means."""
    return list(_message(message))


def texts_of_message(message: Mapping[str, Any]) -> Iterator[str]:
    """The texts that people read in a message, in order, one for each part."""
    for block in message.get("blocks", ()):
        if block.get("type") == "header":
            yield str(block["text"]["text"])
        for part in block.get("elements", ()) if block.get("type") == "rich_text" else ():
            yield "".join(str(element.get("text", "")) for element in part["elements"])


def _message(message: Any) -> Iterator[str]:
    if not isinstance(message, dict) or not isinstance(message.get("text"), str):
        yield "message: no object with a text for notifications"
        return
    yield from (f"message: {key} is not known" for key in sorted(message.keys() - _MESSAGE))
    blocks = message.get("blocks", [])
    if not isinstance(blocks, list) or len(blocks) > MOST_BLOCKS:
        yield f"message: not a list of at most {MOST_BLOCKS} blocks"
        return
    for number, block in enumerate(blocks):
        yield from (f"blocks[{number}]: {fault}" for fault in _block(block))


def _block(block: Any) -> Iterator[str]:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            if not 0 < len(text) <= LONGEST_HEADER:
                yield f"a header of {len(text)} characters"
        case {"type": "rich_text", "elements": [_, *_] as parts}:
            for part in parts:
                yield from _part(part)
        case {"type": "divider"}:
            return
        case _:
            yield f"no block that is known: {str(block)[:80]}"


def _part(part: Any) -> Iterator[str]:
    elements = part.get("elements") if isinstance(part, dict) else None
    if not isinstance(part, dict) or part.get("type") not in _PARTS or not isinstance(elements, list):
        yield f"no part of rich text that is known: {str(part)[:80]}"
        return
    if not elements:
        yield "a part without elements"
    for element in elements:
        yield from _element(element)


def _styles(element: Mapping[Any, Any]) -> set[str]:
    style = element.get("style", {})
    return set(map(str, style)) if isinstance(style, Mapping) else {str(style)}


def _element(element: Any) -> Iterator[str]:
    match element:
        case {"type": "text", "text": str(text), **more}:
            if not text:
                yield "an empty text"
            yield from (f"text: {key} is not known" for key in more if key != "style")
            yield from (f"text: no style {style}" for style in _styles(more) - _STYLES)
        case {"type": "link", "url": str(url), "text": str()}:
            if not url.startswith(("https://", HERE)):
                yield f"a link that is not https: {url[:80]}"
        case _:
            yield f"no element that is known: {str(element)[:80]}"
