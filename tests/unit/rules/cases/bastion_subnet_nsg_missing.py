from typing import Any

from tests.builders import SETTLED, a_bastion, a_subnet
from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_nsg import (
    BASTION,
    BASTION_NSG,
    BASTION_SUBNET,
    HUB_NET,
    a_bastion_subnet,
    a_hub,
    a_network,
)

HUB = HUB_NET.text
PRIVATE = {**a_bastion("Premium"), "id": BASTION, "properties": {**SETTLED, "enablePrivateOnlyBastion": True}}


def case(name: str, says: Any, *documents: Document, **more: Any) -> Case:
    return Case(name, says, HUB, documents, **more)


CASES = (
    case("it has one", "silent", a_hub(nsg=BASTION_NSG)),
    case(
        "no such subnet",
        "silent",
        a_network(a_subnet(HUB_NET.child("subnets", "web"), nsg=None), identity=HUB_NET),
    ),
    case("it has none", "speaks", a_hub(), a_bastion(), severity="medium", on=BASTION_SUBNET.text),
    case(
        "a name in other case",
        "speaks",
        a_network(a_bastion_subnet(HUB_NET.child("subnets", "azurebastionsubnet")), identity=HUB_NET),
    ),
    case("a host with no public address", "speaks", a_hub(), PRIVATE),
    case("before the host is there", "speaks", a_hub(host=None)),
    case("a host nobody may read", "speaks", a_hub(), unread=(BASTION,)),
    case(
        "a subnet that came as a reference",
        "unknown",
        a_network({"id": BASTION_SUBNET.text, "name": "AzureBastionSubnet"}, identity=HUB_NET),
        on=BASTION_SUBNET.text,
    ),
    case("a network that came without its subnets", "unknown", {"id": HUB, "name": "hub"}),
)
