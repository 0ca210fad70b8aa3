"""Rule pip-diagnostics."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import PUBLIC_IP
from remediation.landing_zone import diagnostics
from remediation.landing_zone.facts import ALL_LOGS, PUBLIC_IP_LOG_CATEGORIES
from remediation.model import Applicability, Resource, Severity, Snapshot
from remediation.rule import Verdict, rule

LOGS = diagnostics.Logs("its DDoS logs", PUBLIC_IP_LOG_CATEGORIES, ALL_LOGS)


@rule(
    "pip-diagnostics",
    title="Public IP address is not logged centrally",
    applies_to=(PUBLIC_IP,),
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
def pip_diagnostics(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A public IP address does not send its DDoS logs to the central workspace.

    What it finds: no single diagnostic setting has both the central workspace and, enabled, either the three
    categories DDoSProtectionNotifications, DDoSMitigationFlowLogs and DDoSMitigationReports or the group
    allLogs.
    Why: whether an outage was an attack, and what was done against it, is only known from these logs.
    Fix: repair the setting that points at the central workspace, else put one with the name of the built-in
    policy and the group allLogs.
    Fix safety: SAFE. One setting changes; other sinks and settings stay; no traffic is touched. The workspace
    receives more logs and costs more, which is why the rule is off unless the baseline turns it on.
    Unknown: when settings cannot be read. Where the baseline names no central workspace, any destination will
    do, and a resource without one is only told.
    References: R9; Azure DDoS Protection, diagnostic logging.
    """
    yield from diagnostics.judge(subject, snapshot, baseline, LOGS)
