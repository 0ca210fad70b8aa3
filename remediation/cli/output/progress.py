"""How far a scan or a replay is: a bar on standard error where somebody looks, and what must be said."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from remediation.plain import plain


class Progress:
    """Silent without a bar, but for what must be said."""

    def __init__(self, bar: Any, first: str, then: str) -> None:
        self._bar = bar
        self._then = then
        self._task = None if bar is None else bar.add_task(first, total=None)

    def begin(self, total: int) -> None:
        if self._bar is not None:
            self._bar.update(self._task, description=self._then, total=total, completed=0)

    def tick(self) -> None:
        if self._bar is not None:
            self._bar.advance(self._task)

    def say(self, line: str) -> None:
        if self._bar is None:
            sys.stderr.write(f"remediation: {plain(line)}\n")
        else:
            self._bar.console.print(f"remediation: {line}", markup=False, highlight=False)


@contextmanager
def shown(first: str = "reading the lists", then: str = "judging") -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield Progress(None, first, then)
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        yield Progress(bar, first, then)
