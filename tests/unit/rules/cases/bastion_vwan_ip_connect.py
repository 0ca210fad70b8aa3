from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import (
    HOST,
    OTHER_HUB,
    SPOKE,
    a_connection,
    a_developer_host,
    a_host,
    a_network,
    a_peering_to_a_wan_hub,
    a_wan_hub,
    the_hub,
)

HUBS = "microsoft.network/virtualhubs"
CONNECTIONS = "microsoft.network/virtualhubs/hubvirtualnetworkconnections"
CONNECTED = (the_hub(), a_wan_hub(), a_connection())
PER_SPOKE = {"bastion": {"vwanPattern": "per-spoke"}}

CASES = (
    Case("no Virtual WAN", "silent", HOST, (a_host(), the_hub())),
    Case("a hub that serves others", "silent", HOST, (a_host(), the_hub(), a_wan_hub(), a_connection(SPOKE))),
    Case("IP connection on", "silent", HOST, (a_host(enableIpConnect=True), *CONNECTED)),
    Case("IP connection off", "speaks", HOST, (a_host(), *CONNECTED), severity="medium", on=HOST),
    Case(
        "a mixed-case id in the connection",
        "speaks",
        HOST,
        (
            a_host(),
            the_hub(),
            a_wan_hub(),
            a_connection(the_hub()["id"].upper().replace("/SUBSCRIPTIONS", "/subscriptions")),
        ),
    ),
    Case(
        "connected to the second hub",
        "speaks",
        HOST,
        (a_host(), the_hub(), a_wan_hub(), a_wan_hub(OTHER_HUB), a_connection(hub=OTHER_HUB)),
    ),
    Case("one host per spoke", "speaks", HOST, (a_host(), *CONNECTED), PER_SPOKE, "info"),
    Case(
        "Basic has none",
        "speaks",
        HOST,
        (a_host("Basic", enableIpConnect=True), *CONNECTED),
        severity="medium",
    ),
    Case(
        "Developer has none", "speaks", HOST, (a_developer_host(), a_network(), a_wan_hub(), a_connection())
    ),
    Case("a SKU of next year", "unknown", HOST, (a_host("Ultra"), *CONNECTED)),
    Case("text instead of a switch", "unknown", HOST, (a_host(enableIpConnect="on"), *CONNECTED)),
    Case(
        "a connection shows it even where its hub is not shown",
        "speaks",
        HOST,
        (a_host(), *CONNECTED),
        unread=(HUBS,),
    ),
    Case("hubs are not shown", "unknown", HOST, (a_host(), the_hub()), unread=(HUBS,)),
    Case("connections are not shown", "unknown", HOST, (a_host(), *CONNECTED), unread=(CONNECTIONS,)),
    Case("a hub elsewhere", "unknown", HOST, (a_host(), the_hub(a_peering_to_a_wan_hub()))),
)
