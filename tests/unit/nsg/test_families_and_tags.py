"""A packet has one family, a tag is one set of addresses, and a target is an address that can exist."""

import pytest

from remediation.model import Witness
from remediation.nsg import (
    NSG_ALONE,
    Context,
    Direction,
    Exposure,
    exposure,
    flow_allowed,
    parse,
)
from tests.unit.nsg.notation import nsg

ANYONE = "210 Allow Tcp *>*:22"
BEHIND = Context(attached=("10.44.7.0/26",))


def judged(rules: str, context: Context = NSG_ALONE) -> Exposure:
    return exposure(parse(nsg(rules)), 22, context=context)


def in_a_row(subnet: str, nic: str) -> Exposure:
    return exposure([parse(nsg(subnet)), parse(nsg(nic))], 22)


def packet(rules: str, context: Context = NSG_ALONE) -> Witness:
    seen = judged(rules, context).witness
    assert seen is not None
    return seen


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        ("600 Deny Tcp Storage>*:22; 610 Allow Tcp storage>*:22", "closed"),
        ("600 Deny Tcp Storage>*:22-25; 605 Deny Tcp 10.0.0.0/8>*:22; 610 Allow Tcp STORAGE>*:*", "closed"),
        ("600 Deny Tcp Storage>10.44.7.0/26:22; 610 Allow Tcp Storage>10.44.7.0/26:22", "closed"),
        ("600 Deny Tcp *>Storage:22; 610 Allow Tcp *>Storage:22", "closed"),
        ("600 Deny Tcp Storage>10.44.7.0/26:22; 610 Allow Tcp Storage>*:22", "unknown"),
        ("600 Deny Udp Storage>*:22; 610 Allow Tcp Storage>*:22", "unknown"),
        ("600 Deny Tcp Storage>*:22 sp=0-1023; 610 Allow Tcp Storage>*:22", "unknown"),
        ("600 Deny Tcp Storage>*:22; 600 Allow Tcp Storage>*:22", "unknown"),
        ("600 Deny Tcp Storage>*:22; 610 Allow Tcp Storage,AzureCloud>*:22", "unknown"),
        ("150 Allow Tcp Storage>*:22; 200 Deny Tcp Storage>*:22; 200 Allow Tcp Internet>*:22", "open"),
        # A region and its parent are two sets of unknown content.
        ("600 Deny Tcp Storage>*:22; 610 Allow Tcp Storage.WestEurope>*:22", "unknown"),
        ("600 Deny Tcp Storage.WestEurope>*:22; 610 Allow Tcp Storage>*:22", "unknown"),
    ],
)
def test_a_tag_that_is_denied_and_then_allowed_is_one_set_of_addresses(rules: str, verdict: str) -> None:
    assert judged(rules).verdict == verdict


@pytest.mark.parametrize(
    ("subnet", "nic", "verdict"),
    [
        ("700 Allow Tcp Storage>*:22", "700 Deny Tcp storage>*:22; 710 Allow Tcp *>*:22", "closed"),
        ("700 Deny Tcp Storage>*:22; 710 Allow Tcp *>*:22", "700 Allow Tcp Storage>*:22", "closed"),
        ("700 Allow Tcp Storage>*:22", "700 Deny Tcp AzureCloud>*:22; 710 Allow Tcp *>*:22", "unknown"),
        ("700 Allow Tcp Storage>*:22", "700 Allow Tcp Storage>*:22", "unknown"),
        (
            "700 Allow Tcp Storage>*:22",
            "700 Deny Tcp Storage.WestEurope>*:22; 710 Allow Tcp *>*:22",
            "unknown",
        ),
        (
            "700 Allow Tcp Storage,AzureCloud>*:22",
            "700 Deny Tcp Storage>*:22; 710 Allow Tcp *>*:22",
            "unknown",
        ),
        (
            "700 Allow Tcp Storage,AzureCloud>*:22",
            "700 Deny Tcp Storage,AzureCloud>*:22; 710 Allow Tcp *>*:22",
            "closed",
        ),
    ],
)
def test_a_tag_is_the_same_set_in_the_group_of_a_subnet_and_of_a_nic(
    subnet: str, nic: str, verdict: str
) -> None:
    assert in_a_row(subnet, nic).verdict == verdict


def test_no_target_in_a_network_lies_in_a_service_tag() -> None:
    """They are public ranges, and a destination is seen after its translation to a private address."""
    assert judged(f"200 Deny Tcp *>AzureCloud:22; {ANYONE}").verdict == "open"
    assert judged("200 Allow Tcp *>AzureCloud:22", BEHIND).verdict == "closed"


def test_a_tag_that_no_rule_names_on_the_port_makes_nothing_unknown() -> None:
    web = "200 Allow Tcp AzureFrontDoor.Backend>*:443"
    assert judged(web).verdict == "closed"
    front_door = flow_allowed(parse(nsg(web)), Direction.INBOUND, "AzureFrontDoor.Backend", "*", 22)
    assert front_door.verdict == "denied"


@pytest.mark.parametrize(
    ("rules", "families"),
    [
        ("200 Allow Tcp ::/0>10.44.7.0/26:22", ""),
        ("200 Allow Tcp 0.0.0.0/0>fd00::/64:22", ""),
        ("200 Allow Tcp *>10.44.7.0/26:22", "4"),
        ("200 Allow Tcp Internet>fd00::7:22", "6"),
        ("200 Allow Tcp *>VirtualNetwork:22", "46"),
        ("200 Allow Tcp *>asg(web):22", "46"),
        ("150 Deny * *>0.0.0.0/0:*; 200 Allow Tcp *>*:22", "6"),
        ("150 Deny * *>::/0:*; 200 Allow Tcp 2000::/4>*:22", ""),
        ("200 Allow Tcp ::/0>10.44.7.0/26,fd00::/64:22", "6"),
    ],
)
def test_a_packet_has_one_family(rules: str, families: str) -> None:
    answer = judged(rules)
    assert {"6" if ":" in prefix else "4" for prefix in answer.public_sources} == set(families)
    assert answer.verdict == ("open" if families else "closed")


def test_behind_a_group_whose_machines_have_no_ipv6_address_ipv6_reaches_nothing() -> None:
    only_ipv6 = "200 Allow Tcp ::/0>*:22"
    assert judged(only_ipv6).verdict == "open"
    assert judged(only_ipv6, Context(families=("ipv4",))).verdict == "closed"
    assert judged(only_ipv6, BEHIND).verdict == "closed"


def test_neither_family_of_one_nsg_meets_the_other_family_of_the_next() -> None:
    subnet, nic = "200 Allow Tcp *>10.44.0.0/16:22", "200 Allow Tcp *>*:22; 100 Deny Tcp 0.0.0.0/0>*:22"
    assert in_a_row(subnet, nic).verdict == "closed"


@pytest.mark.parametrize("kept", ["10.44.7.0", "10.44.7.3", "10.44.7.63", "10.44.7.0/30"])
def test_nothing_answers_at_an_address_that_azure_keeps_for_itself(kept: str) -> None:
    assert judged(f"415 Allow Tcp *>{kept}:22", BEHIND).verdict == "closed"


@pytest.mark.parametrize(
    ("target", "destination"),
    [("10.44.7.0/30,10.44.7.8/29", "10.44.7.12"), ("10.44.7.7-10.44.7.14", "10.44.7.12")],
)
def test_of_an_unknown_subnet_a_witness_names_no_address_that_could_be_kept(
    target: str, destination: str
) -> None:
    assert packet(f"415 Allow Tcp *>{target}:22").destination == destination


def test_where_all_machines_are_known_a_witness_names_one_of_them() -> None:
    behind = Context(attached=("10.44.7.0/26",), machines=("10.44.7.20", "10.44.7.9"))
    assert packet(ANYONE, behind).destination in {"10.44.7.9", "10.44.7.20"}
    assert packet("130 Deny Tcp *>10.44.7.9:22; 415 Allow Tcp *>*:22", behind).destination == "10.44.7.20"


def test_a_default_route_to_an_appliance_makes_virtual_network_hold_the_internet() -> None:
    routed = Context(attached=("10.44.7.0/26",), routes=("0.0.0.0/0",))
    answer = judged("", routed)
    assert (answer.verdict, answer.allowed_by) == ("open", ("AllowVnetInBound",))
    assert judged("4000 Deny * Internet>*:*", routed).verdict == "closed"
    assert judged("", Context(routes=("0.0.0.0/1",))).public_share < 1


def test_the_host_address_belongs_to_virtual_network() -> None:
    """Probes and the Developer SKU come from it."""
    network_only = parse(nsg("200 Allow Tcp VirtualNetwork>*:22; 210 Deny * *>*:*"))
    for probes in ("168.63.129.16", "AzureLoadBalancer"):
        assert flow_allowed(network_only, Direction.INBOUND, probes, "*", 22).verdict == "allowed"
