"""What real clients ask before and beside their work: subscriptions, providers, regions, roles, machines."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from lab.arm import Arm
from tests.unit.lab.plain_client import GROUP, NETWORK, SUBSCRIPTION, WHERE, Plain, a_lab

NSG = f"{NETWORK}/networkSecurityGroups/web"
MACHINE = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web"
ROLES = "/providers/Microsoft.Authorization/roleDefinitions"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
NOBODY = "/subscriptions/00000000-0000-0000-0000-00000000dead"


@pytest.mark.parametrize(
    "path",
    ["", "/resourcegroups", "/providers", "/locations", "/providers/Microsoft.Network/virtualNetworks"],
)
def test_a_subscription_nobody_knows_is_not_found_rather_than_empty(path: str) -> None:
    with a_lab() as (azure, _):
        refused = azure.get(NOBODY + path)
        assert (refused.status, refused.code) == (404, "SubscriptionNotFound")
        assert refused.error["message"] == f"The subscription '{NOBODY[15:]}' could not be found."


def test_a_subscription_is_known_once_something_was_put_into_it_or_the_settings_name_it() -> None:
    with a_lab(subscriptions=[NOBODY[15:]]) as (azure, _):
        assert azure.get(f"{NOBODY}/resourcegroups").body == {"value": []}
        named = [each["subscriptionId"] for each in azure.get("/subscriptions").body["value"]]
        assert named == [SUBSCRIPTION[15:], NOBODY[15:]]
        azure.finish(azure.delete(GROUP))
        assert azure.get(f"{SUBSCRIPTION}/resourcegroups").body == {"value": []}


def test_a_provider_is_registered_and_names_its_types_versions_and_regions() -> None:
    with a_lab() as (azure, _):
        network = azure.get(f"{SUBSCRIPTION}/providers/microsoft.network").body
        assert (network["namespace"], network["registrationState"]) == ("Microsoft.Network", "Registered")
        types = {each["resourceType"]: each for each in network["resourceTypes"]}
        assert "2026-03-01" in types["networkSecurityGroups"]["apiVersions"]
        assert "West Europe" in types["bastionHosts"]["locations"]
        assert azure.send("POST", f"{SUBSCRIPTION}/providers/Microsoft.Network/register").body == network
        every = [each["namespace"] for each in azure.get(f"{SUBSCRIPTION}/providers").body["value"]]
        assert {"Microsoft.Network", "Microsoft.Compute", "Microsoft.Insights"} <= set(every)
        refused = azure.get(f"{SUBSCRIPTION}/providers/Microsoft.Nowhere")
        assert (refused.status, refused.code) == (404, "InvalidResourceNamespace")


def test_the_regions_of_a_subscription_name_their_pairs() -> None:
    with a_lab() as (azure, _):
        regions = {each["name"]: each for each in azure.get(f"{SUBSCRIPTION}/locations").body["value"]}
        assert regions["westeurope"]["displayName"] == "West Europe"
        assert regions["westeurope"]["metadata"]["pairedRegion"][0]["name"] == "northeurope"
        assert "availabilityZoneMappings" not in regions["westus"]


def test_anybody_may_ask_which_cloud_this_is() -> None:
    with a_lab() as (azure, _), closing(Plain(azure.url, caller="")) as nobody:
        cloud = nobody.get("/metadata/endpoints").body
        assert cloud["resourceManager"] == f"{azure.url}/"
        assert cloud["authentication"]["loginEndpoint"] == "https://login.microsoftonline.com"


@pytest.mark.parametrize("scope", [SUBSCRIPTION, GROUP, ""])
def test_a_built_in_role_is_found_by_its_name_and_its_id(scope: str) -> None:
    with a_lab() as (azure, _):
        found = azure.get(scope + ROLES, "&$filter=roleName%20eq%20'Reader'").body["value"]
        assert [(each["name"], each["properties"]["type"]) for each in found] == [(READER, "BuiltInRole")]
        assert azure.get(f"{scope}{ROLES}/{READER}").body == found[0]


def test_a_role_of_ones_own_stands_beside_the_built_in_ones() -> None:
    with a_lab() as (azure, _):
        own = {"roleName": "Guard", "type": "CustomRole", "permissions": [{"actions": ["*/read"]}]}
        azure.put(f"{SUBSCRIPTION}{ROLES}/guard", {"properties": own})
        custom = azure.get(SUBSCRIPTION + ROLES, "&$filter=type%20eq%20'CustomRole'").body["value"]
        assert [each["properties"]["roleName"] for each in custom] == ["Guard"]
        refused = azure.get(f"{SUBSCRIPTION}{ROLES}/nobodys")
        assert (refused.status, refused.code) == (404, "RoleDefinitionDoesNotExist")


def logged(azure: Plain, clause: str) -> list[str]:
    where = f"{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values"
    text = clause.replace(" ", "%20").replace("+", "%2B")
    return [each["operationName"]["value"] for each in azure.get(where, f"&$filter={text}").body["value"]]


@pytest.mark.parametrize(
    "since",
    ["'2020-01-01T00:00:00Z'", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00.123456+00:00",
     "2020-01-01T02:00:00+02:00"],
)  # fmt: skip
def test_the_activity_log_takes_times_with_and_without_quotes(since: str) -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        written = "Microsoft.Network/networkSecurityGroups/write"
        assert written in logged(azure, f"eventTimestamp ge {since} and eventChannels eq 'Admin, Operation'")
        assert logged(azure, f"eventTimestamp le {since}") == []


def test_a_machine_tells_how_it_runs() -> None:
    with a_lab() as (azure, _):
        azure.put(MACHINE, WHERE | {"properties": {"osProfile": {"computerName": "web-1"}}})

        def power(view: dict[str, Any]) -> list[str]:
            return [each["code"] for each in view["statuses"]]

        assert power(azure.get(f"{MACHINE}/instanceView").body) == [
            "ProvisioningState/succeeded",
            "PowerState/running",
        ]
        azure.send("POST", f"{MACHINE}/deallocate")
        inside = azure.get(MACHINE, "&$expand=instanceView").body["properties"]["instanceView"]
        assert (inside["computerName"], power(inside)[-1]) == ("web-1", "PowerState/deallocated")
        assert "instanceView" not in azure.get(MACHINE).body["properties"]


@pytest.mark.parametrize("path", [GROUP, SUBSCRIPTION])
def test_a_template_is_refused_rather_than_accepted_without_effect(path: str) -> None:
    with a_lab() as (azure, _):
        deployment = f"{path}/providers/Microsoft.Resources/deployments/main"
        sent = {"properties": {"mode": "Incremental", "template": {"resources": []}}}
        refused = azure.put(deployment, sent)
        assert (refused.status, refused.code) == (400, "NotSupported")
        assert azure.send("POST", f"{deployment}/whatIf", sent).code == "NotSupported"
        assert azure.get(deployment).status == 404


def test_a_template_for_a_group_that_is_not_there_is_refused_for_that() -> None:
    with a_lab() as (azure, _):
        path = f"{SUBSCRIPTION}/resourceGroups/gone/providers/Microsoft.Resources/deployments/main/validate"
        assert azure.send("POST", path, {}).code == "ResourceGroupNotFound"


def test_a_setting_of_the_subscription_stands_where_it_was_put_and_has_no_slash_before_its_id() -> None:
    with a_lab() as (azure, _):
        path = f"{SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings/activity"
        logs = [{"category": "Administrative", "enabled": True}]
        sink = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/w"
        told = {"location": "westeurope", "properties": {"workspaceId": sink, "logs": logs}}
        made = azure.put(path, told)
        assert made.status == 200
        found = azure.get(path).body
        assert (found["id"], found["location"]) == (made.body["id"], "westeurope")
        assert found["id"] == f"{SUBSCRIPTION[1:]}/providers/microsoft.insights/diagnosticSettings/activity"
        assert azure.get(path.rpartition("/")[0]).body == {"value": [found]}
        assert azure.delete(path).status == 200
        refused = azure.put(path, {"properties": {"workspaceId": sink, "logs": [{"category": "Nothing"}]}})
        assert (refused.status, refused.body["code"]) == (400, "BadRequest")


def test_what_a_caller_without_the_right_asks_about_its_subscription_is_refused() -> None:
    with a_lab(roles={"ada": ["Microsoft.Network/*"]}) as (azure, _):
        refused = azure.get(f"{SUBSCRIPTION}/providers")
        assert "Microsoft.Resources/subscriptions/providers/read" in refused.error["message"]


def test_a_reset_forgets_who_was_stopped() -> None:
    arm = Arm()
    arm.power["x"] = "stopped"
    arm.reset()
    assert arm.power == {}
