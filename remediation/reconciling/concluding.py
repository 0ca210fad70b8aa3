"""Concludes a look: record the judgement, tell, and only then remember the look.

So a crash repeats what was told, and never loses it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from remediation.findings import FindingRecord, Look, second_look
from remediation.judging.verdicts import admin_rules_in, verdict_of
from remediation.ledger.claims import Claim, Claims, Mark
from remediation.ledger.targets.record import STEPS_LEFT
from remediation.measures import Measures, time_repairs
from remediation.messages import MOVED, Message
from remediation.model import Ending, Finding, Guard, Outcome
from remediation.model.ascribing import MARGIN
from remediation.ports import Clock, Queue
from remediation.reconciling.endings import ending_of
from remediation.reconciling.look import Sight
from remediation.reconciling.others.heard import Heard
from remediation.reconciling.others.moving import Mover, guid_of
from remediation.reconciling.spread import Spreader
from remediation.resource_id import ResourceId
from remediation.structs import converted
from remediation.telling.announcing import Herald
from remediation.telling.channels.owners import Ownership

QUEUED_AHEAD = timedelta(days=1)


def wakes_at(sight: Sight, now: datetime) -> datetime | None:
    """When a look must be repeated although nothing happens; None where it need not."""
    ends = [finding.exempt_until for finding in sight.plan.exempt]
    ends += [_let_go(finding) for finding in sight.plan.proposals]
    ends.append(sight.account.wake)
    return min((end for end in ends if end is not None and end > now), default=None)


def _let_go(finding: Finding) -> datetime | None:
    """When nothing holds a repair back any more, by time alone; None where something else must change.

    A tug of war is not hurried on to its next round: when it is over by time, a sweep takes it.
    """
    if any(hold.guard is Guard.FLAPPING for hold in finding.holds):
        return None
    ends = [hold.until for hold in finding.holds if hold.until is not None]
    return max(ends) if ends and len(ends) == len(finding.holds) else None


def _left_alone(finding: Finding) -> str:
    assert finding.exempt is not None
    return f"{finding.rule} is left alone {finding.exempt.words}"


class Concluder:
    """Turns the last look at a claimed target into its outcome. `judge` names today's baseline and rules."""

    def __init__(
        self,
        claims: Claims,
        herald: Herald,
        spreader: Spreader,
        queue: Queue,
        clock: Clock,
        judge: tuple[str, str],
        measures: Measures,
        ownership: Ownership,
        mover: Mover,
        heard: Heard,
    ) -> None:
        self._claims = claims
        self._ownership = ownership
        self._mover = mover
        self._heard = heard
        self._herald = herald
        self._spreader = spreader
        self._queue = queue
        self._clock = clock
        self._judge = judge
        self._measures = measures

    def conclude(self, claim: Claim, message: Message, target: ResourceId, sight: Sight) -> Outcome:
        """Record, tell people, neighbours and ourselves for a second look, remember; returns the outcome."""
        self._claims.check_time(claim, self._clock.now())  # who stood still must not tell what he saw then
        look = self._look_of(claim, target, sight)
        repaired = look.repaired
        records = self._record(claim, target, look, message)
        ending = ending_of(look)
        self._forget_drafts(claim, look)
        time_repairs(self._measures, message, [one for one in repaired if not one.applied_by], records)
        self._herald.announce(target, records.values(), message.replay_id)
        self._spreader.tell_dependents(message, target)
        self._follow(look, message, records)
        self._look_again(message, records.values())
        self._wake(claim, message, sight)
        self._remember(claim, message, target, sight, ending)
        findings, unknowns = sight.plan.findings, sight.judgement.unknowns
        detail = "; ".join(_left_alone(finding) for finding in sight.plan.exempt if finding.exempt)
        return Outcome(ending, target.text, detail, findings, unknowns, writes=len(repaired))

    def _look_of(self, claim: Claim, target: ResourceId, sight: Sight) -> Look:
        """What the handling came to; of a repair of several writes only the last one decides."""
        drafts = list(claim.record.repaired.values())
        repaired, begun = (
            tuple(converted(draft, FindingRecord) for draft in drafts if bool(draft.get(STEPS_LEFT)) is left)
            for left in (False, True)
        )
        tags = self._ownership.of(sight.plan.findings, (*repaired, *begun), sight.snapshot)
        mark, gone = claim.record.mark, sight.snapshot is None
        moved = gone and claim.record.found is not False
        moved_to = self._mover.whereabouts(target, claim.record.guid) if moved else None
        known_since = mark is not None and (mark.baseline_hash, mark.rules_hash) == self._judge
        return Look(
            sight.plan,
            repaired,
            sight.judgement.unknowns,
            gone=gone,
            tags=tags,
            begun=begun,
            since=mark.seen - MARGIN if mark is not None and known_since else None,
            moved_to=moved_to.text if moved_to is not None else "",
            heard=partial(self._heard.opener, claim.record, sight.started),
        )

    def _record(
        self, claim: Claim, target: ResourceId, look: Look, message: Message
    ) -> dict[str, FindingRecord]:
        """Move the findings on. Where none was ever recorded and none is found, there is nothing to read."""
        nothing = not (look.plan.findings or look.repaired or look.begun)
        if nothing and claim.record.found is False:
            return {}
        if not nothing and claim.record.found is not True:
            self._claims.update(claim, found=True)
        if claim.found_none:
            self._herald.expect_none(target)
        records = self._herald.record(target, look, message)
        if claim.record.found is None:
            self._claims.defer(claim, found=bool(records))
        return records

    def _forget_drafts(self, claim: Claim, look: Look) -> None:
        """What is recorded need not be kept any more; what nobody can tell yet waits for a clear look.

        A repair that is over, or held back by now, begins anew when it comes back.
        """
        repaired = claim.record.repaired
        left = {name: draft for name, draft in repaired.items() if draft["rule"] in look.doubtful}
        if left != repaired:
            self._claims.defer(claim, repaired=left)
        reserved = {name: kept for name, kept in claim.record.reserved.items() if name in left}
        if reserved != claim.record.reserved:
            self._claims.defer(claim, reserved=reserved)

    def _follow(self, look: Look, message: Message, records: Mapping[str, FindingRecord]) -> None:
        """A resource that was moved is looked at where it is now; what is open there is whose it was here."""
        if not look.moved_to:
            return
        ended = [record for record in records.values() if record.change == "DriftResolved"]
        opening = next((record.opening for record in ended if record.opening.is_known), None)
        there = message.again(MOVED)
        there = msgspec.structs.replace(there, target=look.moved_to, event_id="")
        if opening is not None:
            there = msgspec.structs.replace(
                there, actor=opening.actor, operation=opening.operation, event_time=opening.event_time
            )
        self._queue.send(there)

    def _look_again(self, message: Message, records: Iterable[FindingRecord]) -> None:
        """What people are told of only after a second look gets one; an earlier look may have asked too."""
        now = self._clock.now()
        moment = second_look(records, now)
        if moment is not None:
            self._queue.send(message.again("second look"), delay=(moment - now).total_seconds())

    def _wake(self, claim: Claim, message: Message, sight: Sight) -> None:
        """Put a look on the queue for the first moment at which time alone changes what this one came to.

        One look for one moment: a message that is under way already serves. What is more than a day ahead is
        left to the sweep, or to a look that comes nearer.
        """
        now, known = self._clock.now(), claim.record.wake_at
        moment = wakes_at(sight, now)
        if moment is None or moment - now > QUEUED_AHEAD or (known is not None and now < known <= moment):
            return
        self._queue.send(message.again("wake"), delay=(moment - now).total_seconds())
        self._claims.defer(claim, wake_at=moment)

    def _remember(
        self, claim: Claim, message: Message, target: ResourceId, sight: Sight, ending: Ending
    ) -> None:
        snapshot = sight.snapshot
        reads = sorted(set(snapshot.read_ids())) if snapshot is not None else []
        self._spreader.note_reads(message, target, claim.record.reads, reads, sight.started)
        facts: dict[str, Any] = {
            "reads": reads,
            "judged_at": sight.started,
            "ending": ending.value,
            "unknown": [f"{unknown.rule}: {unknown.reason}" for unknown in sight.judgement.unknowns],
            "verdict": verdict_of(None if snapshot is None else sight.judged, self._judge),
            "admin_rules": None if snapshot is None else admin_rules_in(snapshot),
        }
        if not sight.plan.findings:
            facts["refused"] = {}
        if sight.account.seen != claim.record.declared:
            facts["declared"] = sight.account.seen
        if sight.tag != claim.record.tag:
            facts["tag"] = sight.tag
        if sight.opt_out != claim.record.opt_out:
            facts["opt_out"] = sight.opt_out
        if guid_of(snapshot) not in {"", claim.record.guid}:
            facts["guid"] = guid_of(snapshot)
        if snapshot is not None:
            facts["region"] = str(snapshot.subject.at("location") or "")
        if sight.complete:
            etag = None if snapshot is None else snapshot.subject.etag
            facts["mark"] = Mark(sight.started, *self._judge, etag)
        self._claims.defer(claim, **facts)
