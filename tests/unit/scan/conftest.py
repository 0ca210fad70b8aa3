"""A desk with a folder of its own for every test."""

from pathlib import Path

import pytest

from tests.unit.scan.scanned import Desk


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """Where `scan` is run."""
    return Desk(tmp_path, capsys)
