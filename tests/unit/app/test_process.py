"""Large blocks of memory are the system's again as soon as they are freed, whatever was freed before."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# glibc counts the blocks that it has taken from the system one by one (mallinfo2, hblks).
TAKEN_SINGLY = """
import ctypes, sys
from remediation.app.process import tune

if sys.argv[1] == "tuned":
    tune()

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

class Info(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

libc.mallinfo2.restype = Info
libc.free(libc.malloc(8 << 20))
before = libc.mallinfo2().hblks
libc.malloc(1 << 20)
print(libc.mallinfo2().hblks - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is about the heap of glibc")
@pytest.mark.parametrize(("process", "taken"), [("tuned", "1"), ("as it is", "0")])
def test_a_large_block_is_taken_from_the_system_after_a_larger_one_was_freed(
    process: str, taken: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TAKEN_SINGLY, process],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert taken == done.stdout.strip()
