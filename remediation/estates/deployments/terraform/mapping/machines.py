"""Interfaces, machines and scale sets as ARM documents."""

from collections.abc import Iterator
from typing import Any

from remediation.estates.deployments.prediction import Document, Patch
from remediation.estates.deployments.terraform.blocks import Block, properties
from remediation.estates.deployments.terraform.mapping.networks import ADDRESS, NSG, SUBNET

_SYSTEMS = {"azurerm_linux_virtual_machine": "Linux", "azurerm_windows_virtual_machine": "Windows"}
NIC = "azurerm_network_interface"
POOL, NAT_RULE = "azurerm_lb_backend_address_pool", "azurerm_lb_nat_rule"


def interface(block: Block) -> Document:
    return {
        "properties": properties(
            ipConfigurations=[_configuration(one) for one in block.blocks("ip_configuration")],
            enableIPForwarding=block.get("ip_forwarding_enabled", "enable_ip_forwarding"),
        )
    }


def _configuration(block: Block) -> Document:
    return {
        "name": block.get("name"),
        "properties": properties(
            subnet=block.ref("subnet_id", SUBNET),
            publicIPAddress=block.ref("public_ip_address_id", ADDRESS),
            privateIPAddress=_known(block, "private_ip_address"),
            privateIPAddressVersion=block.get("private_ip_address_version"),
            privateIPAllocationMethod=block.get("private_ip_address_allocation"),
            primary=_known(block, "primary"),
        ),
    }


def _known(block: Block, name: str) -> Any:
    """A value that Azure gives out where nobody does: nothing as long as it is not known."""
    return None if block.is_unknown(name) else block.get(name)


def group_of_interface(block: Block) -> Iterator[Patch]:
    own, target = block.id("network_interface_id", NIC), block.id("network_security_group_id", NSG)
    if own and target:
        yield Patch(own, "networkSecurityGroup", target)


def of_configuration(member: str, attribute: str, kind: str) -> Any:
    """What an association sets on one ip configuration of an interface."""

    def patches(block: Block) -> Iterator[Patch]:
        own, target = block.id("network_interface_id", NIC), block.id(attribute, kind)
        if own and target:
            part = block.get("ip_configuration_name") or "*"
            yield Patch(own, member, target, part=str(part), many=True)

    return patches


def machine(block: Block) -> Document:
    interfaces = [{"id": identity} for identity in block.ids("network_interface_ids", NIC)]
    password = block.get("disable_password_authentication")
    linux = {"disablePasswordAuthentication": password} if password is not None else None
    if block.instance.type == "azurerm_virtual_machine":
        known = next((one.get("disable_password_authentication") for one in _linux(block)), None)
        linux = None if known is None else {"disablePasswordAuthentication": known}
    return {
        "properties": properties(
            networkProfile={"networkInterfaces": interfaces},
            storageProfile=_system(block),
            osProfile=properties(linuxConfiguration=linux) or None,
        )
    }


def _system(block: Block) -> Document | None:
    """What the machine runs: its type of resource says, or the one that has no system in its name."""
    told = _SYSTEMS.get(block.instance.type)
    if told is None:
        told = next((one.get("os_type") for one in block.blocks("storage_os_disk")), None)
        told = told or ("Linux" if next(_linux(block), None) else None)
        told = told or ("Windows" if next(block.blocks("os_profile_windows_config"), None) else None)
    return None if told is None else {"osDisk": {"osType": told}}


def _linux(block: Block) -> Iterator[Block]:
    return block.blocks("os_profile_linux_config")


def scale_set(block: Block) -> Document:
    password = block.get("disable_password_authentication")
    for inside in block.blocks("os_profile"):  # orchestrated ones say it further down
        for linux in inside.blocks("linux_configuration"):
            password = linux.get("disable_password_authentication")
    profile: Document = {
        "networkProfile": {
            "networkInterfaceConfigurations": [
                _set_interface(one) for one in block.blocks("network_interface")
            ]
        }
    }
    if password is not None:
        profile["osProfile"] = {"linuxConfiguration": {"disablePasswordAuthentication": password}}
    return {
        "sku": properties(name=block.get("sku", "sku_name"), capacity=block.get("instances")),
        "properties": {"virtualMachineProfile": profile},
    }


def _set_interface(block: Block) -> Document:
    return {
        "name": block.get("name"),
        "properties": properties(
            primary=block.get("primary"),
            networkSecurityGroup=block.ref("network_security_group_id", NSG),
            enableIPForwarding=block.get("ip_forwarding_enabled", "enable_ip_forwarding"),
            ipConfigurations=[_set_configuration(one) for one in block.blocks("ip_configuration")],
        ),
    }


def _set_configuration(block: Block) -> Document:
    public = next(block.blocks("public_ip_address"), None)
    own = None if public is None else {"name": public.get("name"), "properties": {}}
    return {
        "name": block.get("name"),
        "properties": properties(
            primary=block.get("primary"),
            subnet=block.ref("subnet_id", SUBNET),
            publicIPAddressConfiguration=own,
            loadBalancerBackendAddressPools=block.refs("load_balancer_backend_address_pool_ids", POOL),
            loadBalancerInboundNatPools=block.refs(
                "load_balancer_inbound_nat_rules_ids", "azurerm_lb_nat_pool"
            ),
        ),
    }
