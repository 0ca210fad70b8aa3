"""The worked examples of the NSG semantics, each by its number: Internet to tcp/22."""

from typing import Any

import pytest

from remediation.nsg import NSG_ALONE, Context, Nsg, breadth, exposure, parse
from tests.unit.nsg.notation import ASG_ID, NSG_ID, nsg, rule

ONLY_APP_SUBNET = Context(attached=("10.44.7.0/26",))

ALONE = [
    (1, "", "closed", "none"),
    (2, "210 Allow Tcp *>*:22", "open", "critical"),
    (4, "340 Allow Tcp 0.0.0.0/1,128.0.0.0/1>*:22", "open", "critical"),
    (
        5,
        "340 Allow Tcp 0.0.0.0/2,192.0.0.0/2>*:22; 355 Allow Tcp 64.0.0.0/2,128.0.0.0/2>*:22",
        "open",
        "critical",
    ),
    (6, "415 Allow Tcp ::/0>*:22", "open", "critical"),
    (7, "120 Deny * 0.0.0.0/0>*:*; 415 Allow Tcp *>*:22", "open", "critical"),
    (8, "120 Deny Tcp 0.0.0.0/0,::/0>*:22; 415 Allow Tcp *>*:22", "closed", "none"),
    (9, "120 Deny Tcp Internet>*:20-30; 415 Allow Tcp *>*:22", "closed", "none"),
    (10, "120 Deny * *>*:*; 415 Allow Tcp Internet>*:22", "closed", "none"),
    (
        11,
        "130 Deny Tcp 0.0.0.0/1>*:22; 131 Deny Tcp 128.0.0.0/1>*:22; 415 Allow Tcp 0.0.0.0/0>*:22",
        "closed",
        "none",
    ),
    (12, "130 Deny Tcp 45.60.0.0/16>*:22; 415 Allow Tcp Internet>*:22", "open", "critical"),
    (13, "130 Deny Tcp *>10.44.7.0/26:22; 415 Allow Tcp *>*:22", "open", "critical"),
    (15, "130 Deny Tcp *>*:22 sp=0-32767; 415 Allow Tcp *>*:22", "open", "critical"),
    (
        16,
        "130 Deny Tcp *>*:22 sp=0-32767; 140 Deny Tcp *>*:22 sp=32768-65535; 415 Allow Tcp *>*:22",
        "closed",
        "none",
    ),
    (17, "130 Deny Udp *>*:22; 415 Allow * *>*:22", "open", "critical"),
    (18, "130 Deny Tcp *>asg(db):22; 415 Allow Tcp *>*:22", "open", "critical"),
    (19, "415 Allow Tcp *>asg(web):22", "open", "critical"),
    (21, "415 Allow Tcp asg(web)>*:22", "closed", "none"),
    (22, "900 Deny Tcp *>*:22; 450 Allow Tcp *>*:22", "open", "critical"),
    (23, "900 Allow Tcp *>*:22; 450 Deny Tcp *>*:22", "closed", "none"),
    (24, "505 Allow Tcp *>*:22; 505 Deny Tcp *>*:22", "unknown", "none"),
    (25, "500 Allow Tcp *>*:22-22", "open", "critical"),
    (26, "500 Allow Tcp *>*:80,443,19-24", "open", "critical"),
    (27, "500 Allow Tcp *>*:23-3388", "closed", "none"),
    (28, "500 Allow * *>*:*", "open", "critical"),
    (
        29,
        "495 Allow Udp *>*:22; 500 Allow Icmp *>*:*; 510 Allow Esp *>*:*; 520 Allow Ah *>*:*",
        "closed",
        "none",
    ),
    (30, "500 Allow Tcp *>*:22", "open", "critical"),
    (31, "500 Allow Tcp *>*", "open", "critical"),
    (34, "600 Allow Tcp 45.60.12.0/24>*:22", "open", "medium"),
    (35, "600 Allow Tcp 45.0.0.0/8>*:22", "open", "critical"),
    (36, "600 Allow Tcp 60.0.0.0/9>*:22; 601 Allow Tcp 61.128.0.0/9>*:22", "open", "critical"),
    (37, "600 Allow Tcp 100.0.0.0/8>*:22", "open", "medium"),
    (38, "600 Allow Tcp 100.64.0.0/10>*:22", "closed", "none"),
    (39, "600 Allow Tcp 224.0.0.0/4,240.0.0.0/4>*:22", "closed", "none"),
    (40, "600 Allow Tcp 10.0.0.0/8,172.16.0.0/12,203.0.113.0/24,0.0.0.0>*:22", "closed", "none"),
    (41, "600 Allow Tcp 168.63.129.16>*:22; 610 Allow Tcp AzureLoadBalancer>*:22", "closed", "none"),
    (42, "600 Allow Tcp VirtualNetwork>*:22", "closed", "none"),
    (44, "600 Allow Tcp GatewayManager>*:22", "unknown", "none"),
    (45, "600 Allow Tcp AzureCloud>*:22", "unknown", "none"),
    (46, "600 Allow Tcp Fabrikam.Edge>*:22", "unknown", "none"),
    (47, "600 Deny Tcp AzureCloud>*:22; 610 Allow Tcp Internet>*:22", "unknown", "none"),
    (
        48,
        "600 Deny Tcp Storage>*:22; 610 Deny Tcp Internet>*:22; 620 Allow Tcp *>*:22",
        "closed",
        "none",
    ),
    (49, "600 Allow Tcp AzureCloud>*:22; 610 Allow Tcp Internet>*:22", "open", "critical"),
    (50, "600 Allow Tcp 10.20.0.0/16,Internet>*:22", "open", "critical"),
    (51, "600 Allow Tcp fc00::/7,fe80::/10,2001:db8::/32>*:22", "closed", "none"),
    (52, "600 Allow Tcp 2a0b:77c0::/32>*:22", "open", "medium"),
    (54, "101 Allow Tcp *>10.44.7.9:22", "open", "critical"),
]


@pytest.mark.parametrize(("number", "rules", "verdict", "grade"), ALONE, ids=lambda value: str(value)[:3])
def test_example_of_an_nsg_alone(number: int, rules: str, verdict: str, grade: str) -> None:
    answer = exposure(parse(nsg(rules)), 22)
    assert answer.verdict == verdict
    assert breadth(answer.sources) == grade
    assert (answer.witness is not None) == (verdict == "open")
    assert (answer.reason is not None) == (verdict == "unknown")


IN_CONTEXT = [
    (14, "130 Deny Tcp *>10.44.7.0/26:22; 415 Allow Tcp *>*:22", ONLY_APP_SUBNET, "closed"),
    (20, "415 Allow Tcp *>asg(web):22", Context(asg_members={}), "closed"),
    (43, "600 Allow Tcp VirtualNetwork>*:22", Context(default_route=True), "unknown"),
    (53, "600 Allow Tcp *>45.60.9.9:22", ONLY_APP_SUBNET, "closed"),
]


@pytest.mark.parametrize(
    ("number", "rules", "context", "verdict"), IN_CONTEXT, ids=lambda value: str(value)[:3]
)
def test_example_in_a_known_context(number: int, rules: str, context: Context, verdict: str) -> None:
    assert exposure(parse(nsg(rules)), 22, context=context).verdict == verdict


COMPOSED = [
    (55, "700 Allow Tcp *>*:22", "", "closed"),
    (56, "700 Allow Tcp 0.0.0.0/1>*:22", "700 Allow Tcp 128.0.0.0/1>*:22", "closed"),
    (57, "700 Allow Tcp *>*:22 sp=1-1000", "700 Allow Tcp *>*:22 sp=2000-3000", "closed"),
    (58, "700 Allow Tcp AzureCloud>*:22", "700 Allow Tcp *>*:22", "unknown"),
]


@pytest.mark.parametrize(("number", "subnet", "nic", "verdict"), COMPOSED, ids=lambda value: str(value)[:3])
def test_example_of_a_subnet_and_a_nic(number: int, subnet: str, nic: str, verdict: str) -> None:
    assert exposure([parse(nsg(subnet)), parse(nsg(nic))], 22).verdict == verdict


def test_example_3_enums_and_tags_ignore_case() -> None:
    loud = rule("210 ALLOW tcp internet>*:22")
    loud["properties"]["direction"] = "inbound"
    assert judged(loud).verdict == "open"


def judged(*rules: dict[str, Any], context: Context = NSG_ALONE) -> Any:
    return exposure(parse({"id": NSG_ID, "properties": {"securityRules": list(rules)}}), 22, context=context)


def test_example_31_an_incomplete_allow_is_read_wide_and_marked() -> None:
    answer = judged(rule("500 Allow Tcp *>*"))
    assert (answer.verdict, answer.incomplete) == ("open", True)


def test_example_32_an_incomplete_deny_matches_nothing() -> None:
    blank = {
        "name": "blank",
        "properties": {"priority": 500, "access": "Deny", "protocol": "Tcp", "direction": "Inbound"},
    }
    answer = judged(blank, rule("510 Allow Tcp *>*:22"))
    assert (answer.verdict, answer.witness.allowed_by) == ("open", "rule")


def test_example_33_singular_and_plural_are_united() -> None:
    both = rule("500 Allow Tcp *>*")
    both["properties"] |= {"destinationPortRange": "443", "destinationPortRanges": ["22"]}
    assert judged(both).verdict == "open"


def test_example_34_an_approved_source_is_no_finding() -> None:
    answer = judged(rule("600 Allow Tcp 45.60.12.0/24>*:22"))
    assert breadth(answer.sources, Context(approved=("45.60.0.0/16",))) == "none"


def test_example_47_part_of_the_internet_certainly_gets_in() -> None:
    answer = judged(
        rule("600 Deny Tcp AzureCloud>*:22", "deny"), rule("610 Allow Tcp Internet>*:22", "allow")
    )
    assert answer.alert_as_open
    assert answer.unknown_sources == ("AzureCloud",)
    assert answer.public_sources == ()
    assert "part of it certainly gets in" in answer.reason


def test_a_narrow_allow_below_a_denied_tag_is_not_alerted_as_open() -> None:
    """The tag may well hold all of a few addresses."""
    answer = judged(
        rule("600 Deny Tcp AzureCloud>*:22", "deny"), rule("610 Allow Tcp 45.60.0.0/16>*:22", "allow")
    )
    assert (answer.verdict, answer.alert_as_open) == ("unknown", False)


def test_example_59_without_an_nsg_the_sku_decides() -> None:
    nobody: list[Nsg | None] = [None, None]
    assert exposure(nobody, 22, context=Context(public_ip_sku="Standard")).verdict == "closed"
    assert exposure(nobody, 22, context=Context(public_ip_sku="Basic")).verdict == "open"
    assert exposure(nobody, 22).verdict == "unknown"


def test_example_60_a_mere_reference_is_unknown() -> None:
    answer = exposure(parse({"id": NSG_ID}), 22)
    assert answer.verdict == "unknown"
    assert answer.reason


def test_a_member_of_a_group_is_a_target() -> None:
    members = Context(asg_members={ASG_ID + "web": ("10.44.7.9",)}, attached=("10.44.7.0/26",))
    answer = judged(rule("415 Allow Tcp *>asg(web):22"), context=members)
    assert (answer.verdict, answer.witness.destination) == ("open", "10.44.7.9")


def test_one_level_that_certainly_denies_closes_what_could_not_be_read_at_the_other() -> None:
    unread, closed = parse({"id": NSG_ID}), parse(nsg(""))
    assert exposure([unread, closed], 22).verdict == "closed"
    assert exposure([unread, parse(nsg("210 Allow Tcp *>*:22"))], 22).verdict == "unknown"
