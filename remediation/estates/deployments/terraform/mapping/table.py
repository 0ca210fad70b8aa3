"""Which type of Terraform resource is read by whom; types that matter and are not read are told as such."""

from collections.abc import Callable, Iterator, Mapping

from remediation.estates.deployments.prediction import Document, Patch
from remediation.estates.deployments.terraform.blocks import Block
from remediation.estates.deployments.terraform.mapping import (
    firewalls,
    fronts,
    groups,
    machines,
    monitoring,
    networks,
)

DOCUMENTS: Mapping[str, Callable[[Block], Document]] = {
    "azurerm_resource_group": lambda _: {},
    "azurerm_virtual_network": networks.network,
    "azurerm_subnet": networks.subnet,
    "azurerm_virtual_network_peering": networks.peering,
    "azurerm_route_table": networks.route_table,
    "azurerm_route": networks.route,
    "azurerm_public_ip": networks.address,
    "azurerm_nat_gateway": networks.nat_gateway,
    "azurerm_ip_group": networks.ip_group,
    "azurerm_application_security_group": networks.plain,
    "azurerm_network_security_group": groups.group,
    "azurerm_network_security_rule": groups.rule,
    "azurerm_network_interface": machines.interface,
    "azurerm_linux_virtual_machine": machines.machine,
    "azurerm_windows_virtual_machine": machines.machine,
    "azurerm_virtual_machine": machines.machine,
    "azurerm_linux_virtual_machine_scale_set": machines.scale_set,
    "azurerm_windows_virtual_machine_scale_set": machines.scale_set,
    "azurerm_orchestrated_virtual_machine_scale_set": machines.scale_set,
    "azurerm_bastion_host": fronts.bastion,
    "azurerm_lb": fronts.balancer,
    "azurerm_lb_backend_address_pool": networks.plain,
    "azurerm_lb_rule": fronts.balancing_rule,
    "azurerm_lb_nat_rule": fronts.nat_rule,
    "azurerm_lb_nat_pool": fronts.nat_pool,
    "azurerm_lb_outbound_rule": fronts.outbound_rule,
    "azurerm_lb_probe": networks.plain,
    "azurerm_firewall": firewalls.firewall,
    "azurerm_firewall_policy": firewalls.policy,
    "azurerm_firewall_policy_rule_collection_group": firewalls.rule_collection_group,
    "azurerm_monitor_diagnostic_setting": monitoring.diagnostic_setting,
    "azapi_resource": monitoring.written,
}
PATCHES: Mapping[str, Callable[[Block], Iterator[Patch]]] = {
    "azurerm_subnet_network_security_group_association": networks.of_subnet(
        "networkSecurityGroup", "network_security_group_id", networks.NSG
    ),
    "azurerm_subnet_route_table_association": networks.of_subnet(
        "routeTable", "route_table_id", networks.ROUTE_TABLE
    ),
    "azurerm_subnet_nat_gateway_association": networks.of_subnet(
        "natGateway", "nat_gateway_id", "azurerm_nat_gateway"
    ),
    "azurerm_nat_gateway_public_ip_association": networks.nat_address,
    "azurerm_network_interface_security_group_association": machines.group_of_interface,
    "azurerm_network_interface_backend_address_pool_association": machines.of_configuration(
        "loadBalancerBackendAddressPools", "backend_address_pool_id", machines.POOL
    ),
    "azurerm_network_interface_nat_rule_association": machines.of_configuration(
        "loadBalancerInboundNatRules", "nat_rule_id", machines.NAT_RULE
    ),
    "azurerm_network_interface_application_security_group_association": machines.of_configuration(
        "applicationSecurityGroups", "application_security_group_id", "azurerm_application_security_group"
    ),
    "azurerm_firewall_nat_rule_collection": firewalls.nat_collection,
    "azurerm_lb_backend_address_pool_address": fronts.pool_address,
}
UNREAD = frozenset({
    "azurerm_application_gateway", "azurerm_private_link_service", "azurerm_virtual_hub",
    "azurerm_virtual_hub_connection", "azurerm_virtual_hub_route_table", "azurerm_kubernetes_cluster",
    "azurerm_kubernetes_cluster_node_pool",
    "azurerm_network_manager_admin_rule", "azurerm_virtual_network_gateway",
    "azurerm_virtual_hub_routing_intent", "azapi_update_resource",
    "azurerm_resource_group_template_deployment", "azurerm_subscription_template_deployment",
})  # fmt: skip
"""Types through which ways in may lead, or which change others, and which no mapping reads."""
