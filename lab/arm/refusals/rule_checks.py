"""What Azure refuses in security rules. Codes and texts are those users report; [?] marks the others."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from lab.arm.errors import ArmError, bad_request, cannot_parse

if TYPE_CHECKING:
    from lab.arm.documents.tree import Document

PLURALS = ("sourcePortRanges", "destinationPortRanges", "sourceAddressPrefixes", "destinationAddressPrefixes")
MAX_RULES = 1000  # documented default limit
MAX_VALUES = 4000  # documented limit of addresses and ports over all rules of a group
ALLOWED = {
    "protocol": frozenset({"*", "tcp", "udp", "icmp", "esp", "ah"}),
    "access": frozenset({"allow", "deny"}),
    "direction": frozenset({"inbound", "outbound"}),
}
NUMBERS = re.compile(r"\d+(\.\d+){0,3}")
TAG = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


def check_rules(nsg: Document) -> None:
    """Refuse what Azure refuses in the rules of one group; also used after a child was put in."""
    rules = nsg["properties"]["securityRules"]
    slots: dict[tuple[str, object], str] = {}
    for rule in rules:
        _check_rule(rule)
        slot = (str(rule["properties"]["direction"]).lower(), rule["properties"]["priority"])
        if slot in slots:
            raise ArmError(
                400,
                "SecurityRuleConflict",
                f"Security rule {rule['name']} conflicts with rule {slots[slot]}. Rules cannot have "
                "the same Priority and Direction. To learn more, see aka.ms/nsgrules.",
            )
        slots[slot] = rule["name"]
    if len(rules) > MAX_RULES or sum(map(_values, rules)) > MAX_VALUES * len(PLURALS):
        # [?] code and text unconfirmed; the limits are documented.
        raise bad_request(
            f"The number of rules or of addresses and ports in {nsg['id']} exceeds the maximum allowed "
            f"({MAX_RULES} rules, {MAX_VALUES} values).",
            "NetworkSecurityGroupLimitReached",
        )


def _values(rule: Document) -> int:
    properties = rule["properties"]
    return sum(len(properties[plural]) or 1 for plural in PLURALS)


def _check_rule(rule: Document) -> None:
    properties = rule["properties"]
    missing = [key for key in ("protocol", "access", "direction", "priority") if key not in properties]
    if missing:
        raise bad_request(f"Security rule {rule['name']} lacks {', '.join(missing)}.")
    for member, allowed in ALLOWED.items():
        if str(properties[member]).lower() not in allowed:
            raise cannot_parse(f"Error converting value \"{properties[member]}\" of '{member}'.")
    priority = properties["priority"]
    if not isinstance(priority, int) or not 100 <= priority <= 4096:
        raise ArmError(
            400,
            "SecurityRuleInvalidPriority",
            f"Security rule has invalid Priority. Value provided: {priority} Allowed range 100-4096.",
        )
    for side in ("source", "destination"):
        _check_ports(rule, side)
        _check_addresses(rule, side)
    _check_family(rule)


def _given(rule: Document, single: str, plural: str) -> list[str]:
    properties = rule["properties"]
    one = properties.get(single)
    return [*([str(one)] if one else []), *map(str, properties[plural])]


def _unspecified(rule: Document, choices: str) -> ArmError:
    """[?] the wording for ports is inferred from that for addresses."""
    return ArmError(
        400,
        "SecurityRuleParameterNotSpecified",
        f"Required security rule parameters are missing for security rule with Id: {rule['id']}. "
        f"Security rule must specify {choices}.",
    )


def _check_ports(rule: Document, side: str) -> None:
    name = f"{side.capitalize()}PortRange"
    values = _given(rule, f"{side}PortRange", f"{side}PortRanges")
    if not values:
        raise _unspecified(rule, f"{name}s or {name}")
    for value in values:
        found = PORTS.fullmatch(value)
        low, high = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if value != "*" and not low <= high <= 65535:
            raise ArmError(
                400,
                "SecurityRuleInvalidPortRange",
                f"Security rule has invalid Port range. Value provided: {value}. Value should be an integer "
                "OR integer range with '-' delimiter. Valid range 0-65535.",
            )


def _check_addresses(rule: Document, side: str) -> None:
    name = side.capitalize()
    values = _given(rule, f"{side}AddressPrefix", f"{side}AddressPrefixes")
    if not values and not rule["properties"].get(f"{side}ApplicationSecurityGroups"):
        choices = f"{name}AddressPrefixes, {name}AddressPrefix, or {name}ApplicationSecurityGroups"
        raise _unspecified(rule, choices)
    for value in values:
        if value != "*" and not _is_address(value):
            raise ArmError(
                400,
                "SecurityRuleInvalidAddressPrefix",
                f"Security rule {rule['id']} has invalid Address prefix. Value provided: {value}",
            )


def _is_address(value: str) -> bool:
    """An address (a bare number counts, as recorded), a range without host bits, or perhaps a service tag."""
    if NUMBERS.fullmatch(value) or TAG.fullmatch(value):
        return value.lower() != "any"
    try:
        ipaddress.ip_network(value)
    except ValueError:
        return False
    return True


def _check_family(rule: Document) -> None:
    """Explicit prefixes of both sides together are of one IP version; tags and `*` are of none."""
    values = [
        each
        for side in ("source", "destination")
        for each in _given(rule, f"{side}AddressPrefix", f"{side}AddressPrefixes")
    ]
    if len({"v6" if ":" in each else "v4" for each in values if each[:1].isdigit() or ":" in each}) > 1:
        raise ArmError(
            400,
            "ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies",
            f"Resource {rule['id']} contains IP addresses or prefixes that belong to different address "
            "families. All IP addresses or prefixes in the resource should belong to the same address "
            "family.",
        )
