"""What a storm came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Played:
    """Events per second, seconds to quiet, messages that failed for good, and each process's peak in MB."""

    rate: float
    seconds: float
    failures: int
    peaks: tuple[float, ...]
