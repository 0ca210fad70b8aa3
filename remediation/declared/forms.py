"""The one form of a value, whatever form it was declared or read in.

ARM gives back what it was given in forms of its own: one prefix or a list of one, names of enums in another
case, an empty list where nothing was said. Two values are the same where their forms are.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from remediation.declared.kinds import DEFAULTS

# The name of the one, the name of the many: either of them says it.
PLURALS: Mapping[str, str] = {
    "sourceAddressPrefix": "sourceAddressPrefixes",
    "destinationAddressPrefix": "destinationAddressPrefixes",
    "sourcePortRange": "sourcePortRanges",
    "destinationPortRange": "destinationPortRanges",
    "backendAddressPool": "backendAddressPools",
    "addressPrefix": "addressPrefixes",
}
SINGULARS = {many: one for one, many in PLURALS.items()}
# What says who is meant on one side of a security rule: declaring one of them is declaring the side.
SIDES = tuple(
    (f"{side}AddressPrefixes", f"{side}ApplicationSecurityGroups") for side in ("source", "destination")
)
HALVES = frozenset(half for halves in SIDES for half in halves)
REFERENCES = frozenset({
    "subnet", "publicIPAddress", "networkSecurityGroup", "routeTable", "natGateway", "probe",
    "frontendIPConfiguration", "virtualNetwork", "loadBalancerBackendAddressPools", "publicIPPrefix",
    "loadBalancerInboundNatRules", "applicationSecurityGroups", "applicationGatewayBackendAddressPools",
    "sourceApplicationSecurityGroups", "destinationApplicationSecurityGroups", "ddosCustomPolicy",
    "ddosProtectionPlan",
})  # fmt: skip
"""Members that point to other resources: only the id counts, however much of the other is shown."""
# Texts in which case says something.
_EXACT = frozenset({"description", "eventHubName"})
_ADDRESS = re.compile(r"[0-9a-fA-F:.]{2,45}(/\d{1,3})?")
_SPAN = re.compile(r"(\d{1,5})-(\d{1,5})")


def is_expression(value: Any) -> bool:
    """Whether a text is an expression that a template left: its value is not known before the deployment."""
    return isinstance(value, str) and value.startswith("[") and value.endswith("]") and value[1:2] != "["


def is_silent(value: Any, key: str = "") -> bool:
    """Whether a value says no more than its absence: nothing, an empty list, false, what ARM fills in."""
    if value is None or value is False or value in ("", 0):
        return True
    if isinstance(value, dict):
        return all(is_silent(inner, name) for name, inner in value.items())
    if isinstance(value, list):
        return not value
    return key in DEFAULTS and scalar(value, key) in DEFAULTS[key]


def scalar(value: Any, key: str = "") -> str:
    """Two single values are the same where this is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, str):
        return str(value)
    return value.strip() if key in _EXACT else _text(value, "Port" in key)


@lru_cache(maxsize=16384)
def _text(value: str, ports: bool) -> str:
    text = value.strip().lower()
    if ports and (span := _SPAN.fullmatch(text)):
        low, high = int(span.group(1)), int(span.group(2))
        return "*" if (low, high) == (0, 65535) else str(low) if low == high else f"{low}-{high}"
    if _ADDRESS.fullmatch(text) and ("." in text or ":" in text):
        return _address(text)
    return text.rstrip("/") if text.startswith("/") else text


def _address(text: str) -> str:
    """A prefix in its shortest form; one address is the prefix that holds it alone."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return text
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def points(value: Any) -> bool:
    """Whether a value is a mere reference: an id and nothing of what it names."""
    return isinstance(value, dict) and "id" in value and value.keys().isdisjoint({"name", "properties"})


def reference(value: Any) -> str | None:
    """The lower-cased id that a member points to; None where it points nowhere."""
    told = value.get("id") if isinstance(value, dict) else value
    return told.strip().lower().rstrip("/") if isinstance(told, str) and told else None


def members(document: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an object, those under ``properties`` among them, plural where there are two forms."""
    inner = document.get("properties")
    found = {**document, **inner} if isinstance(inner, dict) else dict(document)
    found.pop("properties", None)
    for one, many in PLURALS.items():
        if one in found:
            single, several = found.pop(one), found.get(many)
            if several is None or several == []:
                found[many] = (
                    [] if single in (None, "", []) else single if isinstance(single, list) else [single]
                )
            elif isinstance(several, list) and not is_silent(single) and not _holds(several, single):
                found[many] = [*several, single]
    return found


def _holds(several: list[Any], single: Any) -> bool:
    mine = reference(single) or scalar(single)
    return any((reference(one) or scalar(one)) == mine for one in several)


def declared_members(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a declaration, without what says nothing.

    Who declares one half of a security rule's side declares the other half empty.
    """
    found = members(document)
    for halves in () if HALVES.isdisjoint(found) else SIDES:
        said = any(not _says_nothing(found.get(half)) for half in halves)
        for half in halves:
            if said:
                found[half] = found.get(half) or []
            elif half in found:
                del found[half]
    return {key: value for key, value in found.items() if value is not None and value != ""}


def _says_nothing(value: Any) -> bool:
    return value in (None, "", [], {})


def name_of(element: Mapping[str, Any]) -> str:
    """The name under which an element of a list is found: its own, or what it is about."""
    for key in ("name", "categoryGroup", "category", "service"):
        told = element.get(key)
        if isinstance(told, str) and told:
            return told
    identity = element.get("id")
    return identity.rstrip("/").rpartition("/")[2] if isinstance(identity, str) else ""


def by_name(elements: list[Any]) -> dict[str, Mapping[str, Any]] | None:
    """Elements by their lower-cased names; None where some have none, or one twice."""
    found: dict[str, Mapping[str, Any]] = {}
    for element in elements:
        name = name_of(element).lower() if isinstance(element, dict) else ""
        if not name or name in found:
            return None
        found[name] = element
    return found


def texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    stack = [value]
    while stack:
        match stack.pop():
            case str() as text:
                yield text
            case dict() as inside:
                stack += inside.values()
            case list() as items:
                stack += items


def is_known(value: Any) -> bool:
    """Whether nothing in a value is left as an expression."""
    return not any(is_expression(text) for text in texts(value))
