"""What a look came to by what was declared: beside what the rules say, and before anything is planned."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from remediation.baseline import Baseline
from remediation.declared.declaration import Declaration
from remediation.declared.rule import DECLARED_DRIFT
from remediation.declared.standing import is_stale
from remediation.declared.words import MOST_NAMED, name_of
from remediation.judging.evaluation import judge
from remediation.judging.prediction import after
from remediation.model import Finding, Judgement, Snapshot
from remediation.reconciling.declaring.attending import Word
from remediation.reconciling.declaring.drifting import Drift
from remediation.reconciling.declaring.reckoning import FindingKey, Reason, Records, Wait
from remediation.reconciling.declaring.templates import Against, Trust, against, says_so
from remediation.reconciling.declaring.waiting import ON_ITS_WAY
from remediation.rule import Rule


@dataclass(frozen=True, slots=True)
class Account:
    """The words that stand at a look, what differs from them, and why each repair of that waits.

    `unreadable` says why nobody knows what was declared: then nothing is repaired. `wake` is when a look is
    due because a deployment has ended by then. `seen` names what differs, for rounds to compare. `records` is
    what the ledger had when the look began, `trust` says which words may hold a repair back.
    """

    words: Sequence[Word] = ()
    drift: Drift = field(default_factory=Drift)
    waits: Mapping[FindingKey, Reason] = field(default_factory=dict)
    unreadable: str = ""
    wake: datetime | None = None
    seen: str = ""
    records: Records = ()
    trust: Trust = Against

    @property
    def speaks(self) -> bool:
        return bool(self.words)

    @property
    def waiting(self) -> tuple[Wait, ...]:
        """What is not told yet, since the deployment that left or wrote it is under way."""
        return tuple(
            Wait(_under_way(one), one.ends)
            for one in self.words
            if one.ends is not None and (one.declaration is None or one.differences)
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What differs."""
        return self.drift.findings

    def beside(
        self, judgement: Judgement, snapshot: Snapshot, baseline: Baseline, now: datetime
    ) -> Judgement:
        """What the rules say, with what differs before it, and with whose template says so of the rest."""
        if not self.words:
            return judgement
        words = self._fresh(baseline, now)
        told = tuple(self._told(finding, words, snapshot) for finding in judgement.findings)
        return Judgement((*self.drift.findings, *told), (*self.drift.unknowns, *judgement.unknowns))

    def _told(self, finding: Finding, words: Sequence[Word], snapshot: Snapshot) -> Finding:
        held = against(finding, words, snapshot, self.trust).values()
        return says_so(finding, next((one.declaration for one in held if one.declaration), None))

    def left_alone(
        self, judgement: Judgement, snapshot: Snapshot, baseline: Baseline, now: datetime
    ) -> dict[str, str]:
        """Openings that a template makes, where others of the same finding can be closed: name -> why."""
        found: dict[str, str] = {}
        words = self._fresh(baseline, now)
        for finding in self._others(judgement):
            declared = against(finding, words, snapshot, self.trust)
            if finding.fix is not None and len(declared) < len(finding.fix.openings):
                found |= {
                    name.lower(): f"rule {name} stays: {one.reason[0]}"
                    for name, one in declared.items()
                    if name
                }
        return found

    def held(
        self, judgement: Judgement, snapshot: Snapshot, baseline: Baseline, now: datetime
    ) -> Mapping[FindingKey, Reason]:
        """Why repairs wait: those that would write against a word, and those of what differs."""
        if self.unreadable:
            return {one.key: (self.unreadable, None) for one in judgement.findings if one.fix is not None}
        words, found = self._fresh(baseline, now), dict(self.waits)
        for finding in self._others(judgement):
            declared = against(finding, words, snapshot, self.trust)
            if declared:
                found[finding.key] = next(iter(declared.values())).reason
        return found

    def hurried(
        self, wanted: Finding, snapshot: Snapshot, rules: Iterable[Rule], baseline: Baseline
    ) -> FindingKey | None:
        """What differs whose way back ends a finding that would be repaired at once, by another write.

        Then there is nothing to wait for: it is written either way, and what was declared is the better end.
        """
        asked = [rule for rule in rules if rule.id == wanted.rule]
        for finding in self.drift.findings:
            waits = self.waits.get(finding.key)
            if finding.fix is None or waits is None or waits[0] != ON_ITS_WAY or finding.fix.consent:
                continue
            rest = judge(after(snapshot, finding.fix.writes), asked, baseline).findings
            if all(one.key != wanted.key for one in rest):
                return finding.key
        return None

    def spoken(self, finding: Finding) -> datetime | None:
        """When the word was spoken from which a finding differs."""
        known = (one.declaration for one in self.words if one.id == finding.resource)
        return next((one.source.at for one in known if one is not None), None)

    def _fresh(self, baseline: Baseline, now: datetime) -> list[Word]:
        """Words that hold a repair back: a stale one only alerts, and who accepts exempts from nothing."""
        days = baseline.declared.stale_after_days
        return [
            word for word in self.words if word.declaration is None or _holds(word.declaration, now, days)
        ]

    def _others(self, judgement: Judgement) -> list[Finding]:
        return [one for one in judgement.findings if one.rule != DECLARED_DRIFT.id] if self.words else []


def _under_way(word: Word) -> str:
    """Why a word is not held against what is there, in words."""
    who = word.deploying
    if word.declaration is None:
        return f"{who} has written {name_of(word.id)}, and no look has seen that yet"
    paths = ", ".join(one.path or "it is gone" for one in word.differences[:MOST_NAMED])
    more = len(word.differences) - MOST_NAMED
    rest = f" and {more} more" if more > 0 else ""
    return (
        f"{name_of(word.id)} is not as {who} left it ({paths}{rest}), which is under way: nothing of that is "
        "drift before it has ended"
    )


def _holds(declaration: Declaration, now: datetime, days: int) -> bool:
    return declaration.source.sort != "accepted" and not is_stale(declaration, now, days)
