"""Prints the conformance score at the end of a test run, also when workers ran the tests.

Loaded as a plugin: workers hand the lines over in their reports, and the process that owns the terminal
prints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PROPERTY = "conformance"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The lines every test recorded under the property, once."""
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.stats.get(kind, [])]
    lines = [
        line for each in reports for name, line in getattr(each, "user_properties", ()) if name == PROPERTY
    ]
    if lines:
        terminalreporter.section("conformance with recorded traffic")
        for line in lines:
            terminalreporter.write_line(line)
