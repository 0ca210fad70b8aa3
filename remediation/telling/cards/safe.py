"""Foreign text, made fit to be read by people.

Names, tags, rule descriptions, claims and ARM's messages are written by others. Two locks keep them from
being more than text. The first is the element they go into: only TextRun, which renders no Markdown (the
Markdown of Teams lives in TextBlock and Fact). The second is here, for clients that know better and for
terminals: no character that hides, reorders or breaks a line survives, and what could start a link, a
mention or a card function is taken apart visibly, so that a reader sees that something was tried.
"""

import re
import unicodedata

# Blank although Unicode calls them letters or symbols: Hangul fillers and the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_MARKS = 2  # combining marks in a row: enough for any language's accents, too few to paint over a line
_TAKEN_APART = (
    (re.compile(r"\](?=\()"), "] "),  # [text](address): a Markdown link
    (re.compile(r"\{(?=\{)"), "{ "),  # {{DATE(...)}}: a card function, which would show a forged date
    (re.compile(r"\$(?=\{)"), "$ "),  # ${...}: a card template's expression
    (re.compile(r"/(?=/)"), "/ "),  # https://...: what a client turns into a link by itself
    (re.compile(r"(?i)(www)\."), r"\1[.]"),
    (re.compile("<"), "\u2039"),  # <at>...</at>: a mention; and any markup
    (re.compile(">"), "\u203a"),
)
_NOT_IN_CODE = re.compile(r"\]\(|\{\{|\$\{|<|>")


def neutral(text: object) -> str:
    """One line of visible characters, with links, mentions, markup and card functions taken apart."""
    line = " ".join(_visible(str(text)).split())
    for pattern, replacement in _TAKEN_APART:
        line = pattern.sub(replacement, line)
    return line


def clip(text: str, limit: int) -> str:
    """At most `limit` characters; what was cut off shows as an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def exact(command: str, limit: int) -> bool:
    """Whether a command can be shown as it is. A command that were altered or cut would be a trap."""
    return (
        len(command) <= limit
        and bool(command.strip())
        and all(line == _visible(line) for line in command.split("\n"))
        and not _NOT_IN_CODE.search(command)
    )


def _visible(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in {"Cc", "Zs", "Zl", "Zp"}:
            kept.append(" ")
        elif category not in {"Cf", "Cs", "Co", "Cn"} and character not in _BLANK and marks <= _MARKS:
            kept.append(character)
    return "".join(kept)
