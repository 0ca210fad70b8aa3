"""A terminal in this process: a command of ours as it is typed, and what it came to.

A process of its own for each command costs a second; what only a process shows (signals, a reader that goes
away, warnings at import) is tested with processes.
"""

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from remediation.cli import main


@dataclass(frozen=True)
class Typed:
    """What a command came to."""

    status: int
    out: str
    err: str


def typed_here(folder: Path, settings: Mapping[str, str], *arguments: str) -> Typed:
    """Run a command in a folder, with these settings and nothing on its input."""
    out, err, stdin = io.StringIO(), io.StringIO(), sys.stdin
    with chdir(folder), surroundings(settings), redirect_stdout(out), redirect_stderr(err):
        sys.stdin = io.StringIO()
        try:
            status = main(list(arguments))
        finally:
            sys.stdin = stdin
    return Typed(status, out.getvalue(), err.getvalue())


@contextmanager
def surroundings(settings: Mapping[str, str]) -> Iterator[None]:
    """The environment of a terminal in which these settings are set, and nothing else of ours is."""
    before = dict(os.environ)
    kept: dict[str, str] = {name: before[name] for name in ("PATH", "HOME") if name in before}
    os.environ.clear()
    os.environ.update({**kept, **settings})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
