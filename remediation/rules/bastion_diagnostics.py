"""Rule bastion-diagnostics."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone import diagnostics
from remediation.landing_zone.facts import BASTION_LOG_CATEGORIES, BASTION_LOG_GROUPS, bastion_sku
from remediation.model import Applicability, Resource, Severity, Snapshot
from remediation.rule import Verdict, rule

AUDIT_LOG = diagnostics.Logs(
    "its audit log", BASTION_LOG_CATEGORIES, BASTION_LOG_GROUPS, policy_groups=("audit", "allLogs")
)


@rule(
    "bastion-diagnostics",
    title="Bastion sessions are not logged centrally",
    applies_to=(BASTION,),
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "Nobody is let in by it; the record is not where it is looked for, if it is kept "
        "at all.",
    },
    guidance=("R9",),
    applicability=Applicability.SAFE,
    needs=diagnostics.NEEDS,
)
def bastion_diagnostics(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A Bastion host does not send its audit log to the central workspace.

    What it finds: no single diagnostic setting has both the central workspace and an enabled audit log entry
    (category BastionAuditLogs, or group allLogs or audit): missing, disabled, deleted, or another workspace.
    Settings of the subscription or a management group, which ARM lists beside the host's own, are not its.
    Developer hosts are left out: they emit no audit log.
    Why: who was on which machine is only known from this log; without it an incident cannot be followed.
    Fix: repair the setting that points at the central workspace, else put one with the name and shape of the
    built-in policy, so that both converge on one object. A host that was made within
    limits.diagnosticsGraceMinutes is looked at again after them, and nothing is told or written before: its
    own pipeline mostly brings a setting, which Azure would refuse beside ours.
    Fix safety: SAFE. One setting changes; other sinks, metrics and settings stay; no traffic is touched. The
    workspace receives more logs and costs more.
    Unknown: when settings cannot be read. Where the baseline names no central workspace, any destination will
    do, and a host without one is only told.
    References: R9; Azure Bastion, resource logs; built-in policy for Bastion logs by category group.
    """
    if bastion_sku(subject.at("sku", "name")) != "Developer":
        yield from diagnostics.judge(subject, snapshot, baseline, AUDIT_LOG)
