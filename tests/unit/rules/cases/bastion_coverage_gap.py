from tests.builders import NSG_ID, Document, a_rule, an_nsg
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

OFF: Document = {"allowVirtualNetworkAccess": False}
OF_SUBNETS: Document = {"peerCompleteVnets": False}
THERE = a_peering(**OF_SUBNETS, localSubnetNames=["AzureBastionSubnet"], remoteSubnetNames=["web"])
HERE = a_peering(NETWORK, **OF_SUBNETS, localSubnetNames=["web"], remoteSubnetNames=["AzureBastionSubnet"])
WITHOUT_BASTION = a_peering(**OF_SUBNETS, localSubnetNames=["shared"], remoteSubnetNames=["web"])
WITHOUT_MACHINE = a_peering(
    NETWORK, **OF_SUBNETS, localSubnetNames=["data"], remoteSubnetNames=["AzureBastionSubnet"]
)
SECOND = f"{NIC}-2"
LATE = a_peering(remoteAddressSpace={"addressPrefixes": ["10.9.0.0/16"]}, peeringSyncLevel="RemoteNotInSync")
TWO_SUBNETS = a_network(
    a_subnet(f"{SPOKE}/subnets/web", "10.1.0.0/24", f"{NIC}/ipConfigurations/ipconfig1"),
    a_subnet(f"{SPOKE}/subnets/data", "10.1.1.0/24", f"{SECOND}/ipConfigurations/ipconfig1"),
    identity=SPOKE,
    peerings=(HERE,),
)


def peered(back: Document, there: Document, *nics: Document) -> tuple[Document, ...]:
    """The spoke and the hub with a host, by both sides of their peering."""
    return the_spoke(back), the_hub(there), a_host(), *(nics or (a_nic(),))


def shut(back: Document, there: Document, *rules: Document) -> tuple[Document, ...]:
    """The same with a group on the NIC."""
    nic = a_nic()
    nic["properties"]["networkSecurityGroup"] = {"id": NSG_ID.text}
    return (*peered(back, there, nic), an_nsg(*rules))


CASES = (
    Case("both subnets take part in the peering", "silent", SPOKE, peered(HERE, THERE)),
    Case("the host's subnet takes no part", "speaks", SPOKE, peered(HERE, WITHOUT_BASTION), severity="info"),
    Case("the machine's subnet takes no part", "speaks", SPOKE, peered(WITHOUT_MACHINE, THERE)),
    Case(
        "one of two machines stands in a subnet that takes no part",
        "speaks",
        SPOKE,
        (TWO_SUBNETS, the_hub(THERE), a_host(), a_nic(), a_nic(identity=SECOND)),
    ),
    Case("access is off here", "speaks", SPOKE, shut(a_peering(NETWORK, **OFF), a_peering())),
    Case("access is off there", "speaks", SPOKE, shut(BACK, a_peering(**OFF))),
    Case(
        "access is off, and a rule names Bastion's addresses on another port",
        "speaks",
        SPOKE,
        shut(BACK, a_peering(**OFF), a_rule(sourceAddressPrefix="10.0.0.0/26")),
    ),
    Case(
        "access is off, and a rule names Bastion's addresses",
        "unknown",
        SPOKE,
        shut(BACK, a_peering(**OFF), a_rule(sourceAddressPrefix="10.0.0.0/26", destinationPortRange="22")),
    ),
    Case("access is off, and there is no group", "unknown", SPOKE, peered(BACK, a_peering(**OFF))),
    Case(
        "access is off, and the group is not shown",
        "unknown",
        SPOKE,
        shut(BACK, a_peering(**OFF)),
        unread=(NSG_ID.text,),
    ),
    Case(
        "the peering carries IPv6 alone",
        "speaks",
        SPOKE,
        peered({**HERE, "properties": {**HERE["properties"], "enableOnlyIPv6Peering": True}}, THERE),
    ),
    Case("the hub does not know the machine's range", "speaks", SPOKE, peered(BACK, LATE)),
    Case("nothing leads back", "speaks", SPOKE, (the_spoke(BACK), a_nic(), a_network(bastion_subnet()))),
    Case(
        "a switch that is neither on nor off",
        "unknown",
        SPOKE,
        peered(BACK, a_peering(allowVirtualNetworkAccess="maybe")),
    ),
    Case(
        "a peer that is not shown, and that no machine's subnet is peered with",
        "speaks",
        SPOKE,
        (the_spoke(WITHOUT_MACHINE), a_nic()),
        unread=(NETWORK,),
    ),
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
