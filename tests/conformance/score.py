"""The score: interactions without any difference, out of all; known differences are counted apart."""

from __future__ import annotations

import fnmatch
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.conformance.compare import Difference
    from tests.conformance.replay import Outcome

ALLOWED = Path(__file__).with_name("known_differences.json")


@dataclass(frozen=True, slots=True)
class Known:
    """A difference that is understood: a type, an operation and a field, never a name."""

    type: str
    operation: str
    field: str
    reason: str

    def covers(self, outcome: Outcome, difference: Difference) -> bool:
        return (
            self.type == outcome.kind
            and self.operation == outcome.operation
            and fnmatch.fnmatchcase(difference.field, self.field.replace("[]", "[[]]"))
        )


def known_differences() -> list[Known]:
    return [Known(**each) for each in json.loads(ALLOWED.read_text("utf-8"))]


@dataclass(slots=True)
class Score:
    """`same` of `total` are as recorded; of the others `known` differ only as is understood."""

    same: int = 0
    total: int = 0
    known: int = 0

    @property
    def share(self) -> float:
        return self.same / self.total if self.total else 1.0

    def __str__(self) -> str:
        return f"{self.same}/{self.total} interactions ({self.known} known differences)"


def is_known(outcome: Outcome, allowed: list[Known]) -> bool:
    return all(
        any(each.covers(outcome, difference) for each in allowed) for difference in outcome.differences
    )


def scores(outcomes: Iterable[Outcome]) -> tuple[Score, dict[str, Score]]:
    """The score in all, and by type."""
    allowed, whole, kinds = known_differences(), Score(), defaultdict[str, Score](Score)
    for outcome in outcomes:
        for score in (whole, kinds[outcome.kind]):
            score.total += 1
            score.same += not outcome.differences
            score.known += bool(outcome.differences) and is_known(outcome, allowed)
    return whole, dict(sorted(kinds.items()))


def lines(outcomes: Iterable[Outcome]) -> list[str]:
    """The score as it is printed: a line per type, then the whole."""
    whole, kinds = scores(outcomes)
    return [f"conformance {kind}: {score}" for kind, score in kinds.items()] + [f"conformance: {whole}"]
