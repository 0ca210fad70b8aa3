from typing import Any

from tests.builders import NIC_ID, NSG_ID, VM_ID, VNET_ID, a_group, a_nic, a_rule, a_subnet, an_nsg, ports
from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_nsg import (
    BASTION_PREFIX,
    HUB_NET,
    OWN_BASTION_SUBNET,
    a_bastion_subnet,
    a_developer_host,
    a_hub,
    a_jit_deny,
    a_machine,
    a_network,
    a_peering,
)

SPOKE = a_network(a_subnet(), peerings=(a_peering(HUB_NET),))
EMPTY = a_network(a_subnet(nics=()), peerings=(a_peering(HUB_NET),))
LINUX, WINDOWS = a_machine(), a_machine("Windows")
OTHER_HUB = HUB_NET.parse(HUB_NET.text.replace("/hub", "/hub2"))
TO_OTHER = a_peering(OTHER_HUB, space="10.8.0.0/16")
OTHER = a_network(
    a_bastion_subnet(OTHER_HUB.child("subnets", "AzureBastionSubnet"), prefix="10.8.0.0/26"),
    identity=OTHER_HUB,
    peerings=(a_peering(VNET_ID, space="10.1.0.0/16"),),
)
OWN = a_network(
    a_subnet(), a_bastion_subnet(OWN_BASTION_SUBNET, prefix="10.1.9.0/26"), peerings=(a_peering(HUB_NET),)
)


OTHER_SUBNETS: Document = {
    "peerCompleteVnets": False,
    "localSubnetNames": ["data"],
    "remoteSubnetNames": ["AzureBastionSubnet"],
}


def with_(peering: Document, **more: Any) -> Document:
    return {**peering, "properties": {**peering["properties"], **more}}


def deny(source: str = "*", priority: int = 400, name: str = "deny-mgmt", **more: Any) -> Document:
    properties = {"access": "Deny", "protocol": "*", "sourceAddressPrefix": source, **ports("22", "3389")}
    return a_rule(name, priority, **{**properties, **more})


def allow(source: str = BASTION_PREFIX, **more: Any) -> Document:
    return a_rule("allow-bastion", 300, sourceAddressPrefix=source, **{**ports("22", "3389"), **more})


def case(
    name: str, says: Any, *rules: Document, network: Document = SPOKE, hub: Document | None = None,
    machine: Document = LINUX, others: tuple[Document, ...] = (), **more: Any,
) -> Case:  # fmt: skip
    documents = (an_nsg(*rules), network, hub or a_hub(), a_nic(), machine, a_group(), *others)
    return Case(name, says, NSG_ID.text, documents, **more)


def developers(name: str, says: Any, *rules: Document) -> Case:
    """No dedicated host; one of the shared pool serves the network."""
    return case(f"a Developer host: {name}", says, *rules, hub=a_hub(host=None), others=(a_developer_host(),))


def on_nic(name: str, says: Any, *rules: Document) -> Case:
    """The group on the NIC alone."""
    nsg = an_nsg(*rules, subnets=())
    nsg["properties"]["networkInterfaces"] = [{"id": NIC_ID.text}]
    network = a_network(a_subnet(nsg=None), peerings=(a_peering(HUB_NET),))
    return Case(name, says, NSG_ID.text, (nsg, network, a_hub(), a_nic(nsg=NSG_ID), LINUX, a_group()))


FULL = [deny("10.0.0.0/8", priority, f"deny-{priority}") for priority in range(111, 140)]

CASES = (
    case("default rules", "silent"),
    case("bastion allowed, everybody else denied", "silent", allow(), deny()),
    case("a deny for another source", "silent", deny("10.9.0.0/16")),
    case("a deny for the port of another system", "silent", deny(**ports("3389"))),
    case("a deny for another machine", "silent", deny(destinationAddressPrefix="10.1.0.9")),
    case("a subnet with nothing in it", "silent", deny(), network=EMPTY),
    case("no host anywhere", "silent", deny(), hub=a_hub(host=None)),
    case(
        "a peering that is not connected",
        "silent",
        deny(),
        network=a_network(a_subnet(), peerings=(a_peering(HUB_NET, "Disconnected"),)),
    ),
    case(
        "the host in its own network is allowed, the hub's is not",
        "silent",
        allow("10.1.9.0/26"),
        deny(),
        network=OWN,
    ),
    case(
        "one of two peers' hosts is allowed",
        "silent",
        allow("10.8.0.0/26"),
        deny(),
        others=(OTHER,),
        network=a_network(
            a_subnet(), peerings=(a_peering(HUB_NET), a_peering(OTHER_HUB, space="10.8.0.0/16"))
        ),
    ),
    case(
        "a peering whose access is off: the group is not what stops it",
        "silent",
        deny(),
        network=a_network(a_subnet(), peerings=(with_(a_peering(HUB_NET), allowVirtualNetworkAccess=False),)),
    ),
    case(
        "a peering of other subnets: the group is not what stops it",
        "silent",
        deny(),
        network=a_network(a_subnet(), peerings=(with_(a_peering(HUB_NET), **OTHER_SUBNETS),)),
    ),
    case("everybody denied", "speaks", deny(), severity="medium", on=NSG_ID.text),
    case("everybody denied, Windows", "speaks", deny(), machine=WINDOWS),
    case("the private network denied", "speaks", deny("VirtualNetwork")),
    case("half of the host's prefix denied", "speaks", deny("10.0.0.32/27")),
    case("the hub allowed, the host in its own network denied", "speaks", allow(), deny(), network=OWN),
    on_nic("denied at the NIC", "speaks", deny()),
    on_nic("allowed at the NIC", "silent", allow(), deny()),
    case("the best priority there is", "speaks", deny(priority=111)),
    case("no priority is free before the deny", "speaks", *FULL),
    case("the deny of just-in-time access at rest", "silent", a_jit_deny()),
    case("the deny of just-in-time access, before a plain one", "silent", a_jit_deny(), deny(priority=4096)),
    case("a plain deny before the one of just-in-time access", "speaks", a_jit_deny(), deny()),
    case("a peer nobody may read", "unknown", deny(), unread=(HUB_NET.text,)),
    case("a NIC nobody may read", "unknown", deny(), unread=(NIC_ID.text,)),
    case("a machine nobody may read", "unknown", deny(), unread=(VM_ID,)),
    case("a machine that does not say what it runs", "unknown", deny(), machine=a_machine(None)),
    case("a deny from a service tag, which lies in no network", "silent", deny("Storage")),
    case("a deny from what cannot be read", "unknown", deny("10.0.0.0/40")),
    developers("everybody denied", "speaks", deny()),
    developers("everybody denied but the platform's own address", "silent", allow("168.63.129.16"), deny()),
    developers("everybody denied but the tag of that address", "silent", allow("AzureLoadBalancer"), deny()),
    developers("everybody denied but the network, which holds it", "silent", allow("VirtualNetwork"), deny()),
    developers("the platform's own address denied", "speaks", deny("168.63.129.16/32")),
    developers("its tag denied", "speaks", deny("AzureLoadBalancer")),
    developers("everybody denied but Bastion's subnet elsewhere", "speaks", allow(), deny()),
    developers("default rules", "silent"),
    developers("another machine's port denied", "silent", deny(**ports("3389"))),
    case(
        "the hub's host is denied, the network's own Developer host is not",
        "silent",
        deny("10.0.0.0/26"),
        network=a_network(a_subnet(), peerings=(a_peering(HUB_NET, "Disconnected"),)),
        others=(a_developer_host(),),
    ),
    case(
        "a Developer host of another network",
        "silent",
        deny(),
        hub=a_hub(host=None),
        others=({**a_developer_host(), "properties": {"virtualNetwork": {"id": HUB_NET.text}}},),
    ),
    case("a network that is gone", "silent", deny(), network=a_network(identity=HUB_NET)),
)
