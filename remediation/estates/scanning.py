"""A look at everything at once: judge every resource of a judged type, write nothing, remember nothing.

The same rules, needs and plan as in `reconcile`; only where the documents come from differs: from files, or
from ARM read by type. What cannot be judged is unknown with its reason, and never counts as compliant.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from remediation.baseline import Baseline
from remediation.errors import PermanentError
from remediation.judging.evaluation import judge
from remediation.judging.gathering import Reads, gather, is_on
from remediation.judging.planning import plan
from remediation.judging.standing import Standing
from remediation.kinds import DENY_ASSIGNMENT, LOCK, POLICY_EXEMPTION
from remediation.model import Finding, Judgement, Listing, Plan, Resource, Snapshot, Unknown, Unread
from remediation.rule import Rule
from remediation.rules import rules_for

EVERY_RULE = "*"
"""Stands for the rule of an unknown that concerns no rule in particular."""
_WITHOUT_PARENT = "only children of it are in the input and not the resource itself: export it whole"


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource to judge.

    `flaw` says why its document cannot be used; of a `partial` one only children are known and judged.
    """

    resource: Resource
    flaw: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that broke on a resource: a bug of ours, reported and not hidden."""

    rule: str
    resource: str
    error: Exception


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found, in a fixed order: worst first, then by rule and id.

    `notes` are lines for people about the scan itself, such as what the baseline leaves open.
    """

    findings: tuple[Finding, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    evaluated: int = 0
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = field(default=(), compare=False)

    def to_json(self) -> dict[str, Any]:
        return {
            "findings": [finding.to_json() for finding in self.findings],
            "unknown": [unknown.to_json() for unknown in self.unknowns],
            "evaluated": self.evaluated,
        }


def scan(
    reads: Reads,
    subjects: Iterable[Subject],
    baseline: Baseline,
    now: datetime,
    tick: Callable[[], None] = lambda: None,
) -> Scan:
    """Judge every subject; `tick` is called after each."""
    scanner = Scanner(reads, baseline, now)
    for subject in subjects:
        scanner.look(subject)
        tick()
    return scanner.result()


class Scanner:
    """Judges one subject after the other and keeps what it found."""

    def __init__(self, reads: Reads, baseline: Baseline, now: datetime) -> None:
        self._reads = reads
        self._baseline = baseline
        self._now = now
        self._findings: list[Finding] = []
        self._unknowns: list[Unknown] = []
        self._failures: list[Failure] = []
        self._evaluated = 0
        self._without_environment: set[str] = set()

    def result(self) -> Scan:
        unknowns = sorted(set(self._unknowns), key=lambda one: (one.rule, one.resource.key, one.reason))
        findings = sorted(
            self._findings, key=lambda one: (-one.severity, one.rule, one.resource.key, one.message)
        )
        notes, failures = tuple(self._notes()), tuple(self._failures)
        return Scan(tuple(findings), tuple(unknowns), self._evaluated, notes, failures)

    def _notes(self) -> Iterator[str]:
        if self._without_environment:
            names = " and ".join(sorted(self._without_environment))
            yield f"the baseline names no environments, by which {names} would judge: they were not asked"

    def look(self, subject: Subject) -> None:
        """Judge one subject by the rules that are on for it."""
        resource = subject.resource
        every = rules_for(resource.id.type)
        asked = tuple(rule for rule in every if is_on(rule, resource, self._baseline))
        if not self._baseline.knows_environments:
            self._without_environment |= {rule.id for rule in every if rule.by_environment}
        reason = subject.flaw or _unsettled(resource)
        if reason:
            names = [rule.id for rule in asked] or ([] if every else [EVERY_RULE])
            self._unknowns += [Unknown(name, resource.id, reason) for name in names]
            return
        if subject.partial:
            unread = [rule.id for rule in asked if not rule.about]
            self._unknowns += [Unknown(name, resource.id, _WITHOUT_PARENT) for name in unread]
            asked = tuple(rule for rule in asked if rule.about)
        doubted: set[str] = set()
        for judgement in self._judged(subject, asked):
            self._unknowns += judgement.unknowns
            self._findings += judgement.findings
            said = {finding.rule for finding in judgement.findings}
            doubted |= {one.rule for one in judgement.unknowns if one.rule not in said}
        self._evaluated += any(rule.id not in doubted for rule in asked)

    def _judged(self, subject: Subject, rules: Sequence[Rule]) -> Iterator[Judgement]:
        """All rules at once; where one of them breaks each alone, so that it takes no other with it."""
        resource = subject.resource
        try:
            snapshot = gather(self._reads, resource, rules, self._baseline, self._now)
            everything = judge(snapshot, rules, self._baseline)
            judgement = _of_children(everything, resource) if subject.partial else everything
            planned = self._plan(judgement, snapshot).findings if judgement.findings else ()
            yield replace(judgement, findings=tuple(one for one in planned if not one.too_early))
        except Exception as error:  # noqa: BLE001  one odd document must not end the scan of all others
            if len(rules) > 1:
                for rule in rules:
                    yield from self._judged(subject, (rule,))
                return
            name = rules[0].id if rules else EVERY_RULE
            self._failures.append(Failure(name, resource.id.text, error))
            reason = f"the rule failed on this document: {type(error).__name__}: {error}"
            self._unknowns.append(Unknown(name, resource.id, reason))

    def _plan(self, judgement: Judgement, snapshot: Snapshot) -> Plan:
        """Plan; look at what may forbid a write only when there is something to write."""
        wanted = plan(judgement, snapshot, self._baseline, Standing(self._now))
        if not any(finding.fix for finding in wanted.fixes + wanted.proposals):
            return wanted
        subject = snapshot.subject
        informed = Standing(
            self._now,
            locks=self._in_force(LOCK, subject.id.text),
            policy_exemptions=self._in_force(POLICY_EXEMPTION, subject.id.text),
            deny_assignments=self._in_force(DENY_ASSIGNMENT, subject.id.text),
        )
        return plan(judgement, snapshot, self._baseline, informed)

    def _in_force(self, kind: str, scope: str) -> Sequence[Resource] | Unread:
        try:
            return self._reads.list(Listing(kind, scope))
        except PermanentError as error:
            return Unread(str(error))


def _unsettled(subject: Resource) -> str:
    if subject.settled:
        return ""
    return f"it is being changed right now (provisioningState {subject.properties('provisioningState')})"


def _of_children(judgement: Judgement, parent: Resource) -> Judgement:
    """What was said about children only: the parent itself was not exported."""
    return Judgement(
        tuple(finding for finding in judgement.findings if finding.resource != parent.id),
        tuple(unknown for unknown in judgement.unknowns if unknown.resource != parent.id),
    )
