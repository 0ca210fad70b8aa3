"""The benchmark prints its figures, and finds what it changed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_figures_are_printed_one_to_a_line() -> None:
    command = [sys.executable, "benchmarks/declared.py", "--resources", "200", "--drifted", "3"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    figures = dict(line.split(": ") for line in run.stdout.splitlines())
    assert list(figures) == [
        "read_seconds", "compare_seconds", "effect_seconds", "compared", "differing", "peak_mb",
    ]  # fmt: skip
    assert figures["differing"] == "3"
    assert int(figures["compared"]) >= 200
    assert 10 < int(figures["peak_mb"]) < 300
