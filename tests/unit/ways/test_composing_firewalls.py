"""Worked examples of doors of Azure Firewalls, and of peerings behind them."""

from typing import Any

import pytest

from tests.unit.ways.documents import admin_rule, subnet_id
from tests.unit.ways.examples import FRONT, PRIVATE, SSH, behind_firewall, ssh, ways
from tests.unit.ways.fronts import collection, collection_group, dnat, filter_rule, firewall, ip_group, policy


def test_a_translation_leads_to_a_machine_whose_group_has_default_rules_only() -> None:
    assert ways(behind_firewall()) == {("fw-dnat", "2222", 22, "tcp", "open")}


def test_the_machine_sees_the_firewall_and_not_the_client() -> None:
    assert ssh(behind_firewall(rules_of_group="300 Deny Tcp Internet>*:22")) == "open"
    assert ssh(behind_firewall(rules_of_group="300 Deny Tcp 10.9.0.0/26>*:22")) == "closed"
    denied = [*behind_firewall(), admin_rule("deny", 10, "Deny", "Internet", ["22"])]
    assert ssh(denied) == "open"


def test_a_group_that_tells_addresses_of_the_firewall_apart_leaves_it_unknown() -> None:
    assert ssh(behind_firewall(rules_of_group="300 Deny Tcp 10.9.0.0/27>*:22")) == "unknown"


def test_a_translation_of_a_web_port_or_of_another_address_is_no_way() -> None:
    assert ways(behind_firewall(dnat("web", ["*"], FRONT, ["443"], (PRIVATE, 443)))) == set()
    assert ways(behind_firewall(dnat("in", ["*"], "20.99.0.1", ["22"], (PRIVATE, 22)))) == set()


def test_a_translation_for_approved_sources_is_as_intended() -> None:
    office = behind_firewall(dnat("in", ["45.60.12.0/24"], FRONT, ["22"], (PRIVATE, 22)))
    assert (ssh(office), ssh(office, ["45.60.12.0/24"])) == ("open", "closed")


def test_sources_of_a_translation_may_stand_in_an_ip_group() -> None:
    rule = dnat("in", [], FRONT, ["22"], (PRIVATE, 22), groups=["office"])
    office = [*behind_firewall(rule), ip_group("office", "45.60.12.0/24")]
    assert ssh(office, ["45.60.12.0/24"]) == "closed"
    assert ssh(office) == "open"


def test_a_translation_of_several_ports_is_a_way_for_each() -> None:
    rule = dnat("in", ["*"], FRONT, ["2222", "2223"], (PRIVATE, 3389), protocols=["TCP", "UDP"])
    assert {way[1:4] for way in ways(behind_firewall(rule))} == {
        (front, 3389, protocol) for front in ("2222", "2223") for protocol in ("tcp", "udp")
    }


def test_the_first_translation_that_matches_takes_the_packet() -> None:
    office = dnat("office", ["45.60.0.0/16"], FRONT, ["22"], ("10.20.1.9", 22))
    rest = dnat("rest", ["45.60.12.0/24"], FRONT, ["22"], (PRIVATE, 22))
    assert ssh(behind_firewall(office, rest)) == "closed"
    assert ssh(behind_firewall(rest, office)) == "open"


def test_whether_a_network_rule_denies_what_was_translated_is_documented_both_ways() -> None:
    deny = filter_rule("no", ["*"], [PRIVATE], ["22"])
    assert ssh(behind_firewall(filters=[("Deny", deny)])) == "unknown"
    closed = "300 Deny Tcp VirtualNetwork>*:22"
    assert ssh(behind_firewall(filters=[("Deny", deny)], rules_of_group=closed)) == "closed"


def test_a_network_rule_that_allows_comes_before_one_that_denies() -> None:
    deny = filter_rule("no", ["*"], [PRIVATE], ["22"])
    allow = filter_rule("yes", ["*"], ["*"], ["*"], protocols=["Any"])
    assert ssh(behind_firewall(filters=[("Allow", allow), ("Deny", deny)])) == "open"


def test_a_network_rule_for_the_port_in_front_denies_nothing() -> None:
    assert ssh(behind_firewall(filters=[("Deny", filter_rule("no", ["*"], ["*"], ["2222"]))])) == "open"


def test_groups_of_a_policy_are_asked_by_priority() -> None:
    translate = collection("nat", 100, "DNAT", dnat("in", ["*"], FRONT, ["22"], (PRIVATE, 22)))
    deny = collection("net", 100, "Deny", filter_rule("no", ["*"], ["*"], ["22"]))
    allow = collection("net", 100, "Allow", filter_rule("yes", ["45.60.0.0/16"], ["*"], ["22"]))
    for first, second, expected in ((deny, allow, "unknown"), (allow, deny, "open")):
        documents = behind_firewall()
        documents[-1] = firewall("fw", subnet_id("hub", "AzureFirewallSubnet"), ["p-fw"], policy="fp")
        documents += [policy("fp", "g0", "g1"), collection_group("fp", "g0", 200, translate, first)]
        documents += [collection_group("fp", "g1", 300, second)]
        assert ssh(documents) == expected


@pytest.mark.parametrize(
    "halves",
    [
        {"peeringState": "Disconnected"},
        {"enableOnlyIPv6Peering": True},
        {"peerCompleteVnets": False, "localSubnetNames": ["apps"], "remoteSubnetNames": ["apps"]},
    ],
)
def test_a_peering_that_does_not_carry_is_no_way(halves: dict[str, Any]) -> None:
    assert ways(behind_firewall(halves=halves)) == set()
    assert ways(behind_firewall(joined=False)) == set()


def test_a_peering_of_subnets_carries_between_those_it_names() -> None:
    documents = behind_firewall()
    there = documents[0]["properties"]["virtualNetworkPeerings"][0]["properties"]
    back = documents[1]["properties"]["virtualNetworkPeerings"][0]["properties"]
    named = {"localSubnetNames": ["AzureFirewallSubnet"], "remoteSubnetNames": ["apps"]}
    there |= {"peerCompleteVnets": False, **named}
    back |= {"peerCompleteVnets": False, "localSubnetNames": ["apps"]}
    back |= {"remoteSubnetNames": ["AzureFirewallSubnet"]}
    assert ssh(documents) == "open"


def test_whether_a_peering_without_access_lets_anything_through_is_disputed() -> None:
    without = {"allowVirtualNetworkAccess": False}
    assert ssh(behind_firewall(halves=without, rules_of_group=SSH)) == "unknown"
    assert ssh(behind_firewall(halves=without)) == "closed"


def test_a_network_whose_space_is_not_synchronised_is_not_reached() -> None:
    documents = behind_firewall()
    half = documents[0]["properties"]["virtualNetworkPeerings"][0]["properties"]
    half |= {
        "remoteAddressSpace": {"addressPrefixes": ["10.21.0.0/16"]},
        "peeringSyncLevel": "LocalNotInSync",
    }
    assert ways(documents) == set()
