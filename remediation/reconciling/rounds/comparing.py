"""Whether a fresh look at a target would come to anything else than its last one did.

Judged by the same code as any look, from a picture that may be seconds old. The answer decides one thing
only: whether the direct lane is asked. It says yes wherever it cannot tell, and wherever somebody is at the
target just now: his look may be older than the change that asks. A look that would read more and come to the
same tells nobody anything: a round notes what it would read, and asks nobody.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from remediation.baseline import Baseline
from remediation.errors import TransientError
from remediation.findings import GAVE_UP, FindingRecord, State
from remediation.judging.evaluation import judge
from remediation.judging.exempting import EXEMPT_TAG
from remediation.judging.gathering import Reads, gather
from remediation.judging.planning import OPT_OUT_TAG
from remediation.judging.verdicts import admin_rules_in, verdict_of
from remediation.kinds import EFFECTIVE_ADMIN_RULE
from remediation.ledger.claims import TargetRecord
from remediation.model import Disposition, Resource, Snapshot
from remediation.ports import Clock
from remediation.reconciling.declaring.eye import Eye
from remediation.reconciling.declaring.reckoning import Noted, Records
from remediation.reconciling.rounds.touching import Asked
from remediation.reconciling.sweeping import may_have_come_free
from remediation.resource_id import ResourceId
from remediation.rules import rules_for

log = logging.getLogger("bastion_guard.rounds")

THOROUGH_AFTER = timedelta(hours=24)
"""A proposal that something holds back is looked at again by the thrifty sweep as often as this."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Whether to ask the direct lane; if not, what a look would read besides what the last one did."""

    differs: bool
    more: tuple[str, ...] = ()


ASK = Compared(differs=True)


class Comparer:
    """Compares with one baseline. `judged_by` names it and the rules; `eye` sees what was declared."""

    def __init__(
        self, baseline: Baseline, judged_by: tuple[str, str], clock: Clock, eye: Eye | None = None
    ) -> None:
        self._baseline = baseline
        self._clock = clock
        self._judged_by = judged_by
        self._eye = eye

    def compare(self, asked: Asked, record: TargetRecord | None, picture: Reads, now: datetime) -> Compared:
        """What a look now would come to. Raises TransientError when ARM does not answer now."""
        if record is None or not record.verdict or self.is_unfinished(record, now):
            return ASK
        if asked.swept is not None and not _for_settings(asked) and _is_owed_a_look(asked, record, now):
            return ASK
        try:
            return self._looked(asked, record, picture, now)
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001  one target is not to stop the others; its own look tells
            log.warning("comparison.failed", extra={"target": asked.target.text, "reason": repr(error)})
            return ASK

    def is_unfinished(self, record: TargetRecord, now: datetime) -> bool:
        """Whether somebody is at a target, or has left something behind there."""
        held = record.lease_until is not None and record.lease_until > now
        return held or record.look_again or record.pending is not None or bool(record.repaired)

    def _looked(self, asked: Asked, record: TargetRecord, picture: Reads, now: datetime) -> Compared:
        subject = picture.get(asked.target)
        if subject is None:
            gone = verdict_of(None, self._judged_by)
            records = self._records(asked.target)
            return Compared(record.verdict != gone or self._differs(asked, record, records, None, now))
        if not subject.settled or _has_other_tags(subject, record):
            return ASK
        if asked.itself and self.is_the_version_seen(subject, record):
            return Compared(differs=False)
        rules, records = rules_for(asked.target.type), self._records(asked.target)
        asking = () if self._eye is None else self._eye.asking(records)
        if _for_settings(asked):
            snapshot = gather(picture, subject, asking, self._baseline, now)
            return Compared(self._differs(asked, record, records, snapshot, now))
        snapshot = gather(picture, subject, (*rules, *asking), self._baseline, now)
        if _has_other_admin_rules(snapshot, record):
            return ASK
        if verdict_of(judge(snapshot, rules, self._baseline), self._judged_by) != record.verdict:
            return ASK
        if self._differs(asked, record, records, snapshot, now):
            return ASK
        return Compared(differs=False, more=tuple(sorted(set(snapshot.read_ids()) - set(record.reads))))

    def is_the_version_seen(self, subject: Resource, record: TargetRecord) -> bool:
        """Whether a target is what our last complete look judged, by today's baseline and rules."""
        mark = record.mark
        if mark is None or mark.etag is None:
            return False
        return mark.etag == subject.etag and self._judged_by == (mark.baseline_hash, mark.rules_hash)

    def _differs(
        self,
        asked: Asked,
        record: TargetRecord,
        records: Records,
        snapshot: Snapshot | None,
        now: datetime,
    ) -> bool:
        """Whether something else differs from what was declared than at the last look."""
        return (
            self._eye is not None and self._eye.seen(records, asked.target, snapshot, now) != record.declared
        )

    def _records(self, target: ResourceId) -> Records:
        return () if self._eye is None else self._eye.records(target)

    # What no rule judges ---------------------------------------------------------------------------

    def differs_from_word(
        self,
        asked: Asked,
        known: Callable[[ResourceId], TargetRecord | None],
        picture: Reads,
        began: datetime,
    ) -> bool:
        """Whether only a look will do for a target that is looked at for what was declared of it alone.

        What a deployment left is kept from the picture, which was begun at `began`: an interface that is as
        declared costs no request of its own, and one of which nothing is declared is not even looked up.
        Raises TransientError when ARM does not answer now.
        """
        records = self._records(asked.target) if asked.swept is None else asked.swept.words
        if asked.swept is None and not (self._eye is not None and self._eye.holds(records)):
            return False
        try:
            return self._held(asked, records, known(asked.target), picture, began)
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001  as above
            log.warning("comparison.failed", extra={"target": asked.target.text, "reason": repr(error)})
            return True

    def _held(
        self,
        asked: Asked,
        records: Records,
        record: TargetRecord | None,
        picture: Reads,
        began: datetime,
    ) -> bool:
        subject = picture.get(asked.target)
        if subject is not None and not subject.settled:
            return True
        snapshot, now = None if subject is None else Snapshot(subject), self._clock.now()
        noted = Noted() if self._eye is None else self._eye.noted(records, asked.target, snapshot, began, now)
        if noted.is_due or noted.seen != ("" if record is None else record.declared):
            return True
        if record is None:
            return False
        moved = subject is not None and bool(record.verdict) and _has_other_tags(subject, record)
        owed = asked.swept is not None and _is_owed_a_look(asked, record, now)
        return moved or owed or self.is_unfinished(record, now)


def _for_settings(asked: Asked) -> bool:
    """Whether a sweep passes over a target but for what was declared of its diagnostic settings."""
    return asked.swept is not None and asked.swept.for_settings


def _is_owed_a_look(asked: Asked, record: TargetRecord, now: datetime) -> bool:
    """What a sweep makes good, whatever the picture shows: what time has changed, what was given up."""
    if record.refused or (record.wake_at is not None and record.wake_at <= now):
        return True
    findings = () if asked.swept is None else asked.swept.findings
    return any(_wants_a_look(found, asked, record, now) for found in findings)


def _wants_a_look(found: FindingRecord, asked: Asked, record: TargetRecord, now: datetime) -> bool:
    end = found.left_alone_until
    if (end is not None and end <= now) or (found.state is State.OPEN and found.rule == GAVE_UP):
        return True
    if found.state is State.SUSPECTED or may_have_come_free(found):
        return True
    held_back = found.state is State.OPEN and found.disposition == Disposition.PROPOSE.value
    thrifty = asked.swept is not None and asked.swept.thrifty
    lately = record.judged_at is not None and record.judged_at + THOROUGH_AFTER > now
    return held_back and not (thrifty and lately)


def _has_other_tags(subject: Resource, record: TargetRecord) -> bool:
    """Whether one of our tags is not as the last look saw it."""
    seen = (EXEMPT_TAG, record.tag), (OPT_OUT_TAG, record.opt_out)
    return any(subject.tags.get(name) != (tag and tag.value) for name, tag in seen)


def _has_other_admin_rules(snapshot: Snapshot, record: TargetRecord) -> bool:
    """Whether a network answers otherwise than to its last look what admin rules are in force on it."""
    if (EFFECTIVE_ADMIN_RULE, snapshot.subject.id.key) not in snapshot.lists:
        return False
    return admin_rules_in(snapshot) != record.admin_rules
