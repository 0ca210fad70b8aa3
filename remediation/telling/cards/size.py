"""The envelope of a card and its weight.

Teams refuses a message above 28,672 bytes counted after wrapping of its own, and the webhook has accepted it
by then: only the flow's run fails, unseen. A request of 24,453 bytes has been reported as refused. So the
whole request stays below 20,000 bytes, counted as ASCII JSON, which is how it is sent and the longest form
in which anything on its way could write it. What Teams adds is unconfirmed: that the request is carried as
text inside other JSON, with its quotes escaped once more, explains the figures above and is counted too.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LIMIT = 20_000
ESCAPED_LIMIT = 26_000


@dataclass(frozen=True, slots=True)
class Room:
    """How much a card may hold: lines in a section, commands, characters in a line and in a command."""

    lines: int
    commands: int
    text: int
    command: int


ROOMS = (
    Room(lines=12, commands=8, text=400, command=900),
    Room(lines=8, commands=5, text=200, command=500),
    Room(lines=4, commands=3, text=100, command=300),
    Room(lines=2, commands=2, text=40, command=160),
)
"""From generous to what always fits, whatever the characters."""


def envelope(card: dict[str, Any]) -> dict[str, Any]:
    """The body a Workflows webhook takes ("when a Teams webhook request is received")."""
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def request_body(card: dict[str, Any]) -> bytes:
    return json.dumps(envelope(card), separators=(",", ":")).encode("ascii")


def fitted(build: Callable[[Room], dict[str, Any]]) -> dict[str, Any]:
    """The card from the largest room whose request stays within the limit."""
    for room in ROOMS:
        card = build(room)
        if fits(request_body(card)):
            break
    return card


def fits(body: bytes) -> bool:
    return len(body) <= LIMIT and len(json.dumps(body.decode())) <= ESCAPED_LIMIT
