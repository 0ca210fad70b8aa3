"""Two states of a document, as lines that differ."""

from typing import Any

from demo.documents import diff, ports, traffic
from lab.estate_rules import rule

ID = (
    "/subscriptions/795b929e-9a9a-40fd-aa7b-5bf55eb561a4/resourceGroups/rg-a/providers/"
    "Microsoft.Network/networkSecurityGroups/nsg-a/securityRules/temp"
)


def a_rule(*open_ports: str, **top: Any) -> dict[str, Any]:
    return {**rule("temp", 310, "Allow", list(open_ports), source="Internet"), **top}


def an_nsg(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"id": ID.rpartition("/securityRules")[0], "properties": {"securityRules": list(rules)}}


def test_a_changed_leaf_stands_between_the_ones_that_stayed() -> None:
    changed = diff(ID, a_rule("22", "443"), a_rule("443"))
    assert changed.title == "rule temp changed"
    assert ("-", "destinationPortRanges: 22, 443") in changed.lines
    assert ("+", "destinationPortRange: 443") in changed.lines
    assert (" ", "priority: 310") in changed.lines


def test_what_arm_alone_writes_is_no_difference() -> None:
    after = a_rule("22", etag='W/"2"', id=ID, type="Microsoft.Network/networkSecurityGroups/securityRules")
    after["properties"] = {**after["properties"], "provisioningState": "Succeeded"}
    assert not diff(ID, a_rule("22"), after).changed


def test_a_document_that_came_or_went_says_so() -> None:
    assert diff(ID, None, a_rule("22")).title == "rule temp created"
    assert {sign for sign, _ in diff(ID, None, a_rule("22")).lines} == {"+"}
    assert diff(ID, a_rule("22"), None).title == "rule temp deleted"


def test_what_is_only_offered_is_told_in_another_mood() -> None:
    assert diff(ID, a_rule("22"), a_rule("443"), written=False).title == "rule temp would be changed"


def test_objects_in_a_list_go_by_their_names() -> None:
    before = {"properties": {"logs": [{"categoryGroup": "audit", "enabled": False}]}}
    after = {"properties": {"logs": [{"categoryGroup": "audit", "enabled": True}]}}
    changed = diff(ID, before, after)
    assert changed.lines == (("-", "logs[audit].enabled: false"), ("+", "logs[audit].enabled: true"))


def test_ports_and_traffic_are_judged_on_the_whole_group() -> None:
    before, after = an_nsg(a_rule("22", "443")), an_nsg(a_rule("443"))
    assert [(row.port, row.before, row.after) for row in ports(before, after, (22, 443))] == [
        (22, "open", "closed"),
        (443, "open", "open"),
    ]
    assert traffic(before, after) == ("no longer allowed: TCP 22 from the whole internet to any address",)
