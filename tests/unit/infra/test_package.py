"""The deployment package: it holds what runs and nothing else, it runs, and it is the same twice."""

import ast
import fcntl
import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.unit.infra.bicep import ROOT
from tools import package

LARGEST_MB = 40
UNCHECKED_HASH = 0b01
NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
ALWAYS = (
    "tests/story/e2e/test_fetching.py",
    "tests/story/e2e/test_main_job.py",
    "tests/story/e2e/test_people.py",
)
AT_NIGHT = (
    "tests/story/e2e/test_cards.py",
    "tests/story/e2e/test_dark_channels.py",
    "tests/story/e2e/test_declared.py",
    "tests/story/e2e/test_moves.py",
    "tests/story/e2e/test_nothing_dark.py",
    "tests/story/e2e/test_people_fuzz.py",
    "tests/story/e2e/test_replay_fuzz.py",
    "tests/story/e2e/test_rules.py",
    "tests/story/e2e/test_trouble.py",
)
"""In every run these hold for the checkout; that a package has all modules is told by importing them."""
END_TO_END = (*ALWAYS, *(AT_NIGHT if NIGHTLY else ()))
NOT_NIGHTLY = {name: value for name, value in os.environ.items() if name != "HYPOTHESIS_PROFILE"}
IN_PARALLEL = "PYTEST_XDIST_WORKER" in os.environ
IN_A_BROWSER = {"tests/story/e2e/test_board.py"}
WITH_A_SECOND_WORKER = {"tests/story/e2e/test_two_workers.py", "tests/story/e2e/test_two_apps.py"}
AT_A_DESK = {
    "tests/story/e2e/test_channels.py",
    "tests/story/e2e/test_people_at_a_desk.py",
    "tests/story/e2e/test_replay.py",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that holds package and zip, from the dependencies that make setup installed.

    Test processes share one: the first builds it, whoever leaves last removes it.
    """
    whole_run = tmp_path_factory.getbasetemp().parent if IN_PARALLEL else tmp_path_factory.getbasetemp()
    folder, users = whole_run / "package", whole_run / "package.users"
    with _alone(users) as names:
        if not folder.exists():
            folder.mkdir()
            assert package.main(["--output", str(folder), "--installed"]) == 0
        names.add(str(os.getpid()))
    yield folder
    with _alone(users) as names:
        names.discard(str(os.getpid()))
        if not names:
            shutil.rmtree(folder)


@contextmanager
def _alone(path: Path) -> Iterator[set[str]]:
    """The words in a file, for one process at a time; what they are afterwards is written back."""
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        words = set(file.read().split())
        yield words
        file.truncate(0)
        file.write(" ".join(words))


def test_the_package_is_small_enough(built: Path) -> None:
    assert (built / "bastion-guard.zip").stat().st_size < LARGEST_MB * 1_000_000


def test_the_zip_is_the_folder(built: Path) -> None:
    folder = built / "package"
    with zipfile.ZipFile(built / "bastion-guard.zip") as archive:
        inside = {entry.filename: entry.file_size for entry in archive.infolist()}
    assert inside == {str(path.relative_to(folder)): path.stat().st_size for path in package.files(folder)}


def test_the_end_to_end_tests_hold_for_the_package(built: Path, tmp_path: Path) -> None:
    """Those that need no command line, in a process that finds app and libraries there and nowhere else; and
    every module can be imported there."""
    script, report = ROOT / "tests" / "unit" / "infra" / "packaged_story.py", tmp_path / "report.xml"
    done = subprocess.run(
        [sys.executable, "-P", str(script), str(built / "package"), str(ROOT), str(report), *END_TO_END],
        capture_output=True, text=True, check=False, timeout=300, cwd=ROOT, env=NOT_NIGHTLY,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {"elsewhere": []}
    counts = ET.parse(report).getroot()[0].attrib  # noqa: S314  pytest wrote it a moment ago
    assert int(counts["tests"]) > (50 if NIGHTLY else 10)
    assert (counts["failures"], counts["errors"], counts["skipped"]) == ("0", "0", "0")


def test_every_file_of_end_to_end_tests_is_run_on_the_package_or_wants_a_desk() -> None:
    """What imports the command line cannot run there, and a second worker is one of this checkout; a browser
    may be missing, and nothing is skipped."""
    there = {f"tests/story/e2e/{path.name}" for path in (ROOT / "tests" / "story" / "e2e").glob("test_*.py")}
    assert there - {*ALWAYS, *AT_NIGHT} == AT_A_DESK | IN_A_BROWSER | WITH_A_SECOND_WORKER
    assert all("remediation.cli" in (ROOT / name).read_text() for name in AT_A_DESK)


def test_the_whole_page_is_in_it(built: Path) -> None:
    ours, theirs = ROOT / "remediation" / "app" / "board", built / "package" / "remediation" / "app" / "board"
    page = [path.name for path in ours.iterdir() if path.suffix in {".js", ".css", ".html"}]
    assert len(page) > 10
    assert [name for name in page if (ours / name).read_bytes() != (theirs / name).read_bytes()] == []


def test_only_what_runs_is_in_it(built: Path) -> None:
    folder = built / "package"
    assert {path.name for path in folder.iterdir()} == {
        "function_app.py", "host.json", "requirements.txt", "remediation", ".python_packages", "__pycache__",
    }  # fmt: skip
    assert not (folder / "remediation" / "cli").exists()
    installed = {path.name.partition("-")[0] for path in (folder / package.SITE).glob("*.dist-info")}
    assert not installed & {"aiohttp", "pytest", "rich", "hypothesis", "jinja2"}


def test_no_module_of_the_app_asks_for_a_package_that_only_a_desk_has() -> None:
    """What the package leaves out is imported by the command line alone."""
    users = {
        path.relative_to(ROOT).parts[1]
        for path in (ROOT / "remediation").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _imported(node)
        if name.replace("_", "-") in package.DESK_PACKAGES
    }
    assert users == {"cli"}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [(node.module or "").partition(".")[0]]
    return []


def test_every_module_is_compiled_and_never_compiled_again(built: Path) -> None:
    """Byte code of this Python, marked as valid whatever the time stamps of a mount say."""
    folder = built / "package"
    sources = [path for path in folder.rglob("*.py") if "remediation" in path.parts]
    assert sources
    for source in [*sources, folder / package.SITE / "azure" / "mgmt" / "network" / "_client.py"]:
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        assert struct.unpack("<I", compiled.read_bytes()[4:8]) == (UNCHECKED_HASH,), source


def test_byte_code_names_the_place_where_it_will_run(built: Path) -> None:
    compiled = built / "package" / "__pycache__" / "function_app.cpython-313.pyc"
    assert b"/home/site/wwwroot/function_app.py" in compiled.read_bytes()
    assert str(built).encode() not in compiled.read_bytes()


def test_a_second_build_makes_the_same_bytes(built: Path, tmp_path: Path) -> None:
    """The libraries are left out here, for time; they are compiled and zipped by the same commands."""
    second = package.build(tmp_path / "package", None, lambda site, _: site.mkdir(parents=True))
    for path in package.files(second):
        assert path.read_bytes() == (built / "package" / path.relative_to(second)).read_bytes(), path
    zips = [package.zipped(second, tmp_path / name).read_bytes() for name in ("one.zip", "two.zip")]
    assert zips[0] == zips[1]


def test_hashes_are_asked_for_and_desk_packages_left_out() -> None:
    lines = list(package.requirements((ROOT / "requirements.txt").read_text().splitlines()))
    pins = [line for line in lines if line[:1].isalnum()]
    assert len(pins) > 20
    assert not [pin for pin in pins if pin.startswith("rich==")]
    assert sum("--hash=sha256:" in line for line in lines) >= len(pins)


def test_a_baseline_that_is_not_there_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert package.main(["--baseline", "nowhere.yaml"]) == 2
    assert capsys.readouterr().err == "package: no such baseline: nowhere.yaml\n"
