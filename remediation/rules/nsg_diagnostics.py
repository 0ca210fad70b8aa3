"""Rule nsg-diagnostics."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import NSG
from remediation.landing_zone import diagnostics
from remediation.landing_zone.facts import ALL_LOGS, NSG_LOG_CATEGORIES
from remediation.model import Applicability, Resource, Severity, Snapshot
from remediation.rule import Verdict, rule

LOGS = diagnostics.Logs("its events and rule counters", NSG_LOG_CATEGORIES, ALL_LOGS)


@rule(
    "nsg-diagnostics",
    title="Network security group is not logged centrally",
    applies_to=(NSG,),
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "Nobody is let in by it; the record is not where it is looked for, if it is kept "
        "at all.",
    },
    guidance=("R9",),
    applicability=Applicability.SAFE,
    needs=diagnostics.NEEDS,
    on_by_default=False,
)
def nsg_diagnostics(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A network security group does not send its logs to the central workspace.

    What it finds: no single diagnostic setting has both the central workspace and, enabled, either both
    categories NetworkSecurityGroupEvent and NetworkSecurityGroupRuleCounter or the group allLogs.
    Why: which rule matched how often is what an investigation asks first, and only this log tells.
    Fix: repair the setting that points at the central workspace, else put one with the name of the built-in
    policy and the group allLogs.
    Fix safety: SAFE. One setting changes; other sinks and settings stay; no traffic is touched. The workspace
    receives more logs and costs more, which is why the rule is off unless the baseline turns it on.
    Unknown: when settings cannot be read. Where the baseline names no central workspace, any destination will
    do, and a resource without one is only told.
    References: R9; Resource logging for a network security group.
    """
    yield from diagnostics.judge(subject, snapshot, baseline, LOGS)
