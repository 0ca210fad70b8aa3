"""What the outside hears of a change: events in both schemas, and the activity log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.arm import Arm, Change, Clock
from lab.arm.persona import OBJECT_ID, persona
from lab.events import cloud_event, event_grid
from tests.unit.lab.plain_client import GROUP, NETWORK, SUBSCRIPTION, WHERE, a_lab, a_rule

NSG = f"{NETWORK}/networkSecurityGroups/web"
RULE = f"{NSG}/securityRules/https"


def a_change(**changes: Any) -> Change:
    known: dict[str, Any] = {
        "operation_name": "Microsoft.Network/networkSecurityGroups/securityRules/write",
        "resource_id": RULE,
        "caller": "ada",
        "method": "PUT",
        "url": f"https://management.azure.com{RULE}?api-version=2026-03-01",
        "status": "Succeeded",
        "time": 1_800_000_000.25,
        "correlation_id": "c",
        "client_request_id": "r",
    }
    return Change(**(known | changes))


def test_an_event_has_the_documented_members_and_seven_digits() -> None:
    event = event_grid(a_change())
    assert set(event) == {
        "subject", "eventType", "eventTime", "id", "data", "dataVersion", "metadataVersion", "topic",
    }  # fmt: skip
    assert set(event["data"]) == {
        "authorization", "claims", "correlationId", "httpRequest", "resourceProvider", "resourceUri",
        "operationName", "status", "subscriptionId", "tenantId",
    }  # fmt: skip
    assert (event["eventTime"], event["topic"]) == ("2027-01-15T08:00:00.2500000Z", SUBSCRIPTION)
    assert event["eventType"] == "Microsoft.Resources.ResourceWriteSuccess"
    assert event["subject"] == event["data"]["resourceUri"] == RULE


def test_both_schemas_carry_the_same_event() -> None:
    one, other = event_grid(a_change()), cloud_event(a_change())
    assert set(other) == {"specversion", "id", "source", "subject", "type", "time", "data"}
    assert (one["id"], one["data"], one["eventType"]) == (other["id"], other["data"], other["type"])
    assert event_grid(a_change(correlation_id="d"))["id"] != one["id"]


@pytest.mark.parametrize(
    ("operation", "status", "kind"),
    [
        ("Microsoft.Network/bastionHosts/write", "Failed", "ResourceWriteFailure"),
        ("Microsoft.Network/bastionHosts/write", "Canceled", "ResourceWriteCancel"),
        ("Microsoft.Network/bastionHosts/delete", "Succeeded", "ResourceDeleteSuccess"),
        ("Microsoft.Network/bastionHosts/createShareableLinks/action", "Succeeded", "ResourceActionSuccess"),
    ],
)
def test_the_event_type_follows_from_verb_and_outcome(operation: str, status: str, kind: str) -> None:
    event = event_grid(a_change(operation_name=operation, status=status))
    assert event["eventType"] == f"Microsoft.Resources.{kind}"


def test_a_create_may_lack_http_request() -> None:
    assert "httpRequest" not in event_grid(a_change(), http_request=False)["data"]


def test_people_and_programs_have_their_own_claims() -> None:
    person = event_grid(a_change())["data"]
    guard = event_grid(a_change(caller="bastion-guard"))["data"]
    assert (
        person["claims"]["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"] == "ada@contoso.example"
    )
    assert guard["claims"]["idtyp"] == "app"
    assert guard["claims"]["xms_mirid"].startswith(f"{SUBSCRIPTION}/resourcegroups/")
    principal = guard["authorization"]["evidence"]["principalId"]
    assert principal == guard["claims"][OBJECT_ID].replace("-", "")
    assert guard["claims"]["appid"] != person["claims"]["appid"]


def test_the_client_follows_from_the_user_agent() -> None:
    cli, portal = persona("ada", "AZURECLI/2.80 azsdk-python"), persona("ada", "Mozilla/5.0")
    assert cli.application != portal.application
    assert cli.object_id == portal.object_id


def test_each_write_delete_and_action_raises_one_change_with_the_callers_correlation() -> None:
    with a_lab() as (azure, arm):
        seen: list[Change] = []
        end = arm.changes.subscribe(seen.append)
        headers = {"x-ms-correlation-request-id": "corr-1"}
        answer = azure.send("PUT", NSG, WHERE, headers=headers)
        azure.finish(answer)
        assert answer.headers["x-ms-correlation-request-id"] == "corr-1"
        azure.made(RULE.replace("https", "HTTPS"), a_rule())
        azure.put(f"{NSG}/providers/Microsoft.Insights/diagnosticSettings/d", {"properties": {}})
        azure.get(NSG)
        azure.finish(azure.delete(NSG))
        assert [
            (each.operation_name.removeprefix("Microsoft."), each.status, each.created) for each in seen
        ] == [
            ("Network/networkSecurityGroups/write", "Succeeded", True),
            ("Network/networkSecurityGroups/securityRules/write", "Succeeded", True),
            ("Insights/diagnosticSettings/write", "Succeeded", True),
            ("Network/networkSecurityGroups/delete", "Succeeded", False),
        ]
        assert (seen[0].correlation_id, seen[0].caller) == ("corr-1", "ada")
        assert seen[1].resource_id.endswith("/securityRules/HTTPS")
        end()
        azure.made(NSG, WHERE)
        assert len(seen) == 4


def test_a_subnet_written_inside_its_network_raises_the_networks_change_only() -> None:
    with a_lab() as (azure, arm):
        seen: list[str] = []
        arm.changes.subscribe(lambda change: seen.append(change.operation_name))
        subnet = {"name": "a", "properties": {"addressPrefix": "10.0.0.0/24"}}
        space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [subnet]}
        azure.made(f"{NETWORK}/virtualNetworks/v", WHERE | {"properties": space})
        assert seen == ["Microsoft.Network/virtualNetworks/write"]


def test_the_activity_log_has_the_changes_newest_first_and_filters_them() -> None:
    def listed(azure: Any, text: str) -> list[str]:
        query = "&$filter=" + text.replace(" ", "%20").replace("'", "%27")
        path = f"{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values"
        return [
            item["operationName"]["value"].rpartition("/")[2] for item in azure.get(path, query).body["value"]
        ]

    with a_lab(Arm(Clock(1_800_000_000.0, running=False))) as (azure, _):
        azure.made(NSG, WHERE)
        azure.lab("POST", "advance", {"seconds": 3600})
        azure.finish(azure.delete(NSG))
        since = "eventTimestamp ge '2027-01-15T08:30:00Z'"
        assert listed(azure, "eventTimestamp ge '2027-01-01T00:00:00Z'") == ["delete", "write", "write"]
        assert listed(azure, since) == ["delete"]
        assert listed(azure, f"{since} and resourceUri eq '{NSG.lower()}'") == ["delete"]
        assert listed(
            azure, "eventTimestamp le '2027-01-15T08:30:00Z' and resourceProvider eq 'Microsoft.Network'"
        ) == ["write"]
        assert listed(azure, "resourceGroupName eq 'RG-HUB'") == ["delete", "write", "write"]
        path = f"{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values"
        assert azure.get(path, "&$filter=weather%20eq%20%27rain%27").status == 400


def test_an_activity_log_item_tells_who_did_what() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        path = f"{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values"
        item = azure.get(path).body["value"][0]
        assert item["caller"] == "ada@contoso.example"
        assert item["status"]["value"] == "Succeeded"
        assert item["resourceId"] == NSG
        assert item["authorization"]["action"] == "Microsoft.Network/networkSecurityGroups/write"
        assert item["claims"][OBJECT_ID] == persona("ada").object_id
        assert json.dumps(item)


def test_a_group_delete_raises_an_event_per_resource_only_when_the_setting_says_so() -> None:
    for each, expected in ((False, 1), (True, 2)):
        with a_lab(group_delete_raises_each=each) as (azure, arm):
            azure.made(NSG, WHERE)
            seen: list[Change] = []
            arm.changes.subscribe(seen.append)
            azure.get(azure.delete(GROUP).headers["location"])
            assert len(seen) == expected
