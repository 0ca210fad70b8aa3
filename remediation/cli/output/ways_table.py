"""Ways in for people: machines by network, the worst first; who gets in, what stops the others, who serves.

A machine that is open says each way on a line of its own. Any other is one line, cut where the terminal
ends; what is not known keeps its whole reason. Narrow terminals get the same lines below each other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from remediation.cli.output import ways_words as words
from remediation.ways.report import Machine, Network, Report
from remediation.ways.way import Verdict

NARROW = 70
MOST_UNKNOWNS = 12
LABELS: dict[Verdict, str] = {"open": "OPEN", "unknown": "NOT KNOWN", "closed": "closed"}
STYLES: dict[Verdict, str] = {"open": "bold white on red", "unknown": "bold magenta", "closed": "green"}
ORDER: tuple[Verdict, ...] = ("open", "unknown", "closed")


def show(report: Report, console: Console) -> None:
    """Print a report."""
    networks = {network.id.key: network for network in report.networks}
    for key, machines in _by_network(report.machines):
        console.print(_heading(networks.get(key), machines))
        common = _common_bastions(machines)
        if console.width < NARROW:
            _below_each_other(machines, console, common)
        else:
            _in_columns(machines, console, common)
        console.print()
    _unknowns(report, console)
    console.print(_summary(report))


def _by_network(machines: Sequence[Machine]) -> list[tuple[str, list[Machine]]]:
    """Machines by the key of their network, both in the order of their worst verdict."""
    found: defaultdict[str, list[Machine]] = defaultdict(list)
    for machine in sorted(machines, key=lambda machine: ORDER.index(machine.verdict)):
        found[machine.network.key if machine.network else ""].append(machine)
    return list(found.items())


def _heading(network: Network | None, machines: Sequence[Machine]) -> Text:
    known = machines[0].network
    name = words.name(known) if known else "no network known"
    parts = [words.printable(", ".join(network.prefixes))] if network and network.prefixes else []
    parts.append(_counted(machines))
    if (common := _common_bastions(machines)) is not None:
        parts.append(common)
    return Text.assemble((name, "bold underline"), "  ", (", ".join(parts), "dim"))


def _common_bastions(machines: Sequence[Machine]) -> str | None:
    """What serves every machine of a network alike; None where it differs."""
    found = {words.bastions(machine) for machine in machines}
    return found.pop() if len(found) == 1 else None


def _counted(machines: Sequence[Machine]) -> str:
    counts = Counter(machine.verdict for machine in machines)
    parts = [f"{counts[verdict]} {LABELS[verdict].lower()}" for verdict in ORDER if counts[verdict]]
    return f"{_number(len(machines), 'machine')}: {', '.join(parts)}"


def _in_columns(machines: Sequence[Machine], console: Console, common: str | None) -> None:
    """One grid for a whole network, cells cut or folded by what stands in them."""
    table = Table(box=None, show_header=False, expand=True, padding=(0, 2, 0, 1))
    table.add_column(no_wrap=True, width=max(map(len, LABELS.values())))
    longest = max(len(words.name(machine.id)) for machine in machines)
    table.add_column(width=min(longest, console.width // 3), overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    for machine in machines:
        verdict = machine.verdict
        name = Text(words.name(machine.id), style="bold" if verdict == "open" else "")
        told = Text("\n").join(map(Text, _told(machine, common)))
        if verdict == "closed":
            name.no_wrap = told.no_wrap = True
            name.overflow = told.overflow = "ellipsis"
        table.add_row(Text(LABELS[verdict], style=STYLES[verdict]), name, told)
    console.print(table)


def _below_each_other(machines: Sequence[Machine], console: Console, common: str | None) -> None:
    for machine in machines:
        verdict = machine.verdict
        line = Text.assemble((LABELS[verdict], STYLES[verdict]), " ", words.name(machine.id))
        told = list(_told(machine, common))
        if verdict == "closed":
            line.append(f": {told[0]}")
            console.print(line, no_wrap=True, overflow="ellipsis")
        else:
            console.print(line)
            for one in told:
                console.print(Padding(Text(one), (0, 0, 0, 2)))


def _told(machine: Machine, common: str | None) -> Iterator[str]:
    """What is said of a machine; one line unless it is open."""
    served = "" if common is not None else words.bastions(machine)
    if machine.verdict != "open":
        yield "; ".join(filter(None, (words.summary(machine), served)))
        return
    ways = sorted(machine.ways, key=lambda way: ORDER.index(way.verdict))
    yield from dict.fromkeys(map(words.line, ways))
    yield from machine.doubts
    if served:
        yield served


def _unknowns(report: Report, console: Console) -> None:
    if not report.unknowns:
        return
    console.print(Text(f"NOT JUDGED {len(report.unknowns)}", style="bold magenta"))
    for one in report.unknowns[:MOST_UNKNOWNS]:
        line = Text(f"{words.name(one.resource)}: {words.printable(one.reason)}")
        console.print(Padding(line, (0, 0, 0, 1)))
    if len(report.unknowns) > MOST_UNKNOWNS:
        more = len(report.unknowns) - MOST_UNKNOWNS
        console.print(Text(f" and {more} more; --format json lists them all"))
    console.print()


def _summary(report: Report) -> Text:
    if not report.machines:
        return Text("no machine is there", style="bold")
    ways = [way for machine in report.machines for way in machine.ways if way.verdict == "open"]
    parts = [_counted(report.machines)]
    if ways:
        parts.append(f"{_number(len(ways), 'way')} in from the internet")
    return Text("; ".join(parts), style="bold")


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
