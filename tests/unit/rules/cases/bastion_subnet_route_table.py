from tests.builders import HUB
from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import BASTION_SUBNET, NETWORK, a_network, a_subnet, bastion_subnet

TABLE = {"id": f"{HUB}/routeTables/to-firewall"}

CASES = (
    Case("no table", "silent", NETWORK, (a_network(bastion_subnet()),)),
    Case("null instead of a table", "silent", NETWORK, (a_network(bastion_subnet(routeTable=None)),)),
    Case(
        "a table on another subnet",
        "silent",
        NETWORK,
        (a_network(bastion_subnet(), a_subnet(f"{NETWORK}/subnets/web", "10.0.9.0/24", routeTable=TABLE)),),
    ),
    Case(
        "a table",
        "speaks",
        NETWORK,
        (a_network(bastion_subnet(routeTable=TABLE)),),
        {},
        "high",
        BASTION_SUBNET,
    ),
    Case(
        "a table without an id",
        "unknown",
        NETWORK,
        (a_network(bastion_subnet(routeTable={})),),
        on=BASTION_SUBNET,
    ),
    Case("a network without its subnets", "unknown", NETWORK, ({**a_network(), "properties": {}},)),
)
