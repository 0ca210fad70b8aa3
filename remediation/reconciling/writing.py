"""One planned write, carried out so that a crash at any point can be told from what is left behind.

Order: check the lease, take it out of the budget, confirm that what we judged is still there, store the
intent, send, store the operation, poll within a bound. The caller then looks at the resource again; nothing
is believed to be repaired before a fresh read says so.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from remediation.baseline import Baseline
from remediation.errors import ConflictError, PermanentError, ThrottledError, TransientError
from remediation.findings import draft, name_of
from remediation.kinds import BASTION, SERVER_KEYS
from remediation.ledger.claims import Claim, Claims, Pending
from remediation.ledger.counters import Counters
from remediation.ledger.journal import Journal, WriteRecord, new_id
from remediation.ledger.keys import plain
from remediation.messages import Message
from remediation.model import Finding, Json, Write
from remediation.policy import Policy
from remediation.ports import Clock, Cloud, Operation, Progress
from remediation.resource_id import ResourceId

# What ARM adds to a document on its own; two documents that differ only in these are the same.
IDENTITY_KEYS = frozenset({"id", "name", "type", "location"})
SLOW_TYPES = frozenset({BASTION})


class Step(enum.Enum):
    """How one write went."""

    DONE = "done"
    RUNNING = "running"
    MOVED = "moved"
    REFUSED = "refused"
    OVER_BUDGET = "over budget"


@dataclass(frozen=True, slots=True)
class Result:
    step: Step
    write_id: str = ""
    detail: str = ""
    retry_after: float | None = None


class Writer:
    """Carries out planned writes for one claim at a time."""

    def __init__(
        self, cloud: Cloud, clock: Clock, claims: Claims, journal: Journal, counters: Counters, policy: Policy
    ) -> None:
        self._cloud = cloud
        self._clock = clock
        self._claims = claims
        self._journal = journal
        self._counters = counters
        self._policy = policy

    def write(self, claim: Claim, finding: Finding, message: Message, baseline: Baseline) -> Result:
        """Carry out the first write of a finding's fix; the caller looks again before the next."""
        assert finding.fix is not None
        wanted = finding.fix.writes[0]
        before = finding.fix.before.get(wanted.id.key)
        self._claims.check(claim, self._clock.now())
        if not self._still_there(wanted.id, before):
            return Result(Step.MOVED, detail=f"{wanted.id.text} changed between read and write")
        if not self._counters.take_write(baseline.limits.max_writes_per_hour, self._clock.now()):
            return Result(Step.OVER_BUDGET)
        if name_of(finding.rule, finding.resource.text) not in claim.record.repaired:
            window = timedelta(hours=baseline.limits.flap_window_hours)
            self._counters.count_repair(finding.key, self._clock.now(), window)
        write_id = self._intend(claim, finding, wanted, before, message, baseline)
        return self._send(claim, wanted, write_id)

    def resume(self, claim: Claim, pending: Pending, *, give_up: bool) -> Result:
        """Go on with a write that an earlier handling began: poll it, or see whether it ever arrived."""
        if pending.operation_url:
            result = self._poll(claim, pending.write_id, Operation(pending.operation_url), once=True)
            if result.step is not Step.RUNNING or not give_up:
                return result
            self._finish(claim, pending.write_id, "failed", "the operation did not end in time")
            return Result(Step.REFUSED, pending.write_id, "the write has been running for too long")
        record = self._journal.get(pending.write_id)
        now = self._now(ResourceId.parse(pending.resource))
        arrived = record is not None and holds(now, record.after)
        self._finish(claim, pending.write_id, "done" if arrived else "dropped")
        return Result(Step.DONE if arrived else Step.MOVED, pending.write_id)

    def _still_there(self, resource: ResourceId, expected: Json | None) -> bool:
        """The confirming read: If-Match is not relied on, so the very thing we write is read once more."""
        return same(self._now(resource), expected)

    def _now(self, resource: ResourceId) -> Json | None:
        current = self._cloud.get(resource)
        return None if current is None else current.body

    def _intend(
        self,
        claim: Claim,
        finding: Finding,
        write: Write,
        before: Json | None,
        message: Message,
        baseline: Baseline,
    ) -> str:
        assert finding.fix is not None
        now = self._clock.now()
        kept = claim.record.repaired.get(name_of(finding.rule, finding.resource.text))
        write_id = new_id(now, write.id.text, finding.rule, claim.record.token)
        record = WriteRecord(
            id=write_id,
            target=claim.record.id,
            rule=finding.rule,
            title=finding.fix.title,
            method=write.method,
            resource=write.id.text,
            step=1,
            steps=len(finding.fix.writes),
            state="intended",
            intended_at=now,
            before=None if before is None else dict(before),
            after=None if write.body is None else dict(write.body),
            inverse=[inverse(write, before).to_json()],
            proof=finding.fix.proof,
            traffic=list(finding.fix.traffic),
            baseline_hash=baseline.hash,
            actor=message.actor,
            correlation_id=message.correlation_id,
            replay_id=message.replay_id,
            follows=kept["writeId"] if kept else "",
            finding=finding.resource.text,
        )
        self._journal.intend(record)
        remembered = {**kept, "writeId": write_id} if kept else plain(draft(finding, message, now, write_id))
        self._claims.update(claim, pending=Pending(write_id, write.id.text, remembered, since=now))
        return write_id

    def _send(self, claim: Claim, write: Write, write_id: str) -> Result:
        try:
            operation = self._cloud.write(write)
        except PermanentError as error:
            self._finish(claim, write_id, "failed", str(error))
            return Result(Step.REFUSED, write_id, f"ARM refused the write: {error.code or error}")
        except (ThrottledError, ConflictError) as error:
            # An answer came, and it says that nothing was written.
            self._finish(claim, write_id, "dropped", str(error))
            raise
        if operation.url is None:
            self._finish(claim, write_id, "done")
            return Result(Step.DONE, write_id)
        self._journal.accepted(write_id, operation.url)
        pending = claim.record.pending
        assert pending is not None
        begun = msgspec.structs.replace(pending, operation_url=operation.url)
        self._claims.update(claim, pending=begun)
        return self._poll(claim, write_id, operation, once=write.id.type in SLOW_TYPES)

    def _poll(self, claim: Claim, write_id: str, operation: Operation, *, once: bool) -> Result:
        """Poll until the operation ends or the bound is reached; `once` for what takes minutes anyway."""
        assert operation.url is not None
        deadline = self._clock.now() + self._policy.poll_for
        while True:
            progress = self._cloud.poll(operation.url)
            if progress.state != "running":
                return self._ended(claim, write_id, progress)
            pause = progress.retry_after or 1.0
            if once or self._clock.now() + timedelta(seconds=pause) > deadline:
                return Result(Step.RUNNING, write_id, retry_after=progress.retry_after)
            self._clock.sleep(pause)

    def _ended(self, claim: Claim, write_id: str, progress: Progress) -> Result:
        if progress.state == "succeeded":
            self._finish(claim, write_id, "done")
            return Result(Step.DONE, write_id)
        why = f"{progress.code}: {progress.message}".strip(": ")
        if progress.state == "cancelled" or progress.code in RETRYABLE:
            self._finish(claim, write_id, "dropped", why)
            raise TransientError(f"the write was not carried out: {why}", code=progress.code)
        self._finish(claim, write_id, "failed", why)
        return Result(Step.REFUSED, write_id, f"the write failed: {why}")

    def _finish(self, claim: Claim, write_id: str, state: str, error: str = "") -> None:
        self._journal.ended(write_id, state, self._clock.now(), error)
        pending, repaired = claim.record.pending, dict(claim.record.repaired)
        assert pending is not None
        finding = pending.draft["rule"], pending.draft["resource"]
        if state == "done":
            repaired[name_of(*finding)] = pending.draft
        self._claims.update(claim, pending=None, repaired=repaired)
        if name_of(*finding) not in repaired:
            self._counters.forget_repair(finding)


# Inner codes of operations that passed by themselves: superseded, or another one was in the way.
RETRYABLE = frozenset({
    "Canceled", "CanceledAndSupersededDueToAnotherOperation", "AnotherOperationInProgress", "RetryableError",
})  # fmt: skip


def inverse(write: Write, before: Json | None) -> Write:
    """What takes one write back: the document that was there, or a DELETE where there was none."""
    return Write("DELETE", write.id) if before is None else Write("PUT", write.id, before)


def same(one: Json | None, other: Json | None) -> bool:
    """Whether two documents mean the same: what ARM adds, empty parts and the order of lists do not count."""
    return holds(one, other) and holds(other, one)


def holds(document: Json | None, wanted: Json | None) -> bool:
    """Whether a document as ARM returns it has everything that was written (`wanted`; None: it is gone)."""
    if document is None or wanted is None:
        return document is wanted
    kept = {key: value for key, value in wanted.items() if key not in IDENTITY_KEYS}
    return _holds(document, kept)


def _holds(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        if not wanted and value is None:
            return True
        return isinstance(value, Mapping) and all(
            _holds(value.get(key), item) for key, item in wanted.items() if key not in SERVER_KEYS
        )
    if wanted is None:
        return value is None or (isinstance(value, list | tuple | Mapping) and not value)
    if isinstance(wanted, list | tuple):
        return _each_held(value or (), wanted)
    if isinstance(wanted, str) and isinstance(value, str):
        return value.casefold() == wanted.casefold()
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _each_held(values: Any, wanted: Sequence[Any]) -> bool:
    """Each wanted item in an item of its own, whatever the order."""
    if not isinstance(values, list | tuple) or len(values) != len(wanted):
        return False
    left = list(values)
    for item in wanted:
        found = next((index for index, value in enumerate(left) if _holds(value, item)), None)
        if found is None:
            return False
        del left[found]
    return True
