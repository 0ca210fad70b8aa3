"""A scan for people: worst first, who is affected, what is wrong, what happens and what to type.

Wide terminals get one table per severity, narrow ones the same lines below each other. Everything that came
out of documents is printed as plain text: a resource's name cannot colour or move anything.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from remediation.estates.scanning import EVERY_RULE, Scan
from remediation.landing_zone.commands import SHELL
from remediation.model import Disposition, Finding, Severity, Unknown
from remediation.plain import plain
from remediation.resource_id import ResourceId

NARROW = 90
MOST_GROUPS = 12
MOST_NAMES = 3
STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
    Severity.INFO: "bold blue",
}


def show(result: Scan, console: Console) -> None:
    """Print a scan."""
    for severity in sorted(Severity, reverse=True):
        found = [finding for finding in result.findings if finding.severity is severity]
        if found:
            console.print(Text(f" {severity.text.upper()} {len(found)} ", style=STYLES[severity]))
            _findings(found, console)
    if result.unknowns:
        console.print(Text(f" NOT KNOWN {len(result.unknowns)} ", style="bold magenta"))
        _unknowns(result.unknowns, console)
    for note in result.notes:
        console.print(Text(plain(note)), soft_wrap=True)
    console.print(_summary(result))


def _findings(found: Sequence[Finding], console: Console) -> None:
    if console.width < NARROW:
        for finding in found:
            console.print(Padding(_lines(_where(finding), _what(finding)), (0, 0, 1, 1)))
    else:
        table = Table(box=None, show_header=False, expand=True, padding=(0, 2, 1, 1))
        table.add_column(ratio=2, overflow="fold")
        table.add_column(ratio=5, overflow="fold")
        for finding in found:
            table.add_row(_lines(_where(finding)), _lines(_what(finding)))
        console.print(table)
    _by_hand(found, console)


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


def _where(finding: Finding) -> Iterator[Text]:
    yield Text(plain(place(finding.resource)), style="bold")
    if finding.resource.resource_group:
        yield Text(plain(finding.resource.resource_group), style="dim")


def place(resource: ResourceId) -> str:
    """A resource's name as people say it; a child with its parent's."""
    parent = resource.parent
    return resource.name if parent is None else f"{parent.name}/{resource.name}"


def _what(finding: Finding) -> Iterator[Text]:
    yield Text(plain(finding.message))
    yield Text.assemble((finding.rule, "cyan"), ("  ", ""), plain(outcome(finding)))


def outcome(finding: Finding) -> str:
    """What happens with a finding, in words."""
    if finding.exempt is not None:
        return f"left alone {finding.exempt.words}"
    title = finding.fix.title if finding.fix else ""
    if finding.disposition is Disposition.FIX:
        return f"the app repairs it: {title}"
    if finding.disposition is Disposition.PROPOSE:
        return f"the app offers: {title} (held back: {'; '.join(finding.held_back_by)})"
    return f"for a person to repair: {finding.no_fix.text}" if finding.no_fix else "for a person to repair"


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
    counted = [
        f"{count} {severity.text}"
        for severity in sorted(Severity, reverse=True)
        if (count := sum(finding.severity is severity for finding in result.findings))
    ]
    judged = f"{_number(result.evaluated, 'resource')} judged"
    found = _number(len(result.findings), "finding") if counted else "nothing drifted"
    parts = [f"{found}: {', '.join(counted)}" if counted else found]
    if result.unknowns:
        parts.append(f"{_number(len(result.unknowns), 'judgement')} could not be made")
    return Text(f"{judged}; {'; '.join(parts)}", style="bold")


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
