"""What the app itself says about each message it handled: its log line ``reconcile.done``, kept as values."""

import contextlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LOGGER = "bastion_guard.reconcile"
LINE = "reconcile.done"
IN_WORDS = {
    "compliant": "looked, all in order",
    "skipped": "seen already, not even read",
    "expanded": "its neighbours were looked at",
    "open": "looked, still as people know it",
    "merged": "left to the worker at it",
    "repaired": "repaired",
}
"""Endings for somebody who has not read the code; others are shown by their names."""


def in_words(endings: Mapping[str, int]) -> str:
    """``looked, all in order (2x); seen already, not even read (4x)``; empty when there are none."""
    return "; ".join(
        f"{IN_WORDS.get(ending, ending)} ({count}x)" for ending, count in sorted(endings.items())
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the handling of one message ended; `event` is the event that asked for it."""

    event: str
    ending: str


class Outcomes(logging.Handler):
    """Listens while entered; the functions host runs in this process, so its log passes by here."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.seen: list[Outcome] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == LINE:
            facts = record.__dict__
            self.seen.append(Outcome(str(facts.get("event_id", "")), str(facts.get("ending", ""))))

    def endings(self, event: str, since: int = 0) -> Counter[str]:
        """How often the handling of an event ended how, from the `since`-th outcome on."""
        return Counter(each.ending for each in self.seen[since:] if each.event == event)

    @contextlib.contextmanager
    def listening(self) -> Iterator["Outcomes"]:
        """Hear everything the app says, without changing what others hear."""
        logger = logging.getLogger(LOGGER)
        level = logger.level
        logger.setLevel(logging.INFO)
        logger.addHandler(self)
        try:
            yield self
        finally:
            logger.removeHandler(self)
            logger.setLevel(level)
