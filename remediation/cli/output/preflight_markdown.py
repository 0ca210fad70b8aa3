"""A change as a comment for a pull request: short, the new findings first, everything else folded away.

Names and messages come out of templates that anybody may propose. Nothing in them becomes a link, a picture,
a mention of a person, a heading or HTML: they stand escaped, or in code.
"""

from collections.abc import Iterator, Sequence

from remediation.cli.output.preflight_words import count, reasons, summary, where
from remediation.cli.output.scan_reports.markdown import LONGEST, code, text
from remediation.estates.deployments.comparison import Changed
from remediation.estates.deployments.preflight import Preflight
from remediation.model import Severity

MOST_NEW = 50
MOST_FOLDED = 100
_SIGNS = {
    Severity.CRITICAL: "🟥",
    Severity.HIGH: "🟧",
    Severity.MEDIUM: "🟨",
    Severity.LOW: "🟦",
    Severity.INFO: "⬜",
}


def markdown(result: Preflight) -> str:
    """The comment, never longer than one may be."""
    lines: list[str] = []
    length = 0
    for line in _lines(result):
        length += len(line) + 1
        if length > LONGEST:
            lines += ["", "… and more: `--format json` has all of it.", ""]
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _lines(result: Preflight) -> Iterator[str]:
    new = [one for one in result.changes if one.change == "new"]
    head = f"{count(len(new), 'new finding')}" if new else "nothing new"
    yield f"### Bastion Guard preflight: {head}"
    yield ""
    yield text(summary(result))
    yield ""
    if result.effects:
        yield "**What this change does to the ways in**"
        yield ""
        yield from (f"- {text(line)}" for line in result.effects[:MOST_NEW])
        if len(result.effects) > MOST_NEW:
            yield f"- and {len(result.effects) - MOST_NEW} more"
        yield ""
    if new:
        yield "**New**"
        yield ""
        yield from _items(result, new[:MOST_NEW])
        if len(new) > MOST_NEW:
            yield f"- and {len(new) - MOST_NEW} more"
        yield ""
    for title, change in (("Existing", "existing"), ("Resolved", "resolved")):
        found = [one for one in result.changes if one.change == change]
        yield from _folded(f"{title}: {len(found)}", list(_items(result, found[:MOST_FOLDED])), len(found))
    told = reasons(result)
    unknown = len(result.unknowns) + len(result.places)
    yield from _folded(f"Not known: {unknown}", [f"- {text(one)}" for one in told[:MOST_FOLDED]], len(told))
    for note in result.notes:
        yield f"> {text(note)}"


def _items(result: Preflight, found: Sequence[Changed]) -> Iterator[str]:
    for one in found:
        finding = one.finding
        worse = f" *({text(one.worse)})*" if one.worse else ""
        sign = f"{_SIGNS[finding.severity]} **{finding.severity.text}**"
        place = code(where(result, finding.resource))
        yield f"- {sign} `{finding.rule}` on {place}: {text(finding.message)}{worse}"


def _folded(title: str, lines: Sequence[str], number: int) -> Iterator[str]:
    if not lines:
        return
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from lines
    if number > len(lines):
        yield f"- and {number - len(lines)} more"
    yield ""
    yield "</details>"
    yield ""
