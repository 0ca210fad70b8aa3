from tests.builders import Document
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

KNOWS: Document = {"remoteAddressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}
OLD: Document = {"remoteAddressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}
NOT_IN_SYNC: Document = {"peeringSyncLevel": "RemoteNotInSync"}
UNSAID: Document = {"peeringState": None}

CASES = (
    Case(
        "out of sync, with every range known",
        "silent",
        HOST,
        (a_host(), the_hub(a_peering(**KNOWS, **NOT_IN_SYNC)), the_spoke(BACK)),
    ),
    Case(
        "in sync, as it says",
        "silent",
        HOST,
        (a_host(), the_hub(a_peering(**OLD, peeringSyncLevel="FullyInSync")), the_spoke(BACK)),
    ),
    Case(
        "both sides declared, as in a template",
        "silent",
        HOST,
        (a_host(), the_hub(a_peering(**UNSAID)), the_spoke(a_peering(NETWORK, **UNSAID))),
    ),
    Case(
        "a peering without access is one that somebody wanted",
        "silent",
        HOST,
        (a_host(), the_hub(a_peering(allowVirtualNetworkAccess=False)), the_spoke(BACK)),
    ),
    Case(
        "a range of the spoke that it does not know",
        "speaks",
        HOST,
        (a_host(), the_hub(a_peering(**OLD, **NOT_IN_SYNC)), the_spoke(BACK)),
        severity="medium",
    ),
    Case(
        "a range of the hub that the spoke does not know",
        "speaks",
        HOST,
        (a_host(), the_hub(), the_spoke(a_peering(NETWORK, **OLD, peeringSyncLevel="LocalNotInSync"))),
    ),
    Case("nothing leads back", "speaks", HOST, (a_host(), the_hub(), the_spoke())),
    Case(
        "without a state, and nothing leads back",
        "unknown",
        HOST,
        (a_host(), the_hub(a_peering(**UNSAID)), the_spoke()),
    ),
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
