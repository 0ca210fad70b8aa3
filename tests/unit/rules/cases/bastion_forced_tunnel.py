from tests.builders import HUB
from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import (
    BASTION_SUBNET,
    DEFAULT_TABLE,
    GATEWAY,
    HOST,
    SPOKE,
    a_connection,
    a_developer_host,
    a_gateway,
    a_gateway_subnet,
    a_host,
    a_network,
    a_peering,
    a_route_table,
    a_wan_hub,
    bastion_subnet,
    the_hub,
)

SITE = f"{HUB}/localNetworkGateways/datacentre"
WITH_GATEWAY = a_network(bastion_subnet(), a_gateway_subnet())
TAKES = a_connection(takes_default=True)
USES = a_network(bastion_subnet(), peerings=(a_peering(useRemoteGateways=True),))
KEEPS = a_network(bastion_subnet(), peerings=(a_peering(),))
THERE = a_network(a_gateway_subnet(SPOKE), identity=SPOKE)

CASES = (
    Case("no gateway and no hub", "silent", HOST, (a_host(), a_network(bastion_subnet()))),
    Case("a gateway without default site", "silent", HOST, (a_host(), WITH_GATEWAY, a_gateway())),
    Case("a peer's gateway that is not used", "silent", HOST, (a_host(), KEEPS, THERE, a_gateway(SITE))),
    Case(
        "a hub without default route",
        "silent",
        HOST,
        (a_host(), the_hub(), a_wan_hub(), TAKES, a_route_table("10.0.0.0/8")),
    ),
    Case(
        "a connection that takes no default route",
        "silent",
        HOST,
        (a_host(), the_hub(), a_wan_hub(), a_connection(), a_route_table("0.0.0.0/0")),
    ),
    Case(
        "a secured hub is another rule's",
        "silent",
        HOST,
        (a_host(), the_hub(), a_wan_hub(firewall=True), TAKES, a_route_table("0.0.0.0/0")),
    ),
    Case(
        "Developer stands outside",
        "silent",
        HOST,
        (a_developer_host(), a_network(a_gateway_subnet()), a_gateway(SITE)),
    ),
    Case(
        "a gateway with a default site",
        "speaks",
        HOST,
        (a_host(), WITH_GATEWAY, a_gateway(SITE)),
        severity="high",
        on=HOST,
    ),
    Case("a peer's gateway that is used", "speaks", HOST, (a_host(), USES, THERE, a_gateway(SITE))),
    Case(
        "a static default route of the hub",
        "speaks",
        HOST,
        (a_host(), the_hub(), a_wan_hub(), TAKES, a_route_table("0.0.0.0/0")),
    ),
    Case(
        "the gateway is not shown",
        "unknown",
        HOST,
        (a_host(), WITH_GATEWAY, a_gateway()),
        unread=(GATEWAY.lower(),),
    ),
    Case("the peer with the gateway is not there", "unknown", HOST, (a_host(), USES)),
    Case(
        "the route table is not shown",
        "unknown",
        HOST,
        (a_host(), the_hub(), a_wan_hub(), TAKES, a_route_table()),
        unread=(DEFAULT_TABLE.lower(),),
    ),
    Case("the network is not there", "unknown", HOST, (a_host(subnet=BASTION_SUBNET),)),
)
