"""Recordings for the tests here; without them the replay is skipped, and says so."""

from __future__ import annotations

import pytest

from tests.conformance import summary
from tests.conformance.recordings import Session, folder, sessions


def pytest_configure(config: pytest.Config) -> None:
    """Print the score at the end, unless the run was told to already."""
    if not config.pluginmanager.is_registered(summary):
        config.pluginmanager.register(summary, summary.__name__)


@pytest.fixture(scope="session")
def recorded() -> list[Session]:
    """Every recorded session of the folder."""
    found = sessions(folder())
    if not found:
        pytest.skip(summary.missing(folder()))
    return found
