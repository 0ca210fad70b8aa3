"""The app with one guard missing at a time: what the simulation must notice.

Each is the shipped part with one public method that forgets something; what it needs for that, it keeps from
what it was built with. They are handed in where the app is put together; nothing is patched.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.baseline import Routing
from remediation.baseline.routes import NO_ROUTING
from remediation.errors import ConflictError, TransientError
from remediation.findings import FindingRecord, Look, moved_on, owed
from remediation.ledger.cards import Cards, Owed
from remediation.ledger.claims import Claim, Claims, Pending
from remediation.ledger.counters import Counters
from remediation.ledger.decided.in_force import InForce
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.journal import Journal
from remediation.ledger.reverse_index import ReverseIndex
from remediation.measures import Measures
from remediation.messages import Message
from remediation.model import Ending, Finding, Json, Outcome, Plan, Share, Write
from remediation.policy import Policy
from remediation.ports import Announcer, Clock, Cloud, Ledger, Queue, Row
from remediation.reconciling.fixing import Fixer
from remediation.reconciling.handing_on import Later
from remediation.reconciling.in_force.watch import StillInForce
from remediation.reconciling.in_force.watch import Watch as WatchInForce
from remediation.reconciling.look import Looker, Sight
from remediation.reconciling.releasing import Releaser
from remediation.reconciling.watching import Watch
from remediation.reconciling.writing import Result, WriteProcedure
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald
from remediation.telling.channels.event import announcement

# Claims ------------------------------------------------------------------------------------------


class NoLookAgain(Claims):
    """Whoever finds a live lease is done, and leaves no mark."""

    def acquire(self, target: ResourceId, now: datetime, *others: Any) -> Claim | None:
        record = self.look_up(target)
        if record is not None and record.lease_until is not None and record.lease_until > now:
            return None
        return super().acquire(target, now, *others)


class MarkForgottenOnRelease(Claims):
    """A mark that was set meanwhile does not keep a claim from being let go."""

    def release(self, claim: Claim) -> bool:
        self.marked(claim)
        claim.record = msgspec.structs.replace(claim.record, look_again=False)
        return super().release(claim)


class ReleasesFirst(Releaser):
    """The claim is let go, and only then the target queued for whoever asked meanwhile."""

    def __init__(self, claims: Claims, queue: Queue, policy: Policy, measures: Measures) -> None:
        super().__init__(claims, queue, policy, measures)
        self.claims, self.queue = claims, queue

    def let_go(self, claim: Claim, message: Message) -> None:
        marked = self.claims.marked(claim)
        claim.record = msgspec.structs.replace(claim.record, look_again=False)
        self.claims.release(claim)
        if marked:
            self.queue.send(message.again("look again"))


class UnsureClaim(Claims):
    """A claim whose answer was lost is asked for again at once, as if it had never been made."""

    def acquire(self, target: ResourceId, now: datetime, *others: Any) -> Claim | None:
        try:
            return super().acquire(target, now, *others)
        except ConflictError:
            raise
        except TransientError as error:
            raise TransientError(str(error)) from error


class Sharing(Claims):
    """Everybody takes the target and keeps it, whoever else holds it."""

    def __init__(self, ledger: Ledger, owner: str, lease: timedelta) -> None:
        super().__init__(ledger, owner, lease)
        self.ledger = ledger

    def acquire(self, target: ResourceId, now: datetime, *others: Any) -> Claim | None:
        record = self.look_up(target)
        until = None if record is None else record.lease_until
        return super().acquire(target, now if until is None else max(now, until), *others)

    def update(self, claim: Claim, **changes: Any) -> Sequence[Row | None]:
        self.keep(claim)
        return super().update(claim, **changes)

    def check(self, claim: Claim, now: datetime) -> None:
        self.keep(claim)

    def release(self, claim: Claim) -> bool:
        self.keep(claim)
        return super().release(claim)

    def keep(self, claim: Claim) -> None:
        """Take the newest version of the record for our own, whoever wrote it."""
        row = self.ledger.read(claim.row.partition, claim.row.key)
        assert row is not None
        claim.row = row


# Looking and writing -----------------------------------------------------------------------------


class BlindlyComplete(Looker):
    """Every look counts as complete, also where something could not be read."""

    def look(self, target: ResourceId, *others: Any, **named: Any) -> Sight:
        sight = super().look(target, *others, **named)
        return Complete(sight.started, sight.snapshot, sight.judgement, sight.plan)


class Complete(Sight):
    @property
    def complete(self) -> bool:
        return True


class Crude(Looker):
    """A rule that lets in too much is deleted, whatever else it is good for."""

    def look(self, target: ResourceId, *others: Any, **named: Any) -> Sight:
        sight = super().look(target, *others, **named)
        fixes = tuple(_crude(finding) for finding in sight.plan.fixes)
        plan = Plan(fixes, sight.plan.proposals, sight.plan.alerts, sight.plan.exempt)
        return replace(sight, plan=plan)


def _crude(finding: Finding) -> Finding:
    if finding.rule != "nsg-mgmt-open-to-internet" or finding.fix is None:
        return finding
    first = finding.fix.writes[0]
    deletion = Write("DELETE", first.id, if_match=first.if_match)
    return replace(finding, fix=replace(finding.fix, writes=(deletion,)))


class NoConfirmingRead(WriteProcedure):
    """What was judged is taken to be there still."""

    def is_now(self, resource: ResourceId, expected: Json | None, *others: Any) -> bool:
        return True


class Resending(WriteProcedure):
    """Writes without a word in the history when it is told to `resend`."""

    def __init__(self, cloud: Cloud, clock: Clock) -> None:
        super().__init__(cloud, clock)
        self.resend = cloud.write


class BlindResume(Fixer):
    """After a crash the intended write is sent as it was, without another look."""

    def __init__(
        self, procedure: Resending, clock: Clock, claims: Claims, journal: Journal, *others: Any
    ) -> None:
        super().__init__(procedure, clock, claims, journal, *others)
        self.procedure, self.journal = procedure, journal

    def resume(self, claim: Claim, pending: Pending, *, give_up: bool) -> Result:
        record = self.journal.get(pending.write_id)
        if record is not None and not pending.operation_url:
            method: Any = record.method
            self.procedure.resend(Write(method, ResourceId.parse(record.resource), record.after))
        return super().resume(claim, pending, give_up=give_up)


class Unlimited(Counters):
    """No write is taken out of the budget."""

    def take_writes(self, cap: int, now: datetime, share: Share) -> int:
        return share.writes


class OneByOne(Counters):
    """A repair takes one write at a time, whether or not the rest of it fits."""

    def take_writes(self, cap: int, now: datetime, share: Share) -> int:
        return super().take_writes(cap, now, replace(share, writes=1))


# What is in force --------------------------------------------------------------------------------


class Heedless(StillInForce):
    """Nobody asks before a write whether what it was judged by is in force still."""

    def check(self) -> None:
        return None


class ReadsOnce(WatchInForce):
    """A process goes on with what it read at first."""

    def latest(self) -> InForce | None:
        return super().latest() if self._last is None else self._last[1]

    def before_a_write(self) -> InForce | None:
        return self.latest()


# Handing on and spreading ------------------------------------------------------------------------


class ReturnsFirst(Later):
    """What fails for now is taken to be handed on, yet no successor is on the queue."""

    def hand_on(self, message: Message, resource: ResourceId, error: TransientError) -> Outcome:
        return Outcome(Ending.HANDED_ON, resource.text, str(error))


class Forgetful(ReverseIndex):
    """Nobody is told of a neighbour that changed while a first judgement was still being made."""

    def changed(self, resource: ResourceId, now: datetime) -> None:
        """Leave nothing."""


# Telling -----------------------------------------------------------------------------------------


class OutOfOrder(Herald):
    """A herald whose book, channel and clock are at hand."""

    def __init__(
        self, ledger: Ledger, announcer: Announcer, clock: Clock, routing: Routing = NO_ROUTING
    ) -> None:
        super().__init__(ledger, announcer, clock, routing)
        self.book, self.announcer, self.clock = FindingsBook(ledger), announcer, clock


class TellsFirst(OutOfOrder):
    """Announces before what it announces is stored."""

    def record(self, target: ResourceId, look: Look, message: Message) -> dict[str, FindingRecord]:
        known = self.book.of(target)
        records = moved_on(known, look, message, self.clock.now())
        due = owed(records.values())
        if due:
            self.announcer.announce([announcement(target, record) for record in due])
        sent = {record.name: msgspec.structs.replace(record, announced=record.seq) for record in due}
        return self.book.amend(target, lambda _: {**records, **sent})


class MarksFirst(OutOfOrder):
    """Counts an announcement as made before the topic has it."""

    def announce(self, target: ResourceId, records: Iterable[FindingRecord], *others: Any) -> int:
        due = owed(records)
        self.book.amend(target, lambda known: {**known, **_announced(known, due)})
        if due:
            self.announcer.announce([announcement(target, record) for record in due])
        return len(due)


def _announced(known: Mapping[str, FindingRecord], due: Iterable[FindingRecord]) -> dict[str, FindingRecord]:
    return {r.name: msgspec.structs.replace(known[r.name], announced=r.seq) for r in due if r.name in known}


class NotInHand(Herald):
    """The sweep announces what a living worker is about to announce."""

    def announce_all(self, remind_after: timedelta = timedelta(0), in_hand: timedelta = timedelta(0)) -> int:
        return super().announce_all(remind_after)


class SettlesFirst(Cards):
    """Notes that people know before they do: as soon as a card is taken."""

    def take(self, row: Row, now: datetime, until: datetime) -> Row | None:
        taken = super().take(row, now, until)
        if taken is not None:
            owed = msgspec.convert(taken.value, Owed)
            self.delivered(owed, taken, owed.seq)
        return taken


class Untaken(Cards):
    """Two senders may post the same card."""

    def take(self, row: Row, now: datetime, until: datetime) -> Row | None:
        return row


class NobodyLooksAfter(Watch):
    """What the dead held waits until the host shows their messages again."""

    def look_after(self) -> int:
        return 0
