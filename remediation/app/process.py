"""How a functions process shares its processor and gives memory back, set once when it begins to work."""

import sys

SWITCH = 0.001
"""Seconds after which a round that computes gives way to the direct lane: five milliseconds, the default,
would add up over the many answers that a look waits for."""
LARGE = 256 * 1024
"""Bytes from which a block of memory is the system's again as soon as it is freed."""
_MMAP_THRESHOLD = -3


def tune() -> None:
    """Give way early, and keep no large block that nobody holds.

    glibc takes blocks of 128 KiB and more from the system one by one, until one is freed: from then on only
    those that are larger than that one (mallopt(3), M_MMAP_THRESHOLD). After a page of a list, megabytes of
    text, the next pages come out of the heap of whichever thread reads them and leave holes there, in each.
    A threshold that is set stays. Other C libraries have no such call, and are left as they are.
    """
    import ctypes  # ten milliseconds that the app does not need to be indexed

    sys.setswitchinterval(SWITCH)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGE)
