"""What is printed of a finding: what is wrong, what would be written and change, what holds it back."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from remediation.plain import plain

if TYPE_CHECKING:
    from rich.text import Text

    from remediation.cli.acting.hands import Told


def show(finding: Mapping[str, Any]) -> None:
    """Print a finding with the writes of its repair."""
    from rich.console import Console

    console = Console(highlight=False)
    for line in _lines(finding):
        console.print(line, soft_wrap=True)


def as_json(body: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(body, indent=2) + "\n")


def done(told: "Told", form: str) -> None:
    """Print what came of it."""
    if form == "json":
        written = {"writeId": told.write_id} if told.write_id else {}
        as_json({"done": told.done, "accepted": told.accepted, "finding": told.finding, **written})
        return
    sys.stdout.write(f"{plain(told.done)}\n")
    if told.write_id:
        sys.stdout.write(f"done: {plain(told.write_id)}\n")


def _lines(finding: Mapping[str, Any]) -> "Iterator[Text]":
    from rich.text import Text

    from remediation.cli.output.replay_table import diff_line
    from remediation.findings import FixRecord
    from remediation.on_call.still_ours import fix_lines

    heading = f"{plain(finding['severity'])}: {plain(finding['title'])} ({plain(finding['state'])})"
    yield Text(heading, style="bold")
    yield Text(f"  {plain(finding['rule'])} on {plain(finding['resource'])}")
    yield Text(f"  {plain(finding['message'])}")
    fix = finding.get("fix")
    if isinstance(fix, Mapping):
        yield Text(f"  {plain(fix['title'])}:")
        before = {str(key).lower(): body for key, body in fix["before"].items()}
        record = FixRecord(title=fix["title"], writes=list(fix["writes"]), before=before)
        yield from (diff_line(line) for line in fix_lines(record))
        yield from (
            Text(f"    {plain(line)}", style="dim") for line in [*fix["traffic"], fix["proof"]] if line
        )
    yield from (Text(f"  held back: {plain(reason)}") for reason in finding["heldBackBy"])
