from typing import Any

from remediation.resource_id import ResourceId
from tests.builders import AT, BASTION_ID, WORKSPACE, a_bastion, a_setting
from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_nsg import NOON

BASTION = BASTION_ID.text
SUBSCRIPTION = ResourceId.parse(AT)
SETTINGS = "Microsoft.Insights/diagnosticSettings"
ELSEWHERE = f"{WORKSPACE}-old"
KNOWN = {"centralWorkspaceId": WORKSPACE}
OFF = [{"categoryGroup": "allLogs", "enabled": False}]


def case(
    name: str,
    says: Any,
    *settings: Document,
    sku: str = "Standard",
    host: Document | None = None,
    **more: Any,
) -> Case:
    return Case(name, says, BASTION, (host or a_bastion(sku), *settings), **{"baseline": KNOWN, **more})


def made(moment: str) -> Document:
    return {**a_bastion(), "systemData": {"createdAt": moment}}


def category(name: str, *, enabled: bool) -> Document:
    return {"category": name, "enabled": enabled, "retentionPolicy": {"days": 0, "enabled": False}}


def others(count: int) -> list[Document]:
    return [a_setting(f"other-{number}", workspace=f"{ELSEWHERE}-{number}") for number in range(count)]


CASES = (
    case("the policy's own setting", "silent", a_setting()),
    case("only the audit group", "silent", a_setting(logs=[{"categoryGroup": "audit", "enabled": True}])),
    case("the category by its name", "silent", a_setting(logs=[category("BastionAuditLogs", enabled=True)])),
    case("a workspace in other case", "silent", a_setting(workspace=WORKSPACE.upper())),
    case("one of several settings does it", "silent", *others(2), a_setting("ours")),
    case("a developer's bastion, which may have none", "silent", sku="Developer"),
    case("no setting", "speaks", severity="medium"),
    case("another workspace", "speaks", a_setting(workspace=ELSEWHERE)),
    case("no workspace but storage", "speaks", a_setting(workspace=None, storageAccountId="/x")),
    case("its logs are off", "speaks", a_setting("ours", logs=OFF)),
    case("its logs are missing", "speaks", a_setting("ours", logs=[])),
    case("only metrics", "speaks", a_setting(logs=[], metrics=[{"category": "AllMetrics", "enabled": True}])),
    case("its category is off, beside another", "speaks", a_setting("ours", logs=[
        category("BastionAuditLogs", enabled=False), category("SomethingNew", enabled=True)])),
    case("one has the workspace, another the log", "speaks", a_setting("ours", logs=OFF),
         a_setting("theirs", workspace=ELSEWHERE)),
    case("the policy's name is taken", "speaks", a_setting(workspace=ELSEWHERE)),
    case("as many settings as there can be", "speaks", *others(5)),
    case("no central workspace is known, nor any setting", "speaks", baseline={}, severity="medium"),
    case("no central workspace is known, and the log goes somewhere", "silent", a_setting(), baseline={}),
    case("no central workspace is known, and the log goes to storage", "silent",
         a_setting(workspace=None, storageAccountId="/x"), baseline={}),
    case("no central workspace is known, and the log goes nowhere", "speaks",
         a_setting(workspace=None), baseline={}),
    case("no central workspace is known, and the log is off", "speaks", a_setting(logs=OFF), baseline={}),
    case("a setting of the subscription alone", "speaks", a_setting("activity", on=SUBSCRIPTION)),
    case("a setting of the subscription beside its own", "silent", a_setting(),
         a_setting("activity", on=SUBSCRIPTION)),
    case("made an hour ago", "speaks", host=made("2026-03-01T11:00:00Z"), moment=NOON),
    case("made minutes ago, and what it should have is there", "silent", a_setting(),
         host=made("2026-03-01T11:57:00.1234567Z"), moment=NOON),
    case("made minutes ago, where the team gives no time", "speaks", host=made("2026-03-01T11:57:00Z"),
         moment=NOON, baseline={**KNOWN, "limits": {"diagnosticsGraceMinutes": 0}}),
    case("made nobody knows when", "speaks", host=made("yesterday"), moment=NOON),
    case("settings nobody may read", "unknown", a_setting(), unread=(SETTINGS,)),
)  # fmt: skip
