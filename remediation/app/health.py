"""How the app is: one word and counts for anybody, every mistake by place and kind for who has the key.

A mistake is told without the value that is wrong: what stands in the wrong setting may be the webhook's
signature. Each is short, and there are at most fifty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remediation.app.answers import Answer
from remediation.errors import Mistake
from remediation.ledger.decided.in_force import InForce

MOST_MISTAKES = 50
UNTOLD = Mistake.at("app", "cannot be put together; its log says why")
"""What is told of a mistake of which nobody knows whether it quotes a value."""


@dataclass(frozen=True, slots=True)
class Health:
    """`word` is ok, degraded, not ready or not configured; `facts` are for who has the key alone."""

    word: str
    mistakes: Sequence[str] = ()
    counts: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """503 is for what stops judging; an app that is late, stopped, or cannot tell people answers 200."""
        return 200 if self.word in {"ok", "degraded"} else 503

    def for_anybody(self) -> Answer:
        """The word, and how many there are of each thing."""
        return Answer(self.status, {"status": self.word, **self.counts, "mistakes": len(self.mistakes)})

    def in_detail(self) -> Answer:
        """The same with the baseline in force and every mistake: `path` says where, `kind` what is wrong."""
        told = [told_of(mistake) for mistake in self.mistakes[:MOST_MISTAKES]]
        shown = [{"path": mistake.path, "kind": mistake.kind} for mistake in told]
        left = len(self.mistakes) - len(shown)
        body = {"status": self.word, **self.counts, **self.facts, "mistakes": shown, "mistakesLeftOut": left}
        return Answer(self.status, body)


def told_of(mistake: str) -> Mistake:
    """The mistake, if it is known to quote no value in its place and kind."""
    return mistake if isinstance(mistake, Mistake) else UNTOLD


def without_values(mistakes: Sequence[str]) -> list[str]:
    """Mistakes as lines that hold no value, each once and at most fifty of them."""
    told = [told_of(mistake) for mistake in mistakes[:MOST_MISTAKES]]
    return list(dict.fromkeys(f"{mistake.path}: {mistake.kind}" for mistake in told))


def shown_in_force(known: InForce | None) -> Mapping[str, Any] | None:
    """What is in force, for who has the key; None where nobody can tell."""
    if known is None:
        return None
    stop, broken = known.stop, known.broken_since
    return {
        "hash": known.hash,
        "mode": known.effective_mode,
        "baselineMode": known.mode,
        "since": known.since.isoformat(),
        "from": known.source,
        "by": known.by,
        "stopped": None
        if stop is None
        else {"by": stop.by, "since": stop.since.isoformat(), "reason": stop.reason},
        "brokenSince": None if broken is None else broken.isoformat(),
    }
