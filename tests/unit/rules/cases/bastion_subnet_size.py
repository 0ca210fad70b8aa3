from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import BASTION_SUBNET, NETWORK, a_network, a_subnet, bastion_subnet

ANCIENT = {"systemData": {"createdAt": "2020-05-04T10:00:00Z"}}
RECENT = {"systemData": {"createdAt": "2023-05-04T10:00:00Z"}}
TWO_RANGES = bastion_subnet(addressPrefixes=["10.0.0.0/28", "10.0.4.0/26", "fd00::/64"], addressPrefix=None)
SHOUTED = {**bastion_subnet("10.0.0.0/27"), "name": "azurebastionsubnet"}
NOT_A_RANGE = bastion_subnet("10.0.0.0/99")

CASES = (
    Case("a /26", "silent", NETWORK, (a_network(bastion_subnet()),)),
    Case("a /24", "silent", NETWORK, (a_network(bastion_subnet("10.0.0.0/24")),)),
    Case(
        "no such subnet", "silent", NETWORK, (a_network(a_subnet(f"{NETWORK}/subnets/web", "10.0.9.0/28")),)
    ),
    Case("one of several ranges is enough", "silent", NETWORK, (a_network(TWO_RANGES),)),
    Case(
        "a /27", "speaks", NETWORK, (a_network(bastion_subnet("10.0.0.0/27")),), {}, "medium", BASTION_SUBNET
    ),
    Case(
        "a /27 of 2023",
        "speaks",
        NETWORK,
        (a_network({**bastion_subnet("10.0.0.0/27"), **RECENT}),),
        {},
        "medium",
    ),
    Case(
        "a /27 of 2020",
        "speaks",
        NETWORK,
        (a_network({**bastion_subnet("10.0.0.0/27"), **ANCIENT}),),
        {},
        "low",
    ),
    Case(
        "a /28 of 2020",
        "speaks",
        NETWORK,
        (a_network({**bastion_subnet("10.0.0.0/28"), **ANCIENT}),),
        {},
        "medium",
    ),
    Case("a name in another case", "speaks", NETWORK, (a_network(SHOUTED),)),
    Case("a range that is none", "unknown", NETWORK, (a_network(NOT_A_RANGE),), on=BASTION_SUBNET),
    Case("a mere reference", "unknown", NETWORK, (a_network({"id": BASTION_SUBNET}),), on=BASTION_SUBNET),
    Case("a network without its subnets", "unknown", NETWORK, ({**a_network(), "properties": {}},)),
)
