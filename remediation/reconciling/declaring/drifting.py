"""What differs from what is in force, as findings: each with its effect, and with the way back.

Only where something differs is more read than for any other look: what just-in-time access asked for, who
keeps the resource, and what stands on the ways to the machines behind it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from remediation.baseline import Baseline
from remediation.declared.declaration import Declaration
from remediation.declared.effects.judge import Judge
from remediation.declared.effects.worlds import Worlds
from remediation.declared.holding import Drifted
from remediation.declared.just_in_time import ASKING, is_asked, without_requests
from remediation.declared.repairing.repair import restoring
from remediation.declared.rule import DECLARED_DRIFT
from remediation.declared.standing import is_stale
from remediation.judging.evaluation import left_to_its_owner
from remediation.judging.gathering import Reads, gather, is_on
from remediation.kinds import NSG
from remediation.model import Finding, Fix, NoFix, Snapshot, Unknown
from remediation.model.decisions import shown_moment
from remediation.reconciling.declaring.around import around, with_more
from remediation.reconciling.declaring.attending import Word
from remediation.reconciling.declaring.surroundings import estate_of
from remediation.rule import Group, Need
from remediation.rules import rules_for


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs, as findings, and what nobody can tell."""

    findings: tuple[Finding, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


def drift(
    words: Sequence[Word],
    snapshot: Snapshot | None,
    cloud: Reads,
    baseline: Baseline,
    now: datetime,
) -> Drift:
    """Judge what differs from words that are in force. Raises TransientError when ARM does not answer now."""
    drifted = [
        Drifted(word.declaration, word.live, word.differences)
        for word in words
        if word.in_force and word.differences and word.declaration is not None
    ]
    drifted = [one for one in drifted if is_on(DECLARED_DRIFT, one.subject, baseline)]
    if not drifted:
        return Drift()
    seen = None if snapshot is None else _more(snapshot, drifted, cloud, baseline, now)
    unknowns: list[Unknown] = []
    kept = list(_of_people(drifted, seen, unknowns))
    estate, files = estate_of(seen)
    judge = Judge(estate, Worlds(estate, files, baseline, now), baseline, now)
    alone = {} if snapshot is None else snapshot.left_alone
    findings = [_finding(*each, seen, baseline, now, alone) for each in judge.judged(kept)]
    return Drift(tuple(findings), tuple(unknowns))


def _more(
    snapshot: Snapshot, drifted: Sequence[Drifted], cloud: Reads, baseline: Baseline, now: datetime
) -> Snapshot:
    """With what the judgement of a difference takes."""
    subject = snapshot.subject
    needs: list[Need] = [Group(), *(ASKING.needs if subject.id.type == NSG else ())]
    for rule in rules_for(subject.id.type):
        if is_on(rule, subject, baseline):
            needs += (*rule.needs, *rule.closer)
    asking = replace(DECLARED_DRIFT, needs=tuple(dict.fromkeys(needs)))
    read = gather(cloud, subject, [asking], baseline, now)
    return around(with_more(snapshot, read), drifted, cloud, baseline, now)


def _of_people(
    drifted: Sequence[Drifted], seen: Snapshot | None, unknowns: list[Unknown]
) -> Iterator[Drifted]:
    """Without what just-in-time access did, for as long as it may."""
    for one in drifted:
        if seen is None or one.live is None or one.live.id.type != NSG or not is_asked(one.differences):
            yield one
            continue
        differences, reasons = without_requests(one.live, one.differences, seen)
        unknowns += [Unknown(DECLARED_DRIFT.id, one.live.id, reason) for reason in reasons]
        if differences:
            yield replace(one, differences=differences)


def _finding(
    one: Drifted,
    finding: Finding,
    snapshot: Snapshot | None,
    baseline: Baseline,
    now: datetime,
    alone: Mapping[str, str],
) -> Finding:
    """With who declared it, and with the way back where its word is fresh and nobody else keeps it."""
    told = replace(finding, evidence={**finding.evidence, **_whose(one.declaration)})
    days = baseline.declared.stale_after_days
    if is_stale(one.declaration, now, days):
        why = NoFix(
            f"nobody has renewed this declaration in {days} days", "Declare again, or put it right by hand"
        )
        return replace(told, no_fix=why)
    way = restoring(one, alone)
    if isinstance(way.fix, Fix):
        told = replace(told, fix=way.fix, commands=way.by_hand)
    else:
        told = replace(told, no_fix=way.fix, commands=way.by_hand)
    return told if snapshot is None else left_to_its_owner(told, snapshot)


def _whose(declaration: Declaration) -> dict[str, Any]:
    """Whose word it is, beside its name: the principal, when, in which deployment."""
    source = declaration.source
    told = {
        "declaredPrincipal": source.by,
        "declaredAt": shown_moment(source.at) if source.at else "",
        "deployment": source.deployment,
    }
    return {key: value for key, value in told.items() if value}
