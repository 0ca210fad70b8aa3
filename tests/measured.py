"""What coverage is measured of: the tests that look closely, not those that look often; so it costs little.

A property, a fuzz or a simulated race runs the same lines a thousand times; the tests beside it run each line
once. Tests of the lab, of infra/ and of the recordings are about other files, or about the whole.
Processes that tests start are measured where a test passes `PASSED_ON` along: the command line, but not
the demo, the benchmarks or a package whose files lie elsewhere.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

PASSED_ON = {name: os.environ.pop(name) for name in ("COVERAGE_PROCESS_CONFIG",) if name in os.environ}
"""The environment by which `coverage` knows a process of ours; empty when nothing is measured."""

TESTS = Path(__file__).parent
OFTEN = TESTS / "simulation"
ELSEWHERE = tuple(TESTS / name for name in ("conformance", "unit/infra", "unit/lab", "story/demo"))


def looks_often(item: pytest.Item) -> bool:
    """Whether a test is a property of Hypothesis or plays the simulation."""
    test = getattr(item, "obj", None)
    return getattr(test, "is_hypothesis_test", False) or item.path.is_relative_to(OFTEN)


def looks_elsewhere(item: pytest.Item) -> bool:
    """Whether a test is about the lab, what is deployed, what was recorded or the demo."""
    return any(item.path.is_relative_to(folder) for folder in ELSEWHERE)


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    for item in items:
        if looks_often(item) or looks_elsewhere(item):
            item.add_marker("no_cover")
