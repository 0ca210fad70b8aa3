"""Looks again at every target of a scope, whatever events told or failed to tell: the safety net.

Targets come from lists by type of the whole subscription, from what was declared, if no rule judges it or no
list has it any more, and from the findings we remember, so that a finding on a resource that has vanished is
closed. The timer's sweep is thrifty: a target whose listed document has the version of our last complete
look, made lately by today's baseline and rules, is passed over; where a diagnostic setting of it was
declared, that alone is compared, as no version tells of it. A sweep that an event, a replay or a person asked
for looks at everything.
Cost is bounded: what is beyond the bound waits for the next sweep, the longest unseen first. What is due is
looked at in a round's picture; who would be told something else than before goes through the direct lane.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from remediation.errors import PermanentError
from remediation.findings import FindingRecord, State
from remediation.judging.gathering import Reads
from remediation.kinds import BY_WORD_ALONE, DIAGNOSTIC_SETTING
from remediation.ledger.claims import TargetRecord, all_records
from remediation.ledger.declaring.records import NOTHING_TO_SWEEP, DeclarationRecord, ToSweep
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.keys import short
from remediation.messages import Message
from remediation.model import Guard, Listing
from remediation.model.own import is_own
from remediation.policy import Policy
from remediation.ports import Clock, Ledger
from remediation.reconciling.declaring.eye import Eye
from remediation.resource_id import ResourceId
from remediation.rules import judged_types

log = logging.getLogger("bastion_guard.sweep")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A target a sweep may look at: its version in the list, and what we remember of it.

    `thrifty`: it was asked for by the timer's sweep, not by an event or a person. `words` is what the ledger
    has of its declaration, where no rule judges it. `for_settings`: it would be passed over, and only its
    diagnostic settings are held against what was declared.
    """

    target: ResourceId
    etag: str | None = None
    record: TargetRecord | None = None
    findings: tuple[FindingRecord, ...] = ()
    thrifty: bool = False
    words: tuple[DeclarationRecord, ...] = ()
    for_settings: bool = False

    @property
    def is_read_singly(self) -> bool:
        """Whether comparing it takes a request of its own: settings have no list of a subscription."""
        return self.for_settings or self.target.type == DIAGNOSTIC_SETTING

    @property
    def unseen_since(self) -> str:
        """A sort key: never judged first, then the longest unseen."""
        judged = None if self.record is None else self.record.judged_at
        return "" if judged is None else judged.isoformat()


@dataclass(frozen=True, slots=True)
class Remembered:
    """What we remember of every target, and what was declared that no version of a target tells of."""

    records: Mapping[str, TargetRecord]
    findings: Mapping[ResourceId, tuple[FindingRecord, ...]]
    declared: ToSweep = NOTHING_TO_SWEEP


class Sweeper:
    """Finds targets; judging them is left to a round. `judge` names today's baseline and rules."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        policy: Policy,
        judge: tuple[str, str],
        eye: Eye | None = None,
    ) -> None:
        self._ledger = ledger
        self._eye = eye
        self._book = FindingsBook(ledger)
        self._clock = clock
        self._policy = policy
        self._judge = judge

    def remembered(self) -> Remembered:
        """What we remember of every target: its record and its findings, by the key of its id."""
        found = {ResourceId.parse(each.target): tuple(each.records.values()) for each in self._book.all()}
        declared = NOTHING_TO_SWEEP if self._eye is None else self._eye.to_sweep()
        return Remembered(all_records(self._ledger), found, declared)

    def due(
        self, scope: ResourceId, message: Message, cloud: Reads, remembered: Remembered | None = None
    ) -> tuple[list[Candidate], PermanentError | None]:
        """The targets of a subscription or resource group that are due, the longest unseen first.

        With them why a type could not be listed, if one could not. What is `remembered` is read once for
        several scopes.
        """
        refused: dict[str, PermanentError] = {}
        thrifty = message.reason == "sweep"
        known = remembered or self.remembered()
        candidates = [replace(one, thrifty=thrifty) for one in self._candidates(scope, cloud, known, refused)]
        now = self._clock.now()
        fresh = [thrifty and self._is_fresh(one, now) for one in candidates]
        due = [
            replace(one, for_settings=is_fresh)
            for one, is_fresh in zip(candidates, fresh, strict=True)
            if not is_fresh or (one.etag is not None and one.target in known.declared.hosts)
        ]
        due.sort(key=lambda one: one.unseen_since)
        chosen = _at_most(due, self._policy.most_swept, now)
        facts = {"scope": scope.text, "targets": len(candidates), "due": len(chosen)}
        log.info("sweep.done", extra={**facts, "left_for_later": len(due) - len(chosen)})
        return chosen, next(iter(refused.values()), None)

    def _candidates(
        self, scope: ResourceId, cloud: Reads, known: Remembered, refused: dict[str, PermanentError]
    ) -> Iterator[Candidate]:
        """What is there now with its version, then what our findings or a declaration alone remember."""
        records, findings, alone = known.records, known.findings, known.declared.alone
        listed = dict(self._listed(scope, cloud, refused))
        for identity, etag in listed.items():
            yield Candidate(identity, etag, records.get(identity.key), findings.get(identity, ()))
        for target, found in findings.items():
            if _within(target, scope) and target not in listed and not is_own(target):
                words = (alone[target],) if target in alone else ()
                yield Candidate(target, None, records.get(target.key), found, words=words)
        for target, word in alone.items():
            if _within(target, scope) and target not in findings:
                yield Candidate(target, None, records.get(target.key), words=(word,))
        unlisted = known.declared.targets - listed.keys() - findings.keys()
        for target in sorted(unlisted, key=lambda one: one.key):
            if _within(target, scope) and target.type in judged_types() and target.type not in refused:
                yield Candidate(target, None, records.get(target.key))

    def _listed(
        self, scope: ResourceId, cloud: Reads, refused: dict[str, PermanentError]
    ) -> Iterator[tuple[ResourceId, str | None]]:
        """What ARM lists, type by type; a type that it refuses to list stops no other."""
        subscription = f"/subscriptions/{scope.subscription}"
        for kind in sorted(judged_types()):
            try:
                found = cloud.list(Listing(kind, subscription))
            except PermanentError as error:
                refused[kind] = error
                log.warning("sweep.part_failed", extra={"kind": kind, "reason": str(error)})
                continue
            for resource in found:
                if _within(resource.id, scope):
                    yield resource.id, resource.etag

    def _is_fresh(self, one: Candidate, now: datetime) -> bool:
        """Whether nothing can have changed since our last complete look that an event would not tell."""
        if one.target.type in BY_WORD_ALONE:
            return False
        record = one.record
        if record is None or record.mark is None or record.pending is not None or record.look_again:
            return _is_closed(one)
        if record.wake_at is not None and (record.judged_at or record.wake_at) <= record.wake_at <= now:
            return False
        mark = record.mark
        if (mark.baseline_hash, mark.rules_hash) != self._judge or mark.etag != one.etag or one.etag is None:
            return _is_closed(one)
        depends_on_time = f"/subscriptions/{one.target.subscription}" in record.reads
        if record.refused or any(map(may_have_come_free, one.findings)):
            return False
        lately = mark.seen + self._policy.look_again_after > now
        return lately and not depends_on_time and not _has_expired(one.findings, now)


def _at_most(due: Sequence[Candidate], most: int, now: datetime) -> list[Candidate]:
    """So many that may have to be looked at, and as many whose settings are read one by one.

    Interfaces are compared in the list of their type, however many. Nothing remembers when a setting was
    compared last: where there are too many, each sweep draws lots, so that every one has its turn.
    """
    singly = [one for one in due if one.is_read_singly]
    if len(singly) > most:
        singly.sort(key=lambda one: short(one.target.key, now.isoformat()))
    others = [one for one in due if not one.is_read_singly]
    judged = [one for one in others if one.target.type not in BY_WORD_ALONE]
    interfaces = [one for one in others if one.target.type in BY_WORD_ALONE]
    return [*judged[:most], *singly[:most], *interfaces]


def _is_closed(one: Candidate) -> bool:
    """A resource that is gone and whose findings are all over needs no look."""
    gone = one.etag is None and one.record is not None and one.record.ending == "gone"
    return gone and all(found.state is not State.OPEN for found in one.findings)


def may_have_come_free(finding: FindingRecord) -> bool:
    """Whether a repair is held back by what may have gone without an event: a lock, or ARM's refusal."""
    held = finding.is_held_by(Guard.LOCKED) or finding.is_held_by(Guard.REFUSED_BEFORE)
    return finding.state is State.OPEN and held


def _has_expired(findings: tuple[FindingRecord, ...], now: datetime) -> bool:
    """Whether an exemption that a finding was listed or held back under is over."""
    ends = (found.left_alone_until for found in findings)
    return any(end is not None and end <= now for end in ends)


def _within(resource: ResourceId, scope: ResourceId) -> bool:
    return resource.key.startswith(scope.key + "/")
