"""The one way in for a look: silent at no cost where nobody may speak, else what `seeing` sees."""

from datetime import datetime
from typing import TYPE_CHECKING

from remediation.baseline import Baseline
from remediation.errors import UnreadableError
from remediation.intake.fetching.port import ChangeLog
from remediation.judging.reads import Reads
from remediation.ledger.declaring.records import NOTHING_TO_SWEEP, ToSweep
from remediation.messages import Message
from remediation.model import Finding, Snapshot
from remediation.policy import Policy
from remediation.ports import Ledger
from remediation.reconciling.declaring.reckoning import NOTHING, Noted, Reckoning, Records
from remediation.resource_id import ResourceId
from remediation.rule import Rule

if TYPE_CHECKING:
    from remediation.reconciling.declaring.seeing import Seeing


class Eye:
    """Looks at what was declared, by one baseline; `changes` is asked before a write that puts it back.

    One that `keeps` nothing is for whoever only wants to see.
    """

    def __init__(
        self,
        ledger: Ledger,
        baseline: Baseline,
        policy: Policy,
        changes: ChangeLog | None = None,
        *,
        keeps: bool = True,
    ) -> None:
        self._ledger = ledger
        self._baseline = baseline
        self._policy = policy
        self._changes = changes
        self._keeps = keeps
        self._speaks = baseline.declared.speaks
        self._built: Seeing | None = None

    def hear(self, message: Message, target: ResourceId, now: datetime, made: datetime | None) -> bool:
        """Note who wrote a target, before anybody decides whether to look; whether a look must see it."""
        return self._speaks and self._seeing.hear(message, target, now, made)

    def records(self, target: ResourceId) -> Records:
        """What the ledger has of a target, in one read."""
        return self._seeing.records(target) if self._speaks else ()

    def holds(self, records: Records) -> bool:
        """Whether a word stands or is on its way, by what the ledger has; yes where nobody can read that."""
        return isinstance(records, UnreadableError) or any(one.speaks for one in records)

    def to_sweep(self) -> ToSweep:
        """What a sweep compares since it was declared: interfaces, diagnostic settings."""
        return self._seeing.to_sweep() if self._speaks else NOTHING_TO_SWEEP

    def asking(self, records: Records) -> tuple[Rule, ...]:
        """What a look reads beside what rules need: the settings of a host of which one was declared."""
        return self._seeing.asking(records) if records and self._speaks else ()

    def is_still(self, records: Records, target: ResourceId) -> bool:
        """Whether nobody has spoken since a look: asked before a write."""
        return not self._speaks or self._seeing.is_still(records, target)

    def account(
        self,
        records: Records,
        target: ResourceId,
        snapshot: Snapshot | None,
        cloud: Reads,
        message: Message,
        began: datetime,
    ) -> Reckoning:
        """What a look comes to by what was declared. Raises TransientError."""
        if not self._speaks:
            return NOTHING
        return self._seeing.account(records, target, snapshot, cloud, message, began)

    def seen(self, records: Records, target: ResourceId, snapshot: Snapshot | None, began: datetime) -> str:
        """A name for what differs, as a look would remember it; nothing is kept."""
        return self._seeing.seen(records, target, snapshot, began) if self._speaks else ""

    def noted(
        self,
        records: Records,
        target: ResourceId,
        snapshot: Snapshot | None,
        began: datetime,
        read: datetime,
    ) -> Noted:
        """The same of a round, and what a deployment left is kept; all was read between two moments."""
        return self._seeing.noted(records, target, snapshot, began, read) if self._speaks else Noted()

    def why_not(self, finding: Finding, account: Reckoning, now: datetime) -> str:
        """Why something is not put back by itself after all, by the activity log; "" where it is."""
        return self._seeing.why_not(finding, account, now) if self._speaks else ""

    @property
    def _seeing(self) -> "Seeing":
        """What sees, imported where somebody may speak: the first look at anything else need not pay."""
        if self._built is None:
            from remediation.reconciling.declaring.seeing import Seeing

            ledger, baseline, policy = self._ledger, self._baseline, self._policy
            self._built = Seeing(ledger, baseline, policy, self._changes, keeps=self._keeps)
        return self._built
