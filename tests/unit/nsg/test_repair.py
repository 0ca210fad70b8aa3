"""Repairs case by case: what is written, what is never written, and what is said instead."""

from typing import Any

import pytest

from remediation.model import NoFix
from remediation.nsg import (
    Context,
    Direction,
    Limits,
    Repair,
    apply_changes,
    difference,
    exposure,
    flow_allowed,
    parse,
    plan_repair,
)
from tests.unit.nsg.notation import nsg, rule

DENY_ALL = "4096 Deny * *>*:*"


def repaired(rules: str, *approved: str, context: Context | None = None) -> Repair:
    found = plan_repair(nsg(rules), (22, 3389), approved, context or Context())
    assert isinstance(found, Repair), found
    return found


def refused(rules: str, *approved: str, context: Context | None = None) -> NoFix:
    found = plan_repair(nsg(rules), (22, 3389), approved, context or Context())
    assert isinstance(found, NoFix), found
    return found


def writes(repair: Repair) -> list[tuple[str, str]]:
    return [(change.method, change.name) for change in repair.changes]


def body(repair: Repair, index: int = -1) -> dict[str, Any]:
    after = repair.changes[index].after
    assert after is not None
    properties: dict[str, Any] = after["properties"]
    return properties


def test_a_rule_for_forbidden_traffic_alone_is_deleted() -> None:
    assert writes(repaired("210 Allow Tcp Internet>*:22")) == [("DELETE", "rule0")]


def test_a_list_keeps_its_private_and_approved_sources() -> None:
    repair = repaired("210 Allow Tcp 10.20.0.0/16,Internet>*:22,3389", "45.60.0.0/16")
    assert writes(repair) == [("PUT", "rule0")]
    assert body(repair)["sourceAddressPrefixes"] == ["10.20.0.0/16", "45.60.0.0/16"]
    assert "sourceAddressPrefix" not in body(repair)
    assert body(repair)["priority"] == 210


def test_any_source_becomes_virtual_network() -> None:
    repair = repaired("210 Allow Tcp *>*:22")
    assert writes(repair) == [("PUT", "rule0")]
    assert body(repair)["sourceAddressPrefix"] == "VirtualNetwork"
    assert repair.tolerances


def test_virtual_network_and_probes_keep_their_way_in_above_a_deny_for_everyone() -> None:
    """Probes come from the host's address, which belongs to VirtualNetwork."""
    repair = repaired(f"210 Allow Tcp *>*:22; {DENY_ALL}")
    assert writes(repair) == [("PUT", "rule0")]
    assert body(repair)["sourceAddressPrefix"] == "VirtualNetwork"
    after = parse(apply_changes(nsg(f"210 Allow Tcp *>*:22; {DENY_ALL}"), repair.changes))
    probes = flow_allowed(after, Direction.INBOUND, "AzureLoadBalancer", "*", 22)
    assert probes.verdict == "allowed"


def test_approved_sources_of_a_narrowed_rule_get_a_companion_first() -> None:
    repair = repaired("210 Allow Tcp *>*:22", "45.60.0.0/16")
    assert writes(repair) == [("PUT", "rule0-sources"), ("PUT", "rule0")]
    assert body(repair, 0)["sourceAddressPrefixes"] == ["45.60.0.0/16"]
    assert body(repair, 0)["priority"] == 211


def test_where_virtual_network_would_add_traffic_the_private_list_is_written() -> None:
    """The rule never let IPv6 in, and a Deny keeps VirtualNetwork's out."""
    repair = repaired(f"210 Allow Tcp 0.0.0.0/0>*:22; {DENY_ALL}")
    assert "10.0.0.0/8" in body(repair)["sourceAddressPrefixes"]
    assert repair.difference.added == ()


@pytest.mark.parametrize(
    ("ports", "left"),
    [
        ("20-25", ["20-21", "23-25"]),
        ("22-23", ["23"]),
        ("*", ["0-21", "23-3388", "3390-65535"]),
        ("22,80,443", ["80", "443"]),
    ],
)
def test_forbidden_ports_are_taken_out_and_the_others_stay(ports: str, left: list[str]) -> None:
    repair = repaired(f"210 Allow Tcp Internet>*:{ports}")
    assert writes(repair) == [("PUT", "rule0")]
    assert body(repair)["destinationPortRanges"] == left
    assert "destinationPortRange" not in body(repair)
    assert body(repair)["priority"] == 210


def test_private_sources_keep_a_stripped_port_through_a_companion() -> None:
    repair = repaired(f"210 Allow Tcp 10.20.0.0/16,Internet>*:22,80; {DENY_ALL}")
    assert [change.name for change in repair.changes] == ["rule0-sources", "rule0"]
    assert body(repair, 0)["sourceAddressPrefixes"] == ["10.20.0.0/16"]
    assert body(repair, 0)["destinationPortRanges"] == ["22"]


def test_several_rules_are_repaired_lowest_priority_number_first() -> None:
    repair = repaired("310 Allow Tcp Internet>*:22; 210 Allow Tcp Internet>*:3389; 400 Allow Udp *>*:22")
    assert [change.name for change in repair.changes] == ["rule1", "rule0", "rule2"]


def test_a_rule_that_a_repair_would_uncover_is_repaired_too() -> None:
    rules = "210 Allow Tcp Internet>*:22; 310 Allow Tcp 45.0.0.0/8>*:22,80"
    after = apply_changes(nsg(rules), repaired(rules).changes)
    assert exposure(parse(after), 22).verdict == "closed"
    assert exposure(parse(after), 80).verdict == "open"


def test_undo_restores_the_original_before_the_companion_goes() -> None:
    document = nsg("210 Allow Tcp *>*:22")
    repair = repaired("210 Allow Tcp *>*:22", "45.60.0.0/16")
    assert [(change.method, change.name) for change in repair.inverse] == [
        ("PUT", "rule0"),
        ("DELETE", "rule0-sources"),
    ]
    undone = apply_changes(apply_changes(document, repair.changes), repair.inverse)
    assert difference(parse(document), parse(undone)).empty


def test_a_half_written_repair_is_resumed_without_a_second_companion() -> None:
    repair = repaired("210 Allow Tcp *>*:22", "45.60.0.0/16")
    half = apply_changes(nsg("210 Allow Tcp *>*:22"), repair.changes[:1])
    rest = plan_repair(half, (22, 3389), ("45.60.0.0/16",))
    assert isinstance(rest, Repair)
    assert writes(rest) == [("PUT", "rule0")]


def test_what_a_person_set_and_arm_added_is_told_apart() -> None:
    document = nsg("210 Allow Tcp Internet>*:22,80")
    element = document["properties"]["securityRules"][0]
    element |= {"id": "/x", "etag": 'W/"1"', "type": "Microsoft.Network/networkSecurityGroups/securityRules"}
    element["properties"] |= {
        "provisioningState": "Succeeded",
        "description": "kept",
        "somethingNew": {"a": [1]},
    }
    repair = plan_repair(document)
    assert isinstance(repair, Repair)
    assert repair.changes[0].before is not None
    for written in (repair.changes[0].before, repair.changes[0].after):
        assert written is not None
        assert set(written) == {"name", "properties"}
        assert "provisioningState" not in written["properties"]
        assert written["properties"]["somethingNew"] == {"a": [1]}
        assert written["properties"]["description"] == "kept"


def test_nothing_open_is_nothing_to_do() -> None:
    assert repaired("210 Allow Tcp VirtualNetwork>*:22").changes == ()
    assert repaired("210 Allow Tcp 45.60.12.0/24>*:22", "45.60.0.0/16").changes == ()


REFUSED = [
    ("210 Allow * *>*:*", "every protocol"),
    ("105 Allow Tcp *>*:22", "100-110"),
    ("100 Allow Tcp Internet>*:22", "100-110"),
    ("210 Allow Tcp *>*", "incomplete"),
    ("210 Allow Tcp Internet,10.0.0.0/40>*:22", "cannot be read"),
    ("200 Allow Tcp AzureCloud>*:22; 210 Allow Tcp Internet>*:22", "AzureCloud"),
    ("600 Deny Tcp AzureCloud>*:22; 610 Allow Tcp Internet>*:22", "deciding flow is unknown"),
]


@pytest.mark.parametrize(("rules", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_cannot_be_proven_is_not_written(rules: str, said: str) -> None:
    assert said in refused(rules).reason


def test_a_rule_named_as_just_in_time_access_names_them_is_never_written() -> None:
    name = "MicrosoftDefenderForCloud-JITRule-123_" + "A" * 32
    document = {"properties": {"securityRules": [rule("210 Allow Tcp *>*:22", name.replace("_", "-"))]}}
    assert isinstance(plan_repair(document), NoFix)


def test_a_known_default_route_leaves_virtual_network_out_of_the_rewrite() -> None:
    found = refused("210 Allow Tcp *>*:22", context=Context(default_route=True))
    assert "VirtualNetwork" in found.reason
    assert "source Internet" in found.suggestion
    assert "Udp 3389" in found.suggestion


def test_without_a_free_priority_beside_it_a_rule_gets_no_companion() -> None:
    """Every neighbour overlaps, so that a companion would change their meaning."""
    around = "; ".join(f"{place} Deny Tcp 10.1.1.{place - 200}>*:20-30" for place in (209, 211))
    found = refused(f"{around}; 210 Allow Tcp 10.20.0.0/16,Internet>*:22,80; {DENY_ALL}")
    assert "no single rewrite" in found.reason


def test_a_list_longer_than_a_person_can_check_is_not_written() -> None:
    sources = ",".join(f"10.{index}.0.0/17" for index in range(101))
    document = nsg(f"210 Allow Tcp {sources},Internet>*:22")
    assert isinstance(plan_repair(document), NoFix)
    assert isinstance(plan_repair(document, limits=Limits(listed_addresses=200)), Repair)


def test_an_nsg_that_was_not_read_is_not_written() -> None:
    assert isinstance(plan_repair({"id": "x"}), NoFix)


def test_the_summary_says_what_is_taken_away() -> None:
    assert repaired("210 Allow Tcp Internet>*:22,80").difference.summary() == [
        "no longer allowed: TCP 22 from the whole internet to any address"
    ]
    (line,) = repaired("210 Allow Tcp *>*:22").difference.summary()
    assert "the whole internet and private addresses outside VirtualNetwork to any address" in line
