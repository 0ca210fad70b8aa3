"""The Bicep CLI, where the engineer has one: asked for the snapshot of a parameter file.

It writes the snapshot beside the parameter file. One that was there before is put back, so that nothing of
the working tree changes.
"""

import os
import shutil
import subprocess
from pathlib import Path

from remediation.errors import InputError
from remediation.plain import plain

PATIENCE = 300
_WITHOUT_GROUP = "Resource group name cannot be specified"


def program() -> str | None:
    """What BICEP names, else on the PATH, else where the Azure CLI keeps its own; None without one."""
    named = os.environ.get("BICEP", "").strip()
    if named:
        return shutil.which(named)
    own = Path.home() / ".azure" / "bin" / "bicep"
    return shutil.which("bicep") or shutil.which(str(own))


def snapshot(path: str, subscription: str, group: str, location: str) -> str:
    """The snapshot of a parameter file as text; raises InputError with what the compiler says."""
    parameters = Path(path)
    if not parameters.is_file():
        raise InputError(f"--bicepparam {path}: no such file")
    found = program()
    if found is None:
        raise InputError(
            f"--bicepparam {path}: needs the Bicep CLI on the PATH or in BICEP; or give --snapshot"
        )
    written = parameters.with_suffix(".snapshot.json")
    before = written.read_bytes() if written.exists() else None
    try:
        said = _run(found, parameters, subscription, group, location)
        if _WITHOUT_GROUP in said:
            said = _run(found, parameters, subscription, "", location)
        if said:
            raise InputError(f"--bicepparam {path}: {_first(said)}")
        return written.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"--bicepparam {path}: {error.strerror or error}") from error
    finally:
        if before is not None:
            written.write_bytes(before)
        else:
            written.unlink(missing_ok=True)


def _run(found: str, parameters: Path, subscription: str, group: str, location: str) -> str:
    """What the compiler complains of; "" where it wrote the snapshot."""
    place = ["--subscription-id", subscription]
    place += ["--resource-group", group] if group else []
    place += ["--location", location] if location else []
    command = [found, "snapshot", str(parameters), "--mode", "overwrite", *place]
    try:
        done = subprocess.run(  # noqa: S603  the program is one the user has
            command, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return f"the Bicep CLI did not answer within {PATIENCE} seconds"
    return "" if done.returncode == 0 else done.stderr or f"the Bicep CLI ended with {done.returncode}"


def _first(said: str) -> str:
    lines = [line for line in said.splitlines() if ": Error " in line] or said.splitlines()
    return plain(lines[0].strip())[:500] if lines else "the Bicep CLI failed"
