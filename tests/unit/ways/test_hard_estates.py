"""Small estates on which the engine and the composition once said different things, each a sentence.

What is right follows from the specification alone; random estates found them.
"""

from collections.abc import Sequence

import pytest

from tests.unit.ways.agreeing import differences, told
from tests.unit.ways.backwards import as_read
from tests.unit.ways.documents import (
    Document,
    address,
    group,
    interface,
    members,
    route_table,
    subnet_id,
)
from tests.unit.ways.examples import (
    FRONT,
    PRIVATE,
    SSH,
    balanced,
    behind_firewall,
    one_machine,
    spoke,
    with_address,
)
from tests.unit.ways.fronts import balancing_rule, dnat, firewall, policy


def agreed(documents: Sequence[Document], approved: Sequence[str] = ()) -> None:
    assert differences(as_read(documents), approved) == []


def test_a_peering_of_ipv6_alone_brings_no_firewall_to_an_ipv4_address() -> None:
    agreed(behind_firewall(halves={"enableOnlyIPv6Peering": True}))


def test_a_range_that_the_peering_does_not_know_yet_is_not_reached() -> None:
    documents = behind_firewall()
    half = documents[0]["properties"]["virtualNetworkPeerings"][0]["properties"]
    half |= {
        "remoteAddressSpace": {"addressPrefixes": ["10.21.0.0/16"]},
        "peeringSyncLevel": "LocalNotInSync",
    }
    agreed(documents)


@pytest.mark.parametrize("from_hub", ["AzureFirewallSubnet", "edge"])
def test_a_peering_of_subnets_carries_between_those_it_names_and_no_others(from_hub: str) -> None:
    documents = behind_firewall()
    sides = ([from_hub], ["apps"]), (["apps"], [from_hub])
    for document, (here, there) in zip(documents[:2], sides, strict=True):
        half = document["properties"]["virtualNetworkPeerings"][0]["properties"]
        half |= {"peerCompleteVnets": False, "localSubnetNames": here, "remoteSubnetNames": there}
    agreed(documents)


def test_a_peering_without_access_leaves_unknown_what_a_rule_of_a_group_would_let_through() -> None:
    agreed(behind_firewall(halves={"allowVirtualNetworkAccess": False}, rules_of_group=SSH))


def test_a_default_route_of_one_family_says_nothing_about_packets_of_the_other() -> None:
    inside = {"group": "g", "routes": "rt"}
    agreed(with_address("", route_table("rt", ("::/0", "VirtualAppliance")), subnet=inside))
    v6 = [*one_machine(private="fd00:20:1::4", public="p"), address("p", "2603:1000::1"), group("g")]
    agreed([spoke(subnet=inside), *v6, route_table("rt", ("0.0.0.0/0", "VirtualAppliance"))])


def test_a_way_for_approved_sources_alone_is_not_stopped_by_a_rule_that_allows() -> None:
    agreed(behind_firewall(dnat("in", ["45.60.12.0/24"], FRONT, ["22"], (PRIVATE, 22))), ["45.60.12.0/24"])


def test_each_port_of_a_translation_may_be_taken_by_another_rule_before() -> None:
    office = dnat("office", ["45.60.0.0/16"], FRONT, ["2222"], (PRIVATE, 443))
    agreed(behind_firewall(office, dnat("in", ["*"], FRONT, ["2222", "2223"], (PRIVATE, 22))))
    taken = dnat("taken", ["*"], FRONT, ["2223"], (PRIVATE, 443))
    agreed(behind_firewall(taken, dnat("in", ["*"], FRONT, ["2222", "2223"], (PRIVATE, 22))))


def test_a_group_of_machines_as_source_lets_nobody_in_whatever_the_destination() -> None:
    rules = [balancing_rule("lb", "r", "front", "pool", (22, 22), floating=True)]
    documents = balanced(group("g", "300 Allow Tcp asg(web)>*:22"), loadBalancingRules=rules)
    agreed([*documents, members("web")])


def test_a_witness_takes_a_source_port_that_its_own_source_gets_in_with() -> None:
    low = "137 Allow Tcp 0.0.0.0/0>*:22 sp=1-1000"
    agreed(with_address(f"{low}; 160 Allow Tcp 20.1.0.0/16>*:22 sp=49152"))


def test_a_policy_whose_groups_are_missing_leaves_nothing_closed() -> None:
    documents = behind_firewall()
    documents[-1] = firewall("fw", subnet_id("hub", "AzureFirewallSubnet"), ["p-fw"], policy="fp")
    (machine,) = told(as_read([*documents, policy("fp", "rcg")])).machines
    assert machine.verdict == "unknown"


def test_an_interface_without_a_machine_is_nobody_to_reach() -> None:
    documents = with_address(SSH)
    nic = interface("n", *documents[1]["properties"]["ipConfigurations"])
    assert told(as_read([documents[0], nic, *documents[3:]])).machines == ()
