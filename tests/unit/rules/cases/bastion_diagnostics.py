from typing import Any

from tests.builders import BASTION_ID, WORKSPACE, a_bastion, a_setting
from tests.unit.rules.case import Case, Document

BASTION = BASTION_ID.text
SETTINGS = "Microsoft.Insights/diagnosticSettings"
ELSEWHERE = f"{WORKSPACE}-old"
KNOWN = {"centralWorkspaceId": WORKSPACE}
OFF = [{"categoryGroup": "allLogs", "enabled": False}]


def case(name: str, says: Any, *settings: Document, sku: str = "Standard", **more: Any) -> Case:
    return Case(name, says, BASTION, (a_bastion(sku), *settings), **{"baseline": KNOWN, **more})


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
    case("no central workspace is known", "unknown", baseline={}),
    case("settings nobody may read", "unknown", a_setting(), unread=(SETTINGS,)),
)  # fmt: skip
