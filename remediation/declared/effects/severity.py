"""How bad the differences of one resource are: what they open, what they break, else little."""

from collections.abc import Iterable, Iterator, Sequence

from remediation.baseline import Baseline
from remediation.declared.difference import Difference
from remediation.declared.effects.groups import GroupEffect
from remediation.declared.effects.others import BREAKS, LOG
from remediation.declared.effects.worlds import Changed
from remediation.kinds import BASTION
from remediation.model import Finding, Severity
from remediation.resource_id import ResourceId
from remediation.ways.grading import severity_of

_OPEN = "nsg-mgmt-open-to-internet"


def severity(
    identity: ResourceId,
    differences: Sequence[Difference],
    group: GroupEffect | None,
    changed: Changed,
    baseline: Baseline,
    *,
    log_ended: bool,
) -> Severity:
    """The worst of what the differences do.

    A management port that is open is as bad as the rules about exposure have it; anything else opened to the
    internet is high, and so is a broken Bastion or an end of its log. What opens or closes otherwise, or may,
    is medium; what does nothing is low.
    """
    effects = {one.effect for one in differences}
    found = [Severity.MEDIUM if effects - {"none"} else Severity.LOW]
    found += _brought(changed.brought)
    found += _opened(changed, baseline)
    if group is not None and group.management is not None:
        known = [one.severity for one in changed.standing if one.rule == _OPEN and one.resource == identity]
        found.append(max(known, default=group.management))
    is_gone = identity.type == BASTION and any(not one.path for one in differences)
    if log_ended or is_gone or changed.cut_off or (group is not None and group.internet):
        found.append(Severity.HIGH)
    return max(found)


def _brought(findings: Iterable[Finding]) -> Iterator[Severity]:
    for one in findings:
        yield max(one.severity, Severity.HIGH) if one.rule in {*BREAKS, LOG} else one.severity


def _opened(changed: Changed, baseline: Baseline) -> Iterator[Severity]:
    for (_, _, port, _), sources in changed.opened.items():
        if port in baseline.management_ports:
            yield severity_of(sources, baseline, arrives=True) or Severity.MEDIUM
        else:
            yield Severity.HIGH


def breaks(findings: Iterable[Finding]) -> Iterator[str]:
    """What is broken of people's way over Bastion, in the words of the rules."""
    for one in findings:
        if one.rule in BREAKS:
            yield f"locks your administrators out: {one.message}"
