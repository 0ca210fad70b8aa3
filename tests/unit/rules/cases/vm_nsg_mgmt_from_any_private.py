from typing import Any

from remediation.resource_id import ResourceId
from tests.builders import NIC_ID, NSG_ID, VNET_ID, WEB, a_nic, a_rule, a_subnet, an_nsg, ports
from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_nsg import (
    BASTION_PREFIX,
    HUB_NET,
    TABLE_ID,
    a_hub,
    a_network,
    a_peering,
    a_route_table,
    routed,
)

INNER = ResourceId.parse(f"{WEB}/networkSecurityGroups/inner")


def deny(source: str = "*", priority: int = 400, name: str = "deny-mgmt", **more: Any) -> Document:
    properties = {"access": "Deny", "protocol": "*", "sourceAddressPrefix": source, **ports("22", "3389")}
    return a_rule(name, priority, **{**properties, **more})


def allow(source: str, **more: Any) -> Document:
    return a_rule("allow-mgmt", 300, sourceAddressPrefix=source, **{**ports("22", "3389"), **more})


def case(
    name: str,
    says: Any,
    *rules: Document,
    nic: Document | None = None,
    inner: Document | None = None,
    subject: ResourceId = NSG_ID,
    table: Document | None = None,
    **more: Any,
) -> Case:
    inside = a_subnet() if table is None else routed(a_subnet(), table)
    spoke = a_network(inside, peerings=(a_peering(HUB_NET),))
    others = [one for one in (inner, table) if one is not None]
    documents = [an_nsg(*rules), spoke, a_hub(), nic or a_nic(), *others]
    on = subject.text if says == "speaks" else None
    return Case(name, says, subject.text, tuple(documents), on=on, **more)


def network(name: str, says: Any, *rules: Document, **more: Any) -> Case:
    """The same, asked of the virtual network."""
    return case(f"{name}, asked of the network", says, *rules, subject=VNET_ID, **more)


FIREWALL, OFFICE = a_route_table("0.0.0.0/0"), a_route_table("0.0.0.0/0", hop="VirtualNetworkGateway")
INSIDE = a_nic(nsg=INNER)
OPEN_INNER, CLOSED_INNER = (an_nsg(*rules, identity=INNER, subnets=()) for rules in ((), (deny(),)))
OWN_INNER = an_nsg(allow("VirtualNetwork"), identity=INNER, subnets=())

CASES = (
    case("bastion allowed, everybody else denied", "silent", allow(BASTION_PREFIX), deny()),
    case("the private network denied", "silent", deny("VirtualNetwork")),
    case("a part of the private network denied", "silent", deny("10.1.0.0/25")),
    case("its own network allowed, its peers denied", "silent", allow("10.1.0.0/16"), deny()),
    case("nothing behind it", "silent", allow("*"), nic=a_nic(machine=None)),
    Case("a subnet with nothing in it", "silent", NSG_ID.text, (an_nsg(), a_network(a_subnet(nics=())))),
    case("denied at the NIC", "silent", allow("*"), nic=INSIDE, inner=CLOSED_INNER),
    case("default rules, which are told once for the network", "silent"),
    case("its own network allowed, the rest by default", "silent", allow("10.1.0.0/16")),
    case("a NIC nobody may read behind default rules", "silent", unread=(NIC_ID.text,)),
    case("a rule that says so", "speaks", allow("VirtualNetwork"), deny(), severity="low"),
    case("a rule for anybody", "speaks", allow("*"), deny(priority=500)),
    case("a rule for every port", "speaks", allow("VirtualNetwork", **ports("*"))),
    case("a rule of its own before a firewall", "speaks", allow("VirtualNetwork"), table=FIREWALL),
    case("a rule of its own before default rules", "speaks", allow("*"), nic=INSIDE, inner=OPEN_INNER),
    case("a NIC nobody may read", "unknown", allow("*"), unread=(NIC_ID.text,)),
    case("a group on the NIC that nobody may read", "unknown", allow("*"), nic=INSIDE, unread=(INNER.text,)),
    network(
        "a deny from service tags, which lie in no network",
        "speaks",
        deny("AzureCloud", destinationAddressPrefix="*"),
        allow("Storage"),
        deny("Fabrikam.Edge", 401, name="other"),
    ),
    case("a deny from what cannot be read", "unknown", deny("10.0.0.0/40")),
    network("bastion allowed, everybody else denied", "silent", allow(BASTION_PREFIX), deny()),
    network("a rule of its own, which is the group's", "silent", allow("VirtualNetwork")),
    network("no machine", "silent", nic=a_nic(machine=None)),
    network("a firewall behind the default route", "silent", table=FIREWALL),
    network("a firewall behind both halves", "silent", table=a_route_table("0.0.0.0/1", "128.0.0.0/1")),
    network("denied at the NIC", "silent", nic=INSIDE, inner=CLOSED_INNER),
    network("a rule of its own at the NIC", "silent", nic=INSIDE, inner=OWN_INNER),
    network("a group of bastion alone and a NIC nobody may read", "silent", deny(), unread=(NIC_ID.text,)),
    network("default rules", "speaks", severity="low"),
    network("a deny for the internet only", "speaks", deny("Internet")),
    network("rdp denied, ssh not", "speaks", deny(**ports("3389"))),
    network("a NIC whose own group lets it in too", "speaks", nic=INSIDE, inner=OPEN_INNER),
    network("a part of the internet through an appliance", "speaks", table=a_route_table("0.0.0.0/1")),
    network("a default route to an office", "speaks", table=OFFICE),
    network("a default route straight out", "speaks", table=a_route_table("0.0.0.0/0", hop="Internet")),
    network("a NIC nobody may read", "unknown", unread=(NIC_ID.text,)),
    network("a group nobody may read", "unknown", unread=(NSG_ID.text,)),
    network("a group on the NIC that nobody may read", "unknown", nic=INSIDE, unread=(INNER.text,)),
    network("a route table nobody may read", "unknown", table=FIREWALL, unread=(TABLE_ID,)),
    Case("a network that came without its subnets", "unknown", VNET_ID.text,
         ({"id": VNET_ID.text, "name": VNET_ID.name, "properties": {}},)),
)  # fmt: skip
