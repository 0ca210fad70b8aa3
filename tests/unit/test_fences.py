"""The fences between the rooms hold: what is planted across one is found by `lint-imports`."""

import configparser
import itertools
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCED = ("remediation", "lab", "demo")
LINTER = Path(sys.executable).with_name("lint-imports")


@dataclass(frozen=True)
class House:
    """A copy of the product in which anything may be planted."""

    at: Path

    def plant(self, file: str, text: str) -> None:
        """Add lines to a file, which may be a new one."""
        path = self.at / file
        path.parent.mkdir(exist_ok=True)
        before = path.read_text("utf-8") if path.exists() else ""
        path.write_text(f"{before}\n{text}\n", "utf-8")

    def complaints(self) -> str:
        """What the linter finds broken, on one line; nothing when every fence holds."""
        done = subprocess.run(
            [LINTER, "--no-cache"], cwd=self.at, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode in {0, 1}, done.stdout + done.stderr
        broken = done.stdout.partition("Broken contracts")[2]
        assert bool(done.returncode) == bool(broken)
        return " ".join(broken.split())


@pytest.fixture
def house(tmp_path: Path) -> House:
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for name in FENCED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return House(tmp_path)


def rooms() -> list[list[str]]:
    """The layers of the product, from the top; several rooms may share one."""
    read = configparser.ConfigParser()
    read.read(ROOT / ".importlinter", "utf-8")
    lines = read["importlinter:contract:layers"]["layers"].split("\n")
    return [line.replace("|", " ").replace(":", " ").split() for line in lines if line.strip()]


def file_of(room: str) -> str:
    package = f"remediation/{room}/__init__.py"
    return package if (ROOT / package).exists() else f"remediation/{room}.py"


def test_what_we_have_stays_within_its_fences(house: House) -> None:
    assert "" == house.complaints()


def test_no_module_but_the_adapters_may_know_an_sdk_of_azure(house: House) -> None:
    """Wherever it is planted, and however late it is imported."""
    outside = [
        path.relative_to(ROOT)
        for path in (ROOT / "remediation").rglob("*.py")
        if path.relative_to(ROOT).parts[1] != "adapters"
    ]
    for path in outside:
        house.plant(str(path), "def _late() -> None:\n    import azure.identity")

    found = house.complaints()

    names = [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in outside]
    assert "remediation.on_call.undo" in names
    assert [] == [name for name in names if f"{name} -> azure (" not in found]


def test_no_room_may_import_the_one_above_it(house: House) -> None:
    layers = rooms()
    planted = [(lower[0], upper[0]) for upper, lower in itertools.pairwise(layers)]
    for lower, upper in planted:
        house.plant(file_of(lower), f"import remediation.{upper}")

    found = house.complaints()

    assert ("adapters", "app") in planted
    assert [] == [
        (lower, upper)
        for lower, upper in planted
        if f"remediation.{lower} is not allowed to import remediation.{upper}" not in found
    ]


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("remediation/on_call/undo.py", "import azure.identity", "remediation.on_call.undo -> azure"),
        ("demo/stage.py", "import azure.identity", "demo.stage -> azure"),
        ("remediation/attic.py", "", "remediation.attic"),
        ("remediation/attic/__init__.py", "", "remediation.attic"),
        (
            "remediation/judging/planning.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import remediation.app.settings",
            "remediation.judging.planning -> remediation.app.settings",
        ),
        (
            "remediation/nsg/walk.py",
            "import remediation.baseline",
            "remediation.nsg is not allowed to import remediation.baseline",
        ),
        (
            "remediation/rules/pip_diagnostics.py",
            "import remediation.rules.nsg_diagnostics",
            "remediation.rules.pip_diagnostics is not allowed to import remediation.rules.nsg_diagnostics",
        ),
        (
            "remediation/adapters/clock.py",
            "def _late() -> None:\n    import lab.clock",
            "remediation is not allowed to import lab",
        ),
        ("remediation/cli/__init__.py", "import demo", "remediation is not allowed to import demo"),
    ],
    ids=[
        "an SDK in a tool for people on call",
        "an SDK in the demo",
        "a module in no layer",
        "a package in no layer",
        "an import upwards, for types alone",
        "an import sideways",
        "a rule that knows another rule",
        "the lab in an adapter",
        "the demo in a command",
    ],
)
def test_what_crosses_a_fence_is_found(house: House, file: str, text: str, complaint: str) -> None:
    house.plant(file, text)

    assert complaint in house.complaints()
