"""What is left alone, and by whose word: the baseline's, the resource's tag, or a person's to us. Pure.

Exemptions of ours are given for openings: for a rule, and for whatever lets in no more than that rule did. So
an hour for port 22 covers nobody else's 3389.
"""

from datetime import datetime, timedelta

from remediation.baseline import Baseline
from remediation.judging.standing import Standing
from remediation.messages import utc
from remediation.model import Exemption, Finding, Resource
from remediation.model.decisions import shown_moment
from remediation.model.records import name_of

EXEMPT_TAG = "bastion-guard:exempt-until"


def exemption_of(
    finding: Finding, subject: Resource, baseline: Baseline, standing: Standing
) -> Exemption | None:
    """Why a finding is left alone: by the baseline, the resource's tag or a person's word to us, if it is.

    What was given for some openings holds where it is given for every one that a fix would close, and then
    until the first of them ends. A date in the past or one that cannot be read exempts nothing.
    """
    written = baseline.exemption_for(finding.rule, finding.resource, standing.now)
    moment = _tagged_until(finding, subject, baseline, standing)
    whole = [
        *([Exemption(written.until, "baseline", written.owner, written.reason)] if written else ()),
        *([Exemption(moment, "tag", standing.tagged_by)] if moment else ()),
        *(one for one in standing.exempt.get(finding.key, ()) if one.opening is None),
    ]
    live = [one for one in whole if one.until > standing.now]
    return max(live, key=lambda one: one.until, default=None) or _piecemeal(finding, standing)


def _piecemeal(finding: Finding, standing: Standing) -> Exemption | None:
    openings = finding.fix.openings if finding.fix else ()
    alone = spared(finding, standing)
    if not openings or len(alone) < len(openings):
        return None
    return min(alone.values(), key=lambda one: one.until)


def spared(finding: Finding, standing: Standing) -> dict[str, Exemption]:
    """Openings of a fix that a person had left alone: rule -> the exemption that lasts longest."""
    known = [one for one in standing.exempt.get(finding.key, ()) if one.until > standing.now]
    found = dict[str, Exemption]()
    for opening in finding.fix.openings if finding.fix else ():
        holding = [one for one in known if one.covers(opening)]
        if holding:
            found[opening.rule] = max(holding, key=lambda one: one.until)
    return found


def _tagged_until(
    finding: Finding, subject: Resource, baseline: Baseline, standing: Standing
) -> datetime | None:
    """Until when the resource's tag exempts a finding: no longer than the baseline lets a tag hold."""
    until = moment(subject.tags.get(EXEMPT_TAG, ""))
    if until is None or _is_void(finding, standing):
        return None
    since = standing.tagged_since or standing.now
    return min(until, since + timedelta(hours=baseline.limits.exempt_tag_hours))


def void_tag(finding: Finding, subject: Resource, baseline: Baseline, standing: Standing) -> str:
    """Why the resource's exemption tag counts for nothing, for whoever set it and wonders; "" without one."""
    text = subject.tags.get(EXEMPT_TAG)
    if text is None:
        return ""
    until = moment(text)
    if until is None:
        why = f"{text[:60]!r} is no moment such as 2026-12-31T18:00:00Z"
    elif _is_void(finding, standing):
        why = "whoever set it also made the opening"
    elif until <= standing.now:
        why = f"it ended at {shown_moment(until)}"
    else:
        why = f"a tag holds for {baseline.limits.exempt_tag_hours} hours at most (limits.exemptTagHours)"
    return f"tag {EXEMPT_TAG} exempts nothing: {why}"


def _is_void(finding: Finding, standing: Standing) -> bool:
    return name_of(finding.rule, finding.resource.text) in standing.void_tags


def moment(text: str) -> datetime | None:
    """A moment as a tag or a policy exemption has it, in UTC; None for what is none."""
    try:
        return utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        return None
