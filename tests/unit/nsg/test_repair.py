"""Repairs case by case: what is written, what is never written, and what is said instead."""

import itertools
from typing import Any

import pytest

from remediation.model import NoFix
from remediation.nsg import (
    BroadFrom,
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


def test_a_rule_is_narrowed_to_approved_sources_where_a_default_rule_lets_the_network_in() -> None:
    repair = repaired("210 Allow Tcp *>*:22", "45.60.0.0/16")
    assert writes(repair) == [("PUT", "rule0")]
    assert body(repair)["sourceAddressPrefixes"] == ["45.60.0.0/16"]


def test_approved_sources_get_a_companion_where_a_deny_keeps_the_network_out() -> None:
    repair = repaired(f"210 Allow Tcp *>*:22; {DENY_ALL}", "45.60.0.0/16")
    assert writes(repair) == [("PUT", "rule0-approved"), ("PUT", "rule0")]
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
    assert [change.name for change in repair.changes] == ["rule0-private", "rule0"]
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
    rules = f"210 Allow Tcp *>*:22; {DENY_ALL}"
    document = nsg(rules)
    repair = repaired(rules, "45.60.0.0/16")
    assert [(change.method, change.name) for change in repair.inverse] == [
        ("PUT", "rule0"),
        ("DELETE", "rule0-approved"),
    ]
    undone = apply_changes(apply_changes(document, repair.changes), repair.inverse)
    assert difference(parse(document), parse(undone)).empty


def test_a_half_written_repair_is_resumed_without_a_second_companion() -> None:
    rules = f"210 Allow Tcp *>*:22; {DENY_ALL}"
    half = apply_changes(nsg(rules), repaired(rules, "45.60.0.0/16").changes[:1])
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
    ("210 Allow Tcp *>*", "incomplete"),
    ("210 Allow Tcp Internet,10.0.0.0/40>*:22", "cannot be read"),
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


# Priorities, families, names, and what is left ----------------------------------------------------


@pytest.mark.parametrize("priority", [100, 105, 110])
def test_a_rule_where_just_in_time_access_writes_its_own_is_repaired_in_place(priority: int) -> None:
    repair = repaired(f"{priority} Allow Tcp *>*:22,3389; {DENY_ALL}")
    assert body(repair)["priority"] == priority
    assert writes(repair) == [("PUT", "rule0")]


def test_a_companion_of_such_a_rule_stands_outside_those_priorities() -> None:
    repair = repaired(f"100 Allow Tcp *>*:22,443; {DENY_ALL}")
    assert body(repair, 0)["priority"] == 111
    assert body(repair, 0)["sourceAddressPrefix"] == "VirtualNetwork"


def explicit_families(properties: dict[str, Any]) -> set[bool]:
    keys = ("sourceAddressPrefix", "destinationAddressPrefix")
    texts = [text for key in keys for text in (properties.get(key), *(properties.get(f"{key}es") or ()))]
    return {":" in text for text in texts if text and text[0] in "0123456789:" and text != "*"}


def test_approved_sources_of_both_ip_versions_get_a_rule_each() -> None:
    """ARM refuses a rule with prefixes of both; the original keeps the one that needs more prefixes."""
    rules = f"210 Allow Tcp *>*:22; {DENY_ALL}"
    repair = repaired(rules, "45.60.0.0/16", "45.62.0.0/16", "2a0b:77c0::/32")
    assert [change.name for change in repair.changes] == ["rule0-approved", "rule0-approved-ipv6", "rule0"]
    assert all(len(explicit_families(body(repair, index))) <= 1 for index in range(3))


def test_sources_that_cannot_meet_the_destination_are_left_out() -> None:
    rules = f"210 Allow Tcp *>10.44.7.0/26:22; {DENY_ALL}"
    repair = repaired(rules, "45.60.0.0/16", "2a0b:77c0::/32")
    assert [change.name for change in repair.changes] == ["rule0-approved", "rule0"]
    assert body(repair, 0)["sourceAddressPrefixes"] == ["45.60.0.0/16"]


def test_with_a_default_route_private_sources_are_listed_by_ip_version() -> None:
    rules = f"210 Allow Tcp *>*:22; {DENY_ALL}"
    repair = repaired(rules, context=Context(default_route=True))
    assert [change.name for change in repair.changes] in (
        ["rule0-private-ipv6", "rule0"],
        ["rule0-private", "rule0"],
    )
    assert all(len(explicit_families(body(repair, index))) == 1 for index in range(2))


def test_one_rule_that_cannot_be_written_takes_nothing_away_from_the_others() -> None:
    repair = repaired("210 Allow Tcp *>*:22; 300 Allow Tcp Internet>*; 310 Allow Tcp Internet>*:3389")
    assert writes(repair) == [("PUT", "rule0")]
    assert [left.rule for left in repair.left] == ["rule1"]
    assert "incomplete" in repair.left[0].why


def test_a_write_that_would_take_nothing_away_is_not_made() -> None:
    """The rule that nobody may write lets everybody in, whatever happens to the other."""
    assert "incomplete" in refused("210 Allow Tcp *>*:22; 300 Allow Tcp *>*").reason


def test_a_tag_of_unknown_content_is_left_beside_what_is_repaired() -> None:
    repair = repaired("200 Allow Tcp AzureCloud>*:22; 210 Allow Tcp Internet>*:22")
    assert writes(repair) == [("DELETE", "rule1")]
    assert "AzureCloud" in repair.left[0].why


def test_no_advice_names_a_priority_that_is_not_free_or_below_111() -> None:
    assert "take ports 22 and 3389 out" in refused("100 Allow * *>*:*").suggestion
    assert "at priority 299" in refused("300 Allow * *>*:*").suggestion
    assert "at priority 298" in refused("300 Allow * *>*:*; 299 Deny Tcp 10.0.0.0/8>*:22").suggestion


def test_a_rule_of_the_clusters_controller_is_never_written() -> None:
    name = "k8s-azure-lb_allow_IPv4_0123456"
    found = plan_repair({"properties": {"securityRules": [rule("500 Allow Tcp Internet>*:22", name)]}})
    assert isinstance(found, NoFix)
    assert "cloud controller" in found.reason


def test_a_group_that_cuts_open_connections_says_so() -> None:
    document = nsg("210 Allow Tcp Internet>*:22")
    document["properties"]["flushConnection"] = True
    repair = plan_repair(document)
    assert isinstance(repair, Repair)
    assert "cut" in repair.proof
    assert "stay open" not in repair.proof


# Narrow sources -----------------------------------------------------------------------------------


def kept(rules: str, *approved: str) -> Repair:
    found = plan_repair(nsg(rules), (22, 3389), approved, keep=BroadFrom())
    assert isinstance(found, Repair), found
    return found


def test_beside_an_open_rule_the_offices_rule_stays() -> None:
    repair = kept("210 Allow Tcp *>*:22; 220 Allow Tcp 45.60.12.4>*:22")
    assert [change.name for change in repair.changes] == ["rule0"]
    assert repair.kept == ("45.60.12.4/32",)


def test_a_rule_that_names_an_office_and_everybody_is_brought_down_to_the_office() -> None:
    repair = kept("210 Allow Tcp 45.60.12.4,*>*:22")
    assert writes(repair) == [("PUT", "rule0")]
    assert body(repair)["sourceAddressPrefixes"] == ["45.60.12.4/32"]


def test_many_small_prefixes_that_are_broad_together_are_closed() -> None:
    halves = ",".join(f"{first}.0.0.0/9,{first}.128.0.0/9" for first in range(60, 70))
    assert writes(kept(f"210 Allow Tcp {halves}>*:22")) == [("DELETE", "rule0")]


def test_what_an_office_reached_through_an_open_rule_alone_it_no_longer_reaches() -> None:
    rules = "210 Allow Tcp *>*:22,3389; 220 Allow Tcp 45.60.12.4>*:22"
    after = parse(apply_changes(nsg(rules), kept(rules).changes))
    assert exposure(after, 22).public_sources == ("45.60.12.4/32",)
    assert exposure(after, 3389).verdict == "closed"


# Rules that belong to somebody else ---------------------------------------------------------------


def test_a_rule_that_is_left_to_somebody_else_does_not_hinder_another() -> None:
    rules = f"101 Allow Tcp 45.60.12.4>10.0.0.4:22; 210 Allow Tcp *>*:22; {DENY_ALL}"
    repair = plan_repair(nsg(rules), leave=("rule0",))
    assert isinstance(repair, Repair)
    assert writes(repair) == [("PUT", "rule1")]
    assert repair.left == ()


def test_no_rule_is_made_before_one_that_is_left() -> None:
    """The only free place beside the rule lies above the one that belongs to somebody else."""
    rules = f"300 Allow Tcp *>*:22,443; 301 Allow Tcp 45.60.12.4>10.0.0.4:22; {DENY_ALL}"
    found = plan_repair(nsg(rules), leave=("rule1",))
    assert isinstance(found, NoFix)


# Many rules ---------------------------------------------------------------------------------------


def test_a_thousand_open_rules_are_planned_together() -> None:
    rules = "; ".join(
        f"{100 + index} Allow Tcp *>10.{index // 250}.{index % 250}.4:22" for index in range(999)
    )
    repair = repaired(rules)
    assert len(repair.changes) == 999
    assert exposure(parse(apply_changes(nsg(rules), repair.changes)), 22).verdict == "closed"


@pytest.mark.parametrize("who", ["*", "Internet"])
def test_open_rules_that_hide_one_another_are_found_together(who: str) -> None:
    """A clock that goes on whenever it is asked counts the rounds."""
    ticks = itertools.count()
    rules = "; ".join(f"{100 + index} Allow Tcp {who}>*:22" for index in range(500))

    repair = plan_repair(nsg(rules), limits=Limits(seconds=600, clock=lambda: float(next(ticks))))

    assert isinstance(repair, Repair)
    assert 500 == len(repair.changes)


def test_what_a_deny_hides_stays_as_it_is_below_open_rules_that_hide_one_another() -> None:
    rules = (
        "100 Allow Tcp *>*:22; 110 Allow Tcp *>*:22; 120 Allow Tcp *>*:22; 130 Deny Tcp *>*:22; "
        "140 Allow Tcp *>*:22; 150 Allow Tcp *>*:22"
    )

    assert ["rule0", "rule1", "rule2"] == [change.name for change in repaired(rules).changes]


@pytest.mark.parametrize("asked", [1, 3, 5, 7])
def test_planning_that_takes_too_long_ends_with_that_as_its_reason(asked: int) -> None:
    """Wherever it is when its time is over; the clock jumps when it has been asked so often."""
    ticks = itertools.count()
    limits = Limits(clock=lambda: 0.0 if next(ticks) < asked else 60.0)
    openings = "; ".join(
        f"{200 + index} Allow Tcp {source}>10.0.{index}.4:22"
        for index, source in enumerate(["*", "Internet", "10.0.0.0/8,Internet"])
    )

    found = plan_repair(nsg(openings), limits=limits)

    assert isinstance(found, NoFix)
    assert "planning its repair takes longer than 10 seconds" in found.reason


def test_a_rule_is_taken_up_again_once_another_no_longer_stands_in_its_way() -> None:
    """What rule0 keeps open for a network cannot be moved below rule1 while rule1 lets everybody in."""
    document = nsg("108 Allow Tcp 45.60.0.0/16,10.1.0.0/16>*:20-25; 109 Allow Tcp Internet>*:22")

    repair = plan_repair(document)

    assert isinstance(repair, Repair)
    assert not repair.left
    assert exposure(parse(apply_changes(document, repair.changes)), 22).verdict == "closed"


def test_a_port_that_is_told_as_open_and_stays_so_is_named_beside_the_repair_of_another() -> None:
    document = nsg("108 Deny Tcp Storage>*:22; 119 Allow Tcp *>*:22; 120 Allow Tcp Internet>*:3389")

    repair = plan_repair(document)

    assert isinstance(repair, Repair)
    assert [change.name for change in repair.changes] == ["rule2"]
    assert [left.why.partition(":")[0] for left in repair.left] == ["tcp 22 might stay open"]


def test_where_rules_must_be_proven_one_by_one_a_bound_leaves_the_rest() -> None:
    mixed = "; ".join(
        f"{200 + 2 * index} Allow Tcp {source}>10.0.{index}.4:{ports}"
        for index, (source, ports) in enumerate(
            (source, ports)
            for source in ("*", "Internet", "10.0.0.0/8,Internet")
            for ports in ("22", "22,80")
        )
    )
    found = plan_repair(nsg(mixed), limits=Limits(comparisons=1))
    assert isinstance(found, Repair)
    assert found.left
    assert all("too many rules" in left.why for left in found.left)
