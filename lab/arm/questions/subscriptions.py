"""What a subscription tells of itself and of what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.arm.calls import Answer, Call, answered
from lab.arm.documents.filters import matching
from lab.arm.persona import TENANT
from lab.arm.verbs.paging import listing

if TYPE_CHECKING:
    from lab.arm.arm import Arm

SHORT = ("id", "name", "type", "sku", "kind", "location", "zones", "identity", "tags")
UNTRACKED = ("microsoft.resources/", "microsoft.insights/diagnosticsettings", "microsoft.authorization/")


def subscriptions(arm: Arm, call: Call) -> Answer:
    """One subscription, or all that are known."""
    if call.path.complete:
        return answered(_subscription(call.path.subscription))
    return listing(call, [_subscription(each) for each in arm.subscriptions()], arm.settings.page_size)


def _subscription(subscription: str) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "displayName": "Lab",
        "state": "Enabled",
        "tenantId": TENANT,
        "authorizationSource": "RoleBased",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def activity_log(arm: Arm, call: Call) -> Answer:
    items = arm.activity.listed(call.path.subscription, call.query.get("$filter", ""))
    return listing(call, items, arm.settings.page_size)


def resources(arm: Arm, call: Call) -> Answer:
    """Every tracked resource of a scope, in the short form."""
    wanted = matching(call.query.get("$filter", ""))
    arm.group_name(call.path)
    prefix = call.path.text.rpartition("/")[0]
    return listing(
        call,
        [
            {key: each.doc[key] for key in SHORT if key in each.doc}
            for each in arm.store.under(prefix)
            if not each.kind.startswith(UNTRACKED) and "location" in each.doc and wanted(each.doc)
        ],
        arm.settings.page_size,
    )  # fmt: skip


def tenants(_: Arm, call: Call) -> Answer:
    """The one tenant every caller is in."""
    said = {"id": f"/tenants/{TENANT}", "tenantId": TENANT, "countryCode": "DE", "displayName": "Lab",
            "defaultDomain": "contoso.example", "tenantType": "AAD"}  # fmt: skip
    return listing(call, [said], None)
