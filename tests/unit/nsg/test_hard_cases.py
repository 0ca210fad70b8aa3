"""Documents that are odd in one point: what must not be mistaken for closed, and what must not be written."""

from typing import Any

import pytest

from remediation.model import NoFix, Witness
from remediation.nsg import (
    NSG_ALONE,
    Context,
    Exposure,
    Repair,
    difference,
    exposure,
    parse,
    plan_repair,
)
from tests.unit.nsg.notation import nsg, rule

ANYONE = "210 Allow Tcp *>*:22"


def with_rule(name: str | None = "odd", text: str = ANYONE, **properties: Any) -> dict[str, Any]:
    one = rule(text, name or "")
    one["properties"] |= properties
    return {"properties": {"securityRules": [one]}}


def judged(document: dict[str, Any], context: Context = NSG_ALONE) -> Exposure:
    return exposure(parse(document), 22, context=context)


def packet(rules: str, context: Context = NSG_ALONE) -> Witness:
    seen = judged(nsg(rules), context).witness
    assert seen is not None
    return seen


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        ("0 Allow Tcp *>*:22", "open"),
        ("5000 Allow Tcp *>*:22", "open"),
        ("65100 Allow Tcp *>*:22", "open"),  # before the default rule that denies everything
        ("65500 Allow Tcp *>*:22", "unknown"),  # beside it
        ("70000 Allow Tcp *>*:22", "closed"),  # behind it
        ("70000 Deny * *>*:*; 65100 Allow Tcp *>*:22", "open"),
        (f"65500 Deny * *>*:*; {ANYONE}", "open"),  # an export that lists the default rules as well
    ],
)
def test_a_priority_beyond_what_arm_takes_is_sorted_as_it_stands(rules: str, verdict: str) -> None:
    assert judged(nsg(rules)).verdict == verdict


@pytest.mark.parametrize(
    "properties",
    [
        {"sourceAddressPrefix": None, "sourceAddressPrefixes": "10.0.0.0/8"},
        {"sourceAddressPrefix": ["10.0.0.0/8"]},
        {"sourceAddressPrefix": 0},
        {"destinationPortRange": None, "destinationPortRanges": "80"},
        {"destinationPortRange": "80,443"},
        {"priority": "210"},
    ],
)
def test_a_value_of_the_wrong_shape_is_never_taken_for_closed(properties: dict[str, Any]) -> None:
    answer = judged(with_rule(**properties))
    assert answer.verdict == "unknown"
    assert "cannot be read" in (answer.reason or "")


def test_a_port_may_be_a_number() -> None:
    assert judged(with_rule(destinationPortRange=22)).verdict == "open"
    assert judged(with_rule(destinationPortRange=None, destinationPortRanges=[80, 22])).verdict == "open"


@pytest.mark.parametrize("groups", [None, "", [], [None]])
def test_a_list_of_groups_that_says_nothing_leaves_the_prefixes_alone(groups: Any) -> None:
    document = with_rule(sourceAddressPrefix="VirtualNetwork", sourceApplicationSecurityGroups=groups)
    assert judged(document).verdict == "closed"


def test_a_group_without_an_id_may_be_any() -> None:
    document = with_rule(sourceAddressPrefix="VirtualNetwork", sourceApplicationSecurityGroups=[{}])
    assert judged(document).verdict == "unknown"


def test_a_reference_with_every_key_null_is_not_an_nsg_without_rules() -> None:
    assert judged({"id": "x", "securityRules": None, "defaultSecurityRules": None}).verdict == "unknown"
    assert judged({"id": "x", "securityRules": None, "defaultSecurityRules": []}).verdict == "closed"


def test_rules_beside_properties_are_not_overlooked() -> None:
    document: dict[str, Any] = {"properties": {}, "securityRules": [rule(ANYONE)]}
    assert judged(document).verdict == "unknown"
    assert isinstance(plan_repair(document), NoFix)


@pytest.mark.parametrize(
    ("rules", "sources"),
    [
        ("200 Allow Any Storage,*>*:22", ()),  # its protocol decides; its source is certain
        ("200 Allow Tcp *>*:22; 200 Deny Tcp Storage>*:22", ("Storage",)),
        ("200 Deny Tcp Internet>*:22; 200 Allow Tcp Storage>*:22", ("Storage",)),
        ("200 Allow Any Storage,*>*:22; 210 Allow Tcp AzureCloud>*:22", ("AzureCloud",)),
    ],
)
def test_only_tags_whose_content_decides_are_unknown_sources(rules: str, sources: tuple[str, ...]) -> None:
    """Whatever the rules are called: names put rules of one priority in an order that means nothing."""
    document = nsg(rules)
    for names in (("a", "b"), ("b", "a")):
        for element, name in zip(document["properties"]["securityRules"], names, strict=False):
            element["name"] = name
        answer = judged(document)
        assert (answer.verdict, answer.unknown_sources) == ("unknown", sources)


def test_an_element_that_is_no_text_is_told_by_its_rule() -> None:
    answer = judged(with_rule(sourceAddressPrefix=None, sourceAddressPrefixes=[{"a": 1}]))
    assert answer.unknown_sources == ()
    assert answer.reason == "rule odd: an element of its source cannot be read"


def test_where_internet_may_lack_ipv6_its_deny_is_not_said_to_be_incomplete() -> None:
    """`Internet` is the one tag that may hold all of it."""
    rules = nsg(f"200 Deny Tcp Internet>*:22; {ANYONE}")
    answer = judged(rules, Context(internet_ipv6=False))
    assert (answer.verdict, answer.alert_as_open) == ("unknown", False)


@pytest.mark.parametrize(
    ("rules", "destination"),
    [
        ("415 Allow Tcp *>10.44.7.0/26:22", "10.44.7.4"),
        ("415 Allow Tcp *>10.44.7.9:22", "10.44.7.9"),
        ("415 Allow Tcp *>*:22", "10.0.0.4"),
        ("415 Allow Tcp 2a0b:77c0::/32>*:22", "fd00::4"),
    ],
)
def test_the_target_of_a_witness_is_an_address_that_azure_hands_out(rules: str, destination: str) -> None:
    assert packet(rules).destination == destination


def test_the_target_of_a_witness_lies_in_the_attached_subnet() -> None:
    assert packet(ANYONE, Context(attached=("10.44.7.0/26",))).destination == "10.44.7.4"
    assert packet(ANYONE, Context(attached=("10.44.7.48/28",))).destination == "10.44.7.52"
    assert packet(ANYONE, Context(attached=("fd00:1::/64",))).destination == "fd00:1::4"


def test_both_ends_of_a_witness_are_of_one_family_where_they_can_be() -> None:
    seen = packet("130 Deny Tcp *>0.0.0.0/0:22; 415 Allow Tcp *>*:22")
    assert (seen.source, seen.destination) == ("2000::1", "fd00::4")


def test_a_rule_that_a_write_could_not_name_is_not_written() -> None:
    twice = nsg("210 Allow Tcp Internet>*:22; 220 Allow Tcp Internet>*:3389")
    for element, name in zip(twice["properties"]["securityRules"], ("Open", "OPEN"), strict=True):
        element["name"] = name
    for document, said in ((twice, "same name"), (with_rule(None), "no name")):
        found = plan_repair(document)
        assert isinstance(found, NoFix)
        assert said in found.reason


def test_a_rule_at_a_priority_that_arm_does_not_take_is_not_written() -> None:
    found = plan_repair(nsg("5000 Allow Tcp Internet>*:22"))
    assert isinstance(found, NoFix)
    assert "100-4096" in found.reason


@pytest.mark.parametrize(
    ("protocol", "ports"), [("*", None), ("Any", None), ("Tcp", None), (None, "22"), ("", "*")]
)
def test_an_incomplete_deny_shuts_out_nothing(protocol: str | None, ports: str | None) -> None:
    """Ports mean nothing to ICMP, ESP and AH, and still the rule is incomplete and read at its narrowest."""
    deny = with_rule(text="150 Deny Tcp *>*", protocol=protocol, destinationPortRange=ports)
    assert difference(parse(nsg("")), parse(deny)).empty


def test_two_texts_that_cannot_be_read_are_not_the_same() -> None:
    before, after = with_rule(protocol="Sctp"), with_rule(protocol="Gre")
    assert difference(parse(before), parse(after)).unknown
    assert difference(parse(before), parse(with_rule("renamed", protocol="Sctp"))).empty


def test_many_rules_that_differ_in_every_dimension_are_still_decided_exactly() -> None:
    """One target and one source port is left between the denies, far from where the search begins."""
    blocked = "; ".join(
        f"{110 + index} Deny Tcp *>10.44.{index // 8}.{index % 8 * 32}/27:22 sp={index * 100}-65535"
        for index in range(60)
    )
    rules = f"{blocked}; 300 Allow Tcp 45.60.0.0/16>10.44.7.64/27:22 sp=0-5999; {'400 Deny * *>*:*'}"
    repair = plan_repair(nsg(rules))
    assert judged(nsg(rules)).public_sources == ("45.60.0.0/16",)
    assert packet(rules).source_port == 0
    assert isinstance(repair, Repair)


def test_what_an_unreadable_protocol_does_to_icmp_has_nothing_to_do_with_its_ports() -> None:
    """ICMP may have been let in before, by a rule whose ports mean nothing to it: nothing is surely new."""
    before = nsg("150 Allow Any *>*:22")
    after = nsg("150 Allow Any *>*:22; 150 Allow * *>*:0-65535")
    found = difference(parse(before), parse(after))
    assert not [piece for piece in found.added if "icmp" in piece.protocols]
    assert [piece for piece in found.unknown if "icmp" in piece.protocols]


def test_the_names_of_rules_of_one_priority_do_not_decide_what_differs() -> None:
    """Below a Deny that may match, all is unknown: what counts is that a changed rule has a part in it."""

    def added_beside(shared: str, new: str) -> int:
        doubtful, allow = rule("150 Deny Any *>*:22", "doubtful"), rule("200 Allow Tcp *>*:22", shared)
        more = rule("200 Allow Tcp 45.0.0.0/8>*:22", new)
        before, after = (
            {"properties": {"securityRules": rules}} for rules in ([doubtful, allow], [doubtful, allow, more])
        )
        return len(difference(parse(before), parse(after)).unknown)

    assert added_beside("a", "b") == added_beside("b", "a")


def test_the_groups_of_a_piece_of_traffic_come_in_one_order() -> None:
    web, db = "200 Allow Tcp *>asg(web):22 sp=0-9", "200 Allow Tcp *>asg(db),asg(web):22"
    there = difference(parse(nsg(web)), parse(nsg(db))).added
    back = difference(parse(nsg(db)), parse(nsg(web))).removed
    assert {piece.local_symbols for piece in there} == {piece.local_symbols for piece in back}
