"""The history for people: a line per thing that happened, or one entry in full."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from remediation.cli.output.replay_table import diff_line
from remediation.cli.parsing import as_typed
from remediation.model.own import AHEAD
from remediation.plain import plain
from remediation.telling.cards import advice, own
from remediation.telling.cards.words import kind_and_name, who

if TYPE_CHECKING:
    from remediation.on_call.history import Line

FURTHER = "history ID shows an entry in full, undo ID takes a write back, why RESOURCE says why"
STYLES = {
    "written": "bold green", "announced": "cyan", "judged": "yellow", "waiting": "magenta", "skipped": "dim",
    "baseline": "bold blue",
}  # fmt: skip


def show(lines: "Sequence[Line]", console: Console) -> None:
    """Print lines, the latest first."""
    if not lines:
        console.print("there is no record of what this asks for; --since reaches back further")
        return
    for _, alike in groupby(lines, key=_shown_once):
        first, *more = alike
        for text in _line(first, len(more)):
            console.print(text, soft_wrap=True)
    if any(line.kind == "written" for line in lines):
        console.print(Text(FURTHER, style="dim"))


def _shown_once(line: "Line") -> object:
    """What is skipped again and again for one resource, one after the other, is one line."""
    return (line.resource, line.what, line.detail) if line.kind == "skipped" else id(line)


def _line(line: "Line", more: int = 0) -> Iterator[Text]:
    """When, what and on which resource; below it the reason and, for a write, the id to go on with."""
    by = f"  {who(line.actor)}" if line.actor else ""
    by += f" in answer to {who(line.answers)}" if line.answers else ""
    by += f"  and {more} before" if more else ""
    yield Text.assemble(
        (f"{line.at:%Y-%m-%d %H:%M:%S}Z  ", "dim"),
        (_heading(line), STYLES.get(line.kind, "bold")),
        ("  " + plain(kind_and_name(line.resource)[1]), "bold"),
        (plain(by), "dim"),
    )
    if line.rules or line.detail:
        yield Text.assemble(
            "    ", (plain(", ".join(line.rules)), "cyan"), "  " if line.rules else "", plain(line.detail)
        )
    if line.kind in {"written", "baseline"}:
        yield Text(f"    {plain(line.id)}", style="dim")


def _heading(line: "Line") -> str:
    """The kind and what came of it, each once; what waits says until when."""
    words = line.kind if line.kind == line.what else f"{line.kind} {plain(line.what)}"
    return words if line.until is None else f"{words} until {line.until:%Y-%m-%d %H:%M:%S}Z"


def show_entry(entry: Mapping[str, Any], console: Console) -> None:
    """Print one entry in full."""
    console.print(Text(f"{entry['kind']} {entry['at']}  {plain(entry['what'])}", style="bold"))
    for name, value in _facts(entry):
        console.print(Text.assemble((f"  {name:<12}", "dim"), plain(value)), soft_wrap=True)
    for heading, key in (
        ("change", "diff"),
        ("ways in", "closes"),
        ("traffic", "traffic"),
        ("not known", "unknown"),
    ):
        lines = entry.get(key) or ()
        if lines:
            console.print(Text(heading, style="bold"))
        for line in lines:
            console.print(diff_line(line), soft_wrap=True)
    for text in own.ahead({AHEAD: entry.get("ahead")}):
        console.print(Text(plain(text)), soft_wrap=True)
    if entry.get("text"):
        console.print(Text("the baseline", style="bold"))
        console.print(Text("\n".join(map(plain, entry["text"].splitlines())), style="dim"), soft_wrap=True)
    if entry["kind"] == "written" and entry["what"] == "done" and not entry["undoneBy"]:
        console.print(Text(as_typed(advice.undo(entry["id"])), style="green"), soft_wrap=True)


def _facts(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "id", entry["id"]
    if entry["resource"]:
        yield "resource", entry["resource"]
    yield "rules", ", ".join(entry["rules"]) or "-"
    if entry["detail"]:
        yield "detail", entry["detail"]
    if entry["actor"]:
        yield ("by" if entry["kind"] == "written" else "set off by"), who(entry["actor"])
    if entry.get("inAnswerTo"):
        yield "in answer to", who(entry["inAnswerTo"])
    for name, key in (
        ("operation", "operation"), ("event", "eventId"), ("correlation", "correlationId"),
        ("replay", "replayId"), ("until", "until"),
        ("proof", "proof"), ("baseline", "baselineHash"), ("undoes", "undoOf"),
    ):  # fmt: skip
        if entry.get(key):
            yield name, str(entry[key])
    for inverse in entry.get("inverse", ()):
        yield "way back", f"{inverse['method']} {inverse['id']}"
    if len(entry.get("repair", ())) > 1:
        yield "repair", ", ".join(entry["repair"])
    if entry.get("undoneBy"):
        yield "undone by", entry["undoneBy"]
