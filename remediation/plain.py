"""Foreign text as one line that only says what it says; for terminals, logs and messages.

Nothing in it moves the cursor, breaks the line, reverses what follows or hides: such characters show as a
question mark. Cards, which have more to fear, have a lock of their own in `telling.cards.safe`.
"""

from collections.abc import Mapping
from datetime import date

SHORT = 60


def plain(text: object) -> str:
    """The text with a question mark for every character that a reader would not see as such."""
    told = str(text)
    return told if told.isprintable() else "".join(one if one.isprintable() else "?" for one in told)


def clipped(text: str, most: int) -> str:
    """At most `most` characters, the last one an ellipsis where some were cut off."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def shown(value: object) -> str:
    """A value from a document, fit for a message: short, whatever it holds and however large that is."""
    match value:
        case str():
            return plain(repr(clipped(value, SHORT)))
        case None | bool() | float() | date():
            return str(value)
        case int():
            return str(value) if abs(value) < 1 << 64 else "an endless number"
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return f"a {type(value).__name__}"
