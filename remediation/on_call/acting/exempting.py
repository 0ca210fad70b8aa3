"""Leaves a finding alone on a person's word: for the openings it was shown with, how long, and why.

It is looked at once more before, under the claim, and nothing is written by that look. So what is left alone
is what the person saw, and a rule that somebody adds an hour later is none of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from remediation.baseline import Baseline
from remediation.errors import InputError
from remediation.findings import FindingRecord
from remediation.judging.consenting import Consent
from remediation.ledger.claims import Claim, Claims
from remediation.ledger.counters import Counters
from remediation.ledger.decided.exemptions import ExemptionRecord, Exemptions
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message
from remediation.model import Finding, Opening
from remediation.model.decisions import shown_moment
from remediation.model.records import name_of
from remediation.on_call.acting.caller import Caller
from remediation.on_call.acting.refusals import BusyError, ChangedSinceShownError, RefusedError
from remediation.on_call.exemptions import LONGEST
from remediation.on_call.undo import LONGEST_DELAY
from remediation.policy import Policy
from remediation.ports import Ports
from remediation.reconciling.declaring.eye import Eye
from remediation.reconciling.exempt_tags import ExemptTags
from remediation.reconciling.fence import fenced
from remediation.reconciling.look import Looker
from remediation.resource_id import ResourceId

LEASE = timedelta(minutes=5)
LONGEST_REASON = 500


class Exempting:
    """Gives exemptions in the name of a caller."""

    def __init__(self, ports: Ports, policy: Policy, baseline: Baseline, caller: Caller) -> None:
        inside = fenced(ports, policy)
        self._clock = ports.clock
        self._queue = ports.queue
        self._caller = caller
        self._book = FindingsBook(ports.ledger)
        self._exemptions = Exemptions(ports.ledger)
        self._claims = Claims(ports.ledger, f"exempt-{policy.owner}", LEASE)
        self._looker = Looker(
            inside.cloud,
            ports.clock,
            Counters(ports.ledger),
            self._exemptions,
            ExemptTags(self._claims, self._book),
            baseline,
            ports.together,
            eye=Eye(ports.ledger, baseline, policy, keeps=False),
        )

    def exempt(self, target: ResourceId, shown: FindingRecord, length: timedelta, reason: str) -> str:
        """Returns what is left alone until when, in a sentence. A look at it is queued for the end.

        Raises InputError for a length or a reason that cannot be, BusyError while somebody is at the target,
        ChangedSinceShownError where the finding is not what was shown, RefusedError where nobody can tell.
        """
        refuse(length, reason)
        now = self._clock.now()
        with self._held(target) as _:
            finding = self._look(target, shown)
            for opening in _openings(finding):
                self._exemptions.grant(target, self._record(finding, opening, now, now + length, reason))
        if length <= LONGEST_DELAY:
            over = Message(target=target.text, reason="exemption over", force=True)
            self._queue.send(over, delay=length.total_seconds() + 1)
        return f"Left alone until {shown_moment((now + length).replace(microsecond=0))}."

    @contextmanager
    def _held(self, target: ResourceId) -> Iterator[Claim]:
        claim = self._claims.acquire(target, self._clock.now())
        if claim is None:
            raise BusyError(f"{target.text} is being worked on; ask again in a moment")
        try:
            if claim.record.pending is not None:
                raise BusyError(f"{target.text}: a write is running; ask again when it has ended")
            yield claim
        finally:
            while not self._claims.release(claim):  # whoever came meanwhile: the look that follows is theirs
                self._claims.unmark(claim)
                self._queue.send(Message(target=target.text, reason="look again", force=True))

    def _look(self, target: ResourceId, shown: FindingRecord) -> Finding:
        """The finding as a fresh look has it, which writes nothing."""
        message = Message(target=target.text, reason="exemption", force=True, actor=shown.actor)
        sight = self._looker.look(target, {}, message)
        for unknown in sight.judgement.unknowns:
            if unknown.rule == shown.rule:
                raise RefusedError(f"it cannot be judged now: {unknown.reason}")
        found = (one for one in sight.plan.findings if name_of(one.rule, one.resource.text) == shown.name)
        finding = next(found, None)
        if finding is None or not Consent(shown, {}).is_as_shown(finding):
            self._queue.send(message)  # what it is now is recorded and told by an ordinary look
            current = self._book.find(target.text, shown.name) or shown
            raise ChangedSinceShownError((target.text, current))
        return finding

    def _record(
        self, finding: Finding, opening: Opening | None, now: datetime, until: datetime, reason: str
    ) -> ExemptionRecord:
        return ExemptionRecord(
            finding.rule,
            finding.resource.text,
            until,
            opening="" if opening is None else opening.rule,
            what="" if opening is None else opening.what,
            by=self._caller.name,
            reason=reason,
            source="exempt",
            since=now,
            by_id=self._caller.object_id,
        )


def _openings(finding: Finding) -> tuple[Opening | None, ...]:
    """What a repair would close one by one; the whole finding where it is closed as one, or not at all."""
    openings = finding.fix.openings if finding.fix else ()
    return openings or (None,)


def refuse(length: timedelta, reason: str) -> None:
    """Raise InputError for a length or a reason that cannot be, both named at once."""
    mistakes = []
    if not timedelta(0) < length <= LONGEST:
        mistakes.append(f"exemptFor: must be more than nothing and at most {LONGEST.days}d")
    if not reason.strip():
        mistakes.append("reason: is required, for whoever finds it open")
    elif len(reason) > LONGEST_REASON or not reason.isprintable():
        mistakes.append(f"reason: must be printable text of at most {LONGEST_REASON} characters")
    if mistakes:
        raise InputError(mistakes)
