"""The lab authorises callers that have a role, as ARM does: by action, and by what a body refers to."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from lab.arm import Arm, ids
from lab.arm.calls import Call
from lab.arm.persona import persona
from lab.arm.state.authorization import action_of, linked_actions
from lab.arm.state.grants import Grant, permits, permitted
from tests.unit.lab.plain_client import GROUP, NETWORK, WHERE, Plain, a_lab, a_rule

NSG = f"{NETWORK}/networkSecurityGroups/web"
RULE = f"{NSG}/securityRules/https"
ON_NSG = "Microsoft.Network/networkSecurityGroups"
RULE_JOIN = "Microsoft.Network/applicationSecurityGroups/joinNetworkSecurityRule/action"


PLACED = b"""{"properties": {"ipConfigurations": [
    {"properties": {"subnet": {"id": "/s"}, "publicIPAddress": {"id": "/p"}}}
]}}"""


def a_call(method: str, path: str, body: bytes = b"") -> Call:
    return Call(method, ids.parse(path), {}, {}, "ada", "http://127.0.0.1", path, body)


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("GET", NSG.lower(), f"{ON_NSG}/read"),
        ("GET", f"{NETWORK}/networkSecurityGroups", f"{ON_NSG}/read"),
        ("PUT", RULE, f"{ON_NSG}/securityRules/write"),
        ("DELETE", RULE, f"{ON_NSG}/securityRules/delete"),
        ("PATCH", NSG, f"{ON_NSG}/write"),
        ("GET", GROUP, "Microsoft.Resources/subscriptions/resourceGroups/read"),
        (
            "POST",
            f"{NETWORK}/bastionHosts/b/createShareableLinks",
            "Microsoft.Network/bastionHosts/createShareableLinks/action",
        ),
        (
            "GET",
            "/subscriptions/s/providers/Microsoft.Security/jitNetworkAccessPolicies",
            "Microsoft.Security/locations/jitNetworkAccessPolicies/read",
        ),
        (
            "GET",
            "/subscriptions/s/providers/Microsoft.Network/locations/westeurope/operations/1",
            "Microsoft.Network/locations/operations/read",
        ),
    ],
)
def test_the_action_of_a_request_follows_from_its_method_and_path(
    method: str, path: str, action: str
) -> None:
    assert action_of(a_call(method, path)) == action


@pytest.mark.parametrize(
    ("path", "body", "actions"),
    [
        (RULE, b'{"properties":{}}', set()),
        (RULE, b'{"properties":{"destinationApplicationSecurityGroups":[]}}', set()),
        (RULE, b'{"properties":{"destinationApplicationSecurityGroups":[{"id":"/x"}]}}', {RULE_JOIN}),
        (
            f"{NETWORK}/bastionHosts/b",
            PLACED,
            {
                "Microsoft.Network/virtualNetworks/subnets/join/action",
                "Microsoft.Network/publicIPAddresses/join/action",
            },
        ),
        (
            f"{NSG}/providers/microsoft.insights/diagnosticSettings/logs",
            b'{"properties":{"workspaceId":"/w","storageAccountId":null}}',
            {
                "Microsoft.OperationalInsights/workspaces/read",
                "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
            },
        ),
    ],
)
def test_what_a_body_refers_to_needs_an_action_of_its_own(path: str, body: bytes, actions: set[str]) -> None:
    assert linked_actions(a_call("PUT", path, body)) == actions


def roles(azure: Plain, **granted: list[str]) -> None:
    azure.lab("POST", "settings", {"roles": granted})


def test_a_caller_with_a_role_may_do_that_and_nothing_else() -> None:
    with a_lab() as (azure, _), closing(Plain(azure.url, "ada")) as ada:
        azure.made(NSG, WHERE)
        roles(azure, ada=[f"{ON_NSG}/read"])
        assert ada.get(NSG).status == 200
        refused = ada.put(NSG, WHERE)
        assert (refused.status, refused.code) == (403, "AuthorizationFailed")
        assert f"perform action '{ON_NSG}/write' over scope '{NSG}'" in refused.error["message"]


def test_callers_without_a_role_may_do_everything() -> None:
    with a_lab() as (azure, _), closing(Plain(azure.url, "bob")) as bob:
        roles(azure, ada=[])
        assert bob.put(NSG, WHERE).status == 201


def test_a_missing_link_is_refused_by_its_own_code_and_nothing_is_written() -> None:
    group = f"{NETWORK}/applicationSecurityGroups/machines"
    rule: dict[str, Any] = a_rule(100)
    del rule["properties"]["destinationAddressPrefix"]
    rule["properties"]["destinationApplicationSecurityGroups"] = [{"id": group}]
    with a_lab() as (azure, _), closing(Plain(azure.url, "ada")) as ada:
        azure.made(NSG, WHERE)
        azure.made(group, WHERE)
        roles(azure, ada=[f"{ON_NSG}/*"])
        refused = ada.put(RULE, rule)
        assert (refused.status, refused.code) == (403, "LinkedAuthorizationFailed")
        assert RULE_JOIN in refused.error["message"]
        assert azure.get(RULE).status == 404
        roles(azure, ada=[f"{ON_NSG}/*", RULE_JOIN])
        assert ada.put(RULE, rule).status == 201


def test_what_each_caller_asked_for_is_remembered() -> None:
    arm = Arm()
    arm.settings.roles = {"ada": ["*"]}
    arm.authorization.check(a_call("GET", NSG))
    arm.authorization.check(a_call("DELETE", RULE))
    assert arm.authorization.demanded == {"ada": {f"{ON_NSG}/read", f"{ON_NSG}/securityRules/delete"}}


def test_actions_are_compared_without_case_and_stars_stand_for_anything() -> None:
    assert permits([f"{ON_NSG}/READ"], f"{ON_NSG.lower()}/read")
    assert permits(["*/read"], f"{ON_NSG}/securityRules/read")
    assert not permits(["*/read"], f"{ON_NSG}/write")


SUBSCRIPTION = GROUP.partition("/resourceGroups/")[0]
AUTHORIZATION = f"{SUBSCRIPTION}/providers/Microsoft.Authorization"
ASSIGNED = "/providers/Microsoft.Authorization/roleAssignments"


def test_an_assigned_caller_may_do_what_its_assignments_grant_where_they_stand() -> None:
    """A custom role on one group: there it holds, beside it not; without its assignment it is gone."""
    role, given = f"{AUTHORIZATION}/roleDefinitions/watcher", f"{GROUP}{ASSIGNED}/bob-watches"
    with a_lab() as (azure, _), closing(Plain(azure.url, "bob")) as bob:
        azure.made(NSG, WHERE)
        azure.lab("POST", "settings", {"assigned": ["bob"]})
        assert bob.get(NSG).code == "AuthorizationFailed"
        azure.made(role, {"properties": {"roleName": "W", "permissions": [{"actions": [f"{ON_NSG}/read"]}]}})
        azure.made(given, {"properties": {"roleDefinitionId": role, "principalId": persona("bob").object_id}})
        assert bob.get(NSG).status == 200
        assert bob.put(NSG, WHERE).code == "AuthorizationFailed"
        assert bob.get(f"{SUBSCRIPTION}/providers/{ON_NSG}").code == "AuthorizationFailed"
        assert azure.delete(given).status == 200
        assert bob.get(NSG).code == "AuthorizationFailed"


def test_what_a_role_excepts_it_does_not_grant() -> None:
    contributor = Grant(["*"], ["Microsoft.Authorization/*/Write"])
    assert permitted([contributor], f"{ON_NSG}/write")
    assert not permitted([contributor], "Microsoft.Authorization/locks/write")
    assert permitted([contributor, Grant(["Microsoft.Authorization/locks/write"])],
                     "Microsoft.Authorization/locks/write")  # fmt: skip
