"""What the fixes that give traffic back write, and where they stop."""

from typing import Any

import pytest

from remediation.landing_zone.facts import BASTION_FLOWS
from remediation.landing_zone.rewriting import as_put
from remediation.model import Applicability, Finding, Fix, Write
from remediation.nsg import Direction, apply_changes, flow_allowed, parse
from remediation.nsg.repairing.changes import RuleChange
from remediation.resource_id import ResourceId
from tests.unit.rules.case import Case, all_cases, judged
from tests.unit.rules.estates_nsg import BASTION_NSG

BLOCKS, FLOWS = "vm-nsg-blocks-bastion", "bastion-subnet-nsg-required-flows"


def case(rule: str, name: str) -> Case:
    return next(one for of, one in all_cases() if (of, one.name) == (rule, name))


def finding(rule: str, name: str) -> Finding:
    (found,) = judged(rule, case(rule, name)).findings
    return found


def fix(rule: str, name: str) -> Fix:
    found = finding(rule, name).fix
    assert found is not None
    return found


def written(rule: str, name: str) -> list[tuple[str, int]]:
    return [(write.id.name, properties(write)["priority"]) for write in fix(rule, name).writes]


def properties(write: Write) -> dict[str, Any]:
    assert write.body is not None
    return dict(write.body["properties"])


def test_bastion_is_let_in_by_one_rule_right_before_the_deny() -> None:
    found = fix(BLOCKS, "everybody denied")

    assert Applicability.UNSAFE is found.applicability
    assert [("bastion-guard-allow-bastion-22", 399)] == written(BLOCKS, "everybody denied")
    assert ["10.0.0.0/26"] == properties(found.writes[0])["sourceAddressPrefixes"]
    assert ["22"] == properties(found.writes[0])["destinationPortRanges"]
    assert [("DELETE", found.writes[0].id)] == [(write.method, write.id) for write in found.inverse]


def test_the_port_is_that_of_the_machines_system() -> None:
    assert [("bastion-guard-allow-bastion-3389", 399)] == written(BLOCKS, "everybody denied, Windows")


def test_the_prefix_is_that_of_the_nearest_host() -> None:
    found = fix(BLOCKS, "the hub allowed, the host in its own network denied")

    assert ["10.1.9.0/26"] == properties(found.writes[0])["sourceAddressPrefixes"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("the best priority there is", "no priority is free"),
        ("no priority is free before the deny", "no priority is free"),
    ],
)
def test_where_nothing_may_be_written_the_finding_says_why(name: str, why: str) -> None:
    found = finding(BLOCKS, name)

    assert found.fix is None
    assert found.no_fix is not None
    assert why in found.no_fix.text


def test_a_missing_flow_gets_its_customary_priority_where_only_a_default_rule_blocks() -> None:
    assert [("bastion-guard-AllowHttpsInbound", 120)] == written(FLOWS, "people are not let in")


def test_a_denied_flow_is_let_through_right_before_the_deny() -> None:
    assert [("bastion-guard-AllowGatewayManagerInbound", 114)] == written(
        FLOWS, "the control plane is denied before it is allowed"
    )


def test_several_missing_flows_are_one_write_of_the_whole_group_and_no_priority_twice() -> None:
    """Azure refuses each step that leaves the group without a rule it insists on."""
    (write,) = fix(FLOWS, "no rule at all").writes
    rules = [rule["properties"] for rule in properties(write)["securityRules"]]
    places = {(rule["direction"], rule["priority"]) for rule in rules}

    assert (write.method, write.id) == ("PUT", BASTION_NSG)
    assert len(BASTION_FLOWS) == len(rules) == len(places)
    assert all(isinstance(priority, int) and priority > 110 for _, priority in places)


def test_a_group_written_whole_keeps_everything_else_and_is_written_against_the_version_read() -> None:
    subject = case(FLOWS, "several flows at once")
    nsg = next(document for document in subject.documents if document["id"] == subject.subject)
    found = fix(FLOWS, "several flows at once")
    (write,) = found.writes
    assert write.body is not None
    kept = [rule for rule in properties(write)["securityRules"] if "bastion-guard" not in rule["name"]]

    assert write.if_match == nsg["etag"]
    assert as_put(nsg) == {**write.body, "properties": {**properties(write), "securityRules": kept}}
    assert [("PUT", BASTION_NSG, as_put(nsg))] == [
        (back.method, back.id, back.body) for back in found.inverse
    ]
    assert {BASTION_NSG.key: as_put(nsg)} == found.before


def test_what_is_missing_for_kerberos_alone_is_one_rule_since_azure_does_not_insist_on_it() -> None:
    found = fix(FLOWS, "Kerberos: one of its ports is closed")

    assert [("bastion-guard-AllowKerberosOutbound", 3999)] == written(
        FLOWS, "Kerberos: one of its ports is closed"
    )
    assert ["636"] == properties(found.writes[0])["destinationPortRanges"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("attached to a subnet of machines too", "would be opened too"),
        ("a rule of the fix's own name is there", "already"),
        ("no priority is free before the deny", "no priority is free"),
    ],
)
def test_a_group_that_cannot_be_opened_safely_is_only_told_of(name: str, why: str) -> None:
    found = finding(FLOWS, name)

    assert found.fix is None
    assert found.no_fix is not None
    assert why in found.no_fix.text


def test_what_got_through_before_an_opening_gets_through_after_it() -> None:
    subject = case(BLOCKS, "everybody denied")
    nsg = next(document for document in subject.documents if document["id"] == subject.subject)
    change = fix(BLOCKS, "everybody denied").writes[0]
    body = dict(change.body or {})
    after = parse(apply_changes(nsg, [RuleChange(change.id.name, None, body)]))

    bastion = flow_allowed(after, Direction.INBOUND, "10.0.0.4", "10.1.0.4", 22)
    others = flow_allowed(after, Direction.INBOUND, "10.7.0.4", "10.1.0.4", 22)

    assert ("allowed", "denied") == (bastion.verdict, others.verdict)


def test_a_bare_bastion_subnet_gets_commands_that_make_every_rule_before_attaching_them() -> None:
    (found,) = judged(
        "bastion-subnet-nsg-missing", case("bastion-subnet-nsg-missing", "it has none")
    ).findings

    first, *rules, last = found.commands
    assert first.startswith("az network nsg create ")
    assert 8 == len([command for command in rules if command.startswith("az network nsg rule create ")])
    assert last.startswith("az network vnet subnet update --ids ")
    assert ResourceId.parse(found.resource.text).name == "AzureBastionSubnet"


def test_beside_a_live_just_in_time_request_the_other_rule_is_repaired_and_its_rule_stays() -> None:
    rule = "nsg-mgmt-open-to-internet"

    names = [write.id.name for write in fix(rule, "rdp from anywhere beside a live request").writes]

    assert ["open"] == names


@pytest.mark.parametrize(
    "name",
    [
        "just-in-time access whose request is over",
        "a rule that is only named like just-in-time access",
        "ssh and https from anywhere above a live request",
    ],
)
def test_nothing_is_written_of_just_in_time_access_or_made_above_it(name: str) -> None:
    found = finding("nsg-mgmt-open-to-internet", name)

    assert found.fix is None
    assert found.no_fix is not None
    assert "just-in-time" in found.no_fix.text


def test_a_rule_whose_request_nobody_may_see_is_left_and_another_is_repaired() -> None:
    found = fix("nsg-mgmt-open-to-internet", "rdp from anywhere beside a request nobody may see")

    assert ["open"] == [write.id.name for write in found.writes]
