"""What is known of an act once it is over: plain values for the terminal, the page and the JSON."""

from dataclasses import dataclass
from typing import Any, Literal

from demo.figures import Figures, Span
from remediation.findings import FindingRecord
from remediation.nsg.exposure import Verdict

type Sign = Literal[" ", "-", "+"]


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing somebody did: who, with what, and a sentence without its subject (`deletes ...`)."""

    who: str
    client: str
    what: str


@dataclass(frozen=True, slots=True)
class Diff:
    """A document before and after, line by line; lines with a blank sign are the same in both."""

    title: str
    lines: tuple[tuple[Sign, str], ...]
    written: bool = True

    @property
    def changed(self) -> bool:
        return any(sign != " " for sign, _ in self.lines)


@dataclass(frozen=True, slots=True)
class PortRow:
    """Whether the internet reaches a TCP port through an NSG: with the change, and after the act."""

    port: int
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """One sentence about how an act has to end; `why` tells what was there instead."""

    text: str
    ok: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Echo:
    """An event about a change, and what the app made of its deliveries (``compliant`` -> 2)."""

    what: str
    endings: dict[str, int]


@dataclass(frozen=True, slots=True)
class Act:
    """A story as it went. `findings` and `cards` are those of this act, in the order they were told.

    `channels` says of each card where it was shown.
    """

    number: int
    name: str
    title: str
    short: str
    told: str
    outcome: str
    checks: tuple[Check, ...]
    figures: Figures
    deeds: tuple[Deed, ...] = ()
    findings: tuple[FindingRecord, ...] = ()
    diffs: tuple[Diff, ...] = ()
    ports: tuple[PortRow, ...] = ()
    traffic: tuple[str, ...] = ()
    echoes: tuple[Echo, ...] = ()
    cards: tuple[dict[str, Any], ...] = ()
    channels: tuple[str, ...] = ()
    span: Span | None = None
    took: float = 0.0

    @property
    def seconds(self) -> float | None:
        """From the change to the end of its repair; None when nothing was repaired."""
        return None if self.span is None else self.span.repaired

    @property
    def ok(self) -> bool:
        return bool(self.checks) and all(check.ok for check in self.checks)
