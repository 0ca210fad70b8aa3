"""Faults on demand, the token buckets, and the rest of the lab's own API."""

from __future__ import annotations

import http.client
from contextlib import closing
from typing import Any

import pytest

from tests.unit.lab.plain_client import GROUP, NETWORK, SUBSCRIPTION, WHERE, Plain, a_lab, a_rule

NSG = f"{NETWORK}/networkSecurityGroups/web"
RULE = f"{NSG}/securityRules/https"


def fault(azure: Plain, effect: dict[str, Any], **more: Any) -> Any:
    return azure.lab(
        "POST",
        "faults",
        {"match": {"type": "Microsoft.Network/networkSecurityGroups"}, "effect": effect} | more,
    )


@pytest.mark.parametrize(
    ("effect", "status", "code"),
    [
        ({"preset": "policy"}, 403, "RequestDisallowedByPolicy"),
        ({"preset": "forbidden"}, 403, "AuthorizationFailed"),
        ({"preset": "link-forbidden"}, 403, "LinkedAuthorizationFailed"),
        ({"preset": "locked"}, 409, "ScopeLocked"),
        ({"preset": "busy"}, 409, "AnotherOperationInProgress"),
        ({"preset": "precondition"}, 412, "PreconditionFailed"),
        ({"preset": "not-provisioned"}, 429, "RetryableError"),
        ({"preset": "throttled", "retry_after": 7}, 429, "SubscriptionRequestsThrottled"),
        ({"preset": "server-error", "status": 503}, 503, "ServiceUnavailable"),
        ({"error": {"status": 400, "code": "OddThing", "message": "odd"}}, 400, "OddThing"),
        ({"error": {"status": 409, "code": "Conflict", "unwrapped": True}}, 409, "Conflict"),
    ],
)
def test_a_refusal_is_answered_and_nothing_is_written(effect: dict[str, Any], status: int, code: str) -> None:
    with a_lab() as (azure, _):
        fault(azure, effect, count=1)
        answer = azure.put(NSG, WHERE)
        assert (answer.status, answer.code) == (status, code)
        assert answer.headers.get("retry-after") == ("7" if "retry_after" in effect else None)
        assert azure.get(NSG).status == 404
        assert azure.put(NSG, WHERE).status == 201


def test_a_forbidden_caller_is_named_with_the_permission_that_is_missing() -> None:
    with a_lab() as (azure, _), closing(Plain(azure.url, "mallory")) as mallory:
        azure.lab("POST", "faults", {"match": {"caller": "mallory"}, "effect": {"preset": "forbidden"}})
        message = mallory.get(NSG).error["message"]
        assert message.startswith("The client 'mallory' with object id '")
        assert "perform action 'Microsoft.Network/networkSecurityGroups/read' over scope" in message
        assert azure.get(NSG).code == "ResourceNotFound"


def test_a_fault_matches_by_method_path_and_count_and_after() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        match = {"method": "GET", "path": "*/networksecuritygroups/*"}
        azure.lab(
            "POST", "faults", {"match": match, "effect": {"preset": "server-error"}, "count": 1, "after": 1}
        )
        assert [azure.get(NSG).status for _ in range(4)] == [200, 500, 200, 200]
        assert [each["hits"] for each in azure.lab("GET", "faults")] == [1]
        azure.lab("DELETE", "faults")
        assert azure.lab("GET", "faults") == []


@pytest.mark.parametrize("status", ["Failed", "Canceled"])
def test_an_operation_can_be_made_to_fail_and_leaves_the_resource_as_it_was(status: str) -> None:
    with a_lab() as (azure, arm):
        azure.made(NSG, WHERE)
        seen: list[str] = []
        arm.changes.subscribe(lambda change: seen.append(change.status))
        effect = {"operation": {"status": status, "code": "BadLuck", "message": "no"}}
        azure.lab("POST", "faults", {"match": {"path": RULE}, "effect": effect, "count": 1})
        answer = azure.put(RULE, a_rule())
        assert answer.status == 201
        ended = azure.status_of(answer)
        assert (ended["status"], ended["error"]["code"]) == (status, "BadLuck")
        assert seen == [status]
        assert azure.get(RULE).code == "NotFound"
        assert azure.get(NSG).state == "Succeeded"


@pytest.mark.parametrize("status", ["Failed", "Canceled"])
def test_a_create_that_fails_leaves_a_failed_resource(status: str) -> None:
    with a_lab() as (azure, _):
        fault(azure, {"operation": {"status": status}}, count=1)
        assert azure.finish(azure.put(NSG, WHERE)) == status
        assert azure.get(NSG).state == "Failed"
        assert azure.made(NSG, WHERE)["properties"]["provisioningState"] == "Succeeded"


def test_a_failed_operation_may_have_been_applied_all_the_same() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        fault(azure, {"operation": {"status": "Failed", "applied": True}}, count=1)
        azure.finish(azure.put(NSG, WHERE | {"tags": {"a": "b"}}))
        assert azure.get(NSG).body["tags"] == {"a": "b"}
        assert azure.get(NSG).state == "Failed"


def test_a_failed_delete_leaves_the_resource() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        fault(azure, {"operation": {"status": "Failed"}}, count=1)
        assert azure.finish(azure.delete(NSG)) == "Failed"
        assert (azure.get(NSG).status, azure.get(NSG).state) == (200, "Succeeded")


def test_a_stale_read_shows_the_version_before() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        azure.made(RULE, a_rule())
        azure.made(RULE, a_rule(200))
        fault(azure, {"stale": True}, count=1)
        old, new = azure.get(NSG).body, azure.get(NSG).body
        assert old["etag"] != new["etag"]
        assert new["properties"]["securityRules"][0]["properties"]["priority"] == 200


@pytest.mark.parametrize(("when", "written"), [("before", 404), ("after", 200)])
def test_a_dropped_connection_may_or_may_not_have_written(when: str, written: int) -> None:
    with a_lab() as (azure, _), closing(Plain(azure.url)) as unlucky:
        fault(azure, {"drop": when}, count=1)
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            unlucky.put(NSG, WHERE)
        assert azure.get(NSG).status == written
        assert [each["status"] for each in azure.lab("GET", "log?method=PUT")][-1] == 0


def test_a_slow_answer_comes_and_can_cost_lab_time_instead_of_ours() -> None:
    with a_lab() as (azure, _):
        azure.put(NSG, WHERE)
        fault(azure, {"delay": {"virtual": 60}}, count=1)
        assert azure.get(NSG).state == "Updating"  # the answer was made before its operation was due
        assert azure.get(NSG).state == "Succeeded"
        fault(azure, {"delay": {"seconds": 0.01}}, count=1)
        assert azure.get(NSG).status == 200


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({}, "no effect"),
        ({"effect": {"preset": "gremlins"}}, "unknown preset 'gremlins'"),
        ({"match": {"weather": "rain"}, "effect": {"stale": True}}, "weather"),
        ({"effect": {"nothing": 1}}, "known are"),
    ],
)
def test_a_fault_that_is_none_is_refused_by_name(bad: dict[str, Any], said: str) -> None:
    with a_lab() as (azure, _):
        answer = azure.send("POST", "/_lab/faults", bad)
        assert answer.status == 400
        assert said in answer.body["error"]


def test_buckets_count_down_and_refill_by_the_labs_clock() -> None:
    remaining = "x-ms-ratelimit-remaining-subscription-"
    with a_lab(throttling=True, bucket_writes=(3, 1.0)) as (azure, _):
        left = [azure.put(NSG, WHERE).headers[remaining + "writes"] for _ in range(2)]
        assert left == ["1", "0"]  # the group took the first
        refused = azure.put(NSG, WHERE)
        assert (refused.status, refused.code, refused.headers["retry-after"]) == (
            429,
            "SubscriptionRequestsThrottled",
            "1",
        )
        assert azure.get(NSG).status == 200
        with closing(Plain(azure.url, "somebody-else")) as other:
            assert other.put(NSG, WHERE).status == 200
        azure.lab("POST", "advance", {"seconds": 1})
        assert azure.put(NSG, WHERE).status == 200


def test_buckets_only_count_unless_throttling_is_on() -> None:
    with a_lab(bucket_reads=(2, 0.1)) as (azure, _):
        assert [azure.get(GROUP).status for _ in range(4)] == [200] * 4
        assert azure.get(GROUP).headers["x-ms-ratelimit-remaining-subscription-reads"] == "0"


def test_the_log_lists_what_was_served_to_whom() -> None:
    with a_lab() as (azure, _):
        azure.lab("DELETE", "log")
        azure.get(NSG)
        azure.put(NSG, WHERE)
        shown = [
            (each["method"], each["path"], each["status"], each["caller"]) for each in azure.lab("GET", "log")
        ]
        assert shown == [("GET", NSG, 404, "ada"), ("PUT", NSG, 201, "ada")]
        assert [each["method"] for each in azure.lab("GET", "log?method=put")] == ["PUT"]
        assert azure.lab("GET", "log?caller=bob") == []


def test_seeds_stand_as_a_get_showed_them_with_their_holders() -> None:
    """What refers to a seeded resource counts although the lab holds none of it."""
    with a_lab() as (azure, _):
        holder = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Network/networkInterfaces/app"
        properties = {
            "provisioningState": "Succeeded",
            "securityRules": [],
            "networkInterfaces": [{"id": holder}],
        }
        azure.lab("POST", "seed", [{"id": NSG, "etag": 'W/"1"', "properties": properties} | WHERE])
        assert azure.get(NSG).body["properties"]["networkInterfaces"] == [{"id": holder}]
        assert azure.delete(NSG).code == "InUseNetworkSecurityGroupCannotBeDeleted"
        azure.lab("DELETE", "seed", [holder])
        assert "networkInterfaces" not in azure.get(NSG).body["properties"]


@pytest.mark.parametrize(
    ("method", "name", "body"),
    [
        ("POST", "seed", {"id": 1, "value": "x"}),
        ("POST", "seed", [{"name": "no id"}]),
        ("POST", "seed", ["x"]),
        ("POST", "settings", {"gravity": 9}),
        ("POST", "advance", {"seconds": -1}),
        ("POST", "advance", {"seconds": "soon"}),
        ("POST", "advance", []),
    ],
)
def test_the_labs_api_says_what_is_wrong(method: str, name: str, body: Any) -> None:
    with a_lab() as (azure, _):
        answer = azure.send(method, f"/_lab/{name}", body)
        assert answer.status == 400
        assert answer.body["error"]


def test_a_reset_forgets_everything_but_the_clock_and_the_settings() -> None:
    with a_lab(page_size=7) as (azure, _):
        azure.made(NSG, WHERE)
        now = azure.lab("GET", "clock")["seconds"]
        azure.lab("POST", "reset")
        assert azure.get(NSG).code == "ResourceGroupNotFound"
        assert azure.lab("GET", "clock")["seconds"] >= now
        assert azure.lab("GET", "settings")["page_size"] == 7
