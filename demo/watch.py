"""The play in a terminal: one act after the other, as it happens.

Without a terminal there are neither colours nor a spinner, and nothing is written twice.
"""

import asyncio
from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from demo.act import Act, Check, Diff, PortRow
from demo.figures import Figures
from demo.stories import Story
from remediation.cards import card_text, words
from remediation.cards.safe import neutral
from remediation.findings import FindingRecord

WIDEST = 100
CARD_LINES = 16
LABEL = 8
SIGNS = {"-": "red", "+": "green", " ": "dim"}
OPEN = {"open": "bold red", "closed": "bold green", "unknown": "yellow"}
SEVERITY = {"critical": "bold red", "high": "bold red", "medium": "bold yellow"}
NEWS = {
    "DriftFixed": "repaired", "DriftFound": "found", "DriftProposed": "proposed", "DriftResolved": "resolved",
    "DriftChanged": "changed",
}  # fmt: skip


class Watch:
    """What the audience sees. `pace` is the pause in seconds between two things worth reading."""

    def __init__(self, console: Console, pace: float) -> None:
        console.width = min(console.width, WIDEST)
        self._console = console
        self._pace = pace if console.is_terminal else 0.0

    def opening(self, company: str, region: str, resources: int, seed: int, acts: int) -> None:
        lines = (
            Text("Bastion Guard", style="bold cyan").append("  the main job, played", style="default not bold"),
            Text(f"A hub-and-spoke estate of {resources} resources ({company}, {region}, seed {seed}); {acts} acts.", "dim"),
            Text("Real app, real SDKs, real Functions runtime; ARM, Event Grid and Teams are the lab's.", "dim"),
        )  # fmt: skip
        self._console.print(Panel(Group(*lines), box=box.ROUNDED, border_style="cyan", padding=(0, 1)))

    def starting(self) -> "Waiting":
        return Waiting(self._console, "starting the lab")

    def curtain(self, number: int, total: int, story: Story) -> "Waiting":
        self._console.print()
        self._console.print(Rule(Text(f"{number}/{total}  {story.title}", "bold"), align="left", style="cyan"))
        return Waiting(self._console, "it happens")

    async def act(self, act: Act) -> None:
        """Show what happened, piece by piece."""
        for piece in self._pieces(act):
            self._console.print(piece)
            await asyncio.sleep(self._pace)

    def _pieces(self, act: Act) -> Iterator[RenderableType]:
        for deed in act.deeds:
            yield row("who", Text.assemble((deed.who, "bold"), (f"  with {deed.client}" if act.cards else f"  {deed.client}", "dim")))
            yield row("change", Text(neutral(deed.what)))
        for finding in act.findings:
            yield row("finding", _finding(finding))
        for diff in act.diffs:
            yield row("write" if diff.written else "offer", _diff(diff))
        if act.ports:
            yield row("traffic", _ports(act.ports, act.traffic))
        for echo in act.echoes:
            yield row("echo", Text.assemble(neutral(echo.what), ("  judged: ", "dim"), _endings(echo.endings)))
        for finding in act.findings[: len(act.cards)]:
            yield row("card", _card(finding))
        yield from self._ending(act)

    def _ending(self, act: Act) -> Iterator[RenderableType]:
        for check in act.checks:
            yield row("", _check(check))
        verdict = Text("✓ ", "bold green") if act.ok else Text("✗ ", "bold red")
        verdict.append(act.outcome if act.ok else "did not end as told", "bold")
        verdict.append(f"  {_span(act)}{_figures(act.figures)}", "dim")
        yield row("ended", verdict)

    def closing(self, acts: Sequence[Act], total: Figures, seconds: float | None) -> None:
        self._console.print()
        narrow = self._console.width < 80
        self._console.print(_table(acts, total, seconds, narrow=narrow))

    def written(self, paths: Sequence[str]) -> None:
        for path in paths:
            self._console.print(Text.assemble(("report  ", "dim"), path), soft_wrap=True)


class Waiting:
    """A spinner with figures on a terminal; nothing elsewhere."""

    def __init__(self, console: Console, text: str) -> None:
        self._status = console.status(Text(text, "dim"), spinner="dots") if console.is_terminal else None

    def __enter__(self) -> "Waiting":
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def tell(self, figures: Figures) -> None:
        if self._status is not None:
            self._status.update(Text(_figures(figures), "dim"))


def row(label: str, content: RenderableType) -> Table:
    """A label on the left, anything on the right, wrapped within its own column."""
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(width=LABEL, style="cyan", no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(label, content)
    return grid


def _finding(finding: FindingRecord) -> Text:
    text = Text.assemble(
        (finding.severity.upper(), SEVERITY.get(finding.severity, "bold cyan")),
        (f"  {NEWS.get(finding.change, finding.change)}  ", "dim"),
        neutral(finding.message),
    )
    could = "could" if finding.change in {"DriftFixed", "DriftResolved"} else "can"
    if proof := words.witness(finding.evidence, could):
        text.append("\nProof: a packet from ", "dim").append(neutral(proof), "italic")
    return text


def _diff(diff: Diff) -> Text:
    text = Text(neutral(diff.title), "bold")
    if not diff.changed:
        text.append("\n  nothing changed", "dim")
    for sign, line in diff.lines:
        text.append(f"\n{sign} {neutral(line)}", SIGNS[sign])
    return text


def _ports(rows: Sequence[PortRow], traffic: Sequence[str]) -> Text:
    text = Text()
    for number, each in enumerate(rows):
        text.append(f"{'' if number == 0 else chr(10)}internet to TCP {each.port:<5} ")
        text.append(f"{each.before:<7}", OPEN[each.before]).append(" -> ", "dim")
        text.append(each.after, OPEN[each.after] if each.before != each.after else "default")
    for line in traffic:
        text.append(f"\n{neutral(line)}", "dim")
    return text


def _card(finding: FindingRecord) -> Panel:
    lines = card_text(finding)
    left = len(lines) - CARD_LINES
    shown = lines[:CARD_LINES] + ([f"... {left} more lines: see the report"] if left > 0 else [])
    body = Text("\n".join(shown))
    body.highlight_regex(r"(?m)^  \+ .*$", "green")
    body.highlight_regex(r"(?m)^  - .*$", "red")
    body.stylize("bold", 0, len(shown[0]))
    return Panel(body, box=box.ROUNDED, border_style="dim", padding=(0, 1))


def _check(check: Check) -> Text:
    text = Text.assemble(("✓ ", "green") if check.ok else ("✗ ", "bold red"), neutral(check.text))
    return text if check.ok else text.append(f": {neutral(check.why)}", "red")


def _endings(endings: dict[str, int]) -> str:
    return ", ".join(f"{ending} {count}x" for ending, count in sorted(endings.items())) or "never"


def _span(act: Act) -> str:
    if act.span is None:
        return ""
    return f"{act.span.repaired:.1f} s after the change ({act.span.noticed:.1f} s of it the event was under way); "


def _figures(figures: Figures) -> str:
    parts = (
        (figures.events, "event"), (figures.duplicates, "duplicate"), (figures.reads, "read"),
        (figures.writes, "write"), (figures.announcements, "announcement"), (figures.cards, "card"),
    )  # fmt: skip
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in parts)


def _table(acts: Sequence[Act], total: Figures, seconds: float | None, *, narrow: bool) -> Table:
    heads = ("ev", "dup", "rd", "wr", "ann", "crd") if narrow else ("events", "dupl.", "reads", "writes", "told", "cards")
    table = Table(box=box.SIMPLE_HEAD, show_footer=True, expand=True, padding=(0, 0 if narrow else 1))
    table.add_column("", footer="")
    table.add_column("story", footer="in all", ratio=1)
    for head, value in zip(heads, _values(total), strict=True):
        table.add_column(head, footer=str(value), justify="right")
    table.add_column("sec" if narrow else "seconds", footer=_seconds(seconds), justify="right")
    for act in acts:
        mark = Text("✓", "green") if act.ok else Text("✗", "bold red")
        numbers = [str(value) for value in _values(act.figures)]
        table.add_row(mark, act.title, *numbers, _seconds(act.span and act.span.repaired))
    return table


def _values(figures: Figures) -> tuple[int, ...]:
    return (figures.events, figures.duplicates, figures.reads, figures.writes, figures.announcements, figures.cards)


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f}"
