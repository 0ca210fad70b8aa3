"""Worked examples of doors of load balancers and application gateways."""

import pytest

from tests.unit.ways.documents import address, group, id_of, subnet_id
from tests.unit.ways.examples import FRONT, PRIVATE, SSH, balanced, hub, one_machine, spoke, ssh, ways
from tests.unit.ways.fronts import (
    balancer,
    balancing_rule,
    gateway,
    gateway_pool_id,
    nat_rule,
    nat_rule_id,
    outbound_rule,
    pool,
)

# Load balancers


def test_a_rule_leads_to_its_pool_on_the_port_after_translation() -> None:
    rules = [balancing_rule("lb", "r", "front", "pool", (2222, 22))]
    assert ways(balanced(loadBalancingRules=rules)) == {("lb-rule", "2222", 22, "tcp", "open")}


def test_a_rule_for_another_port_is_no_way() -> None:
    assert ways(balanced(loadBalancingRules=[balancing_rule("lb", "r", "front", "pool", (22, 443))])) == set()


def test_outbound_rules_let_nothing_in() -> None:
    assert ways(balanced(outboundRules=[outbound_rule("lb", "out", "front", "pool")])) == set()


def test_a_private_front_is_no_way_in() -> None:
    inner = balanced(loadBalancingRules=[balancing_rule("lb", "r", "front", "pool", (22, 22))])
    inner[3]["properties"]["frontendIPConfigurations"][0]["properties"] = {"privateIPAddress": "10.20.1.9"}
    assert ways(inner) == set()


def test_a_nat_rule_leads_to_one_machine() -> None:
    nats = [nat_rule("lb", "nat", "front", (50022, 22))]
    front = balancer("lb", "Standard", {"front": "p"}, {"inboundNatRules": nats})
    own = [
        spoke(),
        *one_machine(nats=[nat_rule_id("lb", "nat")]),
        front,
        address("p", FRONT),
        group("g", SSH),
    ]
    assert ways(own) == {("lb-nat-rule", "50022", 22, "tcp", "open")}


def test_a_nat_rule_for_a_pool_has_a_range_in_front() -> None:
    nats = [nat_rule("lb", "nat", "front", ((50000, 50099), 22), pool="pool")]
    assert ways(balanced(inboundNatRules=nats)) == {("lb-nat-rule", "50000-50099", 22, "tcp", "open")}


def test_a_pool_lists_addresses_of_one_network() -> None:
    rules = [balancing_rule("lb", "r", "front", "pool", (22, 22))]
    for where, expected in (("spoke", 1), ("other", 0)):
        pools = [pool("lb", "pool", (PRIVATE, where))]
        parts = {"backendAddressPools": pools, "loadBalancingRules": rules}
        front = balancer("lb", "Standard", {"front": "p"}, parts)
        assert len(ways([spoke(), *one_machine(), front, address("p", FRONT), group("g", SSH)])) == expected


@pytest.mark.parametrize(("floating", "verdict_"), [(True, "open"), (False, "closed")])
def test_with_floating_ip_a_machine_is_addressed_by_the_front(*, floating: bool, verdict_: str) -> None:
    rules = [balancing_rule("lb", "r", "front", "pool", (22, 22), floating=floating)]
    assert ssh(balanced(group("g", f"300 Allow Tcp *>{FRONT}:22"), loadBalancingRules=rules)) == verdict_


def test_with_floating_ip_a_rule_for_the_private_address_matches_nothing() -> None:
    rules = [balancing_rule("lb", "r", "front", "pool", (22, 22), floating=True)]
    assert ssh(balanced(group("g", f"300 Allow Tcp *>{PRIVATE}:22"), loadBalancingRules=rules)) == "closed"


def test_a_balancer_across_regions_is_another_way_to_the_same_port() -> None:
    rules = [balancing_rule("lb", "r", "front", "pool", (2222, 22))]
    front = id_of("loadBalancers", "lb", "frontendIPConfigurations", "front")
    parts = {
        "backendAddressPools": [pool("far", "pool", regional=front)],
        "loadBalancingRules": [balancing_rule("far", "r", "front", "pool", (4022, 2222))],
    }
    far = balancer("far", "Standard", {"front": "p-far"}, parts, "Global")
    documents = [
        *balanced(loadBalancingRules=rules),
        far,
        address("p-far", "20.70.0.1", "Standard", "Global"),
    ]
    assert {way[1] for way in ways(documents)} == {"2222", "4022"}


def test_a_basic_balancer_without_any_group_is_open() -> None:
    rules = [balancing_rule("lb", "r", "front", "pool", (22, 22))]
    for sku, expected in (("Basic", "open"), ("Standard", "closed")):
        bare = balanced(sku=sku, loadBalancingRules=rules)
        bare[0] = spoke(subnet={})
        assert ssh(bare) == expected


# Application gateways


def test_a_tcp_listener_leads_to_the_port_behind_it() -> None:
    for addresses, names in (([PRIVATE], []), ([], [gateway_pool_id("agw")])):
        documents = [
            *hub(), *one_machine(gateways=names), group("g"), address("p-agw", FRONT),
            gateway("agw", subnet_id("hub", "edge"), "p-agw", (2222, 22), addresses),
        ]  # fmt: skip
        assert ways(documents) == {("appgw-listener", "2222", 22, "tcp", "open")}


def test_a_gateway_that_listens_on_a_private_address_is_no_way_in() -> None:
    inner = gateway("agw", subnet_id("hub", "edge"), "", (22, 22), [PRIVATE])
    assert ways([*hub(), *one_machine(), group("g", SSH), inner]) == set()
