"""Terraform states as short as what they are about, in both forms that Terraform writes."""

import json
from typing import Any

from tests.builders import AT, HUB, NIC_ID, NSG_ID, SUBNET_ID, WEB, Document

POOL = f"{WEB}/loadBalancers/lb/backendAddressPools/pool"
TABLE = f"{WEB}/routeTables/rt"


def managed(kind: str, label: str = "this", /, **values: Any) -> Document:
    """One resource of a state, as `terraform show -json` prints it."""
    address = f"{kind}.{label}"
    return {"address": address, "mode": "managed", "type": kind, "name": label, "values": values}


def shown(*resources: Document, modules: list[Document] | None = None) -> bytes:
    """`terraform show -json` of a state."""
    root = {"resources": list(resources), "child_modules": modules or []}
    state = {"format_version": "1.0", "terraform_version": "1.9.5", "values": {"root_module": root}}
    return json.dumps(state).encode()


def kept(*resources: Document, version: int = 4) -> bytes:
    """The same as Terraform keeps it: `terraform.tfstate`, `terraform state pull`."""
    every = [
        {
            **{key: one[key] for key in ("mode", "type", "name")},
            "instances": [{"index_key": "a", "attributes": one["values"]}],
        }
        for one in resources
    ]
    state = {
        "version": version,
        "terraform_version": "1.9.5",
        "serial": 3,
        "lineage": "x",
        "resources": every,
    }
    return json.dumps(state).encode()


def a_rule(name: str = "allow-ssh", **values: Any) -> Document:
    """A rule's attributes, as azurerm keeps those of one in a group and of one by itself."""
    return {
        "name": name,
        "access": "Allow",
        "direction": "Inbound",
        "priority": 300,
        "protocol": "Tcp",
        "description": "",
        "source_port_range": "*",
        "source_port_ranges": [],
        "destination_port_range": "22",
        "destination_port_ranges": [],
        "source_address_prefix": "10.0.0.0/8",
        "source_address_prefixes": [],
        "destination_address_prefix": "*",
        "destination_address_prefixes": [],
        "source_application_security_group_ids": [],
        "destination_application_security_group_ids": [],
        **values,
    }


def a_group(*rules: Document) -> Document:
    return managed(
        "azurerm_network_security_group",
        id=NSG_ID.text,
        name=NSG_ID.name,
        resource_group_name="rg-web",
        location="westeurope",
        tags={"owner": "shop"},
        security_rule=list(rules),
    )


def a_rule_alone(**values: Any) -> Document:
    told = a_rule(**values)
    place = {"resource_group_name": "rg-web", "network_security_group_name": "WEB"}
    identity = f"{NSG_ID}/securityRules/{told['name']}"
    return managed("azurerm_network_security_rule", told["name"], id=identity, **place, **told)


def a_network(*subnets: Document) -> Document:
    return managed(
        "azurerm_virtual_network",
        id=f"{WEB}/virtualNetworks/spoke",
        name="spoke",
        resource_group_name="rg-web",
        address_space=["10.1.0.0/16"],
        subnet=list(subnets),
    )


def a_subnet() -> Document:
    place = {
        "resource_group_name": "rg-web",
        "virtual_network_name": "spoke",
        "address_prefixes": ["10.1.0.0/24"],
    }
    return managed("azurerm_subnet", id=SUBNET_ID.text, name="web", **place)


def its_group() -> Document:
    kind = "azurerm_subnet_network_security_group_association"
    return managed(kind, id=SUBNET_ID.text, subnet_id=SUBNET_ID.text, network_security_group_id=NSG_ID.text)


def an_interface() -> Document:
    configuration = {
        "name": "ipconfig1",
        "subnet_id": SUBNET_ID.text,
        "private_ip_address": "10.1.0.4",
        "private_ip_address_allocation": "Dynamic",
        "private_ip_address_version": "IPv4",
        "public_ip_address_id": "",
        "primary": True,
    }
    return managed(
        "azurerm_network_interface",
        id=NIC_ID.text,
        name=NIC_ID.name,
        ip_configuration=[configuration],
        ip_forwarding_enabled=False,
    )


def its_pool() -> Document:
    return managed(
        "azurerm_network_interface_backend_address_pool_association",
        id=f"{NIC_ID}/ipConfigurations/ipconfig1|{POOL}",
        network_interface_id=NIC_ID.text,
        ip_configuration_name="ipconfig1",
        backend_address_pool_id=POOL,
    )


def a_setting(target: str = f"{HUB}/bastionHosts/bas-hub") -> Document:
    return managed(
        "azurerm_monitor_diagnostic_setting",
        id=f"{target}|to-central",
        name="to-central",
        target_resource_id=target,
        log_analytics_workspace_id=f"{AT}/resourceGroups/rg-hub/providers/x/workspaces/central",
        log_analytics_destination_type="",
        enabled_log=[{"category": "", "category_group": "allLogs", "retention_policy": []}],
        metric=[{"category": "AllMetrics", "enabled": False, "retention_policy": []}],
    )
