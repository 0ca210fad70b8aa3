from typing import Any

from tests.builders import WEB, a_group
from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_bastion import (
    HOST,
    NETWORK,
    NIC,
    SPOKE,
    a_network,
    a_nic,
    a_peering,
    a_subnet,
    the_hub,
)

TABLE = f"{WEB}/routeTables/rt"
WORK = f"{SPOKE}/subnets/web"
MEMBER = f"{NIC}/ipConfigurations/ipconfig1"
OTHER = f"{WEB}/virtualNetworks/other"
NICS = "microsoft.network/networkinterfaces"
KNOWS_HUB = a_peering(NETWORK, remoteAddressSpace={"addressPrefixes": ["10.0.0.0/16"]})
DEFAULT = ("0.0.0.0/0", "VirtualAppliance")


def a_table(*routes: tuple[Any, Any], subnets: tuple[str, ...] = (WORK,), **top: Any) -> Document:
    """A route table by (prefix, next hop) of its routes."""
    shown = [
        {"name": f"r{number}", "properties": {"addressPrefix": prefix, "nextHopType": hop}}
        for number, (prefix, hop) in enumerate(routes)
    ]
    inside = {"routes": shown, "subnets": [{"id": subnet} for subnet in subnets]}
    return {"id": TABLE, "name": "rt", "location": "westeurope", "properties": inside, **top}


def a_spoke(*peerings: Document, members: tuple[str, ...] = (MEMBER,), own_host: bool = False) -> Document:
    subnets = [a_subnet(WORK, "10.1.0.0/24", *members, routeTable={"id": TABLE})]
    if own_host:
        inside = f"{SPOKE}/subnets/AzureBastionSubnet"
        subnets.append(a_subnet(inside, "10.1.1.0/26", f"{HOST}2/bastionHostIpConfigurations/cfg"))
    return a_network(*subnets, identity=SPOKE, peerings=peerings or (KNOWS_HUB,), space="10.1.0.0/16")


def case(
    name: str, says: Any, *routes: tuple[Any, Any], spoke: Document | None = None,
    hub: Document | None = None, others: tuple[Document, ...] = (), table: Document | None = None,
    **more: Any,
) -> Case:  # fmt: skip
    around = (spoke or a_spoke(), hub or the_hub(), a_nic(), a_group(), *others)
    return Case(name, says, TABLE, (table or a_table(*routes), *around), **more)


def a_second_hub(**more: Any) -> Document:
    inside = f"{OTHER}/subnets/AzureBastionSubnet"
    host = a_subnet(inside, "10.2.0.0/26", f"{HOST}2/bastionHostIpConfigurations/cfg")
    return a_network(host, identity=OTHER, peerings=(a_peering(SPOKE),), space="10.2.0.0/16", **more)


BOTH_HUBS = (KNOWS_HUB, a_peering(OTHER, remoteAddressSpace={"addressPrefixes": ["10.2.0.0/16"]}))
OF_SUBNETS: Document = {"peerCompleteVnets": False}
SUBNETS_THERE = a_peering(
    SPOKE, **OF_SUBNETS, localSubnetNames=["AzureBastionSubnet"], remoteSubnetNames=["web"]
)
SUBNETS_BACK = a_peering(
    NETWORK, **OF_SUBNETS, localSubnetNames=["web"], remoteSubnetNames=["azurebastionsubnet"]
)

CASES = (
    case("no route at all", "silent"),
    case("a default route alone", "silent", DEFAULT),
    case("a default route in both halves", "silent", ("0.0.0.0/1", "None"), ("128.0.0.0/1", "None")),
    case("everything is dropped but what is peered", "silent", ("0.0.0.0/0", "None")),
    case("a supernet that is broader than what is peered", "silent", ("10.0.0.0/8", "VirtualAppliance")),
    case("another network", "silent", ("10.9.0.0/16", "None")),
    case("what Azure keeps of the subnet", "silent", ("10.0.0.0/30", "None"), ("10.0.0.63/32", "None")),
    case("IPv6 alone", "silent", ("fd00::/64", "None")),
    case("a service tag", "silent", ("AzureCloud.westeurope", "None")),
    case("a subnet without machines", "silent", ("10.0.0.0/16", "None"), spoke=a_spoke(members=())),
    case("a table on no subnet", "silent", table=a_table(("10.0.0.0/16", "None"), subnets=())),
    case("no host", "silent", ("10.0.0.0/16", "None"), hub=a_network(peerings=(a_peering(),))),
    case(
        "no host over a peering that is not connected",
        "silent",
        ("10.0.0.0/16", "None"),
        spoke=a_spoke(a_peering(NETWORK, "Disconnected")),
    ),
    case(
        "a closer route brings the answers back",
        "silent",
        ("10.1.0.0/16", "None"),
        ("10.1.1.0/26", "VnetLocal"),
        spoke=a_spoke(own_host=True),
    ),
    case(
        "the host in the network itself is answered, the hub's is not",
        "silent",
        ("10.0.0.0/16", "None"),
        spoke=a_spoke(own_host=True),
    ),
    case(
        "one of two hubs is answered",
        "silent",
        ("10.0.0.0/16", "None"),
        spoke=a_spoke(*BOTH_HUBS),
        others=(a_second_hub(),),
    ),
    case(
        "as broad as the hub, whose subnet alone is peered",
        "silent",
        ("10.0.0.0/16", "None"),
        spoke=a_spoke(SUBNETS_BACK),
        hub=the_hub(SUBNETS_THERE),
    ),
    case("dropped", "speaks", DEFAULT, ("10.0.0.0/16", "None"), severity="medium", on=TABLE),
    case("sent to the internet", "speaks", ("10.0.0.0/16", "Internet"), severity="medium"),
    case("sent to an appliance", "speaks", ("10.0.0.0/16", "VirtualAppliance"), severity="low"),
    case("closer than the network", "speaks", ("10.0.0.0/26", "none"), severity="medium"),
    case(
        "a supernet, closer than the default and than what the peering knows",
        "speaks",
        ("10.0.0.0/15", "None"),
        spoke=a_spoke(a_peering(NETWORK, remoteAddressSpace={"addressPrefixes": ["10.0.0.0/12"]})),
    ),
    case("half of the host's subnet", "speaks", ("10.0.0.0/27", "None"), severity="medium"),
    case(
        "one half dropped, the other to an appliance",
        "speaks",
        ("10.0.0.0/27", "VirtualAppliance"),
        ("10.0.0.32/27", "None"),
        severity="medium",
    ),
    case(
        "the peered subnet itself",
        "speaks",
        ("10.0.0.0/26", "None"),
        spoke=a_spoke(SUBNETS_BACK),
        hub=the_hub(SUBNETS_THERE),
    ),
    case("within the network itself", "speaks", ("10.1.0.0/16", "None"), spoke=a_spoke(own_host=True)),
    case(
        "both of two hubs are not answered",
        "speaks",
        ("10.0.0.0/16", "VirtualAppliance"),
        ("10.2.0.0/16", "None"),
        spoke=a_spoke(*BOTH_HUBS),
        others=(a_second_hub(),),
        severity="low",
    ),
    case(
        "kept by a service",
        "speaks",
        table=a_table(("10.0.0.0/16", "None"), tags={"aks-managed-cluster-name": "aks"}),
    ),
    case(
        "what the peering knows is not said",
        "speaks",
        ("10.0.0.0/16", "None"),
        spoke=a_spoke(a_peering(NETWORK)),
    ),
    case("over a gateway", "unknown", ("10.0.0.0/16", "VirtualNetworkGateway")),
    case("a next hop in no table", "unknown", ("10.0.0.0/16", "Somewhere")),
    case("a peer's prefix kept local", "unknown", ("10.0.0.0/16", "VnetLocal")),
    case("a route without a next hop", "unknown", ("10.0.0.0/16", None)),
    case("a route that cannot be read", "unknown", ("10.0.0.0/40", "None")),
    case("a hub nobody may read", "unknown", ("10.0.0.0/16", "None"), unread=(NETWORK,)),
    case(
        "a hub nobody may read, which no route touches", "silent", ("10.9.0.0/16", "None"), unread=(NETWORK,)
    ),
    case("a network nobody may read", "unknown", ("10.0.0.0/16", "None"), unread=(SPOKE,)),
    case("NICs nobody may read", "unknown", ("10.0.0.0/16", "None"), unread=(NICS,)),
    case(
        "a second hub nobody may read",
        "unknown",
        ("10.0.0.0/16", "None"),
        spoke=a_spoke(*BOTH_HUBS),
        others=(a_second_hub(),),
        unread=(OTHER,),
    ),
    case("a mere reference", "unknown", table={"id": TABLE, "name": "rt"}),
)
