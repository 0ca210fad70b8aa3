"""One write of a finding's fix, and going on with one that an earlier handling began.

Order: check the lease, confirm that what we judged is still there and that what it was judged by is still
in force, take the write out of the budget, count the repair, store the intent, and only then write. The
first write of a repair takes the others out of the budget with it; what is left of them stays on the claim.
The intent is conditioned on the claim's record, so that nobody writes whose claim is another's by now. What
is under way is kept on the claim as well as in the history, in one transaction, so that whoever takes the
target after a crash goes on with it. The caller then looks at the resource again; nothing is believed to be
repaired before a fresh look says so.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec

from remediation.baseline import Baseline
from remediation.errors import ConflictError, ThrottledError, TooLargeError
from remediation.findings import State, deed_of, draft, name_of
from remediation.judging.consenting import Consent
from remediation.kinds import BASTION
from remediation.ledger.claims import Claim, Claims, Pending, Reserved
from remediation.ledger.counters import Counters
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.journal import Journal, WriteRecord, amended, new_id
from remediation.ledger.keys import plain
from remediation.ledger.targets.record import STEPS_LEFT
from remediation.messages import Message, maker_of
from remediation.model import Closing, Finding, Json, Opening, Write, share_of
from remediation.model.ascribing import is_new
from remediation.model.deeds import NOBODY, Deed
from remediation.policy import Policy
from remediation.ports import Clock, Row
from remediation.reconciling.in_force.watch import StillInForce
from remediation.reconciling.look import Confirming
from remediation.reconciling.others.ahead_of_us import AheadOfUs
from remediation.reconciling.others.heard import Heard
from remediation.reconciling.writing import Result, Step, Trail, WriteProcedure, holds, inverse
from remediation.resource_id import ResourceId

SLOW_TYPES = frozenset({BASTION})
"""What takes minutes: its operation is asked about once, and again by a later message."""
AT_ONCE = timedelta(0)


class Fixer:
    """Carries out the writes of fixes, for one claim at a time; some by the `consent` of a person."""

    def __init__(
        self,
        procedure: WriteProcedure,
        clock: Clock,
        claims: Claims,
        journal: Journal,
        counters: Counters,
        baseline: Baseline,
        policy: Policy,
        still_in_force: StillInForce,
        ahead_of_us: AheadOfUs,
        book: FindingsBook,
        heard: Heard,
        consent: Consent | None = None,
    ) -> None:
        self._consent = consent
        self._procedure = procedure
        self._clock = clock
        self._claims = claims
        self._journal = journal
        self._counters = counters
        self._baseline = baseline
        self._policy = policy
        self._still_in_force = still_in_force
        self._ahead_of_us = ahead_of_us
        self._book = book
        self._heard = heard

    def write(
        self, claim: Claim, finding: Finding, message: Message, confirming: Confirming | None = None
    ) -> Result:
        """Carry out the first write of a finding's fix; the caller looks again before the next.

        `confirming` is the fresh read of what is written, where the look has made it. Raises NotInForceError
        where the baseline has changed since the look, or all writing was stopped.
        """
        assert finding.fix is not None
        wanted = finding.fix.writes[0]
        limits = self._baseline.limits
        self._claims.check_time(claim, self._clock.now())
        fresh = confirming.body if confirming is not None and confirming.resource == wanted.id else None
        if not self._procedure.is_now(wanted.id, finding.fix.before.get(wanted.id.key), fresh):
            self._note_ahead(claim, finding, wanted, fresh)
            return Result(Step.MOVED, detail=f"{wanted.id.text} changed between read and write")
        self._still_in_force.check()
        if not self._take_write(claim, finding):
            return Result(Step.OVER_BUDGET)
        opening = finding.fix.opening_of(wanted)
        if opening is not None or self._is_first(claim, finding):
            window = timedelta(hours=limits.flap_window_hours)
            beside = tuple(each.rule for each in finding.fix.openings if each is not opening)
            closing = Closing(self._clock.now(), opening or Opening(""), maker_of(message), beside)
            self._counters.count_repair(finding.key, closing, window)
        answered = self._answered(claim, finding, message)
        record = self._record(claim, finding, message, answered)
        patience = AT_ONCE if wanted.id.type in SLOW_TYPES else self._policy.poll_for
        by = self._applied_by(finding)
        remembered = _remembered(claim, finding, message, record, by, answered)
        trail = self._trail(claim, record.id, remembered, opening.rule if opening else "")
        if self._consent is not None and by:
            self._consent.begun = True
        try:
            return self._procedure.carry_out(wanted, record, trail, patience)
        except (ThrottledError, ConflictError) as error:
            if isinstance(error, ConflictError):
                self._note_ahead(claim, finding, wanted, None)
            if not trail.is_open:
                self._give_back(claim, finding)
            raise
        except TooLargeError as error:
            # Without its entry in the history nobody could take the write back, so it is not made.
            self._counters.forget_repair(finding.key, opening.rule if opening else "")
            return Result(Step.REFUSED, detail=f"its entry in the history does not fit: {error}")

    def _answered(self, claim: Claim, finding: Finding, message: Message) -> Deed:
        """Whose change a repair answers: that of the message, unless a finding or a kept event knows it."""
        deed, rule, resource = deed_of(message), finding.rule, finding.resource.text
        may_be_it = deed.may_open(rule, resource)
        if deed.actor and may_be_it and not message.replay_id:
            return deed
        none = claim.record.found is False
        known = None if none else self._book.of(ResourceId.parse(claim.record.id)).get(_name(finding))
        if known is not None and known.state is State.OPEN and known.opening.actor:
            return known.opening
        if not is_new(known):
            return deed if may_be_it else NOBODY
        heard = self._heard.opener(claim.record, self._clock.now(), rule, resource)
        return heard if heard.is_known or not may_be_it else deed

    def _note_ahead(
        self, claim: Claim, finding: Finding, wanted: Write, fresh: Callable[[], Json | None] | None
    ) -> None:
        read = fresh or partial(self._procedure.read, wanted.id)
        self._ahead_of_us.note(claim.record.id, finding, wanted, read)

    def _take_write(self, claim: Claim, finding: Finding) -> bool:
        """Take a write out of the budget: of what was taken when the repair was begun, or begin it.

        What is left is stored with the intent. Should we die before that, it was spent and not used.
        """
        assert finding.fix is not None
        reserved, name, now = dict(claim.record.reserved), _name(finding), self._clock.now()
        left = reserved.get(name)
        if left is None or not left.is_good(now):
            cap = self._baseline.limits.max_writes_per_hour
            left = Reserved(self._counters.take_writes(cap, now, share_of(finding.fix)), now)
        if not left.writes:
            return False
        reserved[name] = Reserved(left.writes - 1, left.since)
        self._claims.defer(claim, reserved=reserved)
        return True

    def _give_back(self, claim: Claim, finding: Finding) -> None:
        """ARM has answered that nothing was written: who goes on later spends no more for it."""
        reserved, name = dict(claim.record.reserved), _name(finding)
        reserved[name] = Reserved(reserved[name].writes + 1, reserved[name].since)
        self._claims.defer(claim, reserved=reserved)

    def _applied_by(self, finding: Finding) -> dict[str, str]:
        """The person who has a repair made; nobody where the app makes it by itself."""
        consent = self._consent
        return consent.by if consent is not None and consent.is_for(finding) else {}

    def _is_first(self, claim: Claim, finding: Finding) -> bool:
        """Whether this is the first write for a finding that is closed as a whole."""
        whole = finding.fix is not None and not finding.fix.openings
        return whole and _name(finding) not in claim.record.repaired

    def resume(self, claim: Claim, pending: Pending, *, give_up: bool) -> Result:
        """Go on with a write that an earlier handling began: poll it, or see whether it ever arrived."""
        trail = self._trail(claim, pending.write_id, pending.draft, pending.opening)
        if pending.operation_url:
            result = self._procedure.wait(pending.operation_url, trail, AT_ONCE)
            if result.step is not Step.RUNNING or not give_up:
                return result
            trail.end("failed", "the operation did not end in time")
            return Result(Step.REFUSED, pending.write_id, "the write has been running for too long")
        record = self._journal.get(pending.write_id)
        now = self._procedure.read(ResourceId.parse(pending.resource))
        arrived = record is not None and holds(now, record.after)
        trail.end("done" if arrived else "dropped")
        return Result(Step.DONE if arrived else Step.MOVED, pending.write_id)

    def _trail(self, claim: Claim, write_id: str, remembered: dict[str, Any], opening: str) -> "_FixTrail":
        parts = self._journal, self._clock, write_id, self._claims, claim, self._counters
        return _FixTrail(*parts, remembered, opening)

    def _record(self, claim: Claim, finding: Finding, message: Message, answered: Deed) -> WriteRecord:
        """The write's entry in the history, as it is before it is sent."""
        fix = finding.fix
        assert fix is not None
        write: Write = fix.writes[0]
        now, before = self._clock.now(), fix.before.get(write.id.key)
        opening = fix.part_of(write)
        kept = claim.record.repaired.get(_name(finding))
        return WriteRecord(
            id=new_id(now, write.id.text, finding.rule, claim.record.token, claim.record.id),
            target=claim.record.id,
            rule=finding.rule,
            title=fix.title,
            method=write.method,
            resource=write.id.text,
            step=1,
            steps=len(fix.writes),
            state="intended",
            intended_at=now,
            before=None if before is None else dict(before),
            after=None if write.body is None else dict(write.body),
            inverse=[inverse(write, before).to_json()],
            proof=fix.proof,
            traffic=list(fix.traffic),
            closes=list(fix.closes),
            baseline_hash=self._baseline.hash,
            actor=answered.actor,
            applied_by=self._applied_by(finding),
            correlation_id=message.correlation_id,
            replay_id=message.replay_id,
            follows=kept["writeId"] if kept else "",
            finding=finding.resource.text,
            opening=opening.rule if opening else "",
        )


class _FixTrail(Trail):
    """What a fix's write leaves behind: in the history, and on the claim for whoever goes on with it."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        write_id: str,
        claims: Claims,
        claim: Claim,
        counters: Counters,
        remembered: dict[str, Any],
        opening: str,
    ) -> None:
        super().__init__(journal, clock, write_id)
        self._claims = claims
        self._claim = claim
        self._counters = counters
        self._remembered = remembered
        self._opening = opening
        self._row: Row | None = None

    def intend(self, record: WriteRecord) -> None:
        """In one transaction with the claim, unless the entry is so large that it must be tried."""
        intention = self._journal.intention(record)
        if intention is None:
            super().intend(record)
        else:
            self._claims.go_along(self._claim, intention)
        since, opening = record.intended_at, self._opening
        pending = Pending(record.id, record.resource, self._remembered, since=since, opening=opening)
        self._keep(self._claims.update(self._claim, pending=pending, found=True))
        self.is_open = True

    def accept(self, operation_url: str) -> None:
        self._amend(state="accepted", operation_url=operation_url)
        pending = self._claim.record.pending
        assert pending is not None
        begun = msgspec.structs.replace(pending, operation_url=operation_url)
        self._keep(self._claims.update(self._claim, pending=begun))

    def _amend(self, **facts: Any) -> None:
        """Change the entry with the claim's next write."""
        row = self._row or self._journal.row_of(self.write_id)
        if row is not None:
            self._claims.go_along(self._claim, amended(row, **facts))

    def _keep(self, rows: Sequence[Row | None]) -> None:
        """The entry as it was just written, if that is known."""
        self._row = next((row for row in rows if row is not None and row.key == self.write_id), None)

    def end(self, state: str, error: str = "") -> None:
        """Written with the claim's next write: until then the claim says that it is under way, and it is."""
        self._amend(state=state, ended_at=self._clock.now(), error=error)
        self.is_open = False
        finding = self._remembered["rule"], self._remembered["resource"]
        repaired = dict(self._claim.record.repaired)
        if state == "done":
            repaired[name_of(*finding)] = self._remembered
        self._claims.defer(self._claim, pending=None, repaired=repaired)
        if state != "done" and (self._opening or name_of(*finding) not in repaired):
            self._counters.forget_repair(finding, self._opening)


def _remembered(
    claim: Claim, finding: Finding, message: Message, record: WriteRecord, by: dict[str, str], answered: Deed
) -> dict[str, Any]:
    """The finding's record, kept until a look has shown that the write has ended it."""
    kept = claim.record.repaired.get(_name(finding))
    left = {STEPS_LEFT: record.steps - 1}
    if kept:
        return {**kept, "writeId": record.id, **left}
    fixed = draft(finding, message, record.intended_at, record.id)
    opener = answered if answered.is_known and answered != deed_of(message) else None
    result: dict[str, Any] = plain(msgspec.structs.replace(fixed, applied_by=by, opened_by=opener))
    return result | left


def _name(finding: Finding) -> str:
    return name_of(finding.rule, finding.resource.text)
