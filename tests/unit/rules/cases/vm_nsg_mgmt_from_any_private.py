from typing import Any

from remediation.resource_id import ResourceId
from tests.builders import NIC_ID, NSG_ID, WEB, a_nic, a_rule, a_subnet, an_nsg, ports
from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_nsg import BASTION_PREFIX, HUB_NET, a_hub, a_network, a_peering

INNER = ResourceId.parse(f"{WEB}/networkSecurityGroups/inner")
SPOKE = a_network(a_subnet(), peerings=(a_peering(HUB_NET),))


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
    **more: Any,
) -> Case:
    documents = [an_nsg(*rules), SPOKE, a_hub(), nic or a_nic()]
    if inner is not None:
        documents.append(inner)
    return Case(name, says, NSG_ID.text, tuple(documents), **more)


INSIDE = a_nic(nsg=INNER)

CASES = (
    case("bastion allowed, everybody else denied", "silent", allow(BASTION_PREFIX), deny()),
    case("the private network denied", "silent", deny("VirtualNetwork")),
    case("a part of the private network denied", "silent", deny("10.1.0.0/25")),
    case("its own network allowed, its peers denied", "silent", allow("10.1.0.0/16"), deny()),
    case("nothing behind it", "silent", nic=a_nic(machine=None)),
    Case("a subnet with nothing in it", "silent", NSG_ID.text, (an_nsg(), a_network(a_subnet(nics=())))),
    case("denied at the NIC", "silent", nic=INSIDE, inner=an_nsg(deny(), identity=INNER, subnets=())),
    case("default rules", "speaks", severity="low", on=NSG_ID.text),
    case("a rule that says so", "speaks", allow("VirtualNetwork"), deny()),
    case("a rule for anybody", "speaks", allow("*"), deny(priority=500)),
    case("a deny for the internet only", "speaks", deny("Internet")),
    case("rdp denied, ssh not", "speaks", deny(**ports("3389"))),
    case(
        "a NIC whose own group lets it in too", "speaks", nic=INSIDE, inner=an_nsg(identity=INNER, subnets=())
    ),
    case("a NIC nobody may read", "unknown", unread=(NIC_ID.text,)),
    case("a group on the NIC that nobody may read", "unknown", nic=INSIDE, unread=(INNER.text,)),
    case(
        "a deny from service tags, which lie in no network",
        "speaks",
        deny("AzureCloud", destinationAddressPrefix="*"),
        allow("Storage"),
        deny("Fabrikam.Edge", 401, name="other"),
    ),
    case("a deny from what cannot be read", "unknown", deny("10.0.0.0/40")),
)
