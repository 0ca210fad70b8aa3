"""A change for people: what it does to the ways in, what it brings, what was there before, what it ends."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from remediation.cli.output.preflight_words import MOST_REASONS, reasons, summary, where
from remediation.cli.output.scan_table import STYLES
from remediation.estates.deployments.comparison import Changed
from remediation.estates.deployments.preflight import Preflight
from remediation.plain import plain

MOST_EFFECTS = 20
MOST_OLD = 20


def show(result: Preflight, console: Console) -> None:
    """Print what a change would do."""
    _effects(result.effects, console)
    for title, change in (("NEW", "new"), ("EXISTING", "existing"), ("RESOLVED", "resolved")):
        found = [one for one in result.changes if one.change == change]
        if found:
            console.print(Text(f"{title} {len(found)}", style="bold"))
            _findings(result, found, console, whole=change == "new")
            console.print()
    _unknowns(result, console)
    for note in result.notes:
        console.print(Text(plain(note)))
    console.print(Text(summary(result), style="bold"))


def _effects(effects: Sequence[str], console: Console) -> None:
    for line in effects[:MOST_EFFECTS]:
        console.print(Text(f"{plain(line)}", style="bold"))
    if len(effects) > MOST_EFFECTS:
        console.print(Text(f"and {len(effects) - MOST_EFFECTS} more; --format json has them all"))
    if effects:
        console.print()


def _findings(result: Preflight, found: Sequence[Changed], console: Console, *, whole: bool) -> None:
    for one in found if whole else found[:MOST_OLD]:
        lines = list(_lines(result, one)) if whole else list(_lines(result, one))[:1]
        console.print(Padding(Text("\n").join(lines), (0, 0, 0, 1)))
    if not whole and len(found) > MOST_OLD:
        console.print(Text(f" and {len(found) - MOST_OLD} more; --format json has them all"))


def _lines(result: Preflight, one: Changed) -> Iterator[Text]:
    finding = one.finding
    label = f" {finding.severity.text.upper()} "
    place = where(result, finding.resource)
    yield Text.assemble((label, STYLES[finding.severity]), " ", (finding.rule, "cyan"), f"  {place}")
    yield Text(f"   {plain(finding.message)}{f' ({one.worse})' if one.worse else ''}")


def _unknowns(result: Preflight, console: Console) -> None:
    told = reasons(result)
    if not told:
        return
    console.print(Text(f"NOT KNOWN {len(result.unknowns) + len(result.places)}", style="bold magenta"))
    for line in told[:MOST_REASONS]:
        console.print(Padding(Text(line), (0, 0, 0, 1)))
    if len(told) > MOST_REASONS:
        console.print(Text(f" and {len(told) - MOST_REASONS} more reasons; --format json has them all"))
    console.print()
