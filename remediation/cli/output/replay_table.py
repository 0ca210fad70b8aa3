"""A replay for people: for a dry run each target with what would be written as a diff, then the summary.

Everything that came out of documents is printed as plain text.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from remediation.plain import plain

STYLES = {
    "repair": "bold green", "repaired": "bold green", "propose": "bold yellow", "alert": "bold red",
    "open": "bold red", "gave-up": "bold red", "trouble": "bold red", "unknown": "bold magenta",
}  # fmt: skip
MOST_REFUSED = 20


def show(told: Mapping[str, Any], console: Console) -> None:
    """Print what a replay came to."""
    for target in told.get("targets", ()):
        for line in _target(target):
            console.print(line, soft_wrap=True)
    for refusal in told["refused"][:MOST_REFUSED]:
        console.print(Text(f"not usable: {plain(refusal)}", style="yellow"), soft_wrap=True)
    console.print(_summary(told))
    if told["outcomes"]:
        console.print(_outcomes(told["outcomes"]))


def _target(target: Mapping[str, Any]) -> Iterator[Text]:
    outcome = target["outcome"]
    yield Text.assemble((f"{outcome:<10}", STYLES.get(outcome, "dim")), (plain(target["target"]), "bold"))
    if target["trouble"]:
        yield Text(f"    {plain(target['trouble'])}")
    for finding in target["findings"]:
        yield from _finding(finding)
    for unknown in target["unknown"]:
        yield Text(f"    {plain(unknown['rule'])}: not known: {plain(unknown['reason'])}", style="magenta")


def _finding(finding: Mapping[str, Any]) -> Iterator[Text]:
    yield Text.assemble("    ", (finding["rule"], "cyan"), f"  {plain(finding['message'])}")
    if finding["fix"]:
        yield Text(f"    {plain(finding['fix'])}", style="bold")
    for line in finding["diff"]:
        yield diff_line(line)
    yield from (Text(f"    {plain(line)}", style="dim") for line in finding["traffic"])
    yield from (Text(f"    held back: {plain(why)}", style="yellow") for why in finding["heldBackBy"])


def diff_line(line: str) -> Text:
    """One line of a diff in its colour."""
    style = {"-": "red", "+": "green"}.get(line[:1], "dim")
    return Text(f"      {plain(line)}", style=style)


def _summary(told: Mapping[str, Any]) -> Text:
    parts = [f"{told['merged']} more on the same resources"] if told["merged"] else []
    parts += [f"{told['ignored']} that concern nobody"] if told["ignored"] else []
    parts += [f"{len(told['refused'])} not usable"] if told["refused"] else []
    parts += [f"{told['notLookedAt']} not looked at"] if told.get("notLookedAt") else []
    if told.get("dryRun"):
        head = f"dry run: {len(told['targets'])} targets judged, nothing written, nothing announced"
    else:
        head = f"replay {told['replayId']}: {told['queued']} pieces of work"
    more = "; there is more: narrow the window, or raise --limit" if told["more"] else ""
    return Text("; ".join([head, *parts]) + more, style="bold")


def _outcomes(outcomes: Mapping[str, int]) -> Text:
    ordered = sorted(outcomes.items(), key=lambda pair: (-pair[1], pair[0]))
    pieces = [(f"{count} {name}", STYLES.get(name, "")) for name, count in ordered]
    return Text(", ").join([Text(text, style=style) for text, style in pieces])
