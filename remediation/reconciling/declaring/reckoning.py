"""What a look came to by what was declared, as a look needs to know it; and that it came to nothing.

Kept apart from what works it out: where nobody may declare, none of that is even imported.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from remediation.baseline import Baseline
from remediation.errors import UnreadableError
from remediation.ledger.declaring.records import DeclarationRecord
from remediation.model import Finding, Judgement, Snapshot
from remediation.rule import Rule

type FindingKey = tuple[str, str]
type Records = Sequence[DeclarationRecord] | UnreadableError
"""What the ledger has of a target; an error where nobody can read that."""
type Reason = tuple[str, datetime | None]
"""Why a repair waits, and until when; None: not by time."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Why nothing is told yet of what a deployment that is under way has written; until when, at least."""

    text: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Noted:
    """What a round has seen of a target's words.

    `seen` names what differs, as a look would remember it. `is_due`: something differs from what a deployment
    that is under way has left, or has not been seen yet; a look has to come back to it.
    """

    seen: str = ""
    is_due: bool = False


class Reckoning(Protocol):
    """`account` has the one that is worked out; `NOTHING` is that of a look at which nobody has spoken.

    `speaks`: whether any word stands. `wake` is when a look is due because a deployment has ended by then,
    `waiting` what is not told before that, `seen` names what differs, `records` is what the ledger had when
    the look began.
    """

    @property
    def speaks(self) -> bool: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def wake(self) -> datetime | None: ...
    @property
    def waiting(self) -> tuple[Wait, ...]: ...
    @property
    def seen(self) -> str: ...
    @property
    def records(self) -> Records: ...

    def beside(
        self, judgement: Judgement, snapshot: Snapshot, baseline: Baseline, now: datetime
    ) -> Judgement: ...

    def left_alone(
        self, judgement: Judgement, snapshot: Snapshot, baseline: Baseline, now: datetime
    ) -> dict[str, str]: ...

    def held(
        self, judgement: Judgement, snapshot: Snapshot, baseline: Baseline, now: datetime
    ) -> Mapping[FindingKey, Reason]: ...

    def hurried(
        self, wanted: Finding, snapshot: Snapshot, rules: Iterable[Rule], baseline: Baseline
    ) -> FindingKey | None: ...

    def spoken(self, finding: Finding) -> datetime | None: ...


class Nothing:
    """Nobody has declared anything of a target."""

    speaks, wake, seen = False, None, ""
    findings: tuple[Finding, ...] = ()
    records: Records = ()
    waiting: tuple[Wait, ...] = ()

    def beside(self, judgement: Judgement, *_: object) -> Judgement:
        return judgement

    def left_alone(self, *_: object) -> dict[str, str]:
        return {}

    def held(self, *_: object) -> Mapping[FindingKey, Reason]:
        return {}

    def hurried(self, *_: object) -> FindingKey | None:
        return None

    def spoken(self, _: Finding) -> datetime | None:
        return None


NOTHING = Nothing()
