"""One round: the marks of a subscription, answered together from one picture.

The marks are read before the picture is begun, so it shows every change they tell of. They are let go when
everything they ask for is on the direct lane's queue: a crash before that repeats the round, which costs
reads.
A change during the round leaves a mark of its own, and so another round.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from remediation.errors import PermanentError, UnreadableError
from remediation.judging.gathering import Reads
from remediation.judging.verdicts import as_admin_rules
from remediation.kinds import BY_WORD_ALONE
from remediation.ledger.claims import Claims, TargetRecord, all_records
from remediation.ledger.reverse_index import ReverseIndex
from remediation.measures import Measures
from remediation.messages import Message
from remediation.model import Ending, Listing, Outcome, Resource
from remediation.policy import Policy
from remediation.ports import Ledger, Ports
from remediation.reconciling.rounds.collecting import Collector
from remediation.reconciling.rounds.comparing import Comparer
from remediation.reconciling.rounds.marks import LEASE, Mark, Marks, RoundRecord, scope_of
from remediation.reconciling.rounds.picture import FEW, Picture
from remediation.reconciling.rounds.room import Room
from remediation.reconciling.rounds.touching import Asked, Touched, Toucher, of_network_manager
from remediation.reconciling.sweeping import Remembered
from remediation.resource_id import ResourceId

log = logging.getLogger("bastion_guard.rounds")

MOST_TIME = timedelta(seconds=180)
"""What a round has not looked at by then it leaves to the direct lane: a function's time is limited."""
READ_SINGLY = 25
"""So many records of targets are read one by one, more of them all at once."""


class KnownTargets:
    """The records of targets, read one by one or all at once, after the round has taken its marks."""

    def __init__(self, claims: Claims, ledger: Ledger) -> None:
        self._claims = claims
        self._ledger = ledger
        self._all: Mapping[str, TargetRecord] | None = None
        self._read: dict[str, TargetRecord | None] = {}

    def read_all(self, remembered: Remembered | None = None) -> None:
        """Read every record, unless a sweep of this round has."""
        self._all = all_records(self._ledger) if remembered is None else remembered.records

    def of(self, target: ResourceId) -> TargetRecord | None:
        """A target's record; None where there is none that can be read."""
        if self._all is not None:
            return self._all.get(target.key)
        if target.key not in self._read:
            try:
                self._read[target.key] = self._claims.look_up(target)
            except UnreadableError:
                self._read[target.key] = None
        return self._read[target.key]

    def admin_rules(self, network: ResourceId, oldest: datetime) -> Sequence[Resource] | None:
        """What the last look at a network was told, unless that is longer ago than `oldest`."""
        record = self.of(network)
        if record is None or record.admin_rules is None or record.judged_at is None:
            return None
        return as_admin_rules(record.admin_rules) if record.judged_at > oldest else None


class Rounds:
    """Runs rounds. What they read goes through a cloud of its own, which keeps to half of the bucket."""

    def __init__(
        self,
        cloud: Reads,
        ports: Ports,
        policy: Policy,
        marks: Marks,
        collector: Collector,
        toucher: Toucher,
        comparer: Comparer,
        claims: Claims,
        reverse_index: ReverseIndex,
        measures: Measures,
        picture: type[Picture] = Picture,
    ) -> None:
        self._cloud = cloud
        self._ledger = ports.ledger
        self._queue = ports.queue
        self._clock = ports.clock
        self._policy = policy
        self._marks = marks
        self._collector = collector
        self._toucher = toucher
        self._comparer = comparer
        self._claims = claims
        self._reverse_index = reverse_index
        self._measures = measures
        self._keeping = ports.keeping
        self._room = Room()
        self._picture_type = picture

    def run(self, message: Message, resource: ResourceId) -> Outcome:
        """Answer every mark that a subscription has now.

        Raises TransientError and leaves the marks where ARM does not answer, and PermanentError, when all is
        done, for a type that could not be listed. A message that finds a round running is done: that one's
        holder looks for marks when it ends, and the timer does should it have died. One that finds no room
        calls the round again, for whichever process has room then.
        """
        scope = scope_of(message)
        held = self._marks.begin(scope, self._clock.now())
        if held is None:
            return Outcome(Ending.MERGED, resource.text, "who ends the round that runs looks for more marks")
        with self._room.entered(held.asked) as has_room:
            if has_room:
                return self._run(held, resource)
        self._marks.end(held, held.asked)
        self._collector.call(scope, held.streak)
        return Outcome(Ending.MERGED, resource.text, "a large round runs in this process; called again")

    def _run(self, held: RoundRecord, resource: ResourceId) -> Outcome:
        scope = held.scope
        picture: Picture | None = None
        try:
            with self._kept(held):
                marks, known = self._marks.of(scope), KnownTargets(self._claims, self._ledger)
                picture = self._picture(marks, known)
                outcome, refused = self._answer(marks, held, resource, picture, known)
        finally:
            self._marks.end(held, None if picture is None else picture.asked)
        # Only now: who left a mark while we held the round relied on this look.
        if self._marks.are_left(scope):
            self._collector.call(scope, held.streak + 1)
        if refused is not None:
            raise refused
        return outcome

    def _kept(self, held: RoundRecord) -> AbstractContextManager[None]:
        """Renew the lease while there is work, but not for a worker that is stuck."""
        until = self._clock.now() + self._policy.longest_hold

        def renew() -> bool:
            now = self._clock.now()
            return now < until and self._marks.renew(held, now)

        return self._keeping(renew, LEASE.total_seconds() / 3)

    def _answer(
        self,
        marks: Sequence[Mark],
        held: RoundRecord,
        resource: ResourceId,
        picture: Picture,
        known: KnownTargets,
    ) -> tuple[Outcome, PermanentError | None]:
        """Do what the marks ask for and let them go."""
        if not marks:
            return Outcome(Ending.EXPANDED, resource.text, "no marks"), None
        touched = self._toucher.touched(marks, picture)
        if len(touched.asked) > FEW:
            picture.expect_many()
        if touched.remembered is not None or len(touched.asked) > READ_SINGLY:
            known.read_all(touched.remembered)
        sent = self._ask(touched, picture, known)
        self._marks.answered(marks)
        facts = {"marks": len(marks), "touched": len(touched.asked), "asked": sent}
        log.info("round.done", extra={"scope": held.scope, **facts})
        self._measures.count("rounds")
        self._measures.count("round_targets", len(touched.asked))
        detail = f"{len(marks)} marks concern {len(touched.asked)} targets, {sent} of them queued"
        return Outcome(Ending.EXPANDED, resource.text, detail), touched.refused

    def _picture(self, marks: Sequence[Mark], known: KnownTargets) -> Picture:
        """An empty picture. Where a network manager changed, admin rules are asked for anew."""

        def remembered(listing: Listing) -> Sequence[Resource] | None:
            if afresh:
                return None
            oldest = self._clock.now() - self._policy.look_again_after
            return known.admin_rules(ResourceId.parse(listing.scope), oldest)

        afresh = of_network_manager(marks)
        many = len(marks) > FEW or any(mark.message.sweep is not None for mark in marks)
        return self._picture_type(self._cloud, remembered, 0 if many else FEW)

    def _ask(self, touched: Touched, picture: Picture, known: KnownTargets) -> int:
        """Queue a look at every target that a fresh look would find otherwise; returns how many."""
        begun, sent = touched.begun, 0
        for one in {**touched.asked, **touched.neighbours}.values():
            now = self._clock.now()
            if now - begun > MOST_TIME or self._must_ask(one, known, picture, now, begun):
                self._queue.send(one.message)
                sent += 1
        return sent

    def _must_ask(
        self, one: Asked, known: KnownTargets, picture: Picture, now: datetime, begun: datetime
    ) -> bool:
        """Whether only a look of its own will do for a target."""
        if one.target.type in BY_WORD_ALONE:
            return self._comparer.differs_from_word(one, known.of, picture, begun)
        record = known.of(one.target)
        compared = self._comparer.compare(one, record, picture, now)
        if compared.differs or record is None or not compared.more:
            return compared.differs
        # As a look does: whoever changes one of them from here on finds the target, or is found to have.
        self._reverse_index.note(one.target, (), compared.more)
        if self._reverse_index.changed_since(compared.more, begun):
            return True
        return not self._claims.note_reads(one.target, record, compared.more)
