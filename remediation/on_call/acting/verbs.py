"""Carries out what a person asks for: apply, exempt, undo, look again, acknowledge, accept.

One core for the command line, HTTP and the page. Whoever asks has seen a finding, and names what they saw by
its etag: where it is not that any more, they are shown it again and nothing is done. Each verb may be asked
twice and does the same once. What a repair needs is read, judged and proven anew, in the lane, under the
claim and by the guards of every other repair; a person's word lifts a threshold and observe mode and no more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from remediation.errors import ConflictError, ForbiddenError, InputError, TransientError
from remediation.findings import FindingRecord, State
from remediation.judging.consenting import LIFTED, Consent
from remediation.ledger.claims import Claims, Pending
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.journal import Journal
from remediation.ledger.keys import short
from remediation.messages import Message
from remediation.model import Ending, Finding, Outcome
from remediation.model.records import name_of
from remediation.on_call.acting.allowed import VERBS
from remediation.on_call.acting.caller import Caller
from remediation.on_call.acting.exempting import Exempting
from remediation.on_call.acting.refusals import (
    BusyError,
    ChangedSinceShownError,
    RefusedError,
    UnheardOfError,
)
from remediation.on_call.declaring.accepting import REASON, Accepter
from remediation.on_call.exemptions import LONGEST
from remediation.on_call.listing.identity import etag_of, parts_of
from remediation.on_call.listing.pages import Place, find
from remediation.on_call.still_ours import ChangedSinceError
from remediation.on_call.undo import Undo, Undoer
from remediation.policy import Policy
from remediation.ports import Ports
from remediation.reconciling.fixing import SLOW_TYPES
from remediation.reconciling.reconciler import Reconciler
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald

type Worker = Callable[[Consent | None], Reconciler]

MOST_WAITS, WAIT = 8, 0.5
"""How often, and for how many seconds at a time, somebody else's look is waited for."""
MAY_NOT = "; the app may write nothing where `mayFix` is off (docs/deploy.md)"
_UNDER_WAY = {
    True: "Azure is carrying the write out; it is told when it has ended.",
    False: "Azure gave no answer to the write; whether it was made is found out, and told.",
}
"""By whether Azure has named an operation."""
_NO_RIGHT = frozenset({"AuthorizationFailed", "LinkedAuthorizationFailed"})
"""Codes of ARM: the app has no right to write, or to read the locks, which comes with that one."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in a sentence; `accepted`: it is under way. `place` is the finding as it is now."""

    sentence: str
    place: Place
    write_id: str = ""
    accepted: bool = False


class Verbs:
    """What one caller may ask for. `stopped` says who stopped all writing, "" where nobody did."""

    def __init__(
        self,
        ports: Ports,
        policy: Policy,
        herald: Herald,
        worker: Worker,
        exempting: Callable[[Caller], Exempting],
        accepting: Callable[[Caller], Accepter],
        stopped: Callable[[], str],
        caller: Caller,
    ) -> None:
        self._ports = ports
        self._policy = policy
        self._herald = herald
        self._worker = worker
        self._exempting = exempting
        self._accepting = accepting
        self._stopped = stopped
        self._caller = caller
        self._book = FindingsBook(ports.ledger)
        self._journal = Journal(ports.ledger)

    # Every verb raises UnheardOfError for an id that is none, ForbiddenError for a caller without the right,
    # ChangedSinceShownError, RefusedError and BusyError as they say, and TransientError where Azure or the
    # ledger asks for patience. `etag` "" stands for whatever is there now.

    def apply(self, identity: str, etag: str = "") -> Done:
        """Make a proposed repair, if it is proven now and nothing but the team's threshold held it back."""
        place = self._permitted("apply", identity)
        if _is_applied_by(place[1], self._caller):
            return Done("It is repaired, as you asked.", place, place[1].write_id)
        place = self._admit("apply", place, etag)
        target, shown = place
        consent = Consent(shown, self._caller.actor)
        outcome = self._worker(consent).handle(_about(target, "apply", shown))
        return self._applied(outcome, consent, (target, self._now(place)))

    def exempt(self, identity: str, length: timedelta, reason: str, etag: str = "") -> Done:
        """Leave what was shown alone for so long, and not whatever the resource comes to hold meanwhile."""
        place = self._permitted("exempt", identity)
        if _is_exempted_by(place[1], self._caller, reason):
            return Done("It is left alone, as you asked.", place)
        place = self._admit("exempt", place, etag)
        target, shown = place
        what = self._exempting(self._caller).exempt(ResourceId.parse(target), shown, length, reason)
        self._look_now(_about(target, "exemption", shown))
        return Done(what, (target, self._now(place)))

    def undo(self, identity: str, exempt_for: timedelta = timedelta(0)) -> Done:
        """Take a repair back while everything is as it was left; by a finding's id, or by a write's."""
        undoer = Undoer(self._ports, self._policy, self._caller.name, self._caller.object_id)
        write_id = self._write_of(identity)
        if exempt_for and not timedelta(0) < exempt_for <= LONGEST:
            raise InputError(f"exemptFor: must be more than nothing and at most {LONGEST.days}d")
        try:
            undo = undoer.plan(write_id)
            self._refuse_slow(undo)
            written = undoer.undo(undo, exempt_for) if undo.steps else []
        except ChangedSinceError as error:
            raise RefusedError(str(error), lines=error.lines) from error
        except InputError as error:
            raise RefusedError(str(error)) from error
        except ConflictError as error:
            raise BusyError(str(error)) from error
        record = undo.record
        name = name_of(record.rule, record.finding or record.target)
        found = find(self._book, (short(record.target), short(name)))
        if found is None:
            raise UnheardOfError(f"{write_id}: it was taken back; its finding was forgotten meanwhile")
        self._look_now(_about(record.target, "undo", found[1]))
        told = "It was as before already." if not written else f"Taken back: {record.title}."
        return Done(told, (found[0], self._now(found)), written[-1] if written else "")

    def look(self, identity: str) -> Done:
        """Have its resource looked at now, whatever is remembered of it."""
        place = self._admit("look", self._permitted("look", identity), "")
        look = Message(target=place[0], reason="look", force=True)
        outcome = self._worker(None).handle(look)
        record = self._now(place)
        if outcome.ending in {Ending.HANDED_ON, Ending.MERGED}:
            return Done(f"A look is under way: {outcome.detail}.", (place[0], record), accepted=True)
        return Done(_seen(record, outcome), (place[0], record))

    def ack(self, identity: str, etag: str = "") -> Done:
        """Take it on: told once, and quiet until it changes."""
        place = self._permitted("ack", identity)
        if _is_taken_on_by(place[1], self._caller):
            return Done("You have it already.", place)
        target, shown = self._admit("ack", place, etag)
        seen = etag_of(shown)
        records = self._herald.record_acknowledged(
            ResourceId.parse(target), shown.name, self._caller.actor, lambda record: etag_of(record) == seen
        )
        record = records.get(shown.name, shown)
        if not record.acknowledged:
            raise ChangedSinceShownError((target, record))
        self._herald.announce(ResourceId.parse(target), records.values())
        return Done("It is yours: quiet until it changes.", (target, record))

    def accept(self, identity: str, etag: str = "") -> Done:
        """Declare what is there from now on, until whoever deploys speaks again."""
        place = self._permitted("accept", identity)
        if _is_accepted_by(place[1], self._caller):
            return Done("It is declared, as you asked.", place)
        place = self._admit("accept", place, etag)
        target, shown = place
        try:
            accepted = self._accepting(self._caller).accept(shown)
        except InputError as error:
            raise ChangedSinceShownError((target, self._now(place)), str(error)) from error
        self._look_now(Message(target=target, reason=REASON, force=True, actor=self._caller.actor))
        return Done(accepted.sentence, (target, self._now(place)))

    def place(self, identity: str) -> Place:
        """The finding of an id with its target; raises UnheardOfError."""
        parts = parts_of(identity)
        found = None if parts is None else find(self._book, parts)
        if found is None:
            raise UnheardOfError(f"there is no finding {identity[:80]!r}")
        return found

    # What all have in common --------------------------------------------------------------------

    def _permitted(self, verb: str, identity: str) -> Place:
        """The finding of an id, for who may use a verb at all: nobody else learns anything of it."""
        if why := VERBS[verb].refusal(self._caller):
            raise ForbiddenError(why)
        return self.place(identity)

    def _refuse_slow(self, undo: Undo) -> None:
        """What Azure takes longer for than a request may last is taken back at a desk, where one can wait."""
        slow = any(step.write.id.type in SLOW_TYPES for step in undo.steps)
        if slow and not self._caller.at_desk:
            raise RefusedError("it takes minutes: bastion-guard undo does it at a desk, without --app")

    def _admit(self, name: str, place: Place, etag: str) -> Place:
        """The finding, where a verb may be used on it now and it is what the caller saw."""
        verb, record = VERBS[name], place[1]
        if etag and etag != etag_of(record):
            raise ChangedSinceShownError(place)
        if why := (verb.never or verb.why_not)(record, self._stopped()):
            raise RefusedError(why, record.left_alone_until)
        return place

    def _now(self, place: Place) -> FindingRecord:
        return self._book.find(place[0], place[1].name) or place[1]

    def _look_now(self, message: Message) -> None:
        """Have what was changed judged before it is shown; whoever is at it right now is waited for.

        It is judged anyway, a little later, where that takes too long.
        """
        for _ in range(MOST_WAITS):
            outcome = self._worker(None).handle(message)
            if outcome.ending is not Ending.MERGED:
                return
            self._ports.clock.sleep(WAIT)

    def _write_of(self, identity: str) -> str:
        """The write that an id names, itself or by the finding it has repaired."""
        if why := VERBS["undo"].refusal(self._caller):
            raise ForbiddenError(why)
        if parts_of(identity) is None:
            if self._journal.get(identity) is None:
                raise UnheardOfError(f"there is no finding and no write {identity[:80]!r}")
            return identity
        _, record = self._admit("undo", self.place(identity), "")
        return record.write_id

    # Applying -----------------------------------------------------------------------------------

    def _applied(self, outcome: Outcome, consent: Consent, place: Place) -> Done:
        """What came of a repair that was asked for; raises what kept it from being made."""
        target, record = place
        if _is_applied_by(record, self._caller):
            return Done(f"Repaired: {_title(record)}.", place, record.write_id)
        if record.state is not State.OPEN:
            raise ChangedSinceShownError(place, "somebody else has ended it meanwhile: look at it again")
        if (running := self._running(target)) is not None:
            return Done(_UNDER_WAY[bool(running.operation_url)], place, running.write_id, True)
        if outcome.ending is Ending.MERGED:
            raise BusyError(f"somebody is at it right now ({outcome.detail}): ask again in a moment")
        if outcome.ending is Ending.HANDED_ON:
            until = outcome.until
            wait = None if until is None else (until - self._ports.clock.now()).total_seconds()
            raise TransientError(f"not now: {outcome.detail}", retry_after=wait)
        self._refuse(outcome, consent)
        raise ChangedSinceShownError(place)

    def _running(self, target: str) -> Pending | None:
        """A write of the caller's that is under way on a target."""
        known = Claims(self._ports.ledger, self._policy.owner, self._policy.lease)
        record = known.look_up(ResourceId.parse(target))
        pending = None if record is None else record.pending
        if pending is None:
            return None
        by = pending.draft.get("appliedBy") or {}
        return pending if by == self._caller.actor else None

    def _refuse(self, outcome: Outcome, consent: Consent) -> None:
        """Raise what holds the repair back, where the look found what was shown."""
        for unknown in outcome.unknowns:
            if unknown.rule == consent.shown.rule:
                raise RefusedError(f"it cannot be judged now: {unknown.reason}")
        name = consent.shown.name
        found = next((one for one in outcome.findings if _name(one) == name), None)
        if found is None or not (consent.begun or consent.is_as_shown(found)):
            return
        holds = [hold for hold in found.holds if hold.guard not in LIFTED]
        if not holds and (stopped := self._stopped()):
            raise RefusedError(stopped)
        if not holds:
            return
        why = "; ".join(hold.reason for hold in holds)
        if any(code in why for code in _NO_RIGHT):
            why += MAY_NOT
        ends = [hold.until for hold in holds if hold.until is not None]
        raise RefusedError(why, max(ends) if len(ends) == len(holds) else None)


def _about(target: str, reason: str, record: FindingRecord) -> Message:
    """A look that answers the change which opened the finding: its actor stays who made that."""
    return Message(
        target=target,
        reason=reason,
        force=True,
        actor=record.actor,
        operation=record.operation,
        event_time=record.event_time,
        correlation_id=record.correlation_id,
    )


def _name(finding: Finding) -> str:
    return name_of(finding.rule, finding.resource.text)


def _is_applied_by(record: FindingRecord, caller: Caller) -> bool:
    return record.state is State.FIXED and record.applied_by == caller.actor and bool(record.write_id)


def _is_taken_on_by(record: FindingRecord, caller: Caller) -> bool:
    told = record.acknowledged.get("by", ""), record.acknowledged.get("objectId", "")
    return record.state is State.OPEN and told == (caller.actor.get("name", ""), caller.object_id)


def _is_accepted_by(record: FindingRecord, caller: Caller) -> bool:
    return record.state is State.RESOLVED and bool(record.note) and record.actor == caller.actor


def _is_exempted_by(record: FindingRecord, caller: Caller, reason: str) -> bool:
    told = record.exempt_by
    asked = (told.get("source"), told.get("by"), told.get("reason"))
    return record.state is State.EXEMPT and asked == ("exempt", caller.name, reason)


def _title(record: FindingRecord) -> str:
    return record.fix.title if record.fix else record.title


def _seen(record: FindingRecord, outcome: Outcome) -> str:
    if outcome.unknowns:
        return f"Looked at; nobody can tell: {outcome.unknowns[0].reason}."
    words = {State.OPEN: "it is still open", State.FIXED: "it is repaired", State.RESOLVED: "it is over"}
    return f"Looked at: {words.get(record.state, f'it is {record.state.value}')}."
