"""The Bicep CLI, where there is one: found, fetched, and run over infra/.

`python -m tools.bicep check` builds and lints both templates without a diagnostic and validates the
snapshots; where there is no CLI it says so in a line and is content. `snapshots` writes them anew, `fetch`
gets the CLI.
"""

import argparse
import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INFRA = ROOT / "infra"
VERSION = "0.49.2"
FETCHED = ROOT / ".tools" / f"bicep-{VERSION}" / "bicep"
# Microsoft's own release as a package, which is a zip with the program in it; the digest is of the program.
PACKAGE = f"https://www.nuget.org/api/v2/package/Azure.Bicep.CommandLine.linux-x64/{VERSION}"
SHA256 = "0ab9de90c2493f206f8281bae74f9ee2d5ed3605548dab1adf41fef185e1f7c5"
PATIENCE = 20  # seconds for the network to begin to answer
TEMPLATES = ("main.bicep", "events.bicep")
PLACE = {  # where the sets are said to be deployed; nothing of it exists
    "--subscription-id": "11111111-2222-3333-4444-555555555555",
    "--tenant-id": "99999999-2222-3333-4444-555555555555",
    "--location": "westeurope",
    "--deployment-name": "guard",
}


def cli() -> str | None:
    """What BICEP names, else on PATH, else what was fetched, else beside the checkout; None without one."""
    named = os.environ.get("BICEP", "")
    places = (named, FETCHED, ROOT.parent / "shared" / "tools" / "bicep")
    on_path = None if named else shutil.which("bicep")
    return on_path or next((found for place in places if place and (found := shutil.which(str(place)))), None)


def sets() -> list[Path]:
    """The parameter sets whose snapshots are kept beside them."""
    return sorted((INFRA / "sets").rglob("*.bicepparam"))


def run(program: str, *arguments: str | Path) -> tuple[int, str]:
    """Exit status and everything said on stderr; what a template compiles to is left out."""
    done = subprocess.run(  # noqa: S603  the program is one the user has
        [program, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def complaints(program: str) -> list[str]:
    """What the compiler and its linter say of the templates, and which snapshots are stale."""
    jobs: list[tuple[str | Path, ...]] = []
    for name in TEMPLATES:
        jobs += [("build", INFRA / name, "--stdout"), ("lint", INFRA / name)]
    jobs += [_snapshot(path, "validate") for path in sets()]
    with ThreadPoolExecutor(os.process_cpu_count()) as pool:
        answers = list(pool.map(lambda job: run(program, *job), jobs))
    return [line for job, answer in zip(jobs, answers, strict=True) for line in _said(job, *answer)]


def _said(job: tuple[str | Path, ...], status: int, stderr: str) -> Iterator[str]:
    yield from filter(None, stderr.splitlines())
    if status:
        hint = ": its snapshot is stale, run `make snapshots`" if job[0] == "snapshot" else ""
        yield f"bicep {job[0]} {Path(job[1]).relative_to(ROOT)} failed{hint}"


def _snapshot(path: Path, mode: str) -> tuple[str | Path, ...]:
    place = [word for pair in PLACE.items() for word in pair]
    return ("snapshot", path, "--mode", mode, *place)


def check(program: str | None) -> int:
    """0 where there is nothing to complain of, or no program to ask."""
    if program is None:
        sys.stderr.write(
            "bicep: no Bicep CLI on the PATH or in BICEP: infra/ was neither compiled nor compared with its "
            "snapshots, which the tests read as they are\n"
        )
        return 0
    found = complaints(program)
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


def snapshots(program: str | None) -> int:
    if program is None:
        sys.stderr.write("bicep: no Bicep CLI on the PATH or in BICEP\n")
        return 2
    for path in sets():
        status, said = run(program, *_snapshot(path, "overwrite"))
        sys.stderr.write(said)
        if status:
            return 1
    return 0


def fetch(program: str | None) -> int:
    """Get the CLI unless there is one. Without a network, or for another machine, say so and be content."""
    if program is not None:
        return 0
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        sys.stderr.write(f"bicep: install the Bicep CLI {VERSION} to check infra/ here too\n")
        return 0
    try:
        with urllib.request.urlopen(PACKAGE, timeout=PATIENCE) as answer:
            fetched = zipfile.ZipFile(io.BytesIO(answer.read())).read("tools/bicep")
    except (OSError, urllib.error.URLError, zipfile.BadZipFile, KeyError) as error:
        sys.stderr.write(f"bicep: the Bicep CLI could not be fetched, infra/ goes uncompiled: {error}\n")
        return 0
    return keep(fetched)


def keep(program: bytes) -> int:
    """Put a fetched program in its place, if it is the one that was pinned."""
    if hashlib.sha256(program).hexdigest() != SHA256:
        sys.stderr.write(f"bicep: what {PACKAGE} answers is not Bicep {VERSION} as it was pinned\n")
        return 1
    FETCHED.parent.mkdir(parents=True, exist_ok=True)
    FETCHED.write_bytes(program)
    FETCHED.chmod(0o755)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["check", "snapshots", "fetch"])
    return {"check": check, "snapshots": snapshots, "fetch": fetch}[parser.parse_args().what](cli())


if __name__ == "__main__":
    sys.exit(main())
