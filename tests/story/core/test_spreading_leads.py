"""Changes of firewalls, gateways, fleets and admin rules reach the networks and groups behind them."""

from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import ForbiddenError
from remediation.kinds import EFFECTIVE_ADMIN_RULE
from remediation.ledger.reverse_index import ReverseIndex
from remediation.messages import Message
from remediation.model import Ending, Listing, Snapshot
from remediation.resource_id import ResourceId
from remediation.rules import judged_types
from tests.builders import (
    AT,
    FOREIGN,
    HUB,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    SUBNET_ID,
    VNET_ID,
    WEB,
    Document,
    a_nic,
    a_public_ip,
    a_spoke,
    a_subnet,
    a_vnet,
    an_nsg,
    resource,
)
from tests.faults import Interrupted, always
from tests.story.core.world import World

HUB_VNET = ResourceId.parse(f"{HUB}/virtualNetworks/hub")
INSIDE = HUB_VNET.child("subnets", "AzureFirewallSubnet")
HUB_NSG = ResourceId.parse(f"{HUB}/networkSecurityGroups/hub")
FRONT = f"{HUB}/publicIPAddresses/front"
FIREWALL, POLICY, HEIR = (
    f"{HUB}/{each}" for each in ("azureFirewalls/fw", "firewallPolicies/p", "firewallPolicies/h")
)
COLLECTIONS, OFFICE = f"{POLICY}/ruleCollectionGroups/dnat", f"{HUB}/ipGroups/office"
GATEWAY, BALANCER = f"{HUB}/applicationGateways/agw", f"{WEB}/loadBalancers/lb"
FLEET = f"{AT}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachineScaleSets/fleet"
INSTANCE = f"{FLEET}/virtualMachines/0"
CLUSTER = f"{AT}/resourceGroups/rg-web/providers/Microsoft.ContainerService/managedClusters/aks"
MANAGER = f"{HUB}/networkManagers/m"
GOVERNING = {Listing(EFFECTIVE_ADMIN_RULE, VNET_ID.text).key: ()}
BEHIND = {FRONT, HUB_NSG.text, VNET_ID.text, NSG_ID.text}


def at(identity: str, **properties: Any) -> Document:
    return {"id": identity, "name": identity.rpartition("/")[2], "properties": properties}


def outside(subnet: ResourceId = INSIDE) -> Document:
    inner = {"subnet": {"id": subnet.text}, "publicIPAddress": {"id": FRONT}}
    return {"name": "c", "properties": inner}


def a_hub() -> list[Document]:
    """A hub with a firewall whose policy inherits, peered with the spoke that has a machine."""
    hub = a_vnet(a_subnet(INSIDE, nsg=HUB_NSG, nics=()), identity=HUB_VNET)
    hub["properties"]["virtualNetworkPeerings"] = [
        {"name": "spoke", "properties": {"remoteVirtualNetwork": {"id": VNET_ID.text}}}
    ]
    return [
        an_nsg(),
        *a_spoke(public_ip=True),
        hub,
        at(FIREWALL, firewallPolicy={"id": HEIR}, ipConfigurations=[outside()]),
        at(POLICY, childPolicies=[{"id": HEIR}], ruleCollectionGroups=[{"id": COLLECTIONS}]),
        at(HEIR, basePolicy={"id": POLICY}, firewalls=[{"id": FIREWALL}]),
        at(COLLECTIONS, priority=100),
        at(OFFICE, firewalls=[], firewallPolicies=[{"id": POLICY}]),
    ]


def touched(world: World, neighbour: str) -> set[str]:
    assert Ending.EXPANDED is world.handle(Message(expand=neighbour, event_id="e")).ending
    return {message.target for message in world.waiting if message.target}


def world_of(*documents: Document) -> World:
    return World(MemoryCloud(*documents))


@pytest.mark.parametrize("changed", [FIREWALL, POLICY, HEIR, COLLECTIONS, OFFICE])
def test_whatever_changes_about_a_firewall_reaches_the_groups_of_the_spokes_behind_it(changed: str) -> None:
    assert touched(world_of(*a_hub()), changed) >= BEHIND


@pytest.mark.parametrize("changed", [POLICY, OFFICE])
def test_an_inherited_policy_reaches_the_firewall_and_the_rules_as_well(changed: str) -> None:
    assert {FIREWALL, COLLECTIONS} <= touched(world_of(*a_hub()), changed)


def test_a_gateway_reaches_its_address_its_members_and_the_networks_around_it() -> None:
    joined = {"properties": {"backendIPConfigurations": [{"id": f"{NIC_ID}/ipConfigurations/ipconfig1"}]}}
    gateway = at(
        GATEWAY,
        frontendIPConfigurations=[outside()],
        gatewayIPConfigurations=[outside()],
        backendAddressPools=[joined],
    )
    assert {*BEHIND, PIP_ID.text} <= touched(world_of(*a_hub(), gateway), GATEWAY)


def test_a_scale_set_reaches_the_groups_and_the_balancers_of_its_model() -> None:
    behind = touched(world_of(*a_hub(), a_fleet()), FLEET)
    assert {NSG_ID.text, VNET_ID.text, HUB_NSG.text, BALANCER} == behind


def a_fleet() -> Document:
    inner = {
        "subnet": {"id": SUBNET_ID.text},
        "loadBalancerBackendAddressPools": [{"id": f"{BALANCER}/backendAddressPools/pool"}],
    }
    model = {
        "networkSecurityGroup": {"id": HUB_NSG.text},
        "ipConfigurations": [{"name": "ip", "properties": inner}],
    }
    interfaces = [{"name": "nic", "properties": model}]
    return at(FLEET, virtualMachineProfile={"networkProfile": {"networkInterfaceConfigurations": interfaces}})


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        ({"backendIPConfigurations": [{"id": f"{INSTANCE}/networkInterfaces/n/ipConfigurations/c"}]},
         {FLEET, NSG_ID.text, HUB_NSG.text, BALANCER}),
        ({"loadBalancerBackendAddresses": [{"properties": {"virtualNetwork": {"id": VNET_ID.text}}}]},
         {VNET_ID.text, NSG_ID.text}),
        ({"virtualNetwork": {"id": VNET_ID.text}}, {VNET_ID.text, NSG_ID.text}),
    ],
    ids=["instances", "addresses", "addresses of one network"],
)  # fmt: skip
def test_a_balancer_reaches_instances_and_the_networks_of_plain_addresses(
    pool: dict[str, Any], expected: set[str]
) -> None:
    balancer = at(BALANCER, backendAddressPools=[{"name": "pool", "properties": pool}])
    service = f"{WEB}/privateLinkServices/pls"
    front = [{"id": f"{BALANCER}/frontendIPConfigurations/f"}]
    documents = (*a_hub(), a_fleet(), balancer, at(service, loadBalancerFrontendIpConfigurations=front))
    behind = touched(world_of(*documents), BALANCER)

    assert expected <= behind
    assert {BALANCER, *behind} == touched(world_of(*documents), service)


def test_a_cluster_reaches_the_groups_of_its_pools_subnets() -> None:
    pools = [{"name": "system", "vnetSubnetID": SUBNET_ID.text}, {"name": "none"}]
    behind = touched(world_of(*a_hub(), at(CLUSTER, agentPoolProfiles=pools)), CLUSTER)
    assert {NSG_ID.text, VNET_ID.text} == behind


def test_a_subnet_reaches_its_route_table() -> None:
    table = f"{WEB}/routeTables/rt"
    subnet = a_subnet()
    subnet["properties"]["routeTable"] = {"id": table}
    documents = (an_nsg(), a_vnet(subnet), a_nic(), a_public_ip())

    for changed in (SUBNET_ID.text, VNET_ID.text):
        assert table in touched(world_of(*documents), changed)


# What governs networks ---------------------------------------------------------------------------


def a_manager(**scopes: Any) -> Document:
    return at(MANAGER, networkManagerScopes={"subscriptions": [AT, f"/subscriptions/{FOREIGN}"], **scopes})


def test_a_commit_reaches_the_networks_of_the_managers_scope_and_their_groups() -> None:
    assert {VNET_ID.text, HUB_VNET.text, NSG_ID.text, HUB_NSG.text} == touched(
        world_of(*a_hub(), a_manager()), MANAGER
    )


def test_a_commit_reaches_whoever_read_what_governs_a_network() -> None:
    world = world_of(*a_hub(), a_manager())
    ReverseIndex(world.ledger).note(PIP_ID, (), Snapshot(resource(a_public_ip()), lists=GOVERNING).read_ids())

    assert PIP_ID.text in touched(world, MANAGER)


def test_a_subscription_that_may_not_be_listed_keeps_no_other_from_being_reached() -> None:
    world = world_of(*a_hub(), a_manager())
    hidden = always(ForbiddenError("HTTP 403"), lambda asked: FOREIGN in asked.scope)

    world.handle(Message(expand=MANAGER), cloud=Interrupted(world.cloud, before_list=hidden))

    assert NSG_ID.text in {message.target for message in world.waiting}


@pytest.mark.parametrize(
    "manager", [(), (a_manager(managementGroups=["/providers/Microsoft.Management/managementGroups/all"]),)],
    ids=["gone", "of a management group"],
)  # fmt: skip
def test_a_manager_of_an_unknown_scope_sweeps_its_subscription(manager: tuple[Document, ...]) -> None:
    world = world_of(*a_hub(), *manager)

    world.handle(Message(expand=MANAGER))

    judged = {one.text for one in world.cloud.resources if one.type in judged_types()}
    assert judged <= {message.target for message in world.waiting}


def test_the_spokes_of_a_firewall_are_read_in_one_list_and_not_one_by_one() -> None:
    world = world_of(*a_hub())
    hub = a_vnet(a_subnet(INSIDE, nsg=HUB_NSG, nics=()), identity=HUB_VNET)
    hub["properties"]["virtualNetworkPeerings"] = [
        {"name": f"s{n}", "properties": {"remoteVirtualNetwork": {"id": f"{WEB}/virtualNetworks/s{n}"}}}
        for n in range(60)
    ]
    world.cloud.seed(hub)

    world.handle(Message(expand=FIREWALL))

    assert 60 < len(world.waiting)
    assert len(world.cloud.reads) < 20
