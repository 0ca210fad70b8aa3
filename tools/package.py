"""The deployment package: `python -m tools.package [--output FOLDER] [--baseline FILE]`.

A folder `package` and a zip of it, which holds what runs in Azure and nothing else: no lab, no tests, no
command line. Dependencies are the pinned and hashed ones, as wheels for Linux on x86_64 and Python 3.13,
whatever machine this is. `--installed` takes them from this environment instead, which must hold the very
versions that are pinned, on such a machine: the same package without a network, but for wheels that are made
for several versions of glibc. `--telemetry` takes Azure Monitor's exporter along, which costs a quarter of a
second in each cold start (docs/adr/0008-telemetry.md).

Everything is compiled, and the byte code is marked as never to be checked against its source
(`unchecked-hash`): the package is mounted read-only and replaced as a whole, so a check could only cost. A
time stamp would not survive the way to Azure, and Python would then compile twelve megabytes anew in each
fresh process.

The same sources and pins give the same bytes: order, time stamps, modes and the hash seed are fixed.
"""

import argparse
import hashlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("function_app.py", "host.json", "remediation")
PINS, PINS_WITH_TELEMETRY = "requirements.txt", "requirements-telemetry.txt"
AT_A_DESK = (
    "remediation/cli",
    "remediation/__main__.py",
    "remediation/on_call/doctor.py",
    "remediation/adapters/outside.py",
)
# Tables on the command line, its completion, and the layout of a map.
DESK_PACKAGES = frozenset({"argcomplete", "rich", "markdown-it-py", "mdurl", "pygments", "fast-sugiyama"})
SITE = Path(".python_packages/lib/site-packages")
DEPLOYED = "/home/site/wwwroot"  # where the platform mounts it; tracebacks name it
PLATFORM = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
NOTES = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")  # what pip writes down about this machine
EPOCH = (1980, 1, 1, 0, 0, 0)
PYTHON = (3, 13)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.package", description="Build the deployment package."
    )
    parser.add_argument("--output", type=Path, default=ROOT / "build", help="where to; build by default")
    parser.add_argument("--baseline", type=Path, help="a baseline to take along as baseline.yaml")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--installed", action="store_true", help="take dependencies from this environment")
    source.add_argument("--telemetry", action="store_true", help="take the exporter along")
    args = parser.parse_args(argv)
    if sys.version_info[:2] != PYTHON:
        sys.stderr.write("package: byte code is for one version of Python; run this with 3.13\n")
        return 2
    if args.baseline is not None and not args.baseline.is_file():
        sys.stderr.write(f"package: no such baseline: {args.baseline}\n")
        return 2
    pins = ROOT / (PINS_WITH_TELEMETRY if args.telemetry else PINS)
    dependencies = _copy_installed if args.installed else _install
    folder = build(args.output / "package", args.baseline, dependencies, pins)
    archive = zipped(folder, args.output / "bastion-guard.zip")
    sys.stdout.write("\n".join(report(folder, archive)) + "\n")
    return 0


def build(
    folder: Path,
    baseline: Path | None,
    dependencies: Callable[[Path, list[str]], None],
    pins: Path = ROOT / PINS,
) -> Path:
    """Fill `folder`, which is emptied first; `dependencies` puts the pinned requirements into a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _copy_code(folder)
    shutil.copyfile(ROOT / "docs" / "openapi.json", folder / "remediation" / "openapi.json")
    shutil.copyfile(pins, folder / PINS)
    if baseline is not None:
        shutil.copyfile(baseline, folder / "baseline.yaml")
    dependencies(folder / SITE, list(requirements(pins.read_text().splitlines())))
    for note in (note for name in NOTES for note in (folder / SITE).glob(f"*.dist-info/{name}")):
        note.unlink()
    _compile(folder)
    return folder


def zipped(folder: Path, archive: Path) -> Path:
    """The folder as a zip whose bytes depend on nothing but names and contents."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for path in files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, path.read_bytes())
    return archive


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def report(folder: Path, archive: Path) -> Iterator[str]:
    """What is in it, the largest parts first, and the archive's size and digest."""
    parts: Counter[str] = Counter()
    for path in files(folder):
        parts[_part(path.relative_to(folder))] += path.stat().st_size
    for part, size in parts.most_common():
        yield f"  {size / 1e6:8.2f} MB  {part}"
    yield f"files: {len(files(folder))}"
    yield f"unpacked_mb: {parts.total() / 1e6:.1f}"
    yield f"zipped_mb: {archive.stat().st_size / 1e6:.1f}"
    yield f"sha256: {hashlib.sha256(archive.read_bytes()).hexdigest()}"
    yield f"package: {archive}"


def requirements(lines: Iterable[str]) -> Iterator[str]:
    """The pinned requirements with their hashes, but those that only a desk needs."""
    wanted = True
    for line in lines:
        if line[:1].isalnum():
            wanted = line.partition("==")[0].lower() not in DESK_PACKAGES
        if wanted and not line.lstrip().startswith("#"):
            yield line


def _copy_code(folder: Path) -> None:
    left_behind = {(ROOT / path) for path in AT_A_DESK}

    def ignored(where: str, names: list[str]) -> set[str]:
        return {name for name in names if name == "__pycache__" or Path(where, name) in left_behind}

    for name in CODE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copyfile(source, folder / name)


def _install(site: Path, wanted: list[str]) -> None:
    """Wheels only: nothing is built, so nothing of this machine gets in."""
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder, "requirements.txt")
        pinned.write_text("\n".join(wanted) + "\n")
        platforms = [f"--platform={each}" for each in PLATFORM]
        _run(
            "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps",
            "--require-hashes", "--only-binary=:all:", "--implementation=cp", "--python-version=3.13",
            *platforms, f"--target={site}", f"--requirement={pinned}",
        )  # fmt: skip
    shutil.rmtree(site / "bin", ignore_errors=True)


def _copy_installed(site: Path, wanted: list[str]) -> None:
    """What this environment holds of the pinned requirements; any other version is refused."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise SystemExit("package: --installed needs Linux on x86_64, where the package is to run")
    for pin in (line.rstrip(" \\") for line in wanted if line[:1].isalnum()):
        name, _, version = pin.partition("==")
        found = importlib.metadata.distribution(name)
        if found.version != version:
            raise SystemExit(f"package: {name} {version} is pinned and {found.version} installed: make setup")
        for path in found.files or ():
            if path.parts[0] != ".." and "__pycache__" not in path.parts:
                target = site / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(found.locate_file(path)), target)


def _compile(folder: Path) -> None:
    _run(
        "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash",
        "-s", str(folder), "-p", DEPLOYED, str(folder),
    )  # fmt: skip


def _run(*command: str) -> None:
    """A module of Python with a fixed hash seed, since sets of constants are written in its order."""
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(  # noqa: S603  pip and compileall, on our own files
        [sys.executable, "-m", *command], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"package: {command[0]} failed:\n{done.stdout}{done.stderr}")


def _part(path: Path) -> str:
    """The distribution or package a file belongs to, as people name it."""
    try:
        inside = path.relative_to(SITE)
    except ValueError:
        return path.parts[0]
    depth = 3 if inside.parts[:2] == ("azure", "mgmt") else 2 if inside.parts[0] == "azure" else 1
    return "/".join(inside.parts[:depth])


if __name__ == "__main__":
    sys.exit(main())
