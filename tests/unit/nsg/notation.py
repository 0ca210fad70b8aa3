"""The specification's notation for rules, turned into ARM documents.

`130 Deny Tcp 0.0.0.0/1,Internet>asg(web):22,80-90 sp=0-1023`, rules separated by `;`.
"""

import re
from typing import Any

NSG_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web"
ASG_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/applicationSecurityGroups/"
_RULE = re.compile(r"(\d+) (\w+) (\S+) (\S+?)>(\S+?)(?: sp=(\S+))?$")


def nsg(text: str, **rules: Any) -> dict[str, Any]:
    """An NSG whose rules are named rule0, rule1 ... in the order written."""
    texts = [part.strip() for part in text.split(";") if part.strip()]
    return {
        "id": NSG_ID,
        "properties": {"securityRules": [rule(part, f"rule{index}") for index, part in enumerate(texts)]},
        **rules,
    }


def rule(text: str, name: str = "rule") -> dict[str, Any]:
    found = _RULE.match(text)
    assert found is not None, f"not in the notation: {text}"
    priority, access, protocol, source, destination, source_ports = found.groups()
    to, _, ports = destination.partition(":") if "::" not in destination else (destination, "", "")
    if "::" in destination:
        to, _, ports = destination.rpartition(":")
    properties: dict[str, Any] = {
        "priority": int(priority),
        "access": access,
        "protocol": protocol,
        "direction": "Inbound",
        **_side("source", source),
        **_side("destination", to),
        "sourcePortRange": source_ports or "*",
    }
    if ports:
        properties |= _one_or_many("destinationPortRange", ports.split(","))
    return {"name": name, "properties": properties}


def _side(side: str, text: str) -> dict[str, Any]:
    groups = re.findall(r"asg\((\w+)\)", text)
    prefixes = [part for part in text.split(",") if part and not part.startswith("asg(")]
    fields: dict[str, Any] = {}
    if groups:
        fields[f"{side}ApplicationSecurityGroups"] = [{"id": ASG_ID + group} for group in groups]
    return fields | (_one_or_many(f"{side}AddressPrefix", prefixes) if prefixes else {})


def _one_or_many(key: str, values: list[str]) -> dict[str, Any]:
    return {key: values[0]} if len(values) == 1 else {f"{key}es" if key.endswith("x") else f"{key}s": values}
