"""Firewalls, their policies and what they translate as ARM documents."""

from collections.abc import Iterator
from typing import Any

from remediation.estates.deployments.prediction import Document, Patch
from remediation.estates.deployments.terraform.blocks import Block, properties
from remediation.estates.deployments.terraform.mapping.fronts import front


def firewall(block: Block) -> Document:
    hub = next(block.blocks("virtual_hub"), None)
    return {
        "properties": properties(
            sku=properties(name=block.get("sku_name"), tier=block.get("sku_tier")),
            ipConfigurations=[front(one) for one in block.blocks("ip_configuration")] or None,
            firewallPolicy=block.ref("firewall_policy_id", "azurerm_firewall_policy"),
            virtualHub=None if hub is None else hub.ref("virtual_hub_id", "azurerm_virtual_hub"),
        )
    }


def policy(block: Block) -> Document:
    return {
        "properties": properties(
            sku=properties(tier=block.get("sku")) or None,
            basePolicy=block.ref("base_policy_id", "azurerm_firewall_policy"),
        )
    }


def rule_collection_group(block: Block) -> Document:
    """Collections of every sort; what translates is what leads in."""
    collections = [
        {
            "ruleCollectionType": "FirewallPolicyNatRuleCollection",
            "name": one.get("name"),
            "priority": one.get("priority"),
            "action": {"type": "DNAT"},
            "rules": [_dnat(rule) for rule in one.blocks("rule")],
        }
        for one in block.blocks("nat_rule_collection")
    ]
    for sort, kind in (
        ("network_rule_collection", "NetworkRule"),
        ("application_rule_collection", "ApplicationRule"),
    ):
        collections += [_filter(one, kind) for one in block.blocks(sort)]
    return {"properties": properties(priority=block.get("priority"), ruleCollections=collections)}


def _dnat(block: Block) -> Document:
    destination, ports = block.get("destination_address"), block.get("destination_ports")
    return {
        "ruleType": "NatRule",
        **properties(
            name=block.get("name"),
            ipProtocols=block.get("protocols"),
            sourceAddresses=block.get("source_addresses"),
            sourceIpGroups=block.ids("source_ip_groups", "azurerm_ip_group") or None,
            destinationAddresses=None if destination is None else [destination],
            destinationPorts=ports,
            translatedAddress=block.get("translated_address"),
            translatedFqdn=block.get("translated_fqdn"),
            translatedPort=_text(block.get("translated_port")),
        ),
    }


def _filter(block: Block, kind: str) -> Document:
    rules: list[Document] = []
    for one in block.blocks("rule"):
        told = properties(
            name=one.get("name"),
            ipProtocols=one.get("protocols") if kind == "NetworkRule" else None,
            sourceAddresses=one.get("source_addresses"),
            sourceIpGroups=one.ids("source_ip_groups", "azurerm_ip_group") or None,
            destinationAddresses=one.get("destination_addresses"),
            destinationPorts=one.get("destination_ports"),
            targetFqdns=one.get("destination_fqdns"),
        )
        rules.append({"ruleType": kind, **told})
    return {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": block.get("name"),
        "priority": block.get("priority"),
        "action": {"type": block.get("action")},
        "rules": rules,
    }


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value


def nat_collection(block: Block) -> Iterator[Patch]:
    """Rules of a firewall without a policy, which its own document holds."""
    firewall, name = block.neighbour("azureFirewalls", "azure_firewall_name"), block.get("name")
    rules = [
        properties(
            name=one.get("name"),
            protocols=one.get("protocols"),
            sourceAddresses=one.get("source_addresses"),
            sourceIpGroups=one.ids("source_ip_groups", "azurerm_ip_group") or None,
            destinationAddresses=one.get("destination_addresses"),
            destinationPorts=one.get("destination_ports"),
            translatedAddress=one.get("translated_address"),
            translatedPort=_text(one.get("translated_port")),
        )
        for one in block.blocks("rule")
    ]
    told = {"priority": block.get("priority"), "action": {"type": block.get("action")}, "rules": rules}
    if firewall and name:
        element = {"name": name, "properties": told}
        yield Patch(firewall, "natRuleCollections", str(name), many=True, element=element)
