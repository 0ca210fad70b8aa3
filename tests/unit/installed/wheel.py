"""The command line as `pipx install .` leaves it: our wheel, what it asks for, and nothing else."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from tests.measured import PASSED_ON

ROOT = Path(__file__).resolve().parents[3]
TREE = ("remediation", "infra/roles", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE")
START = "import sys; sys.argv[0] = 'bastion-guard'; from remediation.__main__ import main; sys.exit(main())"


def tree(folder: Path) -> Path:
    """What the wheel is built of, in a folder that is no checkout."""
    for name in TREE:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / name, target)
    return folder


def build(folder: Path, output: Path) -> list[Path]:
    """The sdist, and the wheel that is built of the sdist."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(output), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return sorted(output.iterdir(), key=lambda path: path.suffix)


@dataclass(frozen=True)
class Installed:
    """An installation, and a home folder in which nothing is."""

    site: Path
    home: Path

    def types(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONPATH": str(self.site)}
        return subprocess.run(
            [sys.executable, "-S", "-P", "-W", "error", "-c", START, *arguments],
            cwd=self.home, env={**kept, **PASSED_ON, **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def can_import(self, module: str) -> bool:
        command = [sys.executable, "-S", "-P", "-c", f"import {module}"]
        done = subprocess.run(command, env={"PYTHONPATH": str(self.site)}, capture_output=True, check=False)
        return done.returncode == 0


def install(wheel: Path, folder: Path) -> Installed:
    """The wheel beside the distributions that it asks for, as this environment holds them."""
    site, home = folder / "site", folder / "home"
    home.mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
        metadata = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        asked = importlib.metadata.PathDistribution(site / Path(metadata).parent).requires or ()
    for distribution in closure(asked):
        for path in distribution.files or ():
            if path.parts[0] != ".." and "__pycache__" not in path.parts:
                target = site / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(str(distribution.locate_file(path)))
    return Installed(site, home)


def closure(requirements: object) -> Iterator[importlib.metadata.Distribution]:
    """Every distribution that is asked for without an extra, and what those ask for."""
    seen: set[str] = set()
    left = list(_names(requirements))
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        distribution = importlib.metadata.distribution(name)
        left += _names(distribution.requires)
        yield distribution


def _names(requirements: object) -> Iterator[str]:
    """Names of what is asked for here, without what an extra or another platform asks for."""
    for line in requirements if isinstance(requirements, list | tuple) else ():
        requirement = Requirement(str(line))
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name.lower()
