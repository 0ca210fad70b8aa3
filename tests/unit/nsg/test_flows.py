"""Whether flows are allowed: those Bastion's own subnet needs, and those from Bastion to a VM."""

from typing import Any

import pytest

from remediation.nsg import Context, Decider, Direction, FlowAnswer, flow_allowed, parse
from tests.unit.nsg.notation import nsg, rule

IN, OUT = Direction.INBOUND, Direction.OUTBOUND
REQUIRED: list[tuple[Direction, str, str, tuple[int, ...], str]] = [
    (IN, "Internet", "*", (443,), "tcp"),
    (IN, "GatewayManager", "*", (443,), "tcp"),
    (IN, "AzureLoadBalancer", "*", (443,), "tcp"),
    (IN, "VirtualNetwork", "VirtualNetwork", (8080, 5701), "*"),
    (OUT, "*", "VirtualNetwork", (22, 3389), "tcp"),
    (OUT, "*", "AzureCloud", (443,), "tcp"),
    (OUT, "VirtualNetwork", "VirtualNetwork", (8080, 5701), "*"),
    (OUT, "*", "Internet", (80,), "*"),
]
DOCUMENTED = [
    ("In", "120 Allow Tcp Internet>*:443"),
    ("In", "130 Allow Tcp GatewayManager>*:443"),
    ("In", "140 Allow Tcp AzureLoadBalancer>*:443"),
    ("In", "150 Allow * VirtualNetwork>VirtualNetwork:8080,5701"),
    ("Out", "100 Allow * *>VirtualNetwork:22,3389"),
    ("Out", "110 Allow Tcp *>AzureCloud:443"),
    ("Out", "120 Allow * VirtualNetwork>VirtualNetwork:8080,5701"),
    ("Out", "130 Allow * *>Internet:80"),
]


def bastion_nsg(*more: tuple[str, str], without: int | None = None) -> Any:
    texts = [row for index, row in enumerate(DOCUMENTED) if index != without] + list(more)
    rules = []
    for index, (direction, text) in enumerate(texts):
        one = rule(text, f"rule{index}")
        one["properties"]["direction"] = f"{direction}bound"
        rules.append(one)
    return parse({"properties": {"securityRules": rules}})


def asked(document: Any, index: int) -> FlowAnswer:
    direction, source, destination, ports, protocol = REQUIRED[index]
    return flow_allowed(document, direction, source, destination, ports, protocol)


@pytest.mark.parametrize("index", range(8))
def test_the_documented_rules_allow_each_flow_bastion_needs(index: int) -> None:
    answer = asked(bastion_nsg(("In", "4096 Deny * *>*:*"), ("Out", "4096 Deny * *>*:*")), index)
    assert answer.verdict == "allowed"
    assert not answer.only_by_default


@pytest.mark.parametrize("index", range(8))
def test_a_flow_whose_rule_is_gone_is_denied_below_a_deny_for_everyone(index: int) -> None:
    document = bastion_nsg(("In", "4096 Deny * *>*:*"), ("Out", "4096 Deny * *>*:*"), without=index)
    answer = asked(document, index)
    assert answer.verdict == ("denied" if index != 1 else "allowed")
    if answer.denied:  # GatewayManager is a public range, and 443 is open to Internet
        assert {decider.priority for decider in answer.denied_by} == {4096}


@pytest.mark.parametrize(
    ("index", "by_default"), [(2, True), (3, True), (4, True), (5, True), (6, True), (7, True)]
)
def test_a_flow_that_only_a_default_rule_allows_says_so(index: int, by_default: bool) -> None:
    answer = asked(parse(nsg("")), index)
    assert (answer.verdict, answer.only_by_default) == ("allowed", by_default)


def test_another_tag_of_unknown_content_makes_the_answer_unknown() -> None:
    document = bastion_nsg(("In", "110 Deny Tcp Storage>*:443"))
    assert asked(document, 1).verdict == "unknown"


def test_part_of_a_source_may_be_allowed() -> None:
    document = parse(nsg("200 Allow Tcp 45.60.0.0/16>*:443"))
    answer = flow_allowed(document, IN, "Internet", "*", 443)
    assert (answer.verdict, answer.allowed, answer.denied) == ("partly", True, True)
    assert flow_allowed(document, IN, "45.60.7.0/24", "*", 443).verdict == "allowed"


VM = Context(virtual_network=("10.9.0.0/26",))


def to_vm(subnet: str | None, nic: str | None, context: Context = VM) -> FlowAnswer:
    levels = [None if text is None else parse(nsg(text)) for text in (subnet, nic)]
    return flow_allowed(levels, IN, "10.9.0.0/26", "10.44.7.9", 22, context=context)


def test_bastion_reaches_a_vm_by_the_default_rules() -> None:
    answer = to_vm("", None)
    assert (answer.verdict, answer.only_by_default) == ("allowed", True)
    assert to_vm(None, None).verdict == "allowed"


def test_the_rule_that_blocks_bastion_is_named_with_its_level() -> None:
    answer = to_vm("", "300 Deny Tcp VirtualNetwork>10.44.7.0/24:22")
    assert answer.verdict == "denied"
    assert answer.denied_by == (Decider("rule0", 300, default=False, level=1),)


def test_a_prefix_not_known_to_lie_in_virtual_network_is_unknown() -> None:
    assert (
        to_vm("300 Deny Tcp VirtualNetwork>*:22; 400 Allow Tcp *>*:22", None, Context()).verdict == "unknown"
    )


def test_a_near_side_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="AzureCloud"):
        flow_allowed(parse(nsg("")), IN, "*", "AzureCloud", 22)
