from typing import Any

from remediation.findings import FixRecord
from remediation.telling.cards.diff import Change, changes, rule_line
from tests.unit.cards.samples import BASTION, NSG, WORKSPACE, diagnostics_fix

RULE = f"{NSG}/securityRules/allow-any"
ALLOW = {
    "priority": 300,
    "access": "Allow",
    "direction": "Inbound",
    "protocol": "Tcp",
    "sourceAddressPrefix": "*",
    "destinationAddressPrefixes": ["10.0.0.0/24", "10.0.1.0/24"],
    "destinationPortRange": "22",
}


def one(before: dict[str, Any] | None, write: dict[str, Any], key: str | None = None) -> Change:
    (change,) = changes(FixRecord(title="x", writes=[write], before={key or write["id"]: before}))
    return change


def test_a_changed_rule_shows_only_the_properties_that_differ() -> None:
    after = {"properties": ALLOW | {"sourceAddressPrefix": "20.1.2.0/24"}}

    change = one({"properties": ALLOW}, {"method": "PUT", "id": RULE, "body": after})

    assert change == Change(
        "Rule allow-any is changed:",
        (("-", "sourceAddressPrefix: *"), ("+", "sourceAddressPrefix: 20.1.2.0/24")),
    )


def test_a_deleted_rule_is_one_line() -> None:
    change = one({"properties": ALLOW}, {"method": "DELETE", "id": RULE, "body": None})

    assert change.lines == (
        (
            "-",
            "Rule allow-any is deleted: 300 Allow Inbound Tcp, from *, to 10.0.0.0/24, 10.0.1.0/24, ports 22",
        ),
    )


def test_a_new_rule_is_one_line() -> None:
    (line,) = one(None, {"method": "PUT", "id": RULE, "body": {"properties": ALLOW}}).lines

    assert line[0] == "+"
    assert line[1].startswith("Rule allow-any is created: 300 Allow")


def test_what_arm_alone_writes_is_no_change() -> None:
    before = {"id": RULE, "etag": "1", "properties": ALLOW | {"provisioningState": "Succeeded"}}

    assert one(before, {"method": "PUT", "id": RULE, "body": {"properties": ALLOW}}).lines == ()


def test_null_an_empty_list_and_a_missing_key_are_the_same_nothing() -> None:
    before = {"properties": ALLOW | {"sourceAddressPrefixes": [], "description": None}}

    assert one(before, {"method": "PUT", "id": RULE, "body": {"properties": ALLOW}}).lines == ()


def test_the_before_image_is_found_whatever_the_case_of_its_id() -> None:
    write = {"method": "DELETE", "id": RULE, "body": None}

    assert one({"properties": ALLOW}, write, RULE.upper()) == one({"properties": ALLOW}, write)


def test_objects_in_a_list_go_by_their_name_and_ids_by_their_end() -> None:
    (change,) = changes(diagnostics_fix())

    assert change.title == "Diagnostic setting setByPolicy-LogAnalytics is created:"
    assert change.lines == (
        ("+", "workspaceId: workspaces/central"),
        ("+", "logs[audit].enabled: false"),
        ("+", "logs[allLogs].enabled: true"),
    )


def test_ids_that_differ_only_before_their_end_are_shown_whole() -> None:
    elsewhere = WORKSPACE.replace("1111", "2222", 1)
    before, after = ({"properties": {"workspaceId": each}} for each in (elsewhere, WORKSPACE))

    change = one(before, {"method": "PUT", "id": BASTION, "body": after})

    assert change.lines == (("-", f"workspaceId: {elsewhere}"), ("+", f"workspaceId: {WORKSPACE}"))


def test_an_application_security_group_is_shown_by_name() -> None:
    group = {"id": f"{NSG}/x/asg-web"}

    assert "from asg-web, to ?" in rule_line({"sourceApplicationSecurityGroups": [group]})


def test_a_write_to_what_is_no_resource_id_is_shown_as_it_is() -> None:
    assert one(None, {"method": "DELETE", "id": "nonsense", "body": None}).title == "nonsense is deleted:"


def test_a_sku_is_a_change_of_one_leaf() -> None:
    change = one(
        {"sku": {"name": "Basic"}}, {"method": "PUT", "id": BASTION, "body": {"sku": {"name": "Standard"}}}
    )

    assert change == Change(
        "Bastion bas-hub is changed:", (("-", "sku.name: Basic"), ("+", "sku.name: Standard"))
    )


def a_group(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": NSG, "tags": {}, "properties": {"securityRules": list(rules), **more}}


def test_a_group_that_is_written_whole_shows_its_rules_a_line_each() -> None:
    kept = {"name": "kept", "etag": "1", "properties": ALLOW}
    before = a_group(kept, {"name": "old", "properties": ALLOW}, {"name": "moved", "properties": ALLOW})
    moved = {"name": "moved", "properties": ALLOW | {"priority": 301}}
    after = a_group({"name": "new", "properties": ALLOW}, moved, kept, flushConnection=True)
    said = "Allow Inbound Tcp, from *, to 10.0.0.0/24, 10.0.1.0/24, ports 22"

    change = one(before, {"method": "PUT", "id": NSG, "body": after})

    assert change == Change(
        f"Group {NSG.rpartition('/')[2]} is changed:",
        (
            ("-", f"old: 300 {said}"),
            ("-", f"moved: 300 {said}"),
            ("+", f"moved: 301 {said}"),
            ("+", f"new: 300 {said}"),
            ("+", "flushConnection: true"),
        ),
    )


def test_what_a_rules_line_does_not_show_is_shown_by_itself() -> None:
    before = a_group({"name": "rule", "properties": ALLOW | {"provisioningState": "Succeeded"}})
    after = a_group({"name": "rule", "properties": ALLOW | {"description": "for Bastion"}})

    change = one(before, {"method": "PUT", "id": NSG, "body": after})

    assert change.lines == (("+", "rule.description: for Bastion"),)
