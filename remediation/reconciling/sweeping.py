"""Looks again at every target of a scope, whatever events told or failed to tell: the safety net.

Targets come from lists by type of the whole subscription, and from the findings we remember, so that a
finding on a resource that has vanished is closed. The timer's sweep is thrifty: a target whose listed
document has the version of our last complete look, made lately by today's baseline and rules, is passed
over. A sweep that an event, a replay or a person asked for looks at everything. Cost is bounded: what is
beyond the bound waits for the next sweep, the longest unseen first.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from remediation.errors import PermanentError
from remediation.findings import FindingRecord, State
from remediation.kinds import OWN
from remediation.ledger.claims import TargetRecord, all_records
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message
from remediation.model import Guard, Listing
from remediation.policy import Policy
from remediation.ports import Ports
from remediation.resource_id import ResourceId
from remediation.rules import judged_types

log = logging.getLogger("bastion_guard.sweep")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A target a sweep may look at: its version in the list, and what we remember of it."""

    target: ResourceId
    etag: str | None = None
    record: TargetRecord | None = None
    findings: tuple[FindingRecord, ...] = ()

    @property
    def unseen_since(self) -> str:
        """A sort key: never judged first, then the longest unseen."""
        judged = None if self.record is None else self.record.judged_at
        return "" if judged is None else judged.isoformat()


class Sweeper:
    """Finds targets; judging them is left to the queue. `judge` names today's baseline and rules."""

    def __init__(self, ports: Ports, policy: Policy, judge: tuple[str, str]) -> None:
        self._cloud = ports.cloud
        self._ledger = ports.ledger
        self._book = FindingsBook(ports.ledger)
        self._queue = ports.queue
        self._clock = ports.clock
        self._policy = policy
        self._judge = judge

    def sweep(self, scope: ResourceId, message: Message) -> int:
        """Queue the targets of a subscription or resource group that are due; returns how many.

        Raises PermanentError, when all is queued, for a type that could not be listed.
        """
        refused: list[PermanentError] = []
        candidates = list(self._candidates(scope, refused))
        now = self._clock.now()
        thrifty = message.reason == "sweep"
        due = [one for one in candidates if not (thrifty and self._is_fresh(one, now))]
        due.sort(key=lambda one: one.unseen_since)
        chosen = due[: self._policy.most_swept]
        for one in chosen:
            self._queue.send(_look(one.target, message))
        facts = {"scope": scope.text, "targets": len(candidates), "queued": len(chosen)}
        log.info("sweep.done", extra={**facts, "left_for_later": len(due) - len(chosen)})
        if refused:
            raise refused[0]
        return len(chosen)

    def _candidates(self, scope: ResourceId, refused: list[PermanentError]) -> Iterator[Candidate]:
        """What is there now with its version, then what only our findings remember."""
        records = all_records(self._ledger)
        findings = {
            ResourceId.parse(found.target): tuple(found.records.values()) for found in self._book.all()
        }
        listed = dict(self._listed(scope, refused))
        for identity, etag in listed.items():
            yield Candidate(identity, etag, records.get(identity.key), findings.get(identity, ()))
        for target, known in findings.items():
            if _within(target, scope) and target not in listed and not target.type.startswith(OWN):
                yield Candidate(target, None, records.get(target.key), known)

    def _listed(
        self, scope: ResourceId, refused: list[PermanentError]
    ) -> Iterator[tuple[ResourceId, str | None]]:
        """What ARM lists, type by type; a type that it refuses to list stops no other."""
        subscription = f"/subscriptions/{scope.subscription}"
        for kind in sorted(judged_types()):
            try:
                found = self._cloud.list(Listing(kind, subscription))
            except PermanentError as error:
                refused.append(error)
                log.warning("sweep.part_failed", extra={"kind": kind, "reason": str(error)})
                continue
            for resource in found:
                if _within(resource.id, scope):
                    yield resource.id, resource.etag

    def _is_fresh(self, one: Candidate, now: datetime) -> bool:
        """Whether nothing can have changed since our last complete look that an event would not tell."""
        record = one.record
        if record is None or record.mark is None or record.pending is not None or record.look_again:
            return _is_closed(one)
        if record.wake_at is not None and (record.judged_at or record.wake_at) <= record.wake_at <= now:
            return False
        mark = record.mark
        if (mark.baseline_hash, mark.rules_hash) != self._judge or mark.etag != one.etag or one.etag is None:
            return _is_closed(one)
        depends_on_time = f"/subscriptions/{one.target.subscription}" in record.reads
        if record.refused or any(map(_may_have_come_free, one.findings)):
            return False
        lately = mark.seen + self._policy.look_again_after > now
        return lately and not depends_on_time and not _has_expired(one.findings, now)


def _is_closed(one: Candidate) -> bool:
    """A resource that is gone and whose findings are all over needs no look."""
    gone = one.etag is None and one.record is not None and one.record.ending == "gone"
    return gone and all(found.state is not State.OPEN for found in one.findings)


def _may_have_come_free(finding: FindingRecord) -> bool:
    """Whether a repair is held back by what may have gone without an event: a lock, or ARM's refusal."""
    held = finding.is_held_by(Guard.LOCKED) or finding.is_held_by(Guard.REFUSED_BEFORE)
    return finding.state is State.OPEN and held


def _has_expired(findings: tuple[FindingRecord, ...], now: datetime) -> bool:
    """Whether an exemption that a finding was listed or held back under is over."""
    ends = (found.left_alone_until for found in findings)
    return any(end is not None and end <= now for end in ends)


def _look(target: ResourceId, message: Message) -> Message:
    return Message(
        target=target.text,
        reason="sweep",
        force=True,
        replay_id=message.replay_id,
        actor=message.actor,
        operation=message.operation,
        event_time=message.event_time,
        correlation_id=message.correlation_id,
    )


def _within(resource: ResourceId, scope: ResourceId) -> bool:
    return resource.key.startswith(scope.key + "/")
