"""An act as the pieces a terminal shows: a label on the left, what there is to read on the right."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from demo.act import Act, Check, Deed, Diff, Echo, PortRow
from demo.figures import Figures, Span
from demo.outcomes import in_words
from remediation.findings import FindingRecord
from remediation.telling.cards import card_text, words
from remediation.telling.cards.safe import neutral

LABEL = 7
CARD_LINES = 20
LONGEST = 240
LEFT_OUT = ("  Group ", "  Subscription ", "  Operation ", "  Rule ")
"""Facts of a card that a terminal can do without; the page shows all of it."""
SIGNS = {"-": "red", "+": "green", " ": "dim"}
VERDICTS = {"open": "bold red", "closed": "bold green", "unknown": "yellow"}
SEVERITIES = {"critical": "bold red", "high": "bold red", "medium": "bold yellow"}
NEWS = {
    "DriftFixed": "found and repaired",
    "DriftFound": "found",
    "DriftProposed": "found",
    "DriftResolved": "found in order again",
    "DriftChanged": "found changed",
}


def pieces(act: Act) -> Iterator[RenderableType]:
    """Everything about an act in reading order: the deed, what was found and written, the card, the end."""
    for deed in act.deeds:
        yield row("who", _who(deed))
        yield row("change", Text(neutral(deed.what)))
    for finding in act.findings:
        yield row("finding", _finding(finding))
    for diff in act.diffs:
        yield row("write" if diff.written else "offer", _diff(diff))
    if act.ports:
        yield row("traffic", _ports(act.ports, act.traffic))
    for echo in act.echoes:
        yield row("echo", _echo(echo))
    for number, finding in enumerate(act.findings[: len(act.cards)]):
        channel = act.channels[number] if number < len(act.channels) else ""
        yield row("card", _card(finding, channel))
    yield from _ending(act)


def _ending(act: Act) -> Iterator[RenderableType]:
    for number, check in enumerate(act.checks):
        yield row("" if number else "checks", _check(check))
    colour = "bold green" if act.ok else "bold red"
    verdict = Text.assemble((f"✓ {act.outcome}" if act.ok else "✗ This did not end as told", colour))
    if act.span is not None:
        verdict.append(f" {_span(act.span)}")
    yield row("end", verdict.append(f"\n{counted(act.figures)}", "dim"))


def row(label: str, content: RenderableType) -> Table:
    """A label on the left, anything on the right, wrapped within its own column."""
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(width=LABEL, style="cyan", no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(label, content)
    return grid


def _who(deed: Deed) -> Text:
    return Text.assemble((neutral(deed.who), "bold"), (f", {deed.client}", "dim"))


def _finding(finding: FindingRecord) -> Text:
    text = Text.assemble(
        (finding.severity.upper(), SEVERITIES.get(finding.severity, "bold cyan")),
        (f", {NEWS.get(finding.change, finding.change)}: ", "dim"),
        neutral(finding.message),
    )
    could = "could" if finding.change in {"DriftFixed", "DriftResolved"} else "can"
    if proof := words.witness(finding.witness, could):
        text.append("\nProof: ", "dim").append(neutral(proof), "italic")
    return text


def _diff(diff: Diff) -> Text:
    text = Text.assemble((neutral(diff.title), "bold"))
    if not diff.changed:
        text.append("\n  nothing changed", "dim")
    for sign, line in diff.lines:
        text.append(f"\n{sign} {neutral(line)}", SIGNS[sign])
    return text


def _ports(rows: Sequence[PortRow], traffic: Sequence[str]) -> Text:
    text = Text()
    for each in rows:
        text.append(f"from the internet to TCP {each.port:<5} ")
        text.append(f"{each.before:<7}", VERDICTS[each.before]).append("→ ", "dim")
        text.append(f"{each.after}\n", VERDICTS[each.after] if each.before != each.after else "default")
    text.append("\n".join(neutral(line) for line in traffic), "dim")
    return text


def _echo(echo: Echo) -> Text:
    return Text.assemble(neutral(echo.what), (": ", "dim"), in_words(echo.endings) or "never handled")


def _card(finding: FindingRecord, channel: str) -> Panel:
    lines = [line for line in card_text(finding) if not line.startswith(LEFT_OUT)]
    left = len(lines) - CARD_LINES
    shown = lines[:CARD_LINES] + ([f"... and {left} more lines: see the report"] if left > 0 else [])
    head, *body = shown
    content = Group(Text(head, "bold"), *map(_card_line, body))
    title = f"channel {channel}" if channel else None
    return Panel(
        content, box=box.ROUNDED, border_style="dim", padding=(0, 1), title=title, title_align="left"
    )


def _card_line(line: str) -> Padding:
    """One line of a card in the colour of its sign; what wraps stays as far in as its beginning."""
    text = line.lstrip()
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]} ... (whole in the report)"
    style = {"+ ": "green", "- ": "red"}.get(text[:2], "")
    return Padding(Text(text, style), (0, 0, 0, len(line) - len(text)))


def _check(check: Check) -> Text:
    text = Text.assemble(("✓ ", "green") if check.ok else ("✗ ", "bold red"), neutral(check.text))
    return text if check.ok else text.append(f": {neutral(check.why)}", "red")


def _span(span: Span) -> str:
    return f"{span.repaired:.1f} s after the change, {span.reaction:.2f} s after hearing of it"


def counted(figures: Figures) -> str:
    """The figures in words: ``2 events, 2 duplicates, 21 reads, ...``."""
    parts = (
        (figures.events, "event"), (figures.duplicates, "duplicate"), (figures.reads, "read"),
        (figures.writes, "write"), (figures.announcements, "announcement"), (figures.cards, "card"),
    )  # fmt: skip
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in parts)
