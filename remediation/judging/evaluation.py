"""Snapshot x rules x baseline -> findings and unknowns. Pure.

A fix is judged before anybody may write it: the rule is asked again about the snapshot as it would be after
the writes. A fix that would not silence its own rule is taken away, and the finding says so; one that says
what it leaves has to make things better. What a service keeps gets neither a fix nor a command.
"""

from collections.abc import Iterable
from dataclasses import replace

from remediation.baseline import Baseline
from remediation.judging.gathering import is_on
from remediation.judging.prediction import after
from remediation.landing_zone.owners import owner_of
from remediation.model import Finding, Fix, Judgement, NoFix, Snapshot, Unknown, Violation
from remediation.rule import Rule


def judge(snapshot: Snapshot, rules: Iterable[Rule], baseline: Baseline) -> Judgement:
    """What the rules say of a snapshot; a rule that is off says nothing."""
    findings: list[Finding] = []
    unknowns: list[Unknown] = []
    for rule in rules:
        if not is_on(rule, snapshot.subject, baseline):
            continue
        for verdict in rule.verdicts(snapshot, baseline):
            if isinstance(verdict, Violation):
                finding = left_to_its_owner(rule.finding(snapshot.subject, verdict), snapshot)
                findings.append(_proven(rule, snapshot, baseline, finding))
            else:
                subject = verdict.subject or snapshot.subject.id
                unknowns.append(Unknown(rule.id, subject, verdict.reason))
    return Judgement(tuple(findings), tuple(unknowns))


def left_to_its_owner(finding: Finding, snapshot: Snapshot) -> Finding:
    """The finding without writes and commands where somebody else keeps the subject and would undo them."""
    offered = finding.fix or finding.no_fix or finding.commands
    owner = owner_of(snapshot.subject, snapshot) if offered else None
    return finding if owner is None else replace(finding, fix=None, no_fix=owner.no_fix, commands=())


def _proven(rule: Rule, snapshot: Snapshot, baseline: Baseline, finding: Finding) -> Finding:
    fix = finding.fix
    if fix is None or _ends(rule, snapshot, baseline, finding, fix):
        return finding
    return replace(finding, fix=None, no_fix=NoFix("the write found for it would not end the finding"))


def _ends(rule: Rule, snapshot: Snapshot, baseline: Baseline, finding: Finding, fix: Fix) -> bool:
    """Whether the finding is gone after the writes; or, where they leave a part, that it is no worse.

    A write that would be planned again after itself is no progress.
    """
    predicted = after(snapshot, fix.writes)
    rest = [
        rule.finding(predicted.subject, verdict)
        for verdict in rule.verdicts(predicted, baseline)
        if isinstance(verdict, Violation)
    ]
    same = [one for one in rest if one.resource == finding.resource]
    if not fix.leaves:
        return not same
    return all(one.severity <= finding.severity and not _plans(one, fix) for one in same)


def _plans(finding: Finding, fix: Fix) -> bool:
    again = finding.fix.writes if finding.fix else ()
    return any(write in again for write in fix.writes)
