"""The demo as a process, as a person starts it: piped, so that there is no terminal."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 60
ASKS = frozenset({"COLUMNS", "LINES", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"})
"""Variables by which somebody asks for another width, or for colours in a pipe."""
PLAIN = {name: value for name, value in os.environ.items() if name not in ASKS}


@dataclass(frozen=True, slots=True)
class Run:
    """What a run left behind. `page` and `figures` are empty when it wrote no report."""

    status: int
    output: str
    errors: str
    page: str
    figures: dict[str, Any]

    @property
    def failed(self) -> list[str]:
        """The names of the stories that did not end as told."""
        return [story["name"] for story in self.figures["stories"] if not story["ok"]]


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "demo", "--report", str(folder / "demo-report"), *arguments]


def run(folder: Path, *arguments: str) -> Run:
    done = subprocess.run(
        command(folder, *arguments),
        cwd=ROOT,
        env=PLAIN,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    page, figures = folder / "demo-report.html", folder / "demo-report.json"
    return Run(
        done.returncode,
        done.stdout,
        done.stderr,
        page.read_text() if page.exists() else "",
        json.loads(figures.read_text()) if figures.exists() else {},
    )
