"""What a replay would do now: judged against live ARM, planned, and nothing written or announced.

Reads the ledger for what guards need (repairs, budget, exemptions) and changes nothing in it.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from remediation.baseline import Action, Baseline
from remediation.declared.rule import DECLARED_DRIFT
from remediation.errors import BastionGuardError, ThrottledError, UnreadableError
from remediation.findings import FindingRecord, State, draft
from remediation.intake.expansion import expand
from remediation.kinds import BY_WORD_ALONE
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
from remediation.reconciling.declaring.reckoning import Wait
from remediation.reconciling.exempt_tags import ExemptTags
from remediation.reconciling.fence import fenced
from remediation.reconciling.look import Looker, Sight
from remediation.reconciling.sweeping import Sweeper
from remediation.resource_id import ResourceId
from remediation.rules import registry, rules_hash

LIVE = frozenset({State.OPEN, State.SUSPECTED})


@dataclass(frozen=True, slots=True)
class Prospect:
    """What would happen to one target. `trouble` says why it could not be judged.

    `waiting` is what nobody is told of yet, since a deployment is under way.
    """

    target: str
    findings: tuple[FindingRecord, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    gone: bool = False
    trouble: str = ""
    waiting: tuple[Wait, ...] = ()

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
        self._book = FindingsBook(ledger)
        self._eye = eye = Eye(ports.ledger, self._baseline, policy, keeps=False)
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
        named = ResourceId.parse(message.target or message.expand or message.sweep or "")
        itself = [named] if self._is_looked_at(named) else []
        if message.target is not None:
            return itself
        try:
            if message.sweep is not None:
                return self._swept(named, message)
            return self._touched(named, itself if named.type in BY_WORD_ALONE else [])
        except ThrottledError:
            raise
        except BastionGuardError:
            return [named]

    def _touched(self, neighbour: ResourceId, itself: list[ResourceId]) -> list[ResourceId]:
        """Whom a neighbour touches; it comes first where it is looked at `itself`."""
        reverse_index = ReverseIndex(self._ports.ledger)
        return [
            *itself, *expand(self._ports.cloud, reverse_index, neighbour, self._policy.fan_out).targets
        ]  # fmt: skip

    def _is_looked_at(self, target: ResourceId) -> bool:
        """Whether a target is looked at at all: what no rule judges is only where it was declared."""
        return target.type not in BY_WORD_ALONE or self._eye.holds(self._eye.records(target))

    def _swept(self, scope: ResourceId, message: Message) -> list[ResourceId]:
        judge = self._baseline.hash, rules_hash()
        sweeper = Sweeper(self._ports.ledger, self._clock, self._policy, judge, self._eye)
        due, refused = sweeper.due(scope, message, self._ports.cloud)
        if refused is not None:
            raise refused
        return [one.target for one in due]

    def _prospect(self, target: ResourceId, message: Message) -> Prospect:
        try:
            message = self._as_told(target, message)
            sight = self._looker.look(target, {}, message, begun=self._begun(target))
        except ThrottledError:
            raise
        except BastionGuardError as error:
            return Prospect(target.text, trouble=str(error))
        if not sight.settled:
            return Prospect(target.text, trouble="somebody is changing it right now")
        return self._told(target, sight, message)

    def _as_told(self, target: ResourceId, message: Message) -> Message:
        """The message with who made the change, where nobody's event asks and the record of a drift knows."""
        if message.actor or message.event_time is not None:
            return message
        with suppress(UnreadableError):
            for record in self._book.of(target).values():
                if record.rule == DECLARED_DRIFT.id and record.state in LIVE and record.opening.actor:
                    made = record.opening
                    return msgspec.structs.replace(
                        message, actor=made.actor, event_time=made.event_time, event_id=message.reason
                    )
        return message

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
            gone=sight.snapshot is None and not found,
            waiting=sight.account.waiting,
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
