"""What a replay would do now: judged against live ARM, planned, and nothing written or announced.

Reads the ledger for what guards need (repairs, budget, exemptions) and changes nothing in it.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from remediation.baseline import Action, Baseline
from remediation.errors import BastionGuardError, ThrottledError, UnreadableError
from remediation.findings import FindingRecord, draft
from remediation.intake.expansion import expand
from remediation.ledger.claims import Claims
from remediation.ledger.counters import Counters
from remediation.ledger.decided.exemptions import Exemptions
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.reverse_index import ReverseIndex
from remediation.messages import Message
from remediation.model import Disposition, Finding, Unknown
from remediation.on_call.replay import Watch
from remediation.on_call.still_ours import fix_lines
from remediation.policy import Policy
from remediation.ports import Ports
from remediation.reconciling.declaring.eye import Eye
from remediation.reconciling.exempt_tags import ExemptTags
from remediation.reconciling.fence import fenced
from remediation.reconciling.look import Looker, Sight
from remediation.reconciling.sweeping import Sweeper
from remediation.resource_id import ResourceId
from remediation.rules import registry, rules_hash


@dataclass(frozen=True, slots=True)
class Prospect:
    """What would happen to one target. `trouble` says why it could not be judged."""

    target: str
    findings: tuple[FindingRecord, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    gone: bool = False
    trouble: str = ""

    @property
    def outcome(self) -> str:
        """One of repair, propose, alert, exempt, unknown, compliant, gone and trouble."""
        if self.trouble or self.gone:
            return "trouble" if self.trouble else "gone"
        kinds = {_kind(finding) for finding in self.findings}
        for kind in ("repair", "propose", "alert", "exempt"):
            if kind in kinds:
                return kind
        return "unknown" if self.unknowns else "compliant"

    def to_json(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "outcome": self.outcome,
            "findings": [_finding_json(finding) for finding in self.findings],
            "unknown": [unknown.to_json() for unknown in self.unknowns],
            "trouble": self.trouble or None,
        }


class Preview:
    """Judges without acting."""

    def __init__(self, ports: Ports, baseline: Baseline, policy: Policy, rule: str = "") -> None:
        self._ports = fenced(ports, policy)
        self._clock = ports.clock
        self._policy = policy
        self._rule = rule
        self._baseline = _switched_on(baseline, rule)
        ledger = ports.ledger
        counters, exemptions = Counters(ledger), Exemptions(ledger)
        self._claims = Claims(ledger, policy.owner, policy.lease)
        tags = ExemptTags(self._claims, FindingsBook(ledger))
        eye = Eye(ports.ledger, self._baseline, policy, keeps=False)
        self._looker = Looker(
            self._ports.cloud, ports.clock, counters, exemptions, tags, self._baseline, eye=eye
        )

    def prospects(
        self,
        messages: Iterable[Message],
        watch: Watch,
        *,
        most: int,
        deadline: datetime | None = None,
    ) -> tuple[list[Prospect], int]:
        """What would happen to each target once; and how many there was no room or time for.

        Raises ThrottledError when ARM asks everybody to wait.
        """
        seen: dict[str, Prospect | None] = {}
        for message in messages:
            for target in self._targets(message):
                late = deadline is not None and self._clock.now() > deadline
                if target.key not in seen:
                    full = late or sum(one is not None for one in seen.values()) >= most
                    seen[target.key] = None if full else self._prospect(target, message)
            watch.tick()
        found = [prospect for prospect in seen.values() if prospect is not None]
        return found, len(seen) - len(found)

    def _targets(self, message: Message) -> list[ResourceId]:
        """The targets that a message leads to; a search that fails leads to itself, to be told so."""
        if message.target is not None:
            return [ResourceId.parse(message.target)]
        named = ResourceId.parse(message.expand or message.sweep or "")
        try:
            if message.sweep is not None:
                return self._swept(named, message)
            reverse_index = ReverseIndex(self._ports.ledger)
            return list(expand(self._ports.cloud, reverse_index, named, self._policy.fan_out).targets)
        except ThrottledError:
            raise
        except BastionGuardError:
            return [named]

    def _swept(self, scope: ResourceId, message: Message) -> list[ResourceId]:
        judge = self._baseline.hash, rules_hash()
        sweeper = Sweeper(self._ports.ledger, self._clock, self._policy, judge)
        due, refused = sweeper.due(scope, message, self._ports.cloud)
        if refused is not None:
            raise refused
        return [one.target for one in due]

    def _prospect(self, target: ResourceId, message: Message) -> Prospect:
        try:
            sight = self._looker.look(target, {}, message, begun=self._begun(target))
        except ThrottledError:
            raise
        except BastionGuardError as error:
            return Prospect(target.text, trouble=str(error))
        if not sight.settled:
            return Prospect(target.text, trouble="somebody is changing it right now")
        return self._told(target, sight, message)

    def _begun(self, target: ResourceId) -> list[str]:
        """The findings whose repair is going on: it holds the writes that it takes, whoever asks."""
        with suppress(UnreadableError):
            record = self._claims.look_up(target)
            return [] if record is None else record.under_way(self._clock.now())
        return []

    def _told(self, target: ResourceId, sight: Sight, message: Message) -> Prospect:
        now = self._clock.now()
        found = [finding for finding in sight.plan.findings if self._asked(finding)]
        return Prospect(
            target.text,
            tuple(draft(finding, message, now, "") for finding in found),
            tuple(unknown for unknown in sight.judgement.unknowns if self._asked(unknown)),
            gone=sight.snapshot is None,
        )

    def _asked(self, verdict: Finding | Unknown) -> bool:
        return not self._rule or verdict.rule == self._rule


def _switched_on(baseline: Baseline, rule: str) -> Baseline:
    """The baseline with a rule on that is off, so that one can see what switching it on would do."""
    action = baseline.rules.get(rule)
    if not rule or action not in {None, Action.OFF} or (action is None and registry()[rule].on_by_default):
        return baseline
    return replace(baseline, rules={**baseline.rules, rule: Action.FIX})


def _kind(finding: FindingRecord) -> str:
    if finding.exempt_until is not None:
        return "exempt"
    return {Disposition.FIX.value: "repair"}.get(finding.disposition, finding.disposition)


def _finding_json(finding: FindingRecord) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "resourceId": finding.resource,
        "severity": finding.severity,
        "message": finding.message,
        "disposition": finding.disposition,
        "heldBackBy": list(finding.held_back_by),
        "exempt": dict(finding.exempt_by) or None,
        "fix": finding.fix.title if finding.fix else None,
        "diff": fix_lines(finding.fix) if finding.fix else [],
        "traffic": finding.fix.traffic if finding.fix else [],
    }
