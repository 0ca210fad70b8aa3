"""How far a live scan is: a bar on standard error where somebody looks at it, and what must be said."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Progress:
    """Silent without a bar, but for what must be said."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._task = None if bar is None else bar.add_task("reading the lists", total=None)

    def begin(self, total: int) -> None:
        if self._bar is not None:
            self._bar.update(self._task, description="judging", total=total, completed=0)

    def tick(self) -> None:
        if self._bar is not None:
            self._bar.advance(self._task)

    def say(self, line: str) -> None:
        if self._bar is None:
            sys.stderr.write(f"remediation: {line}\n")
        else:
            self._bar.console.print(f"remediation: {line}", markup=False, highlight=False)


@contextmanager
def shown() -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield Progress(None)
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        yield Progress(bar)
