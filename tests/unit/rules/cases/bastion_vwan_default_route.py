from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import (
    DEFAULT_TABLE,
    HOST,
    WAN_HUB,
    a_connection,
    a_developer_host,
    a_host,
    a_network,
    a_peering_to_a_wan_hub,
    a_route_table,
    a_wan_hub,
    an_intent,
    the_hub,
)

TAKES = a_connection(takes_default=True)
INTENTS = "microsoft.network/virtualhubs/routingintent"
WHERE = (a_host(), the_hub())
AROUND = (*WHERE, a_route_table())
ROUTED = (*WHERE, a_route_table("0.0.0.0/0"))
SECURED = a_wan_hub(firewall=True)
OWN_TABLE = f"{WAN_HUB}/hubRouteTables/rt-bastion"
TO_ITS_OWN = a_connection(takes_default=True, table=OWN_TABLE)
OLD_ROUTE = {"addressPrefixes": ["0.0.0.0/0"]}
UNSAID = a_connection(takes_default=True, table=None)

CASES = (
    Case("no Virtual WAN", "silent", HOST, AROUND),
    Case("a hub without a firewall", "silent", HOST, (*AROUND, a_wan_hub(), TAKES)),
    Case(
        "a connection that takes no default route",
        "silent",
        HOST,
        (*AROUND, a_wan_hub(firewall=True), a_connection()),
    ),
    Case(
        "intent for private traffic alone",
        "silent",
        HOST,
        (*AROUND, a_wan_hub(firewall=True), TAKES, an_intent("PrivateTraffic")),
    ),
    Case(
        "Developer stands outside",
        "silent",
        HOST,
        (a_developer_host(), a_network(), a_route_table(), a_wan_hub(firewall=True), TAKES),
    ),
    Case(
        "a firewall in the hub, and a table without a default route",
        "silent",
        HOST,
        (*AROUND, SECURED, TAKES),
    ),
    Case(
        "a table of its own beside the default one",
        "silent",
        HOST,
        (*ROUTED, a_route_table(identity=OWN_TABLE), SECURED, TO_ITS_OWN),
    ),
    Case(
        "half of all addresses",
        "silent",
        HOST,
        (*WHERE, a_route_table("0.0.0.0/1", "128.0.0.0/2"), SECURED, TAKES),
    ),
    Case("a secured hub", "speaks", HOST, (*ROUTED, SECURED, TAKES), severity="high", on=HOST),
    Case(
        "both halves of all addresses",
        "speaks",
        HOST,
        (*WHERE, a_route_table("0.0.0.0/1", "128.0.0.0/1"), SECURED, TAKES),
    ),
    Case(
        "a default route in its own table alone",
        "speaks",
        HOST,
        (*AROUND, a_route_table("0.0.0.0/0", identity=OWN_TABLE), SECURED, TO_ITS_OWN),
    ),
    Case("a connection that names no table has the default one", "speaks", HOST, (*ROUTED, SECURED, UNSAID)),
    Case(
        "a route in the hub itself, as older versions have it",
        "speaks",
        HOST,
        (
            *WHERE,
            a_wan_hub(firewall=True, routeTable={"routes": [{"addressPrefixes": ["0.0.0.0/0"]}]}),
            TAKES,
        ),
    ),
    Case(
        "a hub of an older version without such a route",
        "silent",
        HOST,
        (*WHERE, a_wan_hub(firewall=True, routeTable={"routes": []}), UNSAID),
    ),
    Case(
        "intent for the internet",
        "speaks",
        HOST,
        (*AROUND, a_wan_hub(), TAKES, an_intent("PrivateTraffic", "Internet")),
    ),
    Case(
        "a security partner", "speaks", HOST, (*ROUTED, a_wan_hub(securityPartnerProvider={"id": "p"}), TAKES)
    ),
    Case(
        "a connection that does not say",
        "unknown",
        HOST,
        (*ROUTED, SECURED, a_connection(takes_default=None)),
    ),
    Case(
        "intents are not shown",
        "unknown",
        HOST,
        (*AROUND, a_wan_hub(firewall=True), TAKES),
        unread=(INTENTS,),
    ),
    Case(
        "the table of the connection is not shown",
        "unknown",
        HOST,
        (*ROUTED, SECURED, TAKES),
        unread=(DEFAULT_TABLE,),
    ),
    Case("the table of the connection is not there", "unknown", HOST, (*ROUTED, SECURED, TO_ITS_OWN)),
    Case(
        "the table came without its routes",
        "unknown",
        HOST,
        (*WHERE, {"id": OWN_TABLE, "name": "rt-bastion", "properties": {}}, SECURED, TO_ITS_OWN),
    ),
    Case("a hub that is not there", "unknown", HOST, (*AROUND, TAKES)),
    Case("a hub elsewhere", "unknown", HOST, (a_host(), the_hub(a_peering_to_a_wan_hub()))),
)
