"""Traps of rewriting a network security group: what a repair leaves as it was or never touches."""

from ipaddress import ip_address
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.model import Ending, Write
from remediation.nsg import Context, Direction, exposure, flow_allowed, parse
from remediation.resource_id import ResourceId
from tests.builders import (
    AT,
    NIC_ID,
    NSG_ID,
    VNET_ID,
    Document,
    a_baseline,
    a_group,
    a_rule,
    a_spoke,
    a_subnet,
    a_vnet,
    acting,
    an_nsg,
    ports,
)
from tests.faults import Interrupted, once
from tests.story.core.world import World
from tests.story.traps.looking import look_often, refusing
from tests.unit.rules.cases import bastion_subnet_nsg_required_flows as required
from tests.unit.rules.cases.nsg_mgmt_open_to_internet import CLUSTER, managed, open_to

NSG_RULE = "nsg-mgmt-open-to-internet"
SPECIAL = ("AzureBastionSubnet", "GatewaySubnet", "AzureFirewallSubnet", "RouteServerSubnet")
HOME = Context(virtual_network=("10.0.0.0/8",))
DENY_SSH = a_rule("deny", 4000, access="Deny", protocol="*", **ports("22"))
CLUSTER_NSG = ResourceId.parse(
    f"{AT}/resourceGroups/MC_web_k_westeurope/providers/Microsoft.Network/networkSecurityGroups/aks"
)


def drifted(*rules: Document) -> World:
    """A world whose NSG has these rules, in front of a machine with a public address."""
    return World(MemoryCloud(an_nsg(*rules), *a_spoke(public_ip=True)))


def attached_to(count: int, *rules: Document) -> World:
    """A world in which one NSG is on so many subnets."""
    ids = tuple(VNET_ID.child("subnets", f"web{number}") for number in range(count))
    network = a_vnet(*(a_subnet(identity, nics=()) for identity in ids))
    return World(MemoryCloud(an_nsg(*rules, subnets=ids), network, a_group()))


def on_special(name: str) -> tuple[Document, ...]:
    subnet = VNET_ID.child("subnets", name)
    return an_nsg(open_to("Internet"), subnets=(subnet,)), a_vnet(a_subnet(subnet, nics=())), a_group()


def let_in(world: World, source: str, port: int = 22) -> str:
    """Whether a source reaches the machine, by the rules that are there now."""
    nsg = parse(world.cloud.resources[NSG_ID].body)
    return flow_allowed(nsg, Direction.INBOUND, source, "10.1.0.4", port, context=HOME).verdict


def reached(world: World, port: int) -> str:
    """Whether the internet reaches a port, by the rules that are there now."""
    return exposure(parse(world.cloud.resources[NSG_ID].body), port, "tcp").verdict


def priorities(world: World) -> list[int]:
    return sorted(properties["priority"] for properties in world.rules().values())


def test_the_other_ports_of_a_rule_stay_open_under_its_name_and_priority() -> None:
    """Trap 1: a rule with SSH within a range, 80 and 443 loses SSH alone; the range is split."""
    world = drifted(a_rule("mixed", 317, **ports("20-25", "80", "443")))

    world.handle()

    rule = world.rules()["mixed"]
    assert (["20-21", "23-25", "80", "443"], 317) == (rule["destinationPortRanges"], rule["priority"])
    assert ["closed", "open", "open"] == [reached(world, port) for port in (22, 80, 443)]


@pytest.mark.parametrize("others", [(), (DENY_SSH,)], ids=["default rules below", "a deny below"])
@pytest.mark.parametrize("numbers", [("22",), ("22", "443")], ids=["ssh alone", "ssh and https"])
def test_closing_an_allow_from_anywhere_denies_nothing_new(
    numbers: tuple[str, ...], others: tuple[Document, ...]
) -> None:
    """Trap 2: an allow from `*` never becomes a Deny; Bastion and the private network still get in."""
    world = drifted(a_rule("open", 300, **ports(*numbers)), *others)

    world.handle()

    denied = {name for name, rule in world.rules().items() if rule["access"] == "Deny"}
    assert {rule["name"] for rule in others} == denied
    assert "closed" == reached(world, 22)
    assert ["allowed"] * 3 == [let_in(world, one) for one in ("10.0.0.0/26", "10.7.0.0/16", "VirtualNetwork")]


OVERLAPPING = {"sourceAddressPrefix": "10.9.0.0/16", "destinationPortRange": "22"}


@pytest.mark.parametrize(
    ("priority", "neighbours"),
    [(110, (111,)), (111, (112,)), (300, (299, 301))],
    ids=["no room below a just-in-time priority", "110 is not free to us", "no room beside it"],
)
def test_without_a_place_for_a_rule_nothing_is_written(priority: int, neighbours: tuple[int, ...]) -> None:
    """Trap 3: no rule is made at 100-110 or below, and a full neighbourhood ends in an alert."""
    beside = [a_rule(f"n{number}", number, **OVERLAPPING) for number in neighbours]
    world = drifted(a_rule("open", priority, **ports("22", "443")), *beside, DENY_SSH)
    before = world.rules()

    world.handle()

    assert ([], before, ["DriftFound"]) == (world.writes, world.rules(), world.announced)


@pytest.mark.parametrize("priority", [100, 110])
def test_a_rule_at_a_just_in_time_priority_is_repaired_in_place(priority: int) -> None:
    """Trap 3: such a rule keeps its place; what is made beside it stands outside 100-110."""
    world = drifted(a_rule("open", priority, **ports("22", "443")), DENY_SSH)

    world.handle()

    assert ["PUT open-vnet", "PUT open"] == world.writes
    assert (priority, 111) == (world.rules()["open"]["priority"], world.rules()["open-vnet"]["priority"])


def test_a_companion_takes_the_nearest_free_priority_above_110() -> None:
    """Trap 3: what is written beside a rule has a priority of its own, outside 100-110."""
    taken = a_rule("other", 112, destinationPortRange="8443")
    world = drifted(a_rule("open", 111, **ports("22", "443")), taken, DENY_SSH)

    outcome = world.handle()

    assert (Ending.REPAIRED, [111, 112, 113, 4000]) == (outcome.ending, priorities(world)[-4:])
    assert len(set(priorities(world))) == len(priorities(world))


DELEGATED = {"delegations": [{"name": "d", "properties": {"serviceName": "Microsoft.Web/serverFarms"}}]}
MANAGED = {
    **{name: on_special(name) for name in SPECIAL},
    "a delegated subnet": managed(DELEGATED),
    "a managed group": (an_nsg(open_to("Internet")), a_vnet(a_subnet()), a_group(managed_by=CLUSTER)),
    "a cluster's group": (an_nsg(open_to("Internet"), identity=CLUSTER_NSG, subnets=()),),
}


@pytest.mark.parametrize("documents", list(MANAGED.values()), ids=list(MANAGED))
def test_a_group_of_a_managed_service_is_never_tightened(documents: tuple[Document, ...]) -> None:
    """Trap 4: on special, delegated and managed subnets and in managed groups there is no write at all."""
    world = World(MemoryCloud(*documents))
    target = ResourceId.parse(documents[0]["id"])

    world.handle(world.hears(target))

    found = world.findings(target)[NSG_RULE]
    assert ([], "alert", None) == (world.writes, found.disposition, found.fix)
    assert found.evidence["notFixable"]


def test_a_bastion_subnet_that_arm_calls_not_compliant_is_written_to_once() -> None:
    """Trap 4: NetworkSecurityGroupNotCompliantForAzureBastionSubnet is final and is not retried."""
    code = "NetworkSecurityGroupNotCompliantForAzureBastionSubnet"
    documents = required.case("", "speaks", *required.without("https"), required.deny()).documents
    baseline = a_baseline(rules=acting(bastion_subnet_nsg_required_flows="fix"))
    world = World(MemoryCloud(*documents), baseline)
    target = ResourceId.parse(documents[0]["id"])

    tried = look_often(world, target, refusing(400, code))

    assert (1, ["DriftProposed"], []) == (len(tried), world.announced, world.waiting)
    assert code in world.findings(target)["bastion-subnet-nsg-required-flows"].evidence["heldBackBy"][0]


def test_a_group_on_more_subnets_than_the_cap_is_told_with_all_of_them_and_never_written() -> None:
    """Trap 5: the worst case is known before the first write, so that none is tried."""
    world = attached_to(6, open_to("Internet"))
    tried: list[Write] = []

    world.handle(cloud=Interrupted(world.cloud, before_write=tried.append))

    found = world.findings()[NSG_RULE]
    assert ([], ["DriftProposed"]) == (tried, world.announced)
    assert [f"{VNET_ID}/subnets/web{number}" for number in range(6)] == found.evidence["attachments"]
    assert ["attached to 6 subnets and NICs, more than 5"] == found.evidence["heldBackBy"]


def test_a_rule_that_somebody_adds_between_read_and_write_survives_the_repair() -> None:
    """Trap 6: a repair writes one child rule, never the whole group."""
    world = drifted(a_rule("mixed", 317, **ports("22", "443")))
    theirs = a_rule("theirs", 400, destinationPortRange="8443")
    added = once(lambda: world.cloud.write(Write("PUT", NSG_ID.child("securityRules", "theirs"), theirs)))
    world.queue.send(world.hears())

    world.run(world.worker(cloud=Interrupted(world.cloud, before_write=added)))

    assert {"mixed": ["443"], "theirs": []} == {
        name: rule["destinationPortRanges"] for name, rule in world.rules().items()
    }
    assert ["PUT theirs", "PUT mixed"] == world.writes


def test_a_suggested_deny_covers_the_internet_over_tcp_and_udp() -> None:
    """Trap 16: where the allow was `*`, the Deny a person is told of names Internet, Tcp and Udp 3389."""
    world = drifted(open_to("*", "*", protocol="*"))

    world.handle()

    suggestion = world.findings()[NSG_RULE].evidence["notFixable"]
    assert [] == world.writes
    assert "Deny rule at priority 299: source Internet, destination *, Tcp, ports 22 and 3389" in suggestion
    assert "one like it for Udp 3389" in suggestion


@pytest.mark.parametrize("sources", [("::/0",), ("::/1", "8000::/1"), ("2000::/3",)])
def test_an_opening_over_ipv6_is_found_and_closed_like_one_over_ipv4(sources: tuple[str, ...]) -> None:
    """Trap 17: `::/0` on a dual-stack NIC counts, although Bastion itself speaks IPv4 only."""
    rule = a_rule("open", sourceAddressPrefix=None, sourceAddressPrefixes=list(sources), **ports("22", "443"))
    world = World(MemoryCloud(an_nsg(rule), *dual_stack()))

    outcome = world.handle()

    (told,) = world.announcements
    assert (Ending.REPAIRED, ["closed", "open"]) == (
        outcome.ending,
        [reached(world, 22), reached(world, 443)],
    )
    assert (["443"], list(sources)) == (
        world.rules()["open"]["destinationPortRanges"],
        world.rules()["open"]["sourceAddressPrefixes"],
    )
    assert 6 == ip_address(told.data["evidence"]["witness"]["source"]).version


def dual_stack() -> list[Document]:
    """The spoke with a subnet and a NIC that have addresses of both families."""
    network, nic, *rest = a_spoke(public_ip=True)
    inside: dict[str, Any] = network["properties"]["subnets"][0]["properties"]
    inside["addressPrefixes"] = [inside.pop("addressPrefix"), "fd00:1::/64"]
    (first,) = nic["properties"]["ipConfigurations"]
    second = {"privateIPAddress": "fd00:1::4", "privateIPAddressVersion": "IPv6"}
    more = {"name": "v6", "id": f"{NIC_ID}/ipConfigurations/v6", "properties": first["properties"] | second}
    nic["properties"]["ipConfigurations"].append(more)
    return [network, nic, *rest]


def test_one_group_on_forty_subnets_is_one_alert_that_later_events_update_and_end() -> None:
    """Trap 20: the alert is the group's, not one per attachment."""
    world = attached_to(40, open_to("Internet"))
    for _ in range(3):
        world.handle()
    once_told = list(world.announced)

    world.cloud.remove(NSG_ID.child("securityRules", "open"))
    world.cloud.seed(a_rule("rdp", 310, sourceAddressPrefix="Internet", **ports("3389")))
    world.handle()
    updated = world.findings()[NSG_RULE].evidence["ports"]
    world.cloud.remove(NSG_ID.child("securityRules", "rdp"))
    world.handle()

    assert ["DriftProposed"] == once_told
    assert ["tcp/3389"] == updated
    assert "DriftResolved" == world.announced[-1]
    assert [NSG_RULE] == list(world.findings())
    assert [] == world.writes
