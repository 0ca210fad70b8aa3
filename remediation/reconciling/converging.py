"""Brings a claimed target to where nothing is left to write: look, write one step, look again."""

from contextlib import AbstractContextManager

import msgspec

from remediation.errors import ConflictError, TransientError, UnfinishedError
from remediation.kinds import SUBNET
from remediation.ledger.claims import Claim, Claims, Pending, TargetRecord
from remediation.ledger.keys import short
from remediation.measures import Measures
from remediation.messages import Message
from remediation.model import Ending, Finding, Fix
from remediation.policy import Policy
from remediation.ports import Clock
from remediation.reconciling.fixing import Fixer
from remediation.reconciling.look import Looker, Sight
from remediation.reconciling.writing import Result, Step
from remediation.resource_id import ResourceId

type FindingKey = tuple[str, str]

# Reasons and operations to try again what ARM has refused before: the policy or lock may be gone.
LOOK_AFRESH = frozenset({"sweep", "replay", "baseline", "apply"})
MAY_HAVE_FREED = ("microsoft.authorization/locks/", "microsoft.authorization/policyexemptions/")


class Converger:
    """Repeats look and write within bounds; what ARM refuses or what changes nothing is not written twice."""

    def __init__(
        self, claims: Claims, looker: Looker, fixer: Fixer, clock: Clock, policy: Policy, measures: Measures
    ) -> None:
        self._claims = claims
        self._looker = looker
        self._fixer = fixer
        self._clock = clock
        self._policy = policy
        self._measures = measures

    def converge(self, claim: Claim, message: Message, target: ResourceId) -> Sight | Result:
        """The look that found nothing more to write, or the result of a write that is still running.

        What an earlier handling began is finished first. Raises TransientError while somebody is changing the
        target, UnfinishedError when there is more to write, ConflictError when it does not settle because
        others write to it, too.
        """
        refused_before: dict[FindingKey, str] = {}
        if claim.record.pending is not None:
            with self._span("resume", message, claim.record.pending.resource):
                result = self._resume(claim, claim.record.pending, refused_before)
            if result.step is Step.RUNNING:
                return result
        seen = self._write_until_quiet(claim, message, target, refused_before)
        if isinstance(seen, Sight) and not seen.settled:
            raise TransientError(f"{target.text} is being changed by somebody", code="Updating")
        return seen

    def _resume(self, claim: Claim, pending: Pending, refused_before: dict[FindingKey, str]) -> Result:
        patience = pending.since + self._policy.pending_patience
        result = self._fixer.resume(claim, pending, give_up=self._clock.now() > patience)
        if result.step is Step.REFUSED:
            refused_before[pending.draft["rule"], pending.draft["resource"].lower()] = result.detail
        return result

    def _write_until_quiet(
        self, claim: Claim, message: Message, target: ResourceId, refused_before: dict[FindingKey, str]
    ) -> Sight | Result:
        written: set[str] = set()
        moved, began = 0, self._clock.now()
        refused = {} if _may_be_free(message) else dict(claim.record.refused)
        for _ in range(self._policy.most_writes):
            if written and self._clock.now() - began > self._policy.work_for:
                break  # the host ends an invocation that takes too long, whatever it is at
            with self._span("verify" if claim.record.repaired else "look", message, target.text):
                begun = claim.record.going_on(self._clock.now())
                sight = self._looker.look(target, refused_before, message, _likely(claim.record), begun)
            if not sight.plan.fixes:
                return sight
            finding = sight.plan.fixes[0]
            assert finding.fix is not None
            step = _digest(finding.fix)
            if step in written:
                refused_before[finding.key] = "written as planned, yet the finding is still there"
                continue
            if step in refused:
                refused_before[finding.key] = refused[step]
                continue
            result = self._written(claim, finding, message, sight)
            if result.step is Step.RUNNING:
                return result
            if result.step is Step.REFUSED:
                refused_before[finding.key] = refused[step] = result.detail
                self._claims.defer(claim, refused=dict(refused))
            if result.step is Step.DONE:
                written.add(step)
            moved += result.step is Step.MOVED
        if moved:
            raise ConflictError(f"{target.text} does not settle: somebody keeps changing it")
        raise UnfinishedError(f"{target.text} takes more than {len(written)} writes: the rest follows")

    def _written(self, claim: Claim, finding: Finding, message: Message, sight: Sight) -> Result:
        """Write the first step of a finding's fix, unless somebody has declared otherwise since the look."""
        assert finding.fix is not None
        resource = finding.fix.writes[0].id.text
        if not self._looker.is_still_declared(ResourceId.parse(claim.record.id), sight):
            return Result(Step.MOVED, detail=f"{resource} was declared otherwise since it was read")
        with self._span("write", message, resource, rule=finding.rule):
            return self._fixer.write(claim, finding, message, sight.confirming)

    def _span(self, name: str, message: Message, resource: str, **facts: str) -> AbstractContextManager[None]:
        return self._measures.span(name, message.correlation_id, resource=resource, **facts)


def _may_be_free(message: Message) -> bool:
    return message.reason in LOOK_AFRESH or message.operation.lower().startswith(MAY_HAVE_FREED)


def _likely(record: TargetRecord) -> list[str]:
    """What a look reads in any case: what the last one read, or its subnets if that was a closer look."""
    if record.ending == Ending.COMPLIANT:
        return record.reads
    return [read for read in record.reads if f"/{SUBNET.rpartition('/')[2]}/" in read]


def _digest(fix: Fix) -> str:
    """A name for the first write of a fix."""
    return short(msgspec.json.encode(fix.writes[0].to_json()).decode())
