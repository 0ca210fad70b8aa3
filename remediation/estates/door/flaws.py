"""Half documents: what came without the very thing that is to be judged, and why that is so."""

from collections.abc import Mapping
from typing import Any

from remediation.kinds import (
    NIC,
    NSG,
    RESOURCE_GROUP,
    ROUTE_TABLE,
    SUBNET,
    SUBSCRIPTION,
    TAGS,
    VNET,
)

# Types that are whole without `properties`.
_PLAIN = frozenset({RESOURCE_GROUP, SUBSCRIPTION, TAGS})
# Members of which ARM always shows one, empty lists included, and the command that shows them.
_WHOLE: Mapping[str, tuple[tuple[str, ...], str]] = {
    NSG: (("securityRules", "defaultSecurityRules"), "az network nsg list"),
    VNET: (("subnets",), "az network vnet list"),
    SUBNET: (("addressPrefix", "addressPrefixes", "ipamPoolPrefixAllocations"), "az network vnet list"),
    NIC: (("ipConfigurations",), "az network nic list"),
    ROUTE_TABLE: (("routes",), "az network route-table list"),
}
REFERENCE = "it came without its properties, a mere reference"


def flaw(document: Mapping[str, Any], kind: str) -> str | None:
    """Why a document (in its normal form, of a lower-case type) cannot be judged by anybody, or None."""
    properties = document.get("properties")
    if properties is None:
        return None if kind in _PLAIN else REFERENCE
    if not isinstance(properties, Mapping):
        return f"its properties are {_named(properties)}, not an object"
    return None


def half(document: Mapping[str, Any], kind: str) -> str | None:
    """Why a resource of its own that has properties was not read whole, or None."""
    members, command = _WHOLE.get(kind, ((), ""))
    properties = document.get("properties")
    if not members or not isinstance(properties, Mapping):
        return None
    if any(properties.get(member) is not None for member in members):
        return None
    named = " nor ".join(members) if len(members) > 1 else members[0]
    return f"it came without {'either ' if len(members) > 1 else ''}{named}: export it whole ({command})"


def _named(value: object) -> str:
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), type(value).__name__)
