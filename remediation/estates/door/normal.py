"""The normal form of one resource: ARM's own names, numbers as numbers, what ARM keeps there in `properties`.

ARM compares names of properties without case, the Azure CLI and PowerShell flatten what stands under
``properties``, Resource Graph adds columns, and PowerShell writes one port as a list of one. All of that is
made ARM's again here and nowhere else. A document in its normal form is given back as it is.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from remediation.estates.door.spellings import FLAGS, NAMES, NUMBERS, OTHERWISE, PORTS_AS_TEXT

type Document = dict[str, Any]

# Members of a resource that ARM keeps beside `properties`, and those that only the tools add.
BESIDE = frozenset({
    "id", "name", "type", "location", "tags", "etag", "sku", "zones", "kind", "identity", "managedBy", "plan",
    "extendedLocation", "systemData", "resources", "instanceId",
})  # fmt: skip
ADDED = frozenset({
    "resourceGroup", "subscriptionId", "tenantId", "apiVersion", "changedTime", "createdTime", "properties",
    "resourceGroupName", "resourceId", "resourceName", "resourceType", "extensionResourceName",
    "extensionResourceType", "parentResource", "tagsTable", "tag",
})  # fmt: skip
# `az resource list` shows this one property of a resource it tells nothing else of.
_TELLS_NOTHING = frozenset({"provisioningState"})

# Arrays whose elements are resources themselves, with `properties` of their own.
_CHILDREN = frozenset({
    "securityRules", "defaultSecurityRules", "subnets", "virtualNetworkPeerings", "delegations",
    "serviceAssociationLinks", "resourceNavigationLinks", "ipConfigurations", "networkInterfaces",
    "applicationGatewayIPConfigurations", "frontendIPConfigurations", "backendAddressPools",
    "loadBalancerBackendAddresses", "loadBalancingRules", "probes", "inboundNatRules", "inboundNatPools",
    "outboundRules", "routes", "hubVirtualNetworkConnections", "natRuleCollections", "networkRuleCollections",
    "applicationRuleCollections", "gatewayIPConfigurations", "frontendPorts", "httpListeners", "listeners",
    "backendHttpSettingsCollection", "backendSettingsCollection", "requestRoutingRules", "routingRules",
    "ruleCollectionGroups", "privateEndpointConnections", "networkInterfaceConfigurations",
})  # fmt: skip
# Single members that are such resources.
_CHILD = frozenset({"publicIPAddressConfiguration", "managementIpConfiguration"})
# Objects whose keys are somebody's own words.
_OWN_WORDS = frozenset({"tags", "userAssignedIdentities", "metadata", "tag"})

# Names of PowerShell's own for members of a resource.
_POWERSHELL = {
    "resourceid": "resourceId", "resourcename": "resourceName", "resourcetype": "resourceType",
    "resourcegroupname": "resourceGroupName", "tagstable": "tagsTable", "tag": "tag",
    "parentresource": "parentResource", "extensionresourcename": "extensionResourceName",
    "extensionresourcetype": "extensionResourceType", "resourcegroup": "resourceGroup",
    "subscriptionid": "subscriptionId", "createdtime": "createdTime", "changedtime": "changedTime",
    "scaleunit": "scaleUnits", "apiversion": "apiVersion", "tenantid": "tenantId",
}  # fmt: skip
# One or many: the name of the one, the name of the many.
_MANY = {
    "sourcePortRange": "sourcePortRanges",
    "destinationPortRange": "destinationPortRanges",
    "sourceAddressPrefix": "sourceAddressPrefixes",
    "destinationAddressPrefix": "destinationAddressPrefixes",
    "addressPrefix": "addressPrefixes",
}
_ONE = frozenset(_MANY.values())

_KNOWN = {**_POWERSHELL, **{name.lower(): name for name in NAMES.split()}}
_NUMBERS, _FLAGS, _TEXTS = (frozenset(names.split()) for names in (NUMBERS, FLAGS, PORTS_AS_TEXT))
_TYPED = _NUMBERS | _FLAGS | _TEXTS
_YES_OR_NO = {"true": True, "false": False}
_LONGEST_NUMBER = 18


class _Names(dict[str, str]):
    """The right spelling of every name that was met; one that ARM does not know stays as it is."""

    def __init__(self, own: str) -> None:
        self._own = {name.lower(): name for name in own.split()}

    def __missing__(self, key: str) -> str:
        lowered = key.lower()
        found = self._own.get(lowered) or _KNOWN.get(lowered, key)
        self[key] = found
        return found


def normal(element: Document, kind: str) -> Document:
    """A resource of a type (lower case) as ARM shows it; the same object where it is in that form already.

    What tells nothing but its name and place comes back without `properties`: a mere reference.
    """
    document = _resource(_spelled(element, _names(kind)))
    if isinstance(document.get("properties"), Mapping):
        return document
    own = [
        key for key in document if key not in BESIDE and key not in ADDED and not _is_text_of(key, document)
    ]
    return document if _TELLS_NOTHING.issuperset(own) else _unflattened(document)


def by_name(mapping: Mapping[str, Any], name: str) -> Any:
    """A member by its name in any case."""
    if name in mapping:
        return mapping[name]
    return next((value for key, value in mapping.items() if str(key).lower() == name.lower()), None)


def identity_of(element: Mapping[str, Any]) -> Any:
    """What an element says its id is, by whatever name; None where it has none."""
    found = by_name(element, "id")
    return by_name(element, "resourceId") if found is None else found


@lru_cache(maxsize=512)
def _names(kind: str) -> _Names:
    return _Names(OTHERWISE.get(kind, ""))


# Names and values --------------------------------------------------------------------------------


def _spelled(value: Document, names: _Names) -> Document:
    pairs: list[tuple[str, Any]] = []
    changed = False
    for key, inner in value.items():
        name = names[key]
        better = _value(name, inner, names)
        changed = changed or name != key or better is not inner
        pairs.append((name, better))
    return _merged(pairs) if changed else value


def _value(name: str, inner: Any, names: _Names) -> Any:
    sort = type(inner)
    if sort is dict:
        return inner if name in _OWN_WORDS else _spelled(inner, names)
    if sort is list:
        return _listed(name, inner, names)
    return _typed(name, inner) if name in _TYPED else inner


def _listed(name: str, items: list[Any], names: _Names) -> list[Any]:
    better = [_value(name, item, names) for item in items]
    return better if any(new is not old for new, old in zip(better, items, strict=True)) else items


def _typed(name: str, value: Any) -> Any:
    """Numbers and yes or no as such where a tool wrote them as text, and ports the other way round."""
    if type(value) is str:
        text = value.strip()
        if name in _NUMBERS and text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER:
            return int(text)
        return _YES_OR_NO.get(text.lower(), value) if name in _FLAGS else value
    if type(value) is int and name in _TEXTS:
        return str(value)
    if type(value) is float and name in _NUMBERS and value.is_integer():
        return int(value)
    return value


def _merged(pairs: list[tuple[str, Any]]) -> Document:
    """An object of them: of a name that is there twice the one that says something, and one port as text."""
    found: Document = {}
    for name, value in pairs:
        if value is not None or name not in found:
            found[name] = value
    return found


# Shape -------------------------------------------------------------------------------------------


def _resource(document: Document) -> Document:
    """The resource under ARM's own names for its id, its type and its tags."""
    identity, tags = document.get("id"), document.get("tags")
    better: Document = {}
    if identity is None and isinstance(document.get("resourceId"), str):
        better["id"] = document["resourceId"]
    if tags is None and isinstance(document.get("tag"), dict):
        better["tags"] = document["tag"]
    if document.get("type") is None and isinstance(document.get("resourceType"), str):
        better["type"] = document["resourceType"]
    return {**document, **better} if better else document


def _unflattened(document: Document) -> Document:
    shaped: Document = {}
    properties: Document = {}
    for key, value in document.items():
        if key in BESIDE:
            shaped[key] = value
        elif key not in ADDED and not _is_text_of(key, document):
            _put(properties, key, value)
    return {**shaped, "properties": properties} if properties else shaped


def _is_text_of(key: str, document: Document) -> bool:
    """Whether PowerShell wrote another member once more as text: `SubnetsText` beside `Subnets`."""
    return key.endswith("Text") and isinstance(document.get(key), str | None) and len(key) > len("Text")


def _put(properties: Document, name: str, value: Any) -> None:
    """A member of a flattened object; PowerShell writes one or many under the name of the one."""
    many = _MANY.get(name)
    if many is not None and isinstance(value, list):
        if len(value) == 1:
            properties[name] = value[0]
        elif value:
            properties[many] = value
        return
    if name in _ONE and isinstance(value, str) and value:
        value = [value]
    properties[name] = _shaped(name, value)


def _shaped(name: str, value: Any) -> Any:
    if isinstance(value, dict) and name in _CHILD:
        return _child(value)
    if isinstance(value, dict):
        if name in _OWN_WORDS:
            return value
        inner: Document = {}
        for key, member in value.items():
            if key != "resourceGroup" and not _is_text_of(key, value):
                _put(inner, key, member)
        return inner
    if not isinstance(value, list):
        return value
    if name in _CHILDREN:
        return [_child(item) if isinstance(item, dict) else item for item in value]
    return [_shaped("", item) for item in value]


def _child(item: Document) -> Document:
    return item if isinstance(item.get("properties"), Mapping) else _unflattened(item)
