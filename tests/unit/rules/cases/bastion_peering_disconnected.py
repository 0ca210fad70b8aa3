from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import (
    HOST,
    NETWORK,
    SPOKE,
    a_developer_host,
    a_host,
    a_network,
    a_peering,
    a_peering_to_a_wan_hub,
    the_hub,
    the_spoke,
)

BACK = a_peering(NETWORK)

CASES = (
    Case("both sides connected", "silent", HOST, (a_host(), the_hub(), the_spoke(BACK))),
    Case("no peering", "silent", HOST, (a_host(), a_network())),
    Case("a connection to a Virtual WAN hub", "silent", HOST, (a_host(), the_hub(a_peering_to_a_wan_hub()))),
    Case(
        "Developer cannot use peerings",
        "silent",
        HOST,
        (a_developer_host(), the_hub(a_peering(state="Initiated"))),
    ),
    Case(
        "the spoke's side was deleted",
        "speaks",
        HOST,
        (a_host(), the_hub(a_peering(state="Disconnected")), the_spoke()),
        severity="medium",
        on=HOST,
    ),
    Case(
        "the spoke's side was never made",
        "speaks",
        HOST,
        (a_host(), the_hub(a_peering(state="Initiated")), the_spoke()),
    ),
    Case(
        "only the way back is broken",
        "speaks",
        HOST,
        (a_host(), the_hub(), the_spoke(a_peering(NETWORK, "Disconnected"))),
    ),
    Case(
        "a state in no table", "speaks", HOST, (a_host(), the_hub(a_peering(state="Half")), the_spoke(BACK))
    ),
    Case(
        "the spoke is not shown",
        "unknown",
        HOST,
        (a_host(), the_hub(), the_spoke(BACK)),
        unread=(SPOKE.lower(),),
    ),
    Case("the spoke is not there", "unknown", HOST, (a_host(), the_hub())),
    Case("the host's network is not there", "unknown", HOST, (a_host(),)),
)
