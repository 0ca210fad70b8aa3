"""Says at the end of a run, in one line, that pages were not looked at; loaded as a plugin.

The tests of pages are skipped where no Chromium can be had, and a run that skips them must not look like one
that passed them.
"""

import pytest

NO_CHROMIUM = "no page was looked at: no Chromium on this machine, and npm brought none"
NO_AXE = "no page was read as a screen reader does: axe-core is missing"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [str(each.longrepr) for each in terminalreporter.stats.get("skipped", [])]
    for missing, way in ((NO_CHROMIUM, "apt-get install chromium"), (NO_AXE, "make node")):
        if any(missing in each for each in skipped):
            terminalreporter.write_line(f"skipped: {missing} ({way})")
