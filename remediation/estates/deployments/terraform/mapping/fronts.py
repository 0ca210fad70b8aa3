"""What stands in front of machines as ARM documents: Bastion hosts and load balancers."""

from collections.abc import Iterator

from remediation.estates.deployments.prediction import Document, Patch
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
            ipConfigurations=[front(one) for one in block.blocks("ip_configuration")],
            virtualNetwork=block.ref("virtual_network_id", "azurerm_virtual_network"),
            disableCopyPaste=None if copy is None else copy is False,
            scaleUnits=block.get("scale_units"),
            **switches,
        ),
    }


def front(block: Block) -> Document:
    return {
        "name": block.get("name"),
        "properties": properties(
            subnet=block.ref("subnet_id", SUBNET),
            publicIPAddress=block.ref("public_ip_address_id", ADDRESS),
            publicIPPrefix=block.ref("public_ip_prefix_id", "azurerm_public_ip_prefix"),
            privateIPAddress=None
            if block.is_unknown("private_ip_address")
            else block.get("private_ip_address"),
        ),
    }


def balancer(block: Block) -> Document:
    fronts = [
        {**front(one), **properties(zones=one.get("zones"))}
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


def pool_address(block: Block) -> Iterator[Patch]:
    """A machine of a pool by its address instead of its interface."""
    pool, name = block.id("backend_address_pool_id", POOL), block.get("name")
    told = properties(
        ipAddress=block.get("ip_address"),
        virtualNetwork=block.ref("virtual_network_id", "azurerm_virtual_network"),
    )
    if pool and name:
        element = {"name": name, "properties": told}
        yield Patch(pool, "loadBalancerBackendAddresses", str(name), many=True, element=element)
