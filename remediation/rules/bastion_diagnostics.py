"""Rule bastion-diagnostics."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remediation import commands
from remediation.baseline import Baseline
from remediation.facts import (
    BASTION_LOG_CATEGORIES,
    BASTION_LOG_GROUPS,
    MOST_DIAGNOSTIC_SETTINGS,
    bastion_sku,
)
from remediation.kinds import BASTION, DIAGNOSTIC_SETTING
from remediation.model import (
    Applicability,
    Fix,
    Json,
    Resource,
    ResourceId,
    Severity,
    Snapshot,
    Unread,
    Violation,
    Write,
)
from remediation.rule import Doubt, Listed, Verdict, rule

TYPE = "Microsoft.Insights/diagnosticSettings"
# The name the built-in policy gives its setting, so that both converge on one object.
POLICY_NAME = "setByPolicy-LogAnalytics"
OWN_NAME = "bastion-guard-LogAnalytics"
AUDIT_CATEGORY = "BastionAuditLogs"


@rule(
    "bastion-diagnostics",
    title="Bastion sessions are not logged centrally",
    applies_to=(BASTION,),
    severity=Severity.MEDIUM,
    guidance=("R9",),
    applicability=Applicability.SAFE,
    needs=(Listed(DIAGNOSTIC_SETTING),),
)
def bastion_diagnostics(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A Bastion host does not send its audit log to the central workspace.

    What it finds: no single diagnostic setting has both the central workspace and an enabled audit log entry
    (category BastionAuditLogs, or group allLogs or audit): missing, disabled, deleted, or another workspace.
    Why: who was on which machine is only known from this log; without it an incident cannot be followed.
    Fix: repair the setting that points at the central workspace, else put one with the name and shape of the
    built-in policy, so that both converge on one object.
    Fix safety: SAFE. One setting changes; other sinks, metrics and settings stay; no traffic is touched. The
    workspace receives more logs and costs more.
    Unknown: when settings cannot be read, or the baseline names no central workspace. The Developer SKU is
    left out: whether it can have settings is unconfirmed.
    References: R9; Azure Bastion, resource logs; built-in policy for Bastion logs by category group.
    """
    if bastion_sku(subject.at("sku", "name")) == "Developer":
        return
    workspace = baseline.central_workspace_id
    settings = snapshot.listed(DIAGNOSTIC_SETTING, subject.id)
    if isinstance(settings, Unread):
        yield Doubt(settings.reason)
        return
    if workspace is None:
        yield Doubt("the baseline names no centralWorkspaceId")
        return
    if any(_points_at(setting, workspace) and _logs_audit(setting) for setting in settings):
        return
    yield _violation(subject.id, settings, workspace, baseline)


def _violation(
    bastion: ResourceId, settings: Sequence[Resource], workspace: str, baseline: Baseline
) -> Violation:
    evidence: dict[str, Any] = {
        "centralWorkspaceId": workspace,
        "settings": [_summary(setting) for setting in settings],
    }
    write, before = _write(bastion, settings, workspace, baseline.diagnostics_category_group)
    message = f"no diagnostic setting of {bastion.name} sends its audit log to the central workspace"
    if before is None and len(settings) >= MOST_DIAGNOSTIC_SETTINGS:
        evidence["notFixable"] = (
            f"it has {len(settings)} diagnostic settings already, as many as there can be"
        )
        return Violation(message, evidence)
    return Violation(message, evidence, fix=_fix(write, before), commands=(commands.for_write(write),))


def _fix(write: Write, before: Json | None) -> Fix:
    back = Write("DELETE", write.id) if before is None else Write("PUT", write.id, before)
    return Fix(
        title="Send the audit log to the central workspace",
        applicability=Applicability.SAFE,
        writes=(write,),
        inverse=(back,),
        before={write.id.key: before},
        proof="With this setting the rule is satisfied; no other setting, sink or metric changes.",
        tolerances=("The central workspace receives and stores the audit log, which costs.",),
    )


def _write(
    bastion: ResourceId, settings: Sequence[Resource], workspace: str, group: str
) -> tuple[Write, Json | None]:
    """The setting to put, and what is there now. A second setting for one workspace would be refused."""
    ours = sorted((s for s in settings if _points_at(s, workspace)), key=lambda s: s.id.name)
    if ours:
        setting = ours[0]
        properties = {key: value for key, value in (setting.properties() or {}).items() if value is not None}
        properties["logs"] = _with_audit(properties.get("logs") or [], group)
        return Write("PUT", _id(bastion, setting.id.name), {"properties": properties}), _bare(setting)
    taken = {setting.id.name.lower() for setting in settings}
    name = OWN_NAME if POLICY_NAME.lower() in taken else POLICY_NAME
    body = {"properties": {"workspaceId": workspace, "logs": _groups(group), "metrics": []}}
    return Write("PUT", _id(bastion, name), body), None


def _id(bastion: ResourceId, name: str) -> ResourceId:
    """The setting's id below the Bastion's own spelling; lists come back lower-cased."""
    return bastion.extension(TYPE, name)


def _groups(group: str) -> list[dict[str, Any]]:
    """Both groups with exact values: the built-in policy's existence condition counts both."""
    return [{"categoryGroup": name, "enabled": name == group} for name in ("audit", "allLogs")]


def _with_audit(logs: Sequence[Json], group: str) -> list[dict[str, Any]]:
    """The log entries with the audit log on. Categories and groups are not mixed in one setting."""
    by_category = [log for log in logs if log.get("category")]
    if not by_category:
        return _groups(group)
    others = [dict(log) for log in by_category if not _is_audit(log)]
    audit = next((dict(log) for log in by_category if _is_audit(log)), {"category": AUDIT_CATEGORY})
    return [*others, {**audit, "enabled": True}]


def _bare(setting: Resource) -> dict[str, Any]:
    """What is kept as the before-image: the properties that are set."""
    properties = setting.properties() or {}
    return {"properties": {key: value for key, value in properties.items() if value is not None}}


def _points_at(setting: Resource, workspace: str) -> bool:
    named = setting.properties("workspaceId")
    return isinstance(named, str) and named.rstrip("/").lower() == workspace.rstrip("/").lower()


def _logs_audit(setting: Resource) -> bool:
    logs = setting.properties("logs")
    return isinstance(logs, list) and any(
        log.get("enabled") is True and _is_audit(log) for log in _maps(logs)
    )


def _maps(values: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    return (value for value in values if isinstance(value, Mapping))


def _is_audit(log: Mapping[str, Any]) -> bool:
    category, group = str(log.get("category") or "").lower(), str(log.get("categoryGroup") or "").lower()
    return category in BASTION_LOG_CATEGORIES or group in BASTION_LOG_GROUPS


def _summary(setting: Resource) -> dict[str, Any]:
    return {
        "name": setting.id.name,
        "workspaceId": setting.properties("workspaceId"),
        "logsAudit": _logs_audit(setting),
    }
