"""How bad a front that leads to a management port is: one place for every rule about entries."""

from remediation.baseline import Baseline
from remediation.model import Severity
from remediation.nsg import BroadFrom, Context, Grade, breadth
from remediation.nsg.spaces.sets import Ranges


def severity_of(sources: Ranges, baseline: Baseline, *, arrives: bool = False) -> Severity | None:
    """The severity of a front that public `sources` may use; None where the team approved all of them.

    High for a broad part of the internet, critical where a way through it certainly `arrives` at a machine;
    a few named addresses (an office) are what the guidance calls strict rules: medium.
    """
    context = Context(approved=baseline.allowed_management_sources)
    grade = breadth(sources, context, BroadFrom(baseline.limits.broad_ipv4_addresses))
    if grade is Grade.NONE:
        return None
    if grade is Grade.MEDIUM:
        return Severity.MEDIUM
    return Severity.CRITICAL if arrives else Severity.HIGH
