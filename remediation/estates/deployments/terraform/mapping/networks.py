"""Networks, their subnets and peerings, route tables, addresses and NAT gateways as ARM documents."""

from collections.abc import Iterator
from typing import Any

from remediation.estates.deployments.prediction import Document, Patch
from remediation.estates.deployments.terraform.blocks import Block, properties

SUBNET = "azurerm_subnet"
NSG = "azurerm_network_security_group"
ROUTE_TABLE = "azurerm_route_table"
ADDRESS = "azurerm_public_ip"
_HOPS = {"virtualappliance", "virtualnetworkgateway", "vnetlocal", "internet", "none"}


def network(block: Block) -> Document:
    told = properties(
        addressSpace={"addressPrefixes": block.get("address_space")},
        dhcpOptions=properties(dnsServers=block.get("dns_servers")) or None,
    )
    if block.is_written("subnet"):
        told["subnets"] = [_inline_subnet(one) for one in block.blocks("subnet")]
    return {"properties": told}


def _inline_subnet(block: Block) -> Document:
    prefixes = block.get("address_prefixes")
    return {
        "name": block.get("name"),
        "properties": properties(
            addressPrefixes=prefixes if isinstance(prefixes, list) else None,
            addressPrefix=block.get("address_prefix") or (prefixes if isinstance(prefixes, str) else None),
            networkSecurityGroup=block.ref("security_group", NSG),
            routeTable=block.ref("route_table_id", ROUTE_TABLE),
        ),
    }


def subnet(block: Block) -> Document:
    prefixes = block.get("address_prefixes")
    return {
        "properties": properties(
            addressPrefixes=prefixes if isinstance(prefixes, list) else None,
            addressPrefix=prefixes if isinstance(prefixes, str) else block.get("address_prefix"),
            delegations=[_delegation(one) for one in block.blocks("delegation")] or None,
            serviceEndpoints=[{"service": one} for one in _texts(block.get("service_endpoints"))] or None,
            defaultOutboundAccess=block.get("default_outbound_access_enabled"),
        )
    }


def _delegation(block: Block) -> Document:
    service = next((one.get("name") for one in block.blocks("service_delegation")), None)
    return {"name": block.get("name"), "properties": properties(serviceName=service)}


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def of_subnet(member: str, attribute: str, kind: str) -> Any:
    """What an association of a subnet sets on it."""

    def patches(block: Block) -> Iterator[Patch]:
        own, target = block.id("subnet_id", SUBNET), block.id(attribute, kind)
        if own and target:
            yield Patch(own, member, target)

    return patches


def peering(block: Block) -> Document:
    return {
        "properties": properties(
            remoteVirtualNetwork=block.ref("remote_virtual_network_id", "azurerm_virtual_network"),
            allowVirtualNetworkAccess=block.get("allow_virtual_network_access"),
            allowForwardedTraffic=block.get("allow_forwarded_traffic"),
            allowGatewayTransit=block.get("allow_gateway_transit"),
            useRemoteGateways=block.get("use_remote_gateways"),
            peerCompleteVnets=block.get("peer_complete_virtual_networks_enabled"),
            enableOnlyIPv6Peering=block.get("only_ipv6_peering_enabled"),
            localSubnetNames=block.get("local_subnet_names"),
            remoteSubnetNames=block.get("remote_subnet_names"),
        )
    }


def route_table(block: Block) -> Document:
    written = block.is_written("route") or isinstance(block.values.get("route"), list)
    routes = [{"name": one.get("name"), **route(one)} for one in block.blocks("route")]
    return {"properties": {"routes": routes} if written else {}}


def route(block: Block) -> Document:
    hop = block.get("next_hop_type")
    return {
        "properties": properties(
            addressPrefix=block.get("address_prefix"),
            nextHopType=hop,
            nextHopIpAddress=block.get("next_hop_in_ip_address"),
        )
    }


def address(block: Block) -> Document:
    return {
        **_sku(block, "Standard"),
        "properties": properties(
            publicIPAllocationMethod=block.get("allocation_method"),
            publicIPAddressVersion=block.get("ip_version"),
            ipAddress=None if block.is_unknown("ip_address") else block.get("ip_address"),
        ),
    }


def _sku(block: Block, usual: str) -> Document:
    return {"sku": properties(name=block.get("sku", "sku_name") or usual, tier=block.get("sku_tier"))}


def nat_gateway(block: Block) -> Document:
    return {**_sku(block, "Standard"), "properties": {}}


def nat_address(block: Block) -> Iterator[Patch]:
    own, target = block.id("nat_gateway_id", "azurerm_nat_gateway"), block.id("public_ip_address_id", ADDRESS)
    if own and target:
        yield Patch(own, "publicIpAddresses", target, many=True)


def ip_group(block: Block) -> Document:
    return {"properties": properties(ipAddresses=block.get("cidrs"))}


def plain(_: Block) -> Document:
    """A resource of which nothing but its being there matters."""
    return {"properties": {}}
