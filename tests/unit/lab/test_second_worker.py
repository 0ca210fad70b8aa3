"""A second worker is a process of its own: it wants shared storage, and says why it does not come up."""

import asyncio
from pathlib import Path

import pytest

from lab.__main__ import main
from lab.second_worker import SecondWorker, SecondWorkerError
from lab.world import World


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--workers", "2"], "add --storage azurite"),
        (["--workers", "0", "--storage", "azurite"], "must be 1 to 4"),
        (["--workers", "9", "--storage", "azurite"], "must be 1 to 4"),
    ],
)
def test_workers_that_cannot_be_are_refused_in_one_line(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == main(typed)

    [line] = capsys.readouterr().err.splitlines()
    assert said in line


def test_storage_that_one_process_has_alone_is_no_place_for_two() -> None:
    async def enter() -> None:
        async with World(workers=2):
            pass

    with pytest.raises(ValueError, match="another process"):
        asyncio.run(enter())


def test_a_worker_that_does_not_come_up_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(SecondWorkerError, match="before it was ready"), SecondWorker(tmp_path, {}):
        pass
