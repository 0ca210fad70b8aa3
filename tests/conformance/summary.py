"""Prints the conformance score at the end of a test run, also when workers ran the tests.

Loaded as a plugin: workers hand the lines over in their reports, and the process that owns the terminal
prints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PROPERTY = "conformance"
MISSING = "conformance not measured: no recordings in "


def missing(folder: Path) -> str:
    """Why nothing is replayed in a clone that has no recordings, in one line."""
    where = folder / "sessions"
    return f"{MISSING}{where}; they are not in the repository: set ARM_RECORDINGS to a folder that has them"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The lines every test recorded under the property, once."""
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.stats.get(kind, [])]
    lines = [
        line for each in reports for name, line in getattr(each, "user_properties", ()) if name == PROPERTY
    ]
    skipped = [str(each.longrepr[2]) for each in terminalreporter.stats.get("skipped", []) if each.longrepr]
    lines += sorted({each[each.index(MISSING) :] for each in skipped if MISSING in each})
    if lines:
        terminalreporter.section("conformance with recorded traffic")
        for line in lines:
            terminalreporter.write_line(line)
