"""The play in a terminal: one act after the other, as it happens.

Without a terminal there are neither colours nor a spinner, and nothing is written twice.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import astuple
from typing import Self

from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from demo.act import Act
from demo.figures import Figures
from demo.pieces import counted, pieces
from demo.setting import Setting
from demo.stories import Story

WIDEST = 100
NARROW = 80
HEADS = ("events", "dupl.", "reads", "writes", "told", "cards", "seconds")
SHORT_HEADS = ("ev", "dup", "rd", "wr", "told", "card", "sec")
LEGEND = (
    "dupl.: deliveries beyond the first · reads, writes: of the app in ARM · told: announcements on the "
    "drift topic · seconds: from the change to the end of its repair, Event Grid's lateness included"
)


class Watch:
    """What the audience sees. `pace` is the pause in seconds between two things worth reading."""

    def __init__(self, console: Console, pace: float) -> None:
        console.width = min(console.width, WIDEST)
        self._console = console
        self._pace = pace if console.is_terminal else 0.0

    def opening(self, setting: Setting, acts: int) -> None:
        where = f"{setting.resources} resources of {setting.company} in {setting.region}"
        lines = (
            Text("Bastion Guard", "bold cyan").append(
                "  watches over an Azure landing zone", "default not bold"
            ),
            Text(f"A hub and three spokes, {where}. {acts} acts, seed {setting.seed}.", "dim"),
            Text(
                "Real app, real SDKs, real Functions runtime. ARM, Event Grid and Teams are the lab's.", "dim"
            ),
        )
        self._console.print(Panel(Group(*lines), box=box.ROUNDED, border_style="cyan", padding=(0, 1)))

    def starting(self) -> "Waiting":
        return Waiting(self._console, "opening the lab")

    def curtain(self, number: int, total: int, story: Story) -> "Waiting":
        self._console.print()
        title = Text(f"{number}/{total}  {story.title} ", "bold", overflow="fold")
        self._console.print(Rule(title, align="left", style="cyan"))
        return Waiting(self._console, "it happens")

    async def act(self, act: Act) -> None:
        """Show what happened, piece by piece."""
        for piece in pieces(act):
            self._console.print(piece)
            await asyncio.sleep(self._pace)

    def closing(self, acts: Sequence[Act], total: Figures, seconds: float | None) -> None:
        narrow = self._console.width < NARROW
        self._console.print()
        self._console.print(_table(acts, total, seconds, SHORT_HEADS if narrow else HEADS))
        self._console.print(Text(LEGEND, "dim"))
        bad = [act.title for act in acts if not act.ok]
        verdict = f"{len(acts) - len(bad)} of {len(acts)} stories ended as told"
        self._console.print(Text(f"\n{verdict}", "bold red" if bad else "bold green"))

    def written(self, paths: Sequence[str]) -> None:
        for path in paths:
            self._console.print(Text(f"  {path}", "dim"), soft_wrap=True)


class Waiting:
    """A spinner with figures on a terminal; nothing elsewhere."""

    def __init__(self, console: Console, text: str) -> None:
        self._status = console.status(Text(text, "dim"), spinner="dots") if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def tell(self, figures: Figures) -> None:
        if self._status is not None:
            self._status.update(Text(counted(figures), "dim"))


def _table(acts: Sequence[Act], total: Figures, seconds: float | None, heads: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_footer=True, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("")
    table.add_column("story", footer="in all", overflow="fold")
    for head, value in zip(heads, _values(total, seconds), strict=True):
        table.add_column(head, footer=value, justify="right", no_wrap=True)
    for act in acts:
        mark = Text("✓", "green") if act.ok else Text("✗", "bold red")
        table.add_row(mark, act.short, *_values(act.figures, act.seconds))
    return table


def _values(figures: Figures, seconds: float | None) -> tuple[str, ...]:
    counts = astuple(figures)
    return (*map(str, counts), "-" if seconds is None else f"{seconds:.1f}")
