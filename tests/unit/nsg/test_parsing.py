"""From ARM documents to rules: every form a field takes, and what is said about those that cannot be read."""

from typing import Any

import pytest

from remediation.nsg import Direction, exposure, flow_allowed, parse
from remediation.nsg.fields import EVERY_PORT, read_addresses, read_ports
from tests.unit.nsg.notation import NSG_ID, nsg, rule


@pytest.mark.parametrize(
    ("properties", "known", "doubts"),
    [
        ({"destinationPortRange": "22"}, (22, 23), ()),
        ({"destinationPortRange": " 20 - 25 "}, (20, 26), ()),
        ({"destinationPortRange": "22-22"}, (22, 23), ()),
        ({"destinationPortRange": "*"}, EVERY_PORT, ()),
        ({"destinationPortRange": " * "}, EVERY_PORT, ()),
        ({"destinationPortRange": "0-65535"}, EVERY_PORT, ()),
        ({"destinationPortRange": "443", "destinationPortRanges": ["22", "23", ""]}, (22, 24, 443, 444), ()),
        ({"destinationPortRange": "", "destinationPortRanges": [None, 22]}, (22, 23), ()),
        ({"destinationPortRange": "70000", "destinationPortRanges": ["22"]}, (22, 23), ("70000",)),
        ({"destinationPortRange": "25-20"}, (), ("25-20",)),
        ({"destinationPortRanges": "22"}, (), ("?",)),
        ({"destinationPortRanges": [{"a": 1}]}, (), ("?",)),
    ],
)
def test_ports_are_read_in_every_form(properties: dict[str, Any], known: Any, doubts: Any) -> None:
    found = read_ports(properties, "destination")
    assert (found.known, found.doubts, found.missing) == (known, doubts, False)


@pytest.mark.parametrize(
    "absent", [{}, {"destinationPortRange": None}, {"destinationPortRange": "", "destinationPortRanges": []}]
)
def test_ports_that_say_nothing_are_missing(absent: dict[str, Any]) -> None:
    assert read_ports(absent, "destination").missing


def test_addresses_tags_and_groups_of_one_side_are_united() -> None:
    found = read_addresses(
        {
            "sourceAddressPrefix": " 10.1.2.3/8 ",
            "sourceAddressPrefixes": ["Internet", "AzureCloud.WestEurope", "10.0.0.0/40", "", None, 5],
            "sourceApplicationSecurityGroups": [{"id": "/A/Web"}, {}],
        },
        "source",
    )
    assert found.known == (10 << 24, 11 << 24)
    assert found.tags == ("Internet", "AzureCloud.WestEurope")
    assert found.groups == ("/a/web",)
    assert found.doubts == ("10.0.0.0/40", "5", "?")


@pytest.mark.parametrize(
    ("direction", "source", "destination", "decider"),
    [
        (Direction.INBOUND, "VirtualNetwork", "*", "AllowVnetInBound"),
        (Direction.INBOUND, "Internet", "*", "DenyAllInBound"),
        (Direction.OUTBOUND, "*", "VirtualNetwork", "AllowVnetOutBound"),
        (Direction.OUTBOUND, "*", "Internet", "AllowInternetOutBound"),
    ],
)
def test_default_rules_apply_whatever_the_document_lists(
    direction: Direction, source: str, destination: str, decider: str
) -> None:
    listed_as_none = parse({"properties": {"defaultSecurityRules": []}})
    answer = flow_allowed(listed_as_none, direction, source, destination, 22)
    assert decider in {one.name for one in (*answer.allowed_by, *answer.denied_by)}


def test_a_rule_for_the_way_out_lets_nobody_in() -> None:
    out = rule("110 Allow Tcp *>*:22", "out")
    out["properties"]["direction"] = "outbound"
    assert exposure(parse({"properties": {"securityRules": [out]}}), 22).verdict == "closed"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("text", "not a JSON object"),
        ({"id": NSG_ID}, "reference"),
        ({"id": NSG_ID, "properties": None}, "reference"),
        ({"properties": []}, "properties"),
        ({"properties": {"securityRules": {}}}, "securityRules"),
        ({"type": "Microsoft.Compute/virtualMachines", "properties": {}}, "virtualMachines"),
    ],
)
def test_what_is_no_nsg_is_not_understood(document: Any, reason: str) -> None:
    found = parse(document)
    assert not found.understood
    assert reason in (found.not_understood or "")


@pytest.mark.parametrize("rules", [None, []])
def test_no_custom_rules_is_understood(rules: Any) -> None:
    found = parse({"properties": {"securityRules": rules}})
    assert (found.understood, found.custom, found.problems) == (True, (), ())


def test_each_thing_that_cannot_be_read_is_a_problem_with_its_rule_and_field() -> None:
    odd = rule("210 Allow Tcp *>*:22,x sp=y")
    odd["properties"] |= {"priority": "abc", "direction": 5, "access": "Permit", "protocol": "Any"}
    odd["properties"] |= {"sourceAddressPrefix": "1.2.3.4/99", "destinationAddressPrefix": "fe80:::"}
    found = parse({"properties": {"securityRules": [odd, "junk", {"name": "bare", "properties": 7}]}})
    assert [(one.rule, one.field) for one in found.problems] == [
        ("rule", "priority"), ("rule", "direction"), ("rule", "access"), ("rule", "protocol"),
        ("rule", "sourceAddressPrefix"), ("rule", "sourcePortRange"), ("rule", "destinationAddressPrefix"),
        ("rule", "destinationPortRange"), ("securityRules[1]", "rule"), ("bare", "properties"),
    ]  # fmt: skip


def test_an_incomplete_rule_names_what_is_missing() -> None:
    (problem,) = parse(nsg("500 Allow Tcp *>*")).problems
    assert (problem.rule, problem.field) == ("rule0", "destinationPortRange")
