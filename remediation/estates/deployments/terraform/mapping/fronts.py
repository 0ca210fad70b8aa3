"""What stands in front of machines as ARM documents: Bastion hosts, load balancers, firewalls."""

from typing import Any

from remediation.estates.deployments.prediction import Document
from remediation.estates.deployments.terraform.blocks import Block, properties
from remediation.estates.deployments.terraform.mapping.networks import ADDRESS, SUBNET

LB, POOL = "azurerm_lb", "azurerm_lb_backend_address_pool"
_SWITCHES = {
    "enableFileCopy": "file_copy_enabled",
    "enableIpConnect": "ip_connect_enabled",
    "enableKerberos": "kerberos_enabled",
    "enableShareableLink": "shareable_link_enabled",
    "enableTunneling": "tunneling_enabled",
    "enableSessionRecording": "session_recording_enabled",
}


def bastion(block: Block) -> Document:
    copy = block.get("copy_paste_enabled")
    switches = {name: block.get(attribute) for name, attribute in _SWITCHES.items()}
    return {
        "sku": {"name": block.get("sku") or "Basic"},
        **properties(zones=block.get("zones")),
        "properties": properties(
            ipConfigurations=[_front(one) for one in block.blocks("ip_configuration")],
            virtualNetwork=block.ref("virtual_network_id", "azurerm_virtual_network"),
            disableCopyPaste=None if copy is None else copy is False,
            scaleUnits=block.get("scale_units"),
            **switches,
        ),
    }


def _front(block: Block) -> Document:
    return {
        "name": block.get("name"),
        "properties": properties(
            subnet=block.ref("subnet_id", SUBNET),
            publicIPAddress=block.ref("public_ip_address_id", ADDRESS),
            privateIPAddress=None
            if block.is_unknown("private_ip_address")
            else block.get("private_ip_address"),
        ),
    }


def balancer(block: Block) -> Document:
    fronts = [
        {**_front(one), **properties(zones=one.get("zones"))}
        for one in block.blocks("frontend_ip_configuration")
    ]
    return {
        "sku": properties(name=block.get("sku") or "Standard", tier=block.get("sku_tier")),
        "properties": {"frontendIPConfigurations": fronts},
    }


def _frontend(block: Block) -> dict[str, str] | None:
    balancer, name = block.id("loadbalancer_id", LB), block.get("frontend_ip_configuration_name")
    known = block.get("frontend_ip_configuration_id")
    if isinstance(known, str) and known.startswith("/"):
        return {"id": known}
    return {"id": f"{balancer}/frontendIPConfigurations/{name}"} if balancer and name else None


def balancing_rule(block: Block) -> Document:
    pools = block.refs("backend_address_pool_ids", POOL) or []
    return {
        "properties": properties(
            frontendIPConfiguration=_frontend(block),
            backendAddressPool=pools[0] if len(pools) == 1 else None,
            backendAddressPools=pools or None,
            protocol=block.get("protocol"),
            frontendPort=block.get("frontend_port"),
            backendPort=block.get("backend_port"),
            enableFloatingIP=block.get("floating_ip_enabled", "enable_floating_ip"),
        )
    }


def nat_rule(block: Block) -> Document:
    return {
        "properties": properties(
            frontendIPConfiguration=_frontend(block),
            backendAddressPool=block.ref("backend_address_pool_id", POOL),
            protocol=block.get("protocol"),
            frontendPort=block.get("frontend_port"),
            frontendPortRangeStart=block.get("frontend_port_start"),
            frontendPortRangeEnd=block.get("frontend_port_end"),
            backendPort=block.get("backend_port"),
            enableFloatingIP=block.get("floating_ip_enabled", "enable_floating_ip"),
        )
    }


def nat_pool(block: Block) -> Document:
    return {
        "properties": properties(
            frontendIPConfiguration=_frontend(block),
            protocol=block.get("protocol"),
            frontendPortRangeStart=block.get("frontend_port_start"),
            frontendPortRangeEnd=block.get("frontend_port_end"),
            backendPort=block.get("backend_port"),
        )
    }


def outbound_rule(block: Block) -> Document:
    balancer = block.id("loadbalancer_id", LB)
    fronts = [
        {"id": f"{balancer}/frontendIPConfigurations/{one.get('name')}"}
        for one in block.blocks("frontend_ip_configuration")
    ]
    pool = block.ref("backend_address_pool_id", POOL)
    return {
        "properties": properties(
            frontendIPConfigurations=fronts, backendAddressPool=pool, protocol=block.get("protocol")
        )
    }


def firewall(block: Block) -> Document:
    hub = next(block.blocks("virtual_hub"), None)
    return {
        "properties": properties(
            sku=properties(name=block.get("sku_name"), tier=block.get("sku_tier")),
            ipConfigurations=[_front(one) for one in block.blocks("ip_configuration")] or None,
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
