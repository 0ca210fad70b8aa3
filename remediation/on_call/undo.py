"""Takes a repair back: only while everything is still as we left it, and so that it is not repaired at once.

A repair may have been several writes; they go back in the opposite order, so that what was narrowed is
whole again before its companion goes. Of a repair that closed several openings the one that the write belongs
to goes back, and no other. It is exempt, for what it lets in, before the first write is sent. Each write back
is in the history itself, under a claim like any other, and can be taken back in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from remediation.errors import ConflictError, InputError, PermanentError, ThrottledError, TransientError
from remediation.kinds import NSG, SECURITY_RULE
from remediation.ledger.claims import Claim, Claims
from remediation.ledger.decided.exemptions import ExemptionRecord, Exemptions
from remediation.ledger.journal import Journal, WriteRecord, new_id
from remediation.messages import Message
from remediation.model import Json, Opening, Write, opening_of
from remediation.nsg import RuleChange, apply_changes, parse
from remediation.nsg.difference import difference
from remediation.on_call.chronicle.extent import extent_of
from remediation.on_call.still_ours import diff_of, refuse_if_changed, way_back
from remediation.policy import Policy
from remediation.ports import Ports
from remediation.reconciling.fence import fenced
from remediation.reconciling.writing import Step, Trail, WriteProcedure, same
from remediation.resource_id import ResourceId

LEASE = timedelta(hours=1)
PATIENCE = timedelta(minutes=45)
SAYS_NO = (PermanentError, ConflictError, ThrottledError)
"""Answers that say that nothing was written."""
LONGEST_DELAY = timedelta(days=7)
"""As long as a queue can hide a message; after that the sweep finds the end of an exemption."""


@dataclass(frozen=True, slots=True)
class Back:
    """One write to take back: its record, the document as it is now, and the write that restores it."""

    record: WriteRecord
    now: Json | None
    write: Write
    traffic: tuple[str, ...] = ()

    @property
    def diff(self) -> list[str]:
        return diff_of(self.write, self.now)

    def to_json(self) -> dict[str, Any]:
        told = {"undoes": self.record.id, "diff": self.diff, "traffic": list(self.traffic)}
        return {**self.write.to_json(), **told}


@dataclass(frozen=True, slots=True)
class Undo:
    """What taking back a repair means, in the order of writing. Empty: it is as it was before already."""

    record: WriteRecord
    steps: tuple[Back, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.record.id,
            "title": self.record.title,
            "target": self.record.target,
            "rule": self.record.rule,
            "writes": [step.to_json() for step in self.steps],
        }


class Undoer:
    """Plans and makes undos. `by` is who asks, and `by_id` their Entra object id, for the history."""

    def __init__(self, ports: Ports, policy: Policy, by: str, by_id: str = "") -> None:
        self._procedure = WriteProcedure(fenced(ports, policy).cloud, ports.clock)
        self._ledger, self._retention = ports.ledger, policy.retention
        self._journal = Journal(ports.ledger)
        self._exemptions = Exemptions(ports.ledger)
        self._claims = Claims(ports.ledger, f"undo-{policy.owner}", LEASE)
        self._queue = ports.queue
        self._clock = ports.clock
        self._by = by
        self._by_id = by_id

    def plan(self, write_id: str) -> Undo:
        """What taking back the repair that a write belongs to would do.

        Raises InputError for an id the history does not have or a write that never took effect, and
        ChangedSinceError where somebody has changed the resource since.
        """
        record = self._journal.get(write_id)
        if record is None:
            forgotten = extent_of(self._ledger, self._retention).note_on(write_id)
            raise InputError(f"{write_id[:80]}: the history has no write of this id{forgotten}")
        chain = [each for each in self._journal.repair_of(record) if each.state not in {"failed", "dropped"}]
        if not chain:
            raise InputError(
                f"{write_id}: was never carried out ({record.state}), so nothing is to be undone"
            )
        if unfinished := [each.id for each in chain if each.state != "done"]:
            raise ConflictError(f"{unfinished[0]}: has not ended yet; try again when it has")
        return Undo(chain[-1], tuple(self._steps(chain)))

    def undo(self, undo: Undo, exempt_for: timedelta) -> list[str]:
        """Carry it out; returns the ids of the writes in the history.

        Everything is looked at once more under the claim. Raises as `plan`, and TransientError or
        PermanentError for what ARM says; what was written before stays, and repeating goes on from there.
        """
        target = ResourceId.parse(undo.record.target)
        claim = self._claims.acquire(target, self._clock.now())
        if claim is None:
            raise ConflictError(f"{target.text} is being worked on; try again in a moment")
        try:
            if claim.record.pending is not None:
                raise ConflictError(f"{target.text}: a write is running; try again when it has ended")
            return self._carry_out(self.plan(undo.record.id), claim, exempt_for)
        finally:
            self._let_go(claim, target, exempt_for)

    # Looking -------------------------------------------------------------------------------------

    def _steps(self, chain: Sequence[WriteRecord]) -> list[Back]:
        """Backwards through the repair; a later write on the same resource has to be undone before."""
        state: dict[str, Json | None] = {}
        steps: list[Back] = []
        for record in reversed(chain):
            resource = ResourceId.parse(record.resource)
            if resource.key not in state:
                state[resource.key] = self._procedure.read(resource)
            now = state[resource.key]
            if same(now, record.before):
                continue
            refuse_if_changed(record, now)
            write = way_back(record, resource)
            steps.append(Back(record, now, write, self._traffic(write, steps)))
            state[resource.key] = record.before
        return steps

    def _traffic(self, write: Write, before: Sequence[Back]) -> tuple[str, ...]:
        """What a restored rule or group lets in or shuts out, in lines; empty for what is neither."""
        if write.id.type == NSG and write.body is not None:
            now = self._procedure.read(write.id)
            return () if now is None else tuple(difference(parse(now), parse(write.body)).summary())
        nsg = write.id.parent if write.id.type == SECURITY_RULE else None
        document = None if nsg is None else self._procedure.read(nsg)
        if document is None:
            return ()
        earlier = [_change(back.write) for back in before if back.write.id.parent == nsg]
        was = apply_changes(document, earlier)
        return tuple(difference(parse(was), parse(apply_changes(was, [_change(write)]))).summary())

    # Writing -------------------------------------------------------------------------------------

    def _carry_out(self, undo: Undo, claim: Claim, exempt_for: timedelta) -> list[str]:
        target, exemption = ResourceId.parse(undo.record.target), None
        if undo.steps and exempt_for:
            exemption = self._exemption(undo.record, exempt_for)
            self._exemptions.grant(target, exemption)
        written: list[str] = []
        try:
            for step in undo.steps:
                written.append(self._restore(step, claim, written, len(undo.steps)))
        except SAYS_NO:
            # Nothing was taken back, so nothing is left alone. Of other errors nobody knows what was written.
            if exemption is not None and not written:
                self._exemptions.end(target, exemption.id)
            raise
        return written

    def _exemption(self, last: WriteRecord, exempt_for: timedelta) -> ExemptionRecord:
        """For what the repair had closed, the rule as it stood: not for whatever the group comes to hold."""
        now, closed = self._clock.now(), self._closed(last)
        return ExemptionRecord(
            last.rule,
            last.finding or last.target,
            now + exempt_for,
            last.id,
            opening=closed.rule if closed else "",
            what=closed.what if closed else "",
            by=self._by,
            since=now,
            by_id=self._by_id,
        )

    def _closed(self, last: WriteRecord) -> Opening | None:
        """The opening that a repair closed; None where it ended the finding as a whole."""
        chain = self._journal.repair_of(last) if last.opening else ()
        names = last.opening.lower()
        own = next((one for one in chain if ResourceId.parse(one.resource).name.lower() == names), None)
        return None if own is None else opening_of(last.opening, own.before)

    def _restore(self, step: Back, claim: Claim, written: Sequence[str], steps: int) -> str:
        self._claims.check(claim, self._clock.now())
        record = self._record(step, claim, written, steps)
        self._write(step.write, record)
        self._journal.undone(step.record.id, record.id)
        if not self._procedure.is_now(step.write.id, step.record.before):
            resource = step.write.id.text
            raise PermanentError(f"{record.id}: was written, yet {resource} is not as it was before")
        return record.id

    def _write(self, write: Write, record: WriteRecord) -> None:
        """Returns when it is done. Nobody goes on with an undo later, so what stops it has ended it."""
        trail = Trail(self._journal, self._clock, record.id)
        try:
            result = self._procedure.carry_out(write, record, trail, PATIENCE)
        except (PermanentError, TransientError) as error:
            if trail.is_open:
                trail.end("failed", str(error))
            raise
        if result.step is Step.RUNNING:
            late = f"{record.id}: the operation has not ended in {PATIENCE}"
            trail.end("failed", late)
            raise TransientError(late)
        if result.cause is not None:
            raise result.cause

    def _record(self, step: Back, claim: Claim, written: Sequence[str], steps: int) -> WriteRecord:
        """The write's entry in the history, as it is before it is sent."""
        now, done, number = self._clock.now(), step.record, len(written) + 1
        return msgspec.structs.replace(
            done,
            id=new_id(now, done.resource, f"undo {done.rule} {number}", claim.record.token, done.target),
            title=f"Undo: {done.title}",
            method=step.write.method,
            step=number,
            steps=steps,
            state="intended",
            intended_at=now,
            ended_at=None,
            before=None if step.now is None else dict(step.now),
            after=None if step.write.body is None else dict(step.write.body),
            inverse=[{"method": done.method, "id": done.resource, "body": done.after}],
            proof="It restores what was there before our write, which was still as we left it.",
            traffic=list(step.traffic),
            operation_url="",
            actor={"name": self._by, **({"objectId": self._by_id} if self._by_id else {})},
            correlation_id="",
            replay_id="",
            follows=written[-1] if written else "",
            undo_of=done.id,
        )

    def _let_go(self, claim: Claim, target: ResourceId, exempt_for: timedelta) -> None:
        """Release, and let the app look: now, and when the exemption is over."""
        while not self._claims.release(claim):
            self._claims.unmark(claim)
        look = Message(target=target.text, reason="undo", force=True)
        self._queue.send(look)
        if timedelta(0) < exempt_for <= LONGEST_DELAY:
            over = msgspec.structs.replace(look, reason="exemption over")
            self._queue.send(over, delay=exempt_for.total_seconds() + 1)


def _change(write: Write) -> RuleChange:
    return RuleChange(write.id.name, None, None if write.body is None else dict(write.body))
