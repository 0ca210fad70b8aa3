"""How large the installed command line is, and how soon it says which release it is.

    python benchmarks/installed.py

Installs this checkout into an environment of its own, as `pipx install .` would (packages come from the index
that pip uses), compiles it, and prints installed_mb, all files below the environment but pip's own, and
version_s, the median of eleven runs of `bastion-guard --version`.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 11


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "env")
        venv.create(home, with_pip=False, symlinks=True)
        python = home / "bin" / "python"
        _run(
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "--quiet",
            "--no-compile",
            str(_tree(folder)),
        )
        _run(str(python), "-m", "compileall", "-q", str(home / "lib"))
        size = sum(
            path.stat().st_size for path in home.rglob("*") if path.is_file() and not path.is_symlink()
        )
        times = [_timed(home / "bin" / "bastion-guard") for _ in range(RUNS)]
    print(f"installed_mb: {size / 1e6:.1f}")
    print(f"version_s: {statistics.median(times):.3f}")
    return 0


def _tree(folder: str) -> Path:
    """A copy of what the wheel is built of: a build leaves things behind."""
    tree = Path(folder, "tree")
    for name in ("remediation", "infra/roles"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, tree / name)
    return tree


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:4])} failed:\n{done.stdout}{done.stderr}")


def _timed(program: Path) -> float:
    started = time.perf_counter()
    process = os.posix_spawn(
        program,
        [str(program), "--version"],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    os.waitpid(process, 0)
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(main())
