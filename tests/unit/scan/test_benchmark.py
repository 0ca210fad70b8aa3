"""The benchmark prints its figures, and its estate has drift in it."""

import subprocess
import sys
from pathlib import Path

from benchmarks.scan import Generator

ROOT = Path(__file__).parents[3]


def test_the_same_seed_makes_the_same_estate() -> None:
    first, second = Generator(500, 7).estate(), Generator(500, 7).estate()
    assert first == second
    assert len({document["id"] for document in first}) == 500
    assert first != Generator(500, 8).estate()


def test_the_figures_are_printed_one_to_a_line() -> None:
    command = [sys.executable, "benchmarks/scan.py", "--resources", "200"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    figures = dict(line.split(": ") for line in run.stdout.splitlines())
    assert list(figures) == ["seconds", "peak_mb"]
    assert 0 < float(figures["seconds"])
    assert 10 < float(figures["peak_mb"]) < 500
    assert not run.stderr.startswith("0 findings")
