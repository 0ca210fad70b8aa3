"""Set-up without traps: what is interrupted leaves nothing half made, and who can do without goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from remediation.app import settings
from tests.unit.installed.wheel import ROOT

CLOSED = "http://127.0.0.1:9"


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A checkout as far as set-up looks at it, in which no requirement is asked for."""
    (tmp_path / "tools").mkdir()
    for name in ("__init__.py", "bicep.py", "environment.sh", "node.sh"):
        shutil.copyfile(ROOT / "tools" / name, tmp_path / "tools" / name)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    (tmp_path / "requirements-dev.txt").write_text("")
    yield tmp_path
    shutil.rmtree(tmp_path / ".venv", ignore_errors=True)


def setting_up(checkout: Path) -> "subprocess.Popen[str]":
    """`make setup` as far as the environment goes, as a terminal runs it: a process group of its own."""
    return subprocess.Popen(
        ["bash", "tools/environment.sh", sys.executable, ".venv"], cwd=checkout, start_new_session=True,
        env={**os.environ, "BICEP": shutil.which("true") or ""}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_ctrl_c_in_the_first_make_leaves_nothing_half_made(checkout: Path) -> None:
    process = setting_up(checkout)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("setup: making .venv with Python 3.")
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[1]

    assert 130 == process.returncode
    assert said.endswith("setup: nothing is left half made; the next make begins anew\n")
    assert not (checkout / ".venv").exists()


def test_an_environment_without_pip_is_made_anew_and_a_whole_one_is_kept(checkout: Path) -> None:
    """What a kill leaves behind; then the same again, with something in it that must stay."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=checkout, check=True)

    first = setting_up(checkout)
    said = first.communicate(timeout=120)[1]
    assert (0, "setup: .venv is half made: making it anew") == (first.returncode, said.splitlines()[0])
    assert (checkout / ".venv" / ".ready").exists()

    (checkout / ".venv" / "mine").write_text("kept")
    second = setting_up(checkout)
    assert "setup: bringing .venv up to date\n" == second.communicate(timeout=120)[1]
    assert (checkout / ".venv" / "mine").exists()


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on this machine")
def test_a_registry_that_is_not_there_is_said_in_a_line_and_nothing_is_left(checkout: Path) -> None:
    closed = {"npm_config_registry": CLOSED, "npm_config_cache": str(checkout / "cache")}
    done = subprocess.run(
        ["bash", "tools/node.sh"], cwd=checkout, env={**os.environ, **closed},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip

    assert (1, "") == (done.returncode, done.stdout)
    assert done.stderr.splitlines()[1].startswith("setup: npm could not install: npm error")
    assert 2 == done.stderr.count("\n")
    assert not (checkout / "node_modules").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--port", "99999"],
            "lab: argument --port: 99999 is not a port; a port is a number from 0 to 65535",
        ),
        (["--port", "x"], "lab: argument --port: x is not a port; a port is a number from 0 to 65535"),
        (["--baseline", "/nowhere.yaml"], "lab: /nowhere.yaml: No such file or directory"),
    ],
)
def test_what_is_typed_wrong_for_the_lab_is_one_line(options: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lab", *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (2, "", f"{said}\n") == (done.returncode, done.stdout, done.stderr)


def test_the_example_of_local_settings_is_in_the_repository_and_can_be_used() -> None:
    path = ROOT / "examples" / "local.settings.json"
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    values = json.loads(path.read_text())["Values"]

    assert "local.settings.json" not in ignored  # only the one at the top is
    assert "/local.settings.json" in ignored
    assert "connection" == settings.read(values).storage.kind
    assert (ROOT / values["BASELINE"]).is_file()
