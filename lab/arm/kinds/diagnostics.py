"""Diagnostic settings: synchronous, lower-cased, full of nulls, and refused in an envelope of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.arm import ids
from lab.arm.errors import ArmError

if TYPE_CHECKING:
    from lab.arm.documents.store import Store
    from lab.arm.documents.tree import Document

TYPE = "Microsoft.Insights/diagnosticSettings"
KIND = TYPE.lower()
CATEGORIES_KIND = "microsoft.insights/diagnosticsettingscategories"
MAX_SETTINGS = 5  # per resource, documented
SINKS = (
    "storageAccountId",
    "serviceBusRuleId",
    "workspaceId",
    "eventHubAuthorizationRuleId",
    "marketplacePartnerId",
)
NULLABLE = (
    "storageAccountId",
    "serviceBusRuleId",
    "workspaceId",
    "eventHubAuthorizationRuleId",
    "eventHubName",
)
N = "microsoft.network/"
# type -> (log categories, whether there are metrics). NSG is recorded; the others are unconfirmed [?].
CATEGORIES: dict[str, tuple[tuple[str, ...], bool]] = {
    N + "networksecuritygroups": (("NetworkSecurityGroupEvent", "NetworkSecurityGroupRuleCounter"), False),
    N + "bastionhosts": (("BastionAuditLogs",), True),
    N + "publicipaddresses": (
        ("DDoSProtectionNotifications", "DDoSMitigationFlowLogs", "DDoSMitigationReports"), True),
    N + "loadbalancers": (
        ("LoadBalancerAlertEvent", "LoadBalancerProbeHealthStatus", "LoadBalancerHealthEvent"), True),
    N + "virtualnetworks": (("VMProtectionAlerts",), True),
    N + "networkinterfaces": ((), True),
    ids.SUBSCRIPTIONS.lower(): (
        ("Administrative", "Security", "ServiceHealth", "Alert", "Recommendation", "Policy", "Autoscale",
         "ResourceHealth"), False),
}  # fmt: skip
AUDIT = frozenset({"BastionAuditLogs"})  # [?] what the group "audit" holds, of the categories above


def refused(status: int, code: str, message: str) -> ArmError:
    return ArmError(status, code, message, unwrapped=True)


def setting_id(path: ids.ArmPath) -> str:
    """The id as recorded: the resource part in lower case, the setting's name as it was sent."""
    return f"{path.scope.lower()}/providers/microsoft.insights/diagnosticSettings/{path.name}"


def _retention(item: Document) -> Document:
    sent = item.get("retentionPolicy") or {}
    return {"enabled": sent.get("enabled", False), "days": sent.get("days", 0)}


def _log(item: Document) -> Document:
    return {
        "category": item.get("category"),
        "categoryGroup": item.get("categoryGroup"),
        "enabled": item.get("enabled", True),
        "retentionPolicy": _retention(item),
    }


def _metric(item: Document) -> Document:
    shown: Document = {"category": item.get("category"), "enabled": item.get("enabled", True)}
    shown["retentionPolicy"] = _retention(item)
    return shown | ({"timeGrain": item["timeGrain"]} if item.get("timeGrain") else {})


def shape(path: ids.ArmPath, sent: Document, location: str | None) -> Document:
    """The document as GET shows it; the PUT's own answer has `location: null`."""
    properties: Document = {key: sent.get(key) for key in NULLABLE}
    properties["metrics"] = [_metric(item) for item in sent.get("metrics") or []]
    properties["logs"] = [_log(item) for item in sent.get("logs") or []]
    properties["logAnalyticsDestinationType"] = sent.get("logAnalyticsDestinationType")
    if sent.get("marketplacePartnerId"):
        properties["marketplacePartnerId"] = sent["marketplacePartnerId"]
    return {
        "id": setting_id(path),
        "type": TYPE,
        "name": path.name,
        "location": location,
        "kind": None,
        "tags": None,
        "properties": properties,
        "identity": None,
    }


def shown(doc: Document) -> Document:
    """The document as answers show it: that of a subscription has no slash before its id, as users report."""
    path = ids.parse(doc["id"])
    return doc | {"id": path.text[1:]} if ids.parse(path.scope).type == ids.SUBSCRIPTIONS else doc


def categories(setting: Document, kind: str) -> set[str]:
    """The categories a setting collects, category groups expanded as far as they are known."""
    logs, _ = CATEGORIES.get(kind, ((), True))
    found: set[str] = set()
    for item in (*setting["properties"]["logs"], *setting["properties"]["metrics"]):
        group = str(item.get("categoryGroup") or "").lower()
        if not item.get("enabled"):
            continue
        if group == "alllogs":
            found |= set(logs)
        elif group == "audit":
            found |= AUDIT & set(logs)
        elif item.get("category"):
            found.add(str(item["category"]))
    return found


def check(store: Store, doc: Document, kind: str, scope: str) -> None:
    """Refuse an unknown category, a sixth setting, and a sink another setting has for a category."""
    _check_categories(doc, kind)
    own = doc["id"].lower()
    neighbours = [each for each in of_resource(store, scope) if each["id"].lower() != own]
    if len(neighbours) >= MAX_SETTINGS:  # [?] code and text unconfirmed, the limit is documented
        raise refused(
            400, "BadRequest", f"The limit of {MAX_SETTINGS} diagnostic settings was reached. To "
            "create a new "
            "diagnostic setting, delete an existing one."
        )  # fmt: skip
    for other in neighbours:
        shared = sorted(categories(doc, kind) & categories(other, kind))
        for sink in SINKS:
            mine, theirs = doc["properties"].get(sink), other["properties"].get(sink)
            if shared and mine and str(mine).lower() == str(theirs).lower():
                raise refused(
                    409,
                    "Conflict",
                    f"Data sink '{mine}' is already used in diagnostic setting '{other['name']}' for "
                    "category "
                    f"'{shared[0]}'. Data sinks can't be reused in different settings on the same "
                    "category for the "
                    "same resource.",
                )


def _check_categories(doc: Document, kind: str) -> None:
    if kind not in CATEGORIES:
        return
    logs, metrics = CATEGORIES[kind]
    allowed = {name.lower() for name in logs}
    for item in doc["properties"]["logs"]:
        category = item.get("category")
        if category and str(category).lower() not in allowed:
            raise refused(400, "BadRequest", f"Category '{category}' is not supported.")
    for item in doc["properties"]["metrics"]:
        if not metrics or item.get("category") != "AllMetrics":
            raise refused(400, "BadRequest", f"Category '{item.get('category')}' is not supported.")


def of_resource(store: Store, scope: str) -> list[Document]:
    """The settings of one resource, by name."""
    prefix = f"{scope.lower()}/providers/{KIND}/"
    return [record.doc for record in store.of_kind(KIND) if record.key.startswith(prefix)]


def category_documents(scope: str, *, grouped: bool) -> list[Document]:
    """What can be collected from a resource; newer api-versions name the groups of each category [?]."""
    logs, metrics = CATEGORIES.get(ids.parse(scope).kind, ((), True))
    named: list[tuple[str, str]] = [(name, "Logs") for name in logs]
    named += [("AllMetrics", "Metrics")] if metrics else []
    found = [_category(scope, name, category_type) for name, category_type in named]
    for each in found if grouped else ():
        each["properties"]["categoryGroups"] = _groups(each)
    return found


def _groups(category: Document) -> list[str]:
    if category["properties"]["categoryType"] == "Metrics":
        return []
    return ["audit", "allLogs"] if category["name"] in AUDIT else ["allLogs"]


def _category(scope: str, name: str, category_type: str) -> dict[str, Any]:
    return {
        "id": f"{scope.lower()}/providers/microsoft.insights/diagnosticSettingsCategories/{name}",
        "type": "microsoft.insights/diagnosticSettingsCategories",
        "name": name,
        "location": None,
        "kind": None,
        "tags": None,
        "properties": {"categoryType": category_type},
        "identity": None,
    }
