from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import (
    HOST,
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
AROUND = (a_host(), the_hub(), a_route_table())

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
        "a secured hub", "speaks", HOST, (*AROUND, a_wan_hub(firewall=True), TAKES), severity="high", on=HOST
    ),
    Case(
        "intent for the internet",
        "speaks",
        HOST,
        (*AROUND, a_wan_hub(), TAKES, an_intent("PrivateTraffic", "Internet")),
    ),
    Case(
        "a security partner", "speaks", HOST, (*AROUND, a_wan_hub(securityPartnerProvider={"id": "p"}), TAKES)
    ),
    Case(
        "a connection that does not say",
        "unknown",
        HOST,
        (*AROUND, a_wan_hub(firewall=True), a_connection(takes_default=None)),
    ),
    Case(
        "intents are not shown",
        "unknown",
        HOST,
        (*AROUND, a_wan_hub(firewall=True), TAKES),
        unread=(INTENTS,),
    ),
    Case("a hub that is not there", "unknown", HOST, (*AROUND, TAKES)),
    Case("a hub elsewhere", "unknown", HOST, (a_host(), the_hub(a_peering_to_a_wan_hub()))),
)
