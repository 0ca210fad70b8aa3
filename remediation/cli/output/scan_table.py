"""A scan for people: worst first, who is affected, what is wrong, what happens and what to type.

What is alike is told together. Wide terminals get one table per severity, narrow ones the same lines below
each other. Everything that came
out of documents is printed as plain text: a resource's name cannot colour or move anything.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from remediation.cli.output.scan_reports.groups import FEW, Group, counted, grouped, number, place
from remediation.estates.scanning import EVERY_RULE, Scan
from remediation.landing_zone.commands import SHELL
from remediation.model import Finding, Severity, Unknown
from remediation.plain import plain

NARROW = 90
MOST_GROUPS = 12
MOST_NAMES = 3
MOST_TYPED = 100
MORE_TO_TYPE = "what to type for each: --format html, markdown or json (commands)"
STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
    Severity.INFO: "bold blue",
}


def show(result: Scan, console: Console) -> None:
    """Print a scan."""
    few = len(result.findings) <= MOST_TYPED
    for severity in sorted(Severity, reverse=True):
        found = [finding for finding in result.findings if finding.severity is severity]
        if found:
            console.print(Text(f" {severity.text.upper()} {len(found):,} ", style=STYLES[severity]))
            _findings(found, console, commands=few)
    if any(finding.by_hand for finding in result.findings) and not few:
        console.print(Text(MORE_TO_TYPE))
    if result.unknowns:
        console.print(Text(f" NOT KNOWN {len(result.unknowns)} ", style="bold magenta"))
        _unknowns(result.unknowns, console)
    for note in result.notes:
        console.print(Text(plain(note)), soft_wrap=True)
    console.print(_summary(result))


def _findings(found: Sequence[Finding], console: Console, *, commands: bool) -> None:
    groups = grouped(found)
    if console.width < NARROW:
        for group in groups:
            console.print(Padding(_lines(_where(group), _what(group)), (0, 0, 1, 1)))
    else:
        table = Table(box=None, show_header=False, expand=True, padding=(0, 2, int(commands), 1))
        table.add_column(ratio=2, overflow="fold")
        table.add_column(ratio=5, overflow="fold")
        for group in groups:
            table.add_row(_lines(_where(group)), _lines(_what(group)))
        console.print(table)
    if commands:
        _by_hand([finding for group in groups for finding in group.findings[:FEW]], console)


def _by_hand(found: Sequence[Finding], console: Console) -> None:
    """Commands in lines of their own, which the terminal wraps and not we: they are there to be copied."""
    for finding in found:
        if not finding.by_hand:
            continue
        about = f" # {SHELL}, {_unshelled(place(finding.resource))}: {finding.rule}"
        console.print(Text(about, style="dim"), soft_wrap=True)
        for command in finding.by_hand:
            console.print(Text(f" {plain(command)}", style="green"), soft_wrap=True)
    console.print()


def _unshelled(text: str) -> str:
    """A name in a line that is pasted along with a command: a remark in bash, but not in every shell."""
    return "".join(one if one.isalnum() or one in "-_./() " else "?" for one in plain(text))


def _lines(*groups: Iterator[Text]) -> Text:
    return Text("\n").join([line for group in groups for line in group])


def _where(group: Group) -> Iterator[Text]:
    resource = group.first.resource
    if group.is_one:
        yield Text(plain(place(resource)), style="bold")
        if resource.resource_group:
            yield Text(plain(resource.resource_group), style="dim")
        return
    yield Text(number(len(group.findings), "resource"), style="bold")
    yield Text(plain(group.names), style="dim")


def _what(group: Group) -> Iterator[Text]:
    yield Text(plain(group.message))
    yield Text.assemble((group.first.rule, "cyan"), ("  ", ""), plain(group.outcome))


def _unknowns(unknowns: Sequence[Unknown], console: Console) -> None:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for unknown in unknowns:
        groups[unknown.rule, unknown.reason].append(place(unknown.resource))
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    for (rule, reason), names in ordered[:MOST_GROUPS]:
        shown = ", ".join(names[:MOST_NAMES])
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        about = "" if rule == EVERY_RULE else f"{rule}  "
        console.print(
            Padding(Text.assemble((about, "cyan"), plain(f"{shown}{more}: {reason}")), (0, 0, 0, 1))
        )
    if len(ordered) > MOST_GROUPS:
        console.print(Text(f" and {len(ordered) - MOST_GROUPS} more reasons; --format json lists them all"))
    console.print()


def _summary(result: Scan) -> Text:
    judged = f"{number(result.evaluated, 'resource')} judged"
    by_severity = counted(result.findings)
    found = number(len(result.findings), "finding") if by_severity else "nothing drifted"
    parts = [f"{found}: {by_severity}" if by_severity else found]
    if result.unknowns:
        parts.append(f"{number(len(result.unknowns), 'judgement')} could not be made")
    return Text(f"{judged}; {'; '.join(parts)}", style="bold")
