"""Bring one resource to the baseline, whatever event mentioned it.

An event says only that something may have changed. Events arrive twice, late and out of order, so their
content is not trusted: the resource is read again and judged as it is now. The echo of our own write
therefore ends in an empty plan.

Returning means finished, handed on or merged; raising is for what nobody foresaw or could record. What is
handed on is on the queue before we return, so a crash in between costs a duplicate, never a loss.
"""

import logging
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import msgspec

from remediation.baseline import Baseline
from remediation.errors import (
    ConflictError,
    InputError,
    LeaseLostError,
    PermanentError,
    ThrottledError,
    TransientError,
)
from remediation.findings import FindingRecord, Look, second_look
from remediation.intake.expansion import expand
from remediation.ledger.claims import Claim, Claims, Mark, Pending, TargetRecord, has_seen, is_old_news
from remediation.ledger.counters import Counters
from remediation.ledger.diary import Diary
from remediation.ledger.inbox import Inbox
from remediation.ledger.journal import Journal
from remediation.ledger.keys import short
from remediation.ledger.pressure import Pressure
from remediation.ledger.readers import Readers
from remediation.measures import SILENT, Measures, answers_a_change, time_judgement, time_repairs
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.policy import Policy
from remediation.ports import Announcer, Clock, Cloud, Ledger, Queue
from remediation.reconciling.endings import ending_of, log_outcome
from remediation.reconciling.fence import Fenced
from remediation.reconciling.handing_on import Later
from remediation.reconciling.look import Looker, Sight
from remediation.reconciling.sweeping import Sweeper
from remediation.reconciling.writing import Result, Step, Writer
from remediation.resource_id import ResourceId
from remediation.rules import rules_hash
from remediation.telling.announcing import Herald

log = logging.getLogger("bastion_guard.reconcile")

type FindingKey = tuple[str, str]

# Reasons to try again what ARM has refused before: the policy or lock may be gone.
LOOK_AFRESH = frozenset({"sweep", "replay", "baseline"})


class Reconciler:
    """Handles messages of the reconcile queue: one worker per target, as many targets as come."""

    def __init__(
        self,
        cloud: Cloud,
        ledger: Ledger,
        queue: Queue,
        announcer: Announcer,
        clock: Clock,
        baseline: Baseline,
        policy: Policy,
        measures: Measures = SILENT,
    ) -> None:
        cloud = Fenced(cloud, policy)
        self._cloud = cloud
        self._queue = queue
        self._clock = clock
        self._baseline = baseline
        self._policy = policy
        self._measures = measures
        self._claims = Claims(ledger, policy.owner, policy.lease)
        self._inbox = Inbox(ledger)
        self._diary = Diary(ledger)
        self._readers = Readers(ledger)
        self._herald = Herald(ledger, announcer, clock)
        counters = Counters(ledger)
        self._looker = Looker(cloud, clock, ledger, baseline)
        self._writer = Writer(cloud, clock, self._claims, Journal(ledger), counters, policy)
        self._later = Later(queue, clock, policy, self._claims, Pressure(ledger), self._herald, measures)
        self._sweeper = Sweeper(cloud, ledger, queue, clock, policy, (baseline.hash, rules_hash()))

    def handle(self, message: Message) -> Outcome:
        """Do what one message asks for; raises only what was not foreseen or cannot be recorded."""
        first_received = self._inbox.store(message, self._clock.now())
        outcome = self._in_scope(message, first_received)
        first_answer = answers_a_change(message, outcome) and not self._was_answered(message, first_received)
        self._diary.judged(message, outcome, self._clock.now())
        self._inbox.ended(message, outcome, first_received, self._clock.now())
        if first_answer:
            time_judgement(self._measures, message, outcome, self._clock.now())
        log_outcome(message, outcome)
        return outcome

    def _was_answered(self, message: Message, first_received: datetime | None) -> bool:
        return first_received is not None and bool(self._inbox.outcome(message))

    def _in_scope(self, message: Message, first_received: datetime | None) -> Outcome:
        named = message.target or message.expand or message.sweep or ""
        try:
            resource = ResourceId.parse(named)
        except InputError as error:
            return Outcome(Ending.REFUSED, named[:200], str(error))
        if not self._policy.covers(resource):
            detail = f"subscription {resource.subscription} is not one of SUBSCRIPTIONS"
            return Outcome(Ending.REFUSED, resource.text, detail)
        return self._dispatch(message, resource, first_received)

    def _dispatch(self, message: Message, resource: ResourceId, first_received: datetime | None) -> Outcome:
        """Known transient errors are handed on; what will never work is recorded and told."""
        try:
            if message.target is not None:
                return self._reconcile(message, resource, first_received)
            return self._spread(message, resource)
        except ThrottledError as error:
            self._later.note_pressure(resource, error)
            return self._later.hand_on(message, resource, error)
        except TransientError as error:
            return self._later.hand_on(message, resource, error)
        except PermanentError as error:
            return self._later.give_up(message, resource, str(error))

    # One target ----------------------------------------------------------------------------------

    def _reconcile(self, message: Message, target: ResourceId, first_received: datetime | None) -> Outcome:
        record = self._claims.look_up(target)
        if not message.force and self._is_old_news(message, record, first_received):
            if first_received is None:
                self._tell_readers(message, target)  # we have seen it as a neighbour; they may not have
            return Outcome(Ending.SKIPPED, target.text, "older than our last complete look")
        if record is not None and self._later.is_followed(record.pending):
            return Outcome(Ending.MERGED, target.text, "a write is running; who follows it will look again")
        later = self._later.wait_with_everybody(message, target, "" if record is None else record.region)
        if later is not None:
            return later
        before = None if message.force else self._happened_before(message, first_received)
        claim = self._claims.acquire(target, self._clock.now(), before)
        if claim is None:
            return Outcome(Ending.MERGED, target.text, "its holder will look again")
        return self._holding(claim, message, target)

    def _is_old_news(
        self, message: Message, record: TargetRecord | None, first_received: datetime | None
    ) -> bool:
        judge = self._baseline.hash, rules_hash()
        if has_seen(record, first_received, *judge):
            return True
        return is_old_news(record, message.event_time, self._policy.margin, *judge)

    def _happened_before(self, message: Message, first_received: datetime | None) -> datetime | None:
        """A moment on our clock by which the event's change was certainly made, if that is known."""
        if first_received is not None or message.event_time is None:
            return first_received
        forever = datetime.max.replace(tzinfo=UTC) - self._policy.margin
        return min(message.event_time, forever) + self._policy.margin

    def _holding(self, claim: Claim, message: Message, target: ResourceId) -> Outcome:
        """Work on a claimed target, then let it go, whatever happened. A claim that was lost is told once."""
        try:
            outcome = self._work(claim, message, target)
        except LeaseLostError as error:
            self._tell_lost(claim, message, error)
            self._let_go(claim, message)
            raise
        except BaseException:
            self._tell_lost(claim, message, self._let_go(claim, message))
            raise
        self._tell_lost(claim, message, self._let_go(claim, message))
        return outcome

    def _let_go(self, claim: Claim, message: Message) -> LeaseLostError | None:
        """Release; a question that came meanwhile goes on the queue first. Returns why the claim is not ours.

        Its mark is taken back before it is queued, so that whatever merges from then on, our own question
        included, sets it again and is seen by the next release. A claim that cannot be let go runs out by
        itself: only then may the message come back, or it would merge into what it left behind.
        """
        try:
            while not self._claims.release(claim):
                self._claims.unmark(claim)
                self._queue.send(message.again("look again"))
        except LeaseLostError as error:
            return error
        except TransientError as error:
            lease = self._policy.lease.total_seconds()
            raise TransientError(f"a claim was left behind: {error}", retry_after=lease) from error
        return None

    def _tell_lost(self, claim: Claim, message: Message, error: LeaseLostError | None) -> None:
        if error is None:
            return
        self._measures.count("claims_lost")
        facts = {"target": claim.record.id, "reason": str(error), "correlation_id": message.correlation_id}
        log.warning("claim.lost", extra=facts)

    def _work(self, claim: Claim, message: Message, target: ResourceId) -> Outcome:
        unsettled: dict[FindingKey, str] = {}
        if claim.record.pending is not None:
            with self._span("resume", message, claim.record.pending.resource):
                result = self._resume(claim, claim.record.pending, unsettled)
            if result.step is Step.RUNNING:
                return self._later.wait_for_operation(claim, message, result)
        sight, running = self._converge(claim, message, target, unsettled)
        if running is not None:
            return self._later.wait_for_operation(claim, message, running)
        if not sight.settled:
            raise TransientError(f"{target.text} is being changed by somebody", code="Updating")
        return self._conclude(claim, message, target, sight)

    def _resume(self, claim: Claim, pending: Pending, unsettled: dict[FindingKey, str]) -> Result:
        patience = pending.since + self._policy.pending_patience
        result = self._writer.resume(claim, pending, give_up=self._clock.now() > patience)
        if result.step is Step.REFUSED:
            unsettled[pending.draft["rule"], pending.draft["resource"].lower()] = result.detail
        return result

    def _converge(
        self, claim: Claim, message: Message, target: ResourceId, unsettled: dict[FindingKey, str]
    ) -> tuple[Sight, Result | None]:
        """Look, write one step, look again, until nothing is left to write; a running write is given back."""
        written: set[str] = set()
        refused = {} if message.reason in LOOK_AFRESH else dict(claim.record.refused)
        for _ in range(self._policy.most_writes):
            with self._span("verify" if claim.record.repaired else "look", message, target.text):
                sight = self._looker.look(target, unsettled)
            if not sight.plan.fixes:
                return sight, None
            finding = sight.plan.fixes[0]
            assert finding.fix is not None
            step = short(msgspec.json.encode(finding.fix.writes[0].to_json()).decode())
            if step in written:
                unsettled[finding.key] = "written as planned, yet the finding is still there"
                continue
            if step in refused:
                unsettled[finding.key] = refused[step]
                continue
            with self._span("write", message, finding.fix.writes[0].id.text, rule=finding.rule):
                result = self._writer.write(claim, finding, message, self._baseline)
            if result.step is Step.RUNNING:
                return sight, result
            if result.step is Step.REFUSED:
                unsettled[finding.key] = refused[step] = result.detail
                self._claims.update(claim, refused=refused)
            if result.step is Step.DONE:
                written.add(step)
        raise ConflictError(f"{target.text} does not settle: somebody keeps changing it")

    def _span(self, name: str, message: Message, resource: str, **facts: str) -> AbstractContextManager[None]:
        return self._measures.span(name, message.correlation_id, resource=resource, **facts)

    def _conclude(self, claim: Claim, message: Message, target: ResourceId, sight: Sight) -> Outcome:
        """Record the judgement, tell, and only then remember the look: a crash repeats, never loses."""
        repaired = [msgspec.convert(draft, FindingRecord) for draft in claim.record.repaired.values()]
        gone = sight.snapshot is None
        look = Look(sight.plan, tuple(repaired), sight.judgement.unknowns, gone=gone)
        records = self._herald.record(target, look, message)
        ending = ending_of(look)
        self._forget_drafts(claim, look)
        time_repairs(self._measures, message, repaired, records)
        self._herald.announce(target, records.values(), message.replay_id)
        self._tell_readers(message, target)
        self._look_again(message, records.values())
        self._remember(claim, message, target, sight, ending)
        findings, unknowns = sight.plan.findings, sight.judgement.unknowns
        return Outcome(ending, target.text, "", findings, unknowns, writes=len(repaired))

    def _forget_drafts(self, claim: Claim, look: Look) -> None:
        """What is recorded need not be kept any more; what nobody can tell yet waits for a clear look."""
        repaired = claim.record.repaired
        left = {name: draft for name, draft in repaired.items() if draft["rule"] in look.doubtful}
        if left != repaired:
            self._claims.update(claim, repaired=left)

    def _remember(
        self, claim: Claim, message: Message, target: ResourceId, sight: Sight, ending: Ending
    ) -> None:
        snapshot = sight.snapshot
        reads = sorted(set(snapshot.read_ids())) if snapshot is not None else []
        fresh = self._readers.note(target, claim.record.reads, reads)
        if self._readers.changed_since(fresh, sight.started):
            self._queue.send(message.again("look again"))
        facts: dict[str, Any] = {
            "reads": reads,
            "judged_at": sight.started,
            "ending": ending.value,
            "unknown": [f"{unknown.rule}: {unknown.reason}" for unknown in sight.judgement.unknowns],
        }
        if not sight.plan.findings:
            facts["refused"] = {}
        if snapshot is not None:
            facts["region"] = str(snapshot.subject.at("location") or "")
        if sight.complete:
            etag = None if snapshot is None else snapshot.subject.etag
            facts["mark"] = Mark(sight.started, self._baseline.hash, rules_hash(), etag)
        self._claims.update(claim, **facts)

    def _look_again(self, message: Message, records: Iterable[FindingRecord]) -> None:
        """What people are told of only after a second look gets one; an earlier look may have asked too."""
        now = self._clock.now()
        moment = second_look(records, now)
        if moment is not None:
            self._queue.send(message.again("second look"), delay=(moment - now).total_seconds())

    def _tell_readers(self, message: Message, target: ResourceId) -> None:
        """A target that changed may be a neighbour of others; they look too, but tell nobody further."""
        if message.reason in {"neighbour", "sweep", "baseline", "second look"}:
            return
        self._readers.changed(target, self._clock.now())
        for reader in self._readers.of(target, self._policy.fan_out):
            if reader != target:
                self._queue.send(msgspec.structs.replace(message, target=reader.text, reason="neighbour"))

    # Neighbours ----------------------------------------------------------------------------------

    def _spread(self, message: Message, resource: ResourceId) -> Outcome:
        """Work that only queues other work; a good end resolves what an earlier one gave up on."""
        later = self._later.wait_with_everybody(message, resource, "")
        if later is not None:
            return later
        if message.expand is not None:
            outcome = self._expand(message, resource)
        else:
            count = self._sweeper.sweep(resource, message)
            outcome = Outcome(Ending.EXPANDED, resource.text, f"{count} targets queued")
        records = self._herald.record_reached(resource, message)
        self._herald.announce(resource, records.values(), message.replay_id)
        return outcome

    def _expand(self, message: Message, neighbour: ResourceId) -> Outcome:
        self._readers.changed(neighbour, self._clock.now())
        touched = expand(self._cloud, self._readers, neighbour, self._policy.fan_out)
        if touched.overflow:
            scope = f"/subscriptions/{neighbour.subscription}"
            self._queue.send(msgspec.structs.replace(message, expand=None, sweep=scope, reason="fan-out"))
            return Outcome(Ending.EXPANDED, neighbour.text, "touches too many to name: a sweep is queued")
        for target in touched.targets:
            work = msgspec.structs.replace(
                message, expand=None, target=target.text, reason="neighbour", force=True
            )
            self._queue.send(work)
        return Outcome(Ending.EXPANDED, neighbour.text, f"{len(touched.targets)} targets queued")
