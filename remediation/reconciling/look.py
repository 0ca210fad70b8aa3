"""Looks at a target once: reads it and what its rules need, judges it, plans."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from remediation.baseline import Baseline
from remediation.errors import PermanentError, UnreadableError
from remediation.judging.ahead import Ahead
from remediation.judging.consenting import Consent
from remediation.judging.evaluation import judge
from remediation.judging.exempting import spared
from remediation.judging.gathering import Reads, gather
from remediation.judging.planning import plan, restless
from remediation.judging.standing import Standing
from remediation.kinds import LOCK, POLICY_EXEMPTION
from remediation.ledger.claims import TagSeen
from remediation.ledger.counters import Counters
from remediation.ledger.decided.exemptions import Exemptions
from remediation.messages import Message, maker_of
from remediation.model import (
    Closing,
    Exemption,
    Json,
    Judgement,
    Listing,
    Plan,
    Resource,
    Snapshot,
    Unread,
)
from remediation.ports import Clock, Cloud, Together, in_turn
from remediation.reconciling.declaring.eye import Eye
from remediation.reconciling.declaring.reckoning import NOTHING, Reckoning, Records
from remediation.reconciling.exempt_tags import ExemptTags
from remediation.resource_id import ResourceId
from remediation.rules import rules_for

type FindingKey = tuple[str, str]

MOST_LIKELY = 16
"""Reads that go out with a target on the word of its last look."""


@dataclass(frozen=True, slots=True)
class Confirming:
    """What was read again just before a write, after the judgement that it follows from."""

    resource: ResourceId
    cloud: Reads

    def body(self) -> Json | None:
        """The document, None where there is none; raises as the read did."""
        found = self.cloud.get(self.resource)
        return None if found is None else found.body


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look saw. `snapshot` is None when the target is gone; `complete` allows a high-water mark.

    `tag` is the subject's exemption tag, with who set it, and `opt_out` the other of our tags.
    `confirming` is a fresh read of what is to be written, `judged` what the rules say of the subject before
    anything is left alone, `account` what it came to by what was declared.
    """

    started: datetime
    snapshot: Snapshot | None = None
    judgement: Judgement = field(default_factory=Judgement)
    plan: Plan = field(default_factory=Plan)
    tag: TagSeen | None = None
    opt_out: TagSeen | None = None
    confirming: Confirming | None = None
    judged: Judgement = field(default_factory=Judgement)
    account: Reckoning = NOTHING

    @property
    def settled(self) -> bool:
        """Whether the subject is in a terminal state; a moving one is not judged."""
        return self.snapshot is None or self.snapshot.subject.settled

    @property
    def complete(self) -> bool:
        if self.snapshot is None:
            return True
        everything = [self.snapshot.subject, *self.snapshot.resources.values()]
        for listed in self.snapshot.lists.values():
            everything += [listed] if isinstance(listed, Unread) else listed
        read = all(one is None or (isinstance(one, Resource) and one.settled) for one in everything)
        return read and not self.judgement.unknowns


class Looker:
    """Looks at targets with one baseline; with the `consent` of a person, for the repair they apply."""

    def __init__(
        self,
        cloud: Cloud,
        clock: Clock,
        counters: Counters,
        exemptions: Exemptions,
        tags: ExemptTags,
        baseline: Baseline,
        together: Together = in_turn,
        consent: Consent | None = None,
        eye: Eye | None = None,
    ) -> None:
        self._consent = consent
        self._cloud = cloud
        self._clock = clock
        self._eye = eye
        self._counters = counters
        self._exemptions = exemptions
        self._tags = tags
        self._baseline = baseline
        self._together = together

    def look(
        self,
        target: ResourceId,
        refused_before: dict[tuple[str, str], str],
        message: Message,
        likely: Iterable[str] = (),
        begun: Iterable[str] = (),
    ) -> Sight:
        """Read, judge, plan, in answer to a message.

        `refused_before`: findings whose write must not be tried again, and why. `likely` are ids that will be
        read as well, as far as the last look tells: they go out with the target. `begun` are names of
        findings whose repair has writes left that were taken out of the budget for it.
        """
        started = self._clock.now()
        records: Records = () if self._eye is None else self._eye.records(target)
        cloud = Ahead(self._cloud, self._together)
        cloud.fetch([target, *_readable(likely)])
        subject = cloud.get(target)
        if subject is None:
            return self._gone(target, records, cloud, message, started)
        if not subject.settled:
            return Sight(started, Snapshot(subject))
        rules = rules_for(target.type)
        asking = () if self._eye is None else self._eye.asking(records)
        snapshot = gather(cloud, subject, (*rules, *asking), self._baseline, started)
        judged = judge(snapshot, rules, self._baseline)
        account = self._account(target, records, snapshot, cloud, message, started)
        judgement = account.beside(judged, snapshot, self._baseline, started)
        tag, opt_out = self._tags.seen(subject, judgement, message, started)
        standing = self._standing(target, judgement, refused_before, maker_of(message))
        standing = replace(standing, begun=frozenset(begun))
        if tag is not None:
            standing = replace(
                standing, tagged_since=tag.since, tagged_by=tag.name, void_tags=frozenset(tag.void)
            )
        if opt_out is not None:
            standing = replace(standing, void_opt_outs=frozenset(opt_out.void))
        left_alone = _left_alone(judgement, standing, self._baseline)
        left_alone |= account.left_alone(judgement, snapshot, self._baseline, started)
        if left_alone:
            snapshot = replace(snapshot, left_alone=left_alone)
            account = self._account(target, records, snapshot, cloud, message, started)
            judged_again = judge(snapshot, rules, self._baseline)
            judgement = account.beside(judged_again, snapshot, self._baseline, started)
        standing = replace(standing, consent=self._consent)
        planned, confirming = self._plan(judgement, snapshot, standing, account)
        return Sight(started, snapshot, judgement, planned, tag, opt_out, confirming, judged, account)

    def is_still_declared(self, target: ResourceId, sight: Sight) -> bool:
        """Whether nobody has declared anything since a look, for whoever is about to write."""
        return self._eye is None or self._eye.is_still(sight.account.records, target)

    def _account(
        self,
        target: ResourceId,
        records: Records,
        snapshot: Snapshot | None,
        cloud: Reads,
        message: Message,
        started: datetime,
    ) -> Reckoning:
        if self._eye is None:
            return NOTHING
        return self._eye.account(records, target, snapshot, cloud, message, started)

    def _gone(
        self, target: ResourceId, records: Records, cloud: Reads, message: Message, started: datetime
    ) -> Sight:
        """The end of a resource; one that was declared is missed."""
        account = self._account(target, records, None, cloud, message, started)
        judgement = Judgement(account.findings)
        if not judgement.findings:
            return Sight(started, account=account)
        missed = Snapshot(Resource(target, {}))
        planned = plan(judgement, missed, self._baseline, self._standing(target, judgement, {}, ""))
        return Sight(started, judgement=judgement, plan=planned, account=account)

    def _plan(
        self, judgement: Judgement, snapshot: Snapshot, standing: Standing, account: Reckoning
    ) -> tuple[Plan, Confirming | None]:
        """Plan; look at locks and policy exemptions only when there is something to write.

        What is about to be written is read with them, once more: the confirming read.
        """
        standing, wanted = self._first_plan(judgement, snapshot, standing, account)
        fix = wanted.fixes[0].fix if wanted.fixes else None
        if fix is None:
            return wanted, None
        target, written = snapshot.subject.id, fix.writes[0].id
        cloud = Ahead(self._cloud, self._together)
        cloud.fetch([Listing(LOCK, target.text), Listing(POLICY_EXEMPTION, target.text), written])
        locks = _in_force(cloud, LOCK, target)
        exemptions = _in_force(cloud, POLICY_EXEMPTION, target)
        informed = replace(standing, locks=locks, policy_exemptions=exemptions)
        planned = plan(judgement, snapshot, self._baseline, informed)
        return planned, Confirming(written, cloud) if planned.fixes else None

    def _first_plan(
        self, judgement: Judgement, snapshot: Snapshot, standing: Standing, account: Reckoning
    ) -> tuple[Standing, Plan]:
        """The plan before locks are asked for, and with it what was declared as planning has to know it."""
        held = account.held(judgement, snapshot, self._baseline, standing.now)
        standing = replace(standing, declared=held)
        wanted = plan(judgement, snapshot, self._baseline, standing)
        if self._eye is None or not wanted.fixes or not account.speaks:
            return standing, wanted
        rules = rules_for(snapshot.subject.id.type)
        sooner = account.hurried(wanted.fixes[0], snapshot, rules, self._baseline)
        if sooner is not None:
            standing = replace(standing, declared={key: why for key, why in held.items() if key != sooner})
            wanted = plan(judgement, snapshot, self._baseline, standing)
        why_not = self._eye.why_not(wanted.fixes[0], account, standing.now)
        if why_not:
            every = {one.key: (why_not, None) for one in judgement.findings if one.fix is not None}
            standing = replace(standing, declared={**every, **standing.declared})
            wanted = plan(judgement, snapshot, self._baseline, standing)
        return standing, wanted

    def _standing(
        self, target: ResourceId, judgement: Judgement, refused_before: dict[tuple[str, str], str], by: str
    ) -> Standing:
        now = self._clock.now()
        fixable = [finding for finding in judgement.findings if finding.fix is not None]
        if not fixable:
            return Standing(now)
        refused = dict(refused_before)
        closings = self._closings([found.key for found in fixable], now, refused)
        return Standing(
            now=now,
            closings=closings,
            by=by,
            spent=self._counters.spent(now),
            exempt=self._exempt(target, [found.key for found in fixable], now, refused),
            refused_before=refused,
        )

    def _closings(
        self, findings: list[FindingKey], now: datetime, refused: dict[FindingKey, str]
    ) -> dict[FindingKey, tuple[Closing, ...]]:
        """Our repairs of each finding; one whose count nobody can read is not repaired."""
        window, found = timedelta(hours=self._baseline.limits.flap_window_hours), {}
        for key in findings:
            try:
                found[key] = self._counters.closings(key, now, window)
            except UnreadableError as error:
                refused[key] = f"how often it was repaired cannot be read: {error.why}"
        return found

    def _exempt(
        self, target: ResourceId, findings: list[FindingKey], now: datetime, refused: dict[FindingKey, str]
    ) -> Mapping[FindingKey, Sequence[Exemption]]:
        """What a person has exempted; where nobody can read that, nothing of the target is repaired."""
        try:
            return self._exemptions.of(target, now)
        except UnreadableError as error:
            why = f"whether somebody took a repair back cannot be read: {error.why}"
            refused.update(dict.fromkeys(findings, why))
            return {}


def _in_force(cloud: Reads, kind: str, target: ResourceId) -> tuple[Resource, ...] | Unread:
    try:
        return tuple(cloud.list(Listing(kind, target.text)))
    except PermanentError as error:
        return Unread(str(error))


def _readable(likely: Iterable[str]) -> Iterator[ResourceId]:
    """The ids of resources among what was read, at most `MOST_LIKELY`."""
    ids = (ResourceId.parse(text) for text in likely if "/providers/" in text)
    return islice(ids, MOST_LIKELY)


def _left_alone(judgement: Judgement, standing: Standing, baseline: Baseline) -> dict[str, str]:
    """Openings that somebody keeps making again or had left alone, where others can be closed: name -> why.

    Where a fix closes nothing else it stays whole: it is offered, or exempt.
    """
    found: dict[str, str] = {}
    for finding in judgement.findings:
        alone = {rule: _of_a_person(rule, why) for rule, why in spared(finding, standing).items()}
        alone |= restless(finding, standing, baseline)
        if finding.fix is not None and len(alone) < len(finding.fix.openings):
            found |= {name.lower(): why for name, why in alone.items()}
    return found


def _of_a_person(rule: str, exemption: Exemption) -> str:
    return f"rule {rule} is left alone {exemption.words}"
