"""Structs are read by several threads at once, from the first of them on."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from remediation.structs import converted, decoded

ROOT = Path(__file__).resolve().parents[2]
READS_BY_ITSELF = re.compile(r"msgspec\.convert\(|msgspec\.json\.decode\(.*type=(?!dict\[)")

FIRST_OF_MANY = """
import sys, threading
import msgspec
from remediation.structs import converted, decoded

sys.setswitchinterval(1e-6)
for number in range(150):
    inner = msgspec.defstruct(f"Inner{number}", [(f"f{at}", int | None, None) for at in range(20)])
    members = [(f"g{at}", dict[str, list[int]] | None, None) for at in range(30)]
    kind = msgspec.defstruct(f"Kind{number}", [("inner", inner), *members])
    together = threading.Barrier(6)

    def read(kind=kind, together=together):
        together.wait()
        assert converted({"inner": {"f1": 1}, "g29": {"x": [1, 2]}}, kind).g29 == {"x": [1, 2]}
        assert decoded(b'{"inner": {"f19": 7}}', kind).inner.f19 == 7

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("read")
"""


class Kind(msgspec.Struct):
    name: str


def test_threads_that_read_the_first_of_a_kind_together_all_read_it() -> None:
    """Without the preparation this process ends by a segmentation fault."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_OF_MANY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert (0, "read\n") == (done.returncode, done.stdout), done.stderr


def test_what_is_none_is_refused_as_msgspec_refuses_it() -> None:
    with pytest.raises(msgspec.ValidationError, match="Expected `str`, got `int`"):
        converted({"name": 1}, Kind)
    with pytest.raises(msgspec.DecodeError):
        decoded("{", Kind)


def test_nobody_reads_a_struct_by_himself() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in (ROOT / "remediation").rglob("*.py")
        if path.name != "structs.py"
        for line in path.read_text("utf-8").splitlines()
        if READS_BY_ITSELF.search(line)
    ]

    assert [] == found
