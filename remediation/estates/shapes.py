"""One shape for documents of several origins: what the Azure CLI and Resource Graph print, made ARM's again.

The Azure CLI flattens: what ARM keeps under ``properties`` stands at the top, in children too, a
``resourceGroup`` is added everywhere, and some names are spelled in another way. Resource Graph keeps
``properties`` and adds columns. What is ARM-shaped already is left exactly as it is.
"""

from collections.abc import Mapping
from typing import Any

from remediation.kinds import RESOURCE_GROUP, SUBSCRIPTION, TAGS

type Document = dict[str, Any]

# Members of a resource that ARM keeps beside `properties`, and those that only the tools add.
BESIDE = frozenset({
    "id", "name", "type", "location", "tags", "etag", "sku", "zones", "kind", "identity", "managedBy", "plan",
    "extendedLocation", "systemData", "resources", "instanceId",
})  # fmt: skip
ADDED = frozenset({
    "resourceGroup", "subscriptionId", "tenantId", "apiVersion", "changedTime", "createdTime", "properties",
})  # fmt: skip
# `az resource list` shows this one property of a resource it tells nothing else of.
TELLS_NOTHING = frozenset({"provisioningState"})

# Arrays whose elements are resources themselves, with `properties` of their own.
CHILDREN = frozenset({
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
CHILD = frozenset({"publicIPAddressConfiguration", "managementIpConfiguration"})

# ARM's spelling where the Azure CLI has another one, by the lower-cased name.
SPELLING = {
    name.lower(): name
    for name in (
        "publicIPAddress", "publicIPAllocationMethod", "publicIPAddressVersion", "publicIPPrefix",
        "privateIPAddress", "privateIPAllocationMethod", "privateIPAddressVersion", "enableIPForwarding",
        "frontendIPConfiguration", "frontendIPConfigurations", "backendIPConfiguration", "enableFloatingIP",
        "backendIPConfigurations", "applicationGatewayIPConfigurations", "linkedPublicIPAddress",
        "servicePublicIPAddress", "publicIPAddressConfiguration", "gatewayIPConfigurations",
        "managementIpConfiguration", "hubIPAddresses", "publicIPs", "destinationIPAddress",
        "loadBalancerFrontendIpConfigurations", "enableL4ClientIpPreservation",
    )
}  # fmt: skip

# Types that are whole without `properties`.
_PLAIN = frozenset({RESOURCE_GROUP, SUBSCRIPTION, TAGS})


def arm_shaped(document: Document) -> Document:
    """The document as ARM shows it; unchanged when it has `properties`, or nothing that belongs there."""
    if document.get("properties") is not None:
        return document
    own = [key for key in document if key not in BESIDE and key not in ADDED]
    if TELLS_NOTHING.issuperset(own):
        return document
    return _unflattened(document)


def flaw(document: Document, kind: str) -> str | None:
    """Why a document (ARM-shaped, of a lower-case type) cannot be judged by anybody, or None."""
    properties = document.get("properties")
    if properties is None:
        return None if kind in _PLAIN else "it came without its properties, a mere reference"
    if not isinstance(properties, Mapping):
        return f"its properties are {_named(properties)}, not an object"
    return None


def _named(value: object) -> str:
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), type(value).__name__)


def _unflattened(document: Document) -> Document:
    shaped: Document = {}
    properties: Document = {}
    for key, value in document.items():
        if key in BESIDE:
            shaped[key] = value
        elif key not in ADDED:
            name = _spelled(key)
            properties[name] = _value(name, value)
    return {**shaped, "properties": properties} if properties else shaped


def _value(name: str, value: Any) -> Any:
    if isinstance(value, dict) and name in CHILD:
        return _child(value)
    if isinstance(value, dict):
        own = ((_spelled(key), inner) for key, inner in value.items() if key != "resourceGroup")
        return {key: _value(key, inner) for key, inner in own}
    if not isinstance(value, list):
        return value
    if name in CHILDREN:
        return [_child(item) if isinstance(item, dict) else item for item in value]
    return [_value("", item) for item in value]


def _child(item: Document) -> Document:
    return item if isinstance(item.get("properties"), Mapping) else _unflattened(item)


def _spelled(key: str) -> str:
    return SPELLING.get(key.lower(), key)
