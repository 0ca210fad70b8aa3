"""Differences in words: what a change let in or shut out."""

import pytest

from remediation.nsg import Difference, apply_changes, difference, parse
from remediation.nsg.repairing.changes import RuleChange
from tests.unit.nsg.notation import nsg, rule


def changed(before: str, after: str) -> Difference:
    return difference(parse(nsg(before)), parse(nsg(after)))


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("", "200 Allow Tcp Internet>*:22", "newly allowed: TCP 22 from the whole internet to any address"),
        (
            "200 Allow Udp 0.0.0.0/0>*:53",
            "",
            "no longer allowed: UDP 53 from the whole IPv4 internet to any address",
        ),
        (
            "",
            "200 Allow Tcp 45.60.0.0/16>10.44.7.9:22-25 sp=1-9",
            "newly allowed: TCP 22-25 from 45.60.0.0/16 to 10.44.7.9/32 (source ports 1-9)",
        ),
        ("", "200 Allow Tcp AzureCloud>*:22", "newly allowed: TCP 22 from azurecloud to any address"),
        (
            "",
            "200 Allow Tcp Internet>asg(web):22",
            "newly allowed: TCP 22 from the whole internet to members of web",
        ),
        (
            "200 Allow Tcp Internet>*:22",
            "100 Deny Tcp 45.60.0.0/16>*:22; 200 Allow Tcp Internet>*:22",
            "no longer allowed: TCP 22 from 45.60.0.0/16 to any address",
        ),
        (
            "",
            "100 Deny Tcp VirtualNetwork>*:22",
            "no longer allowed: TCP 22 from VirtualNetwork to any address",
        ),
    ],
)
def test_a_change_is_told_in_a_line(before: str, after: str, line: str) -> None:
    assert changed(before, after).summary() == [line]


def test_tcp_and_udp_ports_share_a_line() -> None:
    assert changed("", "200 Allow Tcp Internet>*:22,3389; 210 Allow Udp Internet>*:3389").summary() == [
        "newly allowed: TCP 22, 3389, UDP 3389 from the whole internet to any address"
    ]


def test_a_long_summary_is_cut_and_says_so() -> None:
    rules = "; ".join(f"{200 + index} Allow Tcp 45.60.{index}.0/24>10.44.7.{index}:22" for index in range(20))
    lines = changed("", rules).summary(limit=5)
    assert len(lines) == 5
    assert lines[-1] == "and 16 more differences"


def test_outbound_traffic_is_compared_too() -> None:
    deny = rule("200 Deny Tcp *>Internet:443", "egress")
    deny["properties"]["direction"] = "Outbound"
    found = difference(parse(nsg("")), parse({"properties": {"securityRules": [deny]}}))
    assert found.summary() == ["no longer allowed: outbound TCP 443 from any address to the whole internet"]


def test_changes_apply_to_a_flattened_document_and_leave_it_alone() -> None:
    flat = {"id": "x", "securityRules": [{"name": "Old", "priority": 200}]}
    after = apply_changes(
        flat, [RuleChange("old", {}, None), RuleChange("new", None, {"name": "new", "properties": {}})]
    )
    assert [one["name"] for one in after["securityRules"]] == ["new"]
    assert [one["name"] for one in flat["securityRules"]] == ["Old"]  # type: ignore[index]
