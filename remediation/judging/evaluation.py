"""Snapshot x rules x baseline -> findings and unknowns. Pure.

A fix is judged before anybody may write it: the rule is asked again about the snapshot as it would be after
the writes. A fix that would not silence its own rule is taken away, and the finding says so.
"""

from collections.abc import Iterable
from dataclasses import replace

from remediation.baseline import Baseline
from remediation.judging.gathering import is_on
from remediation.judging.prediction import after
from remediation.model import Finding, Judgement, NoFix, Snapshot, Unknown, Violation
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
                findings.append(_proven(rule, snapshot, baseline, rule.finding(snapshot.subject, verdict)))
            else:
                subject = verdict.subject or snapshot.subject.id
                unknowns.append(Unknown(rule.id, subject, verdict.reason))
    return Judgement(tuple(findings), tuple(unknowns))


def _proven(rule: Rule, snapshot: Snapshot, baseline: Baseline, finding: Finding) -> Finding:
    if finding.fix is None or _silences(rule, snapshot, baseline, finding):
        return finding
    return replace(finding, fix=None, no_fix=NoFix("the write found for it would not end the finding"))


def _silences(rule: Rule, snapshot: Snapshot, baseline: Baseline, finding: Finding) -> bool:
    assert finding.fix is not None
    predicted = after(snapshot, finding.fix.writes)
    verdicts = rule.verdicts(predicted, baseline)
    return not any(
        isinstance(verdict, Violation) and (verdict.subject or predicted.subject.id) == finding.resource
        for verdict in verdicts
    )
