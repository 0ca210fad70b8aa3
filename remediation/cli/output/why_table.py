"""Why a port was, or was not, closed, for people: the answer first, then what it rests on.

Lines wrap and nothing stands in columns, so that a narrow terminal loses nothing; commands stay on one line.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from remediation.cli.parsing import as_typed
from remediation.messages import utc
from remediation.plain import clipped, plain

if TYPE_CHECKING:
    from remediation.on_call.history import Line
    from remediation.on_call.why.answer import Answer, Reason

LONGEST = 200
"""Characters of what ARM said about a write that failed; `history ID` has all of it."""
STYLES = {
    "repair": "bold green", "compliant": "bold green", "propose": "bold yellow", "alert": "bold red",
    "refused": "bold red", "exempt": "bold cyan", "unknown": "bold magenta", "trouble": "bold red",
}  # fmt: skip


def show(answers: "Sequence[Answer]", console: Console) -> None:
    """Print every answer."""
    for answer in answers:
        console.print(Text(plain(answer.resource), style="dim"), soft_wrap=True)
        console.print(Text(plain(answer.summary), style=STYLES.get(answer.outcome, "bold")))
        for heading, lines in _sections(answer):
            if lines:
                console.print(Text(heading, style="bold"))
            for line in lines:
                console.print(Padding(line, (0, 0, 0, 2), expand=False))
        if any(reason.todo for reason in answer.reasons):
            console.print(Text("What you can type", style="bold"))
        for command in dict.fromkeys(reason.todo for reason in answer.reasons if reason.todo):
            console.print(Text(f"  {plain(as_typed(command))}", style="green"), soft_wrap=True)
        console.print()


def _sections(answer: "Answer") -> Iterator[tuple[str, list[Text]]]:
    yield "The port", [Text(plain(port.text)) for port in answer.ports]
    yield (
        "What is found now",
        [
            Text.assemble(
                (finding.rule, "cyan"),
                f" {finding.severity}: {plain(finding.message)}{_since(finding.open_since)}",
            )
            for finding in answer.findings
        ],
    )
    yield "What holds it back, or keeps it from being told", [_reason(reason) for reason in answer.reasons]
    yield "The last looks, and what was not done", [_line(line) for line in answer.looks]
    yield "The last writes", [_line(line) for line in answer.writes]


def _since(moment: datetime | None) -> str:
    return "" if moment is None else f" (open since {_shown(moment)})"


def _reason(reason: "Reason") -> Text:
    until = "" if reason.until is None else f" Until {_shown(reason.until)}."
    about = f" [{reason.rule}]" if reason.rule else ""
    then = f" {reason.then}" if reason.then else ""
    text = plain(reason.text).rstrip(".")
    return Text.assemble((reason.kind, "yellow"), f": {text}{about}.{until}{then}")


def _line(line: "Line") -> Text:
    words = line.kind if line.kind == line.what else f"{line.kind} {line.what}"
    detail = f": {clipped(line.detail, LONGEST)}" if line.detail else ""
    identity = f" ({line.id})" if line.kind == "written" else ""
    return Text.assemble((_shown(line.at), "dim"), f" {plain(words + detail + identity)}")


def _shown(moment: datetime) -> str:
    return f"{utc(moment):%Y-%m-%d %H:%M:%S} UTC"
