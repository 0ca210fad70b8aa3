"""The benchmark prints its figures, and its plan has in it what it says."""

import subprocess
import sys
from pathlib import Path

from benchmarks.preflight import plan

ROOT = Path(__file__).parents[3]


def test_the_same_seed_makes_the_same_plan() -> None:
    assert plan(300, 7) == plan(300, 7)
    assert len({change["address"] for change in plan(300, 7)["resource_changes"]}) == 300
    assert plan(300, 7) != plan(300, 8)


def test_the_figures_are_printed_one_to_a_line() -> None:
    command = [sys.executable, "benchmarks/preflight.py", "--resources", "200"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    figures = dict(line.split(": ") for line in run.stdout.splitlines())
    assert list(figures) == ["seconds", "cpu_s", "peak_mb"]
    assert 0 < float(figures["cpu_s"])
    assert 10 < float(figures["peak_mb"]) < 500
    assert not run.stderr.startswith("0 findings")
