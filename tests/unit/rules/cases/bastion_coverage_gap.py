from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import (
    ELSEWHERE,
    HOST,
    NETWORK,
    NIC,
    OTHER_HUB,
    SPOKE,
    WAN,
    a_connection,
    a_developer_host,
    a_host,
    a_network,
    a_nic,
    a_peering,
    a_peering_to_a_wan_hub,
    a_subnet,
    a_wan_hub,
    bastion_subnet,
    the_hub,
    the_spoke,
)

BACK = a_peering(NETWORK)
LONELY = (the_spoke(), a_nic())
CONNECTED_SPOKE = (a_wan_hub(), a_connection(SPOKE), the_spoke(), a_nic())
HOST_ON_WAN = (a_connection(NETWORK), a_network(bastion_subnet()))
HOST_ON_OTHER_HUB = (a_connection(NETWORK, hub=OTHER_HUB), a_network(bastion_subnet()))
BY_ADDRESS = a_host(enableIpConnect=True)
WITH_HOST = a_network(
    a_subnet(f"{SPOKE}/subnets/web", "10.1.0.0/24", f"{NIC}/ipConfigurations/ipconfig1"),
    a_subnet(f"{SPOKE}/subnets/AzureBastionSubnet", "10.1.1.0/26", f"{HOST}/bastionHostIpConfigurations/cfg"),
    identity=SPOKE,
)
HUBS = "microsoft.network/virtualhubs"

CASES = (
    Case("a network without machines", "silent", SPOKE, (the_spoke(nics=()),)),
    Case("NICs that are no machine's", "silent", SPOKE, (the_spoke(), a_nic(machine=None))),
    Case("a host in it", "silent", SPOKE, (WITH_HOST, a_nic())),
    Case("a Developer host serves it", "silent", SPOKE, (*LONELY, a_developer_host(network=SPOKE))),
    Case(
        "a Basic host across the peering",
        "silent",
        SPOKE,
        (the_spoke(BACK), a_nic(), the_hub(), a_host("Basic")),
    ),
    Case("IP connection on the same hub", "silent", SPOKE, (*CONNECTED_SPOKE, *HOST_ON_WAN, BY_ADDRESS)),
    Case(
        "IP connection on another hub of the WAN",
        "silent",
        SPOKE,
        (*CONNECTED_SPOKE, a_wan_hub(OTHER_HUB), *HOST_ON_OTHER_HUB, BY_ADDRESS),
    ),
    Case("no host anywhere", "speaks", SPOKE, LONELY, severity="info", on=SPOKE),
    Case("a host that is not peered", "speaks", SPOKE, (*LONELY, the_hub(), a_host())),
    Case(
        "a Developer host across the peering",
        "speaks",
        SPOKE,
        (the_spoke(BACK), a_nic(), a_network(), a_developer_host()),
    ),
    Case(
        "a peering that is not connected",
        "speaks",
        SPOKE,
        (the_spoke(a_peering(NETWORK, "Disconnected")), a_nic(), the_hub(), a_host()),
    ),
    Case("no IP connection on the same hub", "speaks", SPOKE, (*CONNECTED_SPOKE, *HOST_ON_WAN, a_host())),
    Case(
        "IP connection on another Virtual WAN",
        "speaks",
        SPOKE,
        (*CONNECTED_SPOKE, a_wan_hub(OTHER_HUB, wan=f"{WAN}-2"), *HOST_ON_OTHER_HUB, BY_ADDRESS),
    ),
    Case(
        "a peered network that is not shown",
        "unknown",
        SPOKE,
        (the_spoke(a_peering(f"{ELSEWHERE}/virtualNetworks/hub")), a_nic()),
        unread=(f"{ELSEWHERE}/virtualNetworks/hub".lower(),),
    ),
    Case("hubs are not shown", "unknown", SPOKE, LONELY, unread=(HUBS,)),
    Case("a hub that is not there", "unknown", SPOKE, (*LONELY, a_connection(SPOKE))),
    Case("a hub elsewhere", "unknown", SPOKE, (the_spoke(a_peering_to_a_wan_hub()), a_nic())),
    Case("a NIC that is not there", "unknown", SPOKE, (the_spoke(),)),
    Case("a network without its subnets", "unknown", NETWORK, ({**a_network(), "properties": {}},)),
)
