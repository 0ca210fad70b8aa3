"""Findings -> Plan: what to repair now, what to offer, what only to tell. Pure.

A finding with a proven write is repaired unless something holds it back: the team's threshold, observe mode,
or a guard that keeps us from fighting anybody (design decision 7). Each guard is one function that returns
why, in words for the card, or None; whatever holds a write back is a Hold of its finding.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from remediation.baseline import NOTHING, Action, Baseline
from remediation.judging.consenting import LIFTED
from remediation.judging.exempting import exemption_of, moment, void_tag
from remediation.judging.standing import Standing
from remediation.kinds import NSG, SECURITY_RULE
from remediation.landing_zone.owners import denied, unread_group
from remediation.model import (
    Applicability,
    Disposition,
    Finding,
    Fix,
    Guard,
    Hold,
    Judgement,
    NoFix,
    Plan,
    Resource,
    Snapshot,
    Unread,
    share_of,
)
from remediation.model.records import name_of
from remediation.rule import ids_at

OBSERVES = "the baseline is in observe mode"
NO_BASELINE = "no baseline given"
OPT_OUT_TAG = "bastion-guard:opt-out"
CODE_TAGS = frozenset({"managed-by", "managed_by", "managedby", "hidden-title", "azd-env", "azd-env-name"})


@dataclass(frozen=True, slots=True)
class Case:
    """One finding with a proven write, and everything a guard may look at."""

    finding: Finding
    snapshot: Snapshot
    baseline: Baseline
    standing: Standing


type Check = Callable[[Case], str | None]


def plan(judgement: Judgement, snapshot: Snapshot, baseline: Baseline, standing: Standing) -> Plan:
    """Give every finding its disposition."""
    fixes: list[Finding] = []
    proposals: list[Finding] = []
    alerts: list[Finding] = []
    exempt: list[Finding] = []
    for finding in judgement.findings:
        why = exemption_of(finding, snapshot.subject, baseline, standing)
        if why is not None:
            exempt.append(replace(finding, disposition=Disposition.ALERT, exempt=why))
            continue
        told = replace(finding, void_tag=void_tag(finding, snapshot.subject, baseline, standing))
        disposed = dispose(Case(told, snapshot, baseline, standing))
        bucket = {Disposition.FIX: fixes, Disposition.PROPOSE: proposals, Disposition.ALERT: alerts}
        bucket[disposed.disposition].append(disposed)
    return Plan(tuple(fixes), tuple(proposals), tuple(alerts), tuple(exempt))


def dispose(case: Case) -> Finding:
    """The finding with its disposition: without a proven write alert, held back propose, else fix."""
    finding, fix = case.finding, case.finding.fix
    action = case.baseline.action_for(finding.rule, case.snapshot.subject)
    if fix is None or not fix.writes or fix.applicability is Applicability.ALERT or action is Action.ALERT:
        return replace(finding, disposition=Disposition.ALERT)
    futile = forbidden(case, fix)
    if futile is not None:
        return replace(finding, disposition=Disposition.ALERT, no_fix=futile, fix=None, commands=())
    holds = tuple(_holds(case))
    if not [hold for hold in holds if not _is_lifted(hold, case)]:
        return replace(finding, disposition=Disposition.FIX, holds=())
    return replace(finding, disposition=Disposition.PROPOSE, holds=holds)


def _is_lifted(hold: Hold, case: Case) -> bool:
    """Whether the word of a person who applies this very repair lifts a guard; a stop is nobody's to lift."""
    consent = case.standing.consent
    if consent is None or hold.guard not in LIFTED or case.baseline.stopped:
        return False
    return consent.is_for(case.finding)


def _holds(case: Case) -> Iterator[Hold]:
    for guard, check in GUARDS.items():
        reason = check(case)
        if reason is not None:
            yield Hold(guard, reason, _end(guard, case))


def _end(guard: Guard, case: Case) -> datetime | None:
    """When a guard lets go by time alone; None where it does not. No event tells: somebody has to look then.

    For policy exemptions that is the end of the first, for the budget the next hour, for a tug of war the
    moment at which so many closings of it are out of the window that one more is none, for what was declared
    the moment at which no deployment can have done it any more.
    """
    assert case.finding.fix is not None
    if guard is Guard.OVER_BUDGET:
        return share_of(case.finding.fix).begins_after(case.standing.now)
    if guard is Guard.FLAPPING:
        return _calm_again(case)
    if guard is Guard.DECLARED:
        return case.standing.declared[case.finding.key][1]
    if guard is not Guard.EXEMPT_BY_POLICY:
        return None
    return min((end for _, end in _policy_exemptions(case.standing) if end is not None), default=None)


def forbidden(case: Case, fix: Fix) -> NoFix | None:
    """Why nobody but its owner may make a fix: a deny assignment. Those that were not read forbid nothing."""
    assignments = case.standing.deny_assignments
    owner = None if isinstance(assignments, Unread) else denied(fix.writes, assignments)
    return None if owner is None else owner.no_fix


# Guards ------------------------------------------------------------------------------------------


def observing(case: Case) -> str | None:
    if case.baseline.mode != "observe":
        return None
    if case.baseline.stopped:
        return case.baseline.stopped
    return NO_BASELINE if case.baseline == NOTHING else OBSERVES


def below_threshold(case: Case) -> str | None:
    """UNSAFE fixes are offered unless the team opted in; a rule may also be told to offer only."""
    action = case.baseline.action_for(case.finding.rule, case.snapshot.subject)
    if action is Action.PROPOSE:
        return f"the baseline says propose for {case.finding.rule}"
    assert case.finding.fix is not None
    least = case.baseline.least_for(case.finding.rule, case.snapshot.subject)
    if least is not None and case.finding.fix.applicability < least:
        return f"the baseline applies only {least.text} repairs of {case.finding.rule}"
    if action is None and case.finding.fix.applicability < Applicability.SAFE:
        return f"{case.finding.rule} is only offered unless the baseline says fix for it"
    return None


def too_many_attachments(case: Case) -> str | None:
    """The blast radius of an NSG's rule is every subnet and NIC it is attached to."""
    assert case.finding.fix is not None
    if not any(write.id.type in {NSG, SECURITY_RULE} for write in case.finding.fix.writes):
        return None
    subject = case.snapshot.subject
    holders = ("properties.subnets[].id", "properties.networkInterfaces[].id")
    count = sum(len(list(ids_at(subject.body, path))) for path in holders)
    cap = case.baseline.limits.max_attachments
    return f"attached to {count} subnets and NICs, more than {cap}" if count > cap else None


def in_special_subnet(case: Case) -> str | None:
    """The team's own special subnets; for those of the platform no write is even proposed."""
    subnets = ids_at(case.snapshot.subject.body, "properties.subnets[].id")
    special = sorted(
        subnet.name for subnet in subnets if subnet.name.lower() in case.baseline.special_subnets
    )
    return f"it is attached to {special[0]}, a special subnet of the baseline" if special else None


def locked(case: Case) -> str | None:
    """ReadOnly forbids every write, CanNotDelete only deletions. Locks are never removed by us."""
    locks = case.standing.locks
    if isinstance(locks, Unread):
        return f"locks are unknown: {locks.reason}"
    assert case.finding.fix is not None
    deletes = any(write.method == "DELETE" for write in case.finding.fix.writes)
    for lock in locks:
        level = str(lock.properties("level") or "").lower()
        if level == "readonly" or (level == "cannotdelete" and deletes):
            return f"lock {lock.id.name} ({lock.properties('level')})"
    return None


def exempt_by_policy(case: Case) -> str | None:
    """Somebody exempted the resource from an Azure Policy; which of our rules that means is for a person."""
    name = next((exemption.id.name for exemption, _ in _policy_exemptions(case.standing)), None)
    return None if name is None else f"policy exemption {name}"


def _policy_exemptions(standing: Standing) -> Iterator[tuple[Resource, datetime | None]]:
    """Those in force, each with its end if it has one.

    Exemptions that are over do not count; those that may not be read hold nothing back.
    """
    exemptions = standing.policy_exemptions
    for exemption in () if isinstance(exemptions, Unread) else exemptions:
        ends = exemption.properties("expiresOn")
        until = None if ends is None else moment(str(ends))
        if ends is None or (until is not None and until > standing.now):
            yield exemption, until


def owned_by_code(case: Case) -> str | None:
    """Infrastructure as code would undo the repair; the repair belongs into its source."""
    found = sorted(CODE_TAGS & set(case.snapshot.subject.tags))
    return f"tag {found[0]} says that infrastructure as code owns it" if found else None


def owner_unknown(case: Case) -> str | None:
    """A service may keep it, and would fight the repair: only its resource group could tell."""
    return unread_group(case.snapshot.subject, case.snapshot)


def opted_out(case: Case) -> str | None:
    """Whoever owns a resource may opt out of its repairs; not who made the opening that a repair closes."""
    value, fix = case.snapshot.subject.tags.get(OPT_OUT_TAG), case.finding.fix
    name = name_of(case.finding.rule, case.finding.resource.text)
    if value is None or (fix is not None and fix.openings and name in case.standing.void_opt_outs):
        return None
    names = {name.strip() for name in value.split(",")}
    return f"tag {OPT_OUT_TAG}" if names & {"", "*", "true", case.finding.rule} else None


def flapping(case: Case) -> str | None:
    """Somebody keeps undoing the same repair; two machines must not fight over a resource."""
    assert case.finding.fix is not None
    if not case.finding.fix.openings:
        limits, times = case.baseline.limits, len(case.standing.closings.get(case.finding.key, ()))
        again = f"repaired {times} times within {limits.flap_window_hours} hours and undone each time"
        return again if times >= limits.flap_count else None
    return next(iter(restless(case.finding, case.standing, case.baseline).values()), None)


def _calm_again(case: Case) -> datetime | None:
    """When the last of what is undone again and again has been closed seldom enough to be closed anew."""
    fix, standing, limits = case.finding.fix, case.standing, case.baseline.limits
    closings = standing.closings.get(case.finding.key, ())
    openings = fix.openings if fix else ()
    series = [[one.at for one in closings if one.was_of(each, standing.by)] for each in openings]
    window = timedelta(hours=limits.flap_window_hours)
    counted = [sorted(times) for times in (series or [[one.at for one in closings]])]
    ends = [times[-limits.flap_count] + window for times in counted if len(times) >= limits.flap_count]
    return max(ends, default=None)


def restless(finding: Finding, standing: Standing, baseline: Baseline) -> dict[str, str]:
    """Openings of a fix that somebody makes again after each repair: rule -> what happened how often.

    An opening is the same when its rule is back, or when the same principal lets the same sources reach the
    same ports under another name. What others open meanwhile is none of it.
    """
    limits, found = baseline.limits, dict[str, str]()
    closings = standing.closings.get(finding.key, ())
    for opening in finding.fix.openings if finding.fix else ():
        times = sum(closing.was_of(opening, standing.by) for closing in closings)
        if times >= limits.flap_count:
            often = f"{times} times within {limits.flap_window_hours} hours"
            found[opening.rule] = f"rule {opening.rule} was closed {often} and undone each time"
    return found


def over_budget(case: Case) -> str | None:
    spent, fix, cap = case.standing.spent, case.finding.fix, case.baseline.limits.max_writes_per_hour
    assert fix is not None
    whose = None if spent is None else spent.used_up(cap, share_of(fix))
    return None if whose is None else f"the budget of {cap} writes an hour is used up{whose}"


def needs_consent(case: Case) -> str | None:
    """The rule itself says that a person has to agree, whatever the threshold."""
    assert case.finding.fix is not None
    return case.finding.fix.consent or None


def refused_before(case: Case) -> str | None:
    """A write of ours was refused or did not end the finding; trying again would only repeat it."""
    return case.standing.refused_before.get(case.finding.key)


def declared(case: Case) -> str | None:
    """Whoever deploys has the last word: a repair against it would be undone, and made again."""
    why = case.standing.declared.get(case.finding.key)
    return None if why is None else why[0]


GUARDS: Mapping[Guard, Check] = {
    Guard.OBSERVING: observing,
    Guard.BELOW_THRESHOLD: below_threshold,
    Guard.TOO_MANY_ATTACHMENTS: too_many_attachments,
    Guard.IN_SPECIAL_SUBNET: in_special_subnet,
    Guard.LOCKED: locked,
    Guard.EXEMPT_BY_POLICY: exempt_by_policy,
    Guard.OWNED_BY_CODE: owned_by_code,
    Guard.OWNER_UNKNOWN: owner_unknown,
    Guard.OPTED_OUT: opted_out,
    Guard.FLAPPING: flapping,
    Guard.OVER_BUDGET: over_budget,
    Guard.NEEDS_CONSENT: needs_consent,
    Guard.REFUSED_BEFORE: refused_before,
    Guard.DECLARED: declared,
}
