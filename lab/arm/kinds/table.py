"""The table of types. A type not in it is generic: network types run operations, others are documents."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lab.arm.kinds import (
    bastion,
    firewall,
    fleets,
    gateway,
    load_balancer,
    nic,
    nsg,
    others,
    peering,
    public_ip,
    vnet,
)
from lab.arm.kinds.base import NETWORK, Kind, Patch, Pending, Put

if TYPE_CHECKING:
    from lab.arm.documents.tree import Document

KINDS: dict[str, Kind] = {
    kind.name.lower(): kind
    for kind in (
        nsg.NSG_KIND,
        nsg.RULE_KIND,
        bastion.BASTION_KIND,
        public_ip.PUBLIC_IP_KIND,
        public_ip.PREFIX_KIND,
        nic.NIC_KIND,
        vnet.VNET_KIND,
        vnet.SUBNET_KIND,
        peering.PEERING_KIND,
        load_balancer.BALANCER_KIND,
        load_balancer.POOL_KIND,
        load_balancer.NAT_RULE_KIND,
        firewall.FIREWALL_KIND,
        firewall.POLICY_KIND,
        firewall.GROUP_KIND,
        firewall.IP_GROUP_KIND,
        gateway.GATEWAY_KIND,
        gateway.LINK_KIND,
        fleets.SCALE_SET_KIND,
        fleets.CLUSTER_KIND,
        fleets.POOL_KIND,
        others.NAT_GATEWAY_KIND,
        others.ROUTE_TABLE_KIND,
        others.ROUTE_KIND,
        others.SECURITY_TAG_KIND,
        others.ENDPOINT_POLICY_KIND,
    )
}
# Canonical casing of the types of Microsoft.Network, and of what comes up beside them.
NETWORK_TYPES = [
    "applicationGateways",
    "applicationSecurityGroups",
    "azureFirewalls",
    "bastionHosts",
    "connections",
    "customIpPrefixes",
    "ddosProtectionPlans",
    "ddosCustomPolicies",
    "dnsZones",
    "dnsResolvers",
    "dnsForwardingRulesets",
    "dscpConfigurations",
    "expressRouteCircuits",
    "expressRouteGateways",
    "expressRoutePorts",
    "expressRouteCrossConnections",
    "firewallPolicies",
    "frontDoors",
    "ipAllocations",
    "ipGroups",
    "loadBalancers",
    "localNetworkGateways",
    "natGateways",
    "networkIntentPolicies",
    "networkInterfaces",
    "networkManagers",
    "networkProfiles",
    "networkSecurityGroups",
    "networkSecurityPerimeters",
    "networkVirtualAppliances",
    "networkWatchers",
    "p2svpnGateways",
    "privateDnsZones",
    "privateEndpoints",
    "privateLinkServices",
    "publicIPAddresses",
    "publicIPPrefixes",
    "routeFilters",
    "routeTables",
    "securityPartnerProviders",
    "serviceEndpointPolicies",
    "serviceGateways",
    "trafficManagerProfiles",
    "virtualHubs",
    "virtualNetworks",
    "virtualNetworkAppliances",
    "virtualNetworkGateways",
    "virtualNetworkTaps",
    "virtualRouters",
    "virtualWans",
    "vpnGateways",
    "vpnServerConfigurations",
    "vpnSites",
    "webApplicationFirewallPolicies",
    "availableDelegations",
    "locations",
]
CHILD_TYPES = (
    "Microsoft.Network/serviceEndpointPolicies/serviceEndpointPolicyDefinitions",
    "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
    "Microsoft.Network/networkInterfaces/ipConfigurations",
    "Microsoft.Network/loadBalancers/frontendIPConfigurations",
    "Microsoft.Network/loadBalancers/loadBalancingRules",
    "Microsoft.Network/loadBalancers/outboundRules",
    "Microsoft.Network/loadBalancers/probes",
    "Microsoft.Network/networkManagers/networkGroups",
    "Microsoft.Network/networkManagers/networkGroups/staticMembers",
    "Microsoft.Network/networkManagers/securityAdminConfigurations",
    "Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections",
    "Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/rules",
    "Microsoft.Network/privateLinkServices/privateEndpointConnections",
)
FOREIGN_TYPES = (
    "Microsoft.Compute/virtualMachines",
    fleets.MACHINE,
    fleets.INTERFACE,
    fleets.ADDRESS,
    "Microsoft.Compute/virtualMachineScaleSets/networkInterfaces",
    "Microsoft.Compute/virtualMachineScaleSets/publicIPAddresses",
    "Microsoft.Security/locations/jitNetworkAccessPolicies",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.EventHub/namespaces",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "Microsoft.Authorization/policyExemptions",
)
CANONICAL = {
    name.lower(): name for name in (*(kind.name for kind in KINDS.values()), *CHILD_TYPES, *FOREIGN_TYPES)
} | {f"{NETWORK}/{name}".lower(): f"{NETWORK}/{name}" for name in NETWORK_TYPES}


def is_network(kind: str) -> bool:
    return kind.startswith("microsoft.network/")


def is_known(kind: str) -> bool:
    """Whether ARM would find the type: those of other providers are taken on trust."""
    top_type = "/".join(kind.split("/")[:2])
    return not is_network(kind) or top_type in CANONICAL


def _no_operation(_: Put, __: Document) -> Pending:
    return Pending.NONE


@lru_cache(maxsize=1024)
def kind_of(type_name: str) -> Kind:
    """What the lab knows about a type; a generic kind for one it has no module for."""
    kind = type_name.lower()
    if kind in KINDS:
        return KINDS[kind]
    name = CANONICAL.get(kind, type_name)
    if is_network(kind):
        return Kind(name, others.network_shape, patch=Patch.TAGS)
    return Kind(name, others.plain_shape, pending=_no_operation, patch=Patch.TAGS)
