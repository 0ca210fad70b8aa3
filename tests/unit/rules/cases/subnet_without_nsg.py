from typing import Any

from tests.builders import (
    NIC_ID,
    NSG_ID,
    PIP_ID,
    SUBNET_ID,
    VNET_ID,
    a_nic,
    a_public_ip,
    a_subnet,
    a_vnet,
    an_nsg,
)
from tests.unit.rules.case import Case, Document

VNET, SUBNET = VNET_ID.text, SUBNET_ID.text
BARE = a_vnet(a_subnet(nsg=None))
BASIC = {**a_public_ip(), "sku": {"name": "Basic"}}
OLD = {key: value for key, value in a_public_ip().items() if key != "sku"}
EXPOSED = a_nic(public_ip=PIP_ID)


def subnet(name: str = "web", **properties: Any) -> Document:
    document = a_subnet(VNET_ID.child("subnets", name), nsg=None, nics=())
    document["properties"] |= properties
    return document


def case(name: str, says: Any, *documents: Document, **more: Any) -> Case:
    on = SUBNET if says == "speaks" else None
    return Case(name, says, VNET, documents, **{"on": on, **more})


CASES = (
    case("every subnet has one", "silent", a_vnet(a_subnet()), an_nsg()),
    case(
        "subnets that take none or have a rule of their own",
        "silent",
        a_vnet(
            *(
                subnet(name)
                for name in (
                    "GatewaySubnet",
                    "AzureFirewallSubnet",
                    "AzureFirewallManagementSubnet",
                    "RouteServerSubnet",
                    "AzureBastionSubnet",
                    "gatewaysubnet",
                )
            )
        ),
    ),
    case(
        "a subnet delegated to a service",
        "silent",
        a_vnet(
            subnet(delegations=[{"name": "d", "properties": {"serviceName": "Microsoft.Netapp/volumes"}}])
        ),
    ),
    case("no subnets", "silent", a_vnet()),
    case("an empty subnet", "speaks", a_vnet(subnet()), severity="medium"),
    case("a subnet with null in its place", "speaks", a_vnet(subnet(networkSecurityGroup=None))),
    case("a property in wrong case", "speaks", a_vnet(subnet(NetworkSecurityGroup={"id": NSG_ID.text}))),
    case("an id that is none of an NSG", "speaks", a_vnet(subnet(networkSecurityGroup={"id": VNET}))),
    case("an empty list of delegations", "speaks", a_vnet(subnet(delegations=[]))),
    case("a machine without a public address", "speaks", BARE, a_nic(), severity="medium"),
    case(
        "a machine with a Standard address, which is closed",
        "speaks",
        BARE,
        EXPOSED,
        a_public_ip(),
        severity="medium",
    ),
    case("a machine with a Basic address, which is open", "speaks", BARE, EXPOSED, BASIC, severity="high"),
    case("a machine with an address from before SKUs", "speaks", BARE, EXPOSED, OLD, severity="high"),
    case(
        "a machine with a Basic address behind its NIC's own NSG",
        "speaks",
        BARE,
        a_nic(public_ip=PIP_ID, nsg=NSG_ID),
        BASIC,
        severity="medium",
    ),
    case("a NIC nobody may read", "speaks", BARE, EXPOSED, unread=(NIC_ID.text,), severity="medium"),
    case("an address nobody may read", "speaks", BARE, EXPOSED, unread=(PIP_ID.text,), severity="medium"),
    case("a subnet that came as a reference", "unknown", a_vnet({"id": SUBNET, "name": "web"}), on=SUBNET),
    case(
        "a network that came without its subnets", "unknown", {"id": VNET, "name": "spoke", "properties": {}}
    ),
)
