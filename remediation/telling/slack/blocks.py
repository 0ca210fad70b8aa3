"""The few blocks of Slack's Block Kit that our messages are made of.

Foreign text stands in `text` elements of rich text and in headers of plain text, which Slack reads as they
are: no `*bold*`, no `<!channel>`, no `<@mention>`, no link that makes itself, no :emoji: is made of them. The
same neutral text as on cards goes in, so that what was tried is seen. Only `text` beside the blocks, which
notifications show, is Slack's markup: it is escaped, and its markup is off.

Limits as Slack documents them: 50 blocks, 150 characters in a header. How much one rich text may hold is not
documented, so a message stays below `LIMIT` as a whole.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from remediation.telling.cards.safe import clip, neutral
from remediation.telling.cards.size import ROOMS, Room

type Block = dict[str, Any]

LIMIT = 12_000
MOST_BLOCKS = 50
HEADER = 150
_ESCAPED = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
_MARKUP = re.compile(r"[*_~`:@#](?=\S)|(?<=\S)[*_~`:]")


def message(blocks: list[Block], fallback: str) -> dict[str, Any]:
    """What an incoming webhook takes. Links and media unfold nothing, whatever a text holds."""
    return {
        "text": plain_notice(fallback),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": blocks[:MOST_BLOCKS],
    }


def plain_notice(text: str) -> str:
    """One line for notifications: what markup could be made of is taken out, and the rest escaped."""
    line = _MARKUP.sub(" ", clip(neutral(text), 200))
    for character, escaped in _ESCAPED:
        line = line.replace(character, escaped)
    return " ".join(line.split())


def header(text: str) -> Block:
    shown = clip(neutral(text), HEADER) or "-"
    return {"type": "header", "text": {"type": "plain_text", "text": shown, "emoji": False}}


def rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def section(*texts: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(texts)}


def code(text: str) -> Block:
    """Lines in the monospace font. The caller asked `safe.exact` whether they may be shown."""
    return {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}


def text(content: object, *, limit: int = 400, bold: bool = False, italic: bool = False) -> Block:
    """Text that came from anywhere, neutralised and cut to `limit` characters."""
    element: Block = {"type": "text", "text": clip(neutral(content), limit) or "-"}
    style = {"bold": True} if bold else {"italic": True} if italic else {}
    return element | {"style": style} if style else element


def gap(separator: str = " ") -> Block:
    """What stands between two texts; text itself loses the blanks at its ends."""
    return {"type": "text", "text": separator}


def end_of_line() -> Block:
    return {"type": "text", "text": "\n"}


def link(url: str, title: str) -> Block:
    """A link whose address `links` has built, with a text of ours."""
    return {"type": "link", "url": url, "text": title}


def links(*wanted: tuple[str | None, str]) -> Block:
    """The links of (address, title) that have an address, side by side."""
    made = [part for url, title in wanted if url for part in (gap(" \u00b7 "), link(url, title))]
    return section(*made[1:])


def divider() -> Block:
    return {"type": "divider"}


def fitted(build: Callable[[Room], dict[str, Any]]) -> dict[str, Any]:
    """The message from the largest room that stays within the limits."""
    for room in ROOMS:
        built = build(room)
        if len(json.dumps(built)) <= LIMIT and len(built["blocks"]) < MOST_BLOCKS:
            break
    return built
