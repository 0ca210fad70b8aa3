"""Measures that remember, for tests that look at what was counted and timed."""

from collections import Counter
from contextlib import AbstractContextManager, nullcontext


class Noted:
    """`counted` in order, `times` as (name, seconds, attributes)."""

    def __init__(self) -> None:
        self.counted: list[tuple[str, dict[str, str]]] = []
        self.times: list[tuple[str, float, dict[str, str]]] = []

    def count(self, name: str, amount: int = 1, **attributes: str) -> None:
        self.counted += [(name, attributes)] * amount

    def time(self, name: str, seconds: float, **attributes: str) -> None:
        self.times.append((name, seconds, attributes))

    def span(self, name: str, correlation_id: str, **attributes: str) -> AbstractContextManager[None]:
        return nullcontext()

    @property
    def totals(self) -> Counter[str]:
        return Counter(name for name, _ in self.counted)

    def timed(self, name: str) -> list[float]:
        return [seconds for each, seconds, _ in self.times if each == name]
