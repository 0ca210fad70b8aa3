"""Ids of resources, composed as templates compose them, and the places a deployment stands in.

A segment that is not known stays in the id as its expression, so that the same resource has the same id
wherever it is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from remediation.estates.deployments.templates.values import ExpressionError, Place, Unknown, as_text

_CLOUD: Mapping[str, Any] = {
    "name": "AzureCloud",
    "gallery": "https://gallery.azure.com/",
    "graph": "https://graph.windows.net/",
    "portal": "https://portal.azure.com",
    "graphAudience": "https://graph.windows.net/",
    "resourceManager": "https://management.azure.com/",
    "suffixes": {
        "acrLoginServer": ".azurecr.io",
        "keyvaultDns": ".vault.azure.net",
        "sqlServerHostname": ".database.windows.net",
        "storage": "core.windows.net",
        "azureDatalakeStoreFileSystem": "azuredatalakestore.net",
        "azureDatalakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
        "azureFrontDoorEndpointSuffix": "azurefd.net",
    },
    "authentication": {"loginEndpoint": "https://login.microsoftonline.com/", "tenant": "common"},
}
_UNFIT = str.maketrans({"/": "|", '"': "'", "?": ".", "#": ".", "%": ".", "<": "(", ">": ")", "\\": "|"})
_LONGEST_SEGMENT = 200


@dataclass(frozen=True, slots=True)
class Target:
    """Where a deployment goes: a resource group unless `group` is empty, a subscription, or above both."""

    subscription: str
    group: str = ""
    location: str = ""
    tenant: str = ""
    name: str = "deployment"
    above: str = ""

    @property
    def scope(self) -> str:
        """The id below which its resources stand; empty for the tenant."""
        if self.above:
            return "" if self.above == "/" else self.above
        group = f"/resourceGroups/{self.group}" if self.group else ""
        return f"/subscriptions/{self.subscription}{group}"

    def inside(self, subscription: str | None, group: str | None, name: str) -> "Target":
        """The target of a deployment within this one."""
        if subscription is None and group is None:
            return replace(self, name=name)
        moved = replace(self, above="", subscription=subscription or self.subscription, name=name)
        own = self.group if subscription is None else ""
        return replace(moved, group=own if group is None else group)


def segment(value: Any) -> str:
    """One segment of an id, whatever of it is known."""
    if isinstance(value, Unknown):
        return str(value).translate(_UNFIT)[:_LONGEST_SEGMENT]
    return as_text(value)


def within(scope: str, kind: str, names: Sequence[Any]) -> str:
    """The id of a resource of a type below a scope; raises ExpressionError where names do not match types."""
    namespace, _, rest = kind.partition("/")
    kinds = rest.split("/")
    parts = [part for name in names for part in segment(name).split("/")]
    if not rest or len(kinds) != len(parts):
        raise ExpressionError(f"{kind} does not go with {len(parts)} names")
    pairs = "/".join(f"{one}/{name}" for one, name in zip(kinds, parts, strict=True))
    return f"{scope}/providers/{namespace}/{pairs}"


def resource_id(target: Target, arguments: Sequence[Any]) -> str:
    """`resourceId`: in the group of the deployment, or in one that the arguments name."""
    place = _place_of_type(arguments)
    before, kind, names = arguments[:place], as_text(arguments[place]), arguments[place + 1 :]
    scope = target.scope
    if len(before) == 1:
        scope = f"/subscriptions/{target.subscription}/resourceGroups/{segment(before[0])}"
    elif before:
        scope = f"/subscriptions/{segment(before[0])}/resourceGroups/{segment(before[1])}"
    return within(scope, kind, names)


def subscription_id(target: Target, arguments: Sequence[Any]) -> str:
    """`subscriptionResourceId`."""
    place = _place_of_type(arguments)
    subscription = segment(arguments[0]) if place else target.subscription
    kind, names = as_text(arguments[place]), arguments[place + 1 :]
    if kind.lower() == "microsoft.resources/resourcegroups":
        return f"/subscriptions/{subscription}/resourceGroups/{segment(names[0])}"
    return within(f"/subscriptions/{subscription}", kind, names)


def _place_of_type(arguments: Sequence[Any]) -> int:
    for place, argument in enumerate(arguments):
        if isinstance(argument, str) and "/" in argument:
            return place
    raise ExpressionError("names no type")


def subscription_of(target: Target) -> Place:
    identity = target.subscription
    known = {"id": f"/subscriptions/{identity}", "subscriptionId": identity}
    return Place("subscription()", {**known, **({"tenantId": target.tenant} if target.tenant else {})})


def group_of(target: Target, name: str = "") -> Place:
    """The resource group; its location is known where somebody said it."""
    known = {
        "id": f"/subscriptions/{target.subscription}/resourceGroups/{name or target.group}",
        "name": name or target.group,
        "type": "Microsoft.Resources/resourceGroups",
    }
    if target.location and not name:
        known["location"] = target.location
    return Place("resourceGroup()", known)


def tenant_of(target: Target) -> Place:
    return Place("tenant()", {"tenantId": target.tenant} if target.tenant else {})


def deployment_of(target: Target) -> Place:
    return Place(
        "deployment()", {"name": target.name} | ({"location": target.location} if target.location else {})
    )


def environment() -> Place:
    """The public cloud; what it is not known for stays unknown."""
    suffixes = Place("environment().suffixes", _CLOUD["suffixes"])
    return Place("environment()", {**_CLOUD, "suffixes": suffixes})
