"""Worked examples of the packet-by-packet composition, each a sentence of the specification."""

from ipaddress import ip_address

import pytest

from tests.unit.nsg.oracle import Packet, verdict
from tests.unit.ways.composing import decide
from tests.unit.ways.documents import Document, address, admin_rule, group, route_table, subnet
from tests.unit.ways.examples import (
    FRONT,
    PRIVATE,
    SSH,
    one_machine,
    spoke,
    ssh,
    stopping,
    ways,
    with_address,
)

# Public addresses on interfaces


def test_a_public_address_behind_an_open_group_is_a_way_in() -> None:
    assert ssh(with_address(SSH)) == "open"


def test_a_closed_group_stops_it_by_its_default_rule() -> None:
    assert ssh(with_address("")) == "closed"
    assert stopping(with_address("")) == {("g", "DenyAllInBound")}


def test_every_management_port_of_an_address_is_told() -> None:
    assert ways(with_address(SSH)) == {
        ("public-ip", "22", 22, "tcp", "open"),
        ("public-ip", "3389", 3389, "tcp", "closed"),
        ("public-ip", "3389", 3389, "udp", "closed"),
    }


@pytest.mark.parametrize(
    ("sku", "verdict_"), [("Basic", "open"), ("Standard", "closed"), ("StandardV2", "closed")]
)
def test_without_any_group_the_sku_decides(sku: str, verdict_: str) -> None:
    assert ssh(with_address("", sku=sku, subnet={})) == verdict_


def test_both_groups_must_let_a_packet_through() -> None:
    halves = with_address("300 Allow Tcp 0.0.0.0/1>*:22", group("inner", "300 Allow Tcp 128.0.0.0/1>*:22"))
    halves[1:3] = one_machine(public="p", group="inner")
    assert ssh(halves) == "closed"


def test_an_open_group_on_the_interface_does_not_help_behind_a_closed_one_on_the_subnet() -> None:
    closed = with_address("", group("inner", SSH))
    closed[1:3] = one_machine(public="p", group="inner")
    assert stopping(closed) == {("g", "DenyAllInBound")}


def test_approved_sources_alone_are_no_way_in() -> None:
    office = with_address("300 Allow Tcp 45.60.12.0/24>*:22")
    assert ssh(office) == "open"
    assert ssh(office, ["45.60.12.0/24"]) == "closed"
    assert ssh(office, ["45.60.12.0/25"]) == "open"


def test_a_rule_for_another_address_of_the_machine_opens_nothing() -> None:
    assert ssh(with_address("300 Allow Tcp *>10.20.1.8:22")) == "closed"
    assert ssh(with_address("300 Allow Tcp *>10.20.1.4:22")) == "open"


def test_the_destination_is_seen_after_translation() -> None:
    assert ssh(with_address(f"300 Allow Tcp *>{FRONT}:22")) == "closed"


def test_a_packet_has_one_family() -> None:
    v6 = with_address("300 Allow Tcp 0.0.0.0/0>*:22")
    v6[1:4] = [*one_machine(private="fd00:20:1::4", public="p"), address("p", "2603:1000::1")]
    assert ssh(v6) == "closed"
    v6[4] = group("g", "300 Allow Tcp ::/0>*:22")
    assert ssh(v6) == "open"


def test_an_interface_without_a_machine_lets_nobody_in() -> None:
    nobody = with_address(SSH)
    del nobody[1]["properties"]["virtualMachine"], nobody[2]
    assert ways(nobody) == set()


def test_a_rule_for_an_application_security_group_is_for_its_members() -> None:
    rule = group("g", "300 Allow Tcp *>asg(web):22")
    member = [spoke(), *one_machine(public="p", members=["web"]), address("p", FRONT), rule]
    other = [spoke(), *one_machine(public="p", members=["db"]), address("p", FRONT), rule]
    assert (ssh(member), ssh(other)) == ("open", "closed")


def test_a_caller_takes_whatever_source_port_is_let_in() -> None:
    assert ssh(with_address("200 Deny Tcp *>*:22 sp=0-32767; 300 Allow Tcp *>*:22")) == "open"


# What VirtualNetwork holds


def routed(hop: str, prefix: str = "0.0.0.0/0") -> list[Document]:
    return with_address("", route_table("rt", (prefix, hop)), subnet={"group": "g", "routes": "rt"})


@pytest.mark.parametrize("hop", ["VirtualAppliance", "VirtualNetworkGateway"])
def test_a_default_route_makes_virtual_network_everything(hop: str) -> None:
    assert ssh(routed(hop)) == "open"


def test_a_default_route_of_ipv6_says_nothing_about_ipv4() -> None:
    assert ssh(routed("VirtualAppliance", "::/0")) == "closed"


def test_both_halves_of_a_default_route_are_one() -> None:
    halves = route_table("rt", ("0.0.0.0/1", "VirtualAppliance"), ("128.0.0.0/1", "VirtualAppliance"))
    assert ssh(with_address("", halves, subnet={"group": "g", "routes": "rt"})) == "open"


def test_the_internet_is_not_in_virtual_network() -> None:
    assert ssh(with_address("300 Allow Tcp VirtualNetwork>*:22")) == "closed"


# Security admin rules


def test_a_deny_of_the_admin_is_final() -> None:
    denied = with_address(SSH, admin_rule("deny-ssh", 10, "Deny", "Internet", ["22", "3389"]))
    assert stopping(denied) == {("deny-ssh", "deny-ssh")}


def test_a_deny_of_another_port_leaves_the_opening_as_it_is() -> None:
    assert ssh(with_address(SSH, admin_rule("deny", 10, "Deny", "Internet", ["3389"]))) == "open"


def test_what_is_always_allowed_no_group_keeps_out() -> None:
    assert ssh(with_address("", admin_rule("in", 10, "AlwaysAllow", "Internet", ["22"]))) == "open"


def test_an_allow_of_the_admin_goes_on_to_the_groups() -> None:
    allowed = with_address("", admin_rule("in", 10, "Allow", "Internet", ["22"]))
    assert stopping(allowed) == {("g", "DenyAllInBound")}


def test_an_allow_above_a_deny_of_the_admin_leaves_it_to_the_groups() -> None:
    rules = admin_rule("in", 10, "Allow", "Internet", ["22"]), admin_rule("out", 20, "Deny", "*", ["22"])
    assert ssh(with_address(SSH, *rules)) == "open"


def test_admin_rules_do_not_govern_a_network_with_a_managed_instance() -> None:
    taken = subnet("spoke", "sql", ["10.20.5.0/24"], service="Microsoft.Sql/managedInstances")
    denied = with_address(SSH, admin_rule("out", 10, "Deny", "*", ["22"]), others=[taken])
    assert ssh(denied) == "open"


# The group alone, held against the oracle of one group


@pytest.mark.parametrize("rules", ["", SSH, "300 Deny * *>*:*", "310 Allow Tcp Internet>10.20.1.0/24:20-25"])
def test_one_group_is_read_as_the_oracle_of_one_group_reads_it(rules: str) -> None:
    document = group("g", rules)
    for source in ("1.0.0.0", "45.60.12.9", "10.20.1.9", "168.63.129.16"):
        inside = frozenset({"virtualnetwork"} if source.startswith("10.20.") else ())
        packet = Packet(ip_address(source), ip_address(PRIVATE), 22, remote_in=inside, known=True)
        assert decide(document, packet)[0] == (verdict(document, packet) == "allow")
