"""Long-running operations of the lab's ARM: how a write is accepted, waited for, superseded and refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.lab.plain_client import GROUP, NETWORK, WHERE, Plain, a_bastion, a_lab, a_rule, hub

if TYPE_CHECKING:
    from lab.arm import Arm, Change

NSG = f"{NETWORK}/networkSecurityGroups/web"
VNET = f"{NETWORK}/virtualNetworks/spoke"
SPACE = {"properties": {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}}


def changes_of(arm: Arm) -> list[Change]:
    seen: list[Change] = []
    arm.changes.subscribe(seen.append)
    return seen


def test_a_create_answers_201_with_the_body_and_an_operation_and_no_location() -> None:
    with a_lab() as (azure, _):
        answer = azure.put(NSG, WHERE)
        assert (answer.status, answer.state) == (201, "Updating")
        assert answer.headers["azure-asyncnotification"] == "Enabled"
        assert "location" not in answer.headers
        assert "etag" not in answer.headers
        assert azure.status_of(answer) == {"status": "Succeeded"}


def test_one_put_changes_the_etag_twice_and_parent_and_children_share_it() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        answer = azure.put(f"{NSG}/securityRules/https", a_rule())
        azure.finish(answer)
        nsg, rule = azure.get(NSG), azure.get(f"{NSG}/securityRules/https")
        assert answer.body["etag"] != rule.body["etag"]
        assert nsg.body["etag"] == rule.body["etag"] == rule.headers["etag"]
        assert {each["etag"] for each in nsg.body["properties"]["defaultSecurityRules"]} == {nsg.body["etag"]}


def test_a_bastion_takes_nine_polls_to_create_ten_to_update_and_eight_to_delete() -> None:
    def polls(azure: Plain, answer: Any) -> int:
        count = 1
        while azure.status_of(answer)["status"] == "InProgress":
            count += 1
        return count

    with a_lab() as (azure, _):
        ids = hub(azure)
        other = ids | {"address": f"{NETWORK}/publicIPAddresses/second"}
        azure.made(other["address"], WHERE | {"sku": {"name": "Standard"}})
        path = f"{NETWORK}/bastionHosts/second"
        assert polls(azure, azure.put(path, a_bastion(other))) == 9
        assert polls(azure, azure.put(path, a_bastion(other, enableTunneling=True))) == 10
        assert polls(azure, azure.delete(path)) == 8


def test_a_delete_gives_both_urls_and_its_result_is_204_when_it_is_gone() -> None:
    with a_lab() as (azure, _):
        azure.made(VNET, WHERE | SPACE)
        answer = azure.delete(VNET)
        assert (answer.status, answer.body) == (202, "")
        assert azure.get(VNET).state == "Deleting"
        result = azure.get(answer.headers["location"])
        assert result.status == 204
        assert {"location", "azure-asyncoperation"} <= set(result.headers)
        assert azure.get(VNET).code == "ResourceNotFound"


def test_a_running_delete_answers_202_with_its_location() -> None:
    with a_lab(polls_all=3) as (azure, _):
        azure.made(VNET, WHERE | SPACE)
        answer = azure.delete(VNET)
        running = azure.get(answer.headers["location"])
        assert (running.status, "location" in running.headers) == (202, True)


def test_deleting_twice_is_deleting_once() -> None:
    with a_lab(polls_all=2) as (azure, arm):
        azure.made(VNET, WHERE | SPACE)
        seen = changes_of(arm)
        first, second = azure.delete(VNET), azure.delete(VNET)
        assert first.headers["azure-asyncoperation"] == second.headers["azure-asyncoperation"]
        assert azure.finish(second) == "Succeeded"
        assert len(seen) == 1


def test_deleting_what_is_not_there_is_204() -> None:
    with a_lab() as (azure, _):
        assert azure.delete(VNET).status == 204
        assert azure.delete(f"{NSG}/securityRules/none").status == 204


def test_an_operation_ends_in_its_time_though_nobody_polls() -> None:
    """The change and its event happen on the clock, not on a client's curiosity."""
    with a_lab() as (azure, arm):
        seen = changes_of(arm)
        azure.put(NSG, WHERE)
        assert seen == []
        azure.lab("POST", "advance", {"seconds": 11})
        assert [each.operation_name for each in seen] == ["Microsoft.Network/networkSecurityGroups/write"]
        assert azure.get(NSG).state == "Succeeded"


def test_a_second_put_on_an_nsg_cancels_the_first() -> None:
    with a_lab(polls_all=2) as (azure, arm):
        azure.made(NSG, WHERE)
        seen = changes_of(arm)
        first = azure.put(f"{NSG}/securityRules/a", a_rule(100))
        second = azure.put(f"{NSG}/securityRules/b", a_rule(110))
        ended = azure.status_of(first)
        assert (ended["status"], ended["error"]["code"]) == ("Canceled", "Canceled")
        assert ended["error"]["details"][0]["code"] == "CanceledAndSupersededDueToAnotherOperation"
        assert azure.finish(second) == "Succeeded"
        assert [each.status for each in seen] == ["Canceled", "Succeeded"]
        states = {
            each["properties"]["provisioningState"]
            for each in azure.get(NSG).body["properties"]["securityRules"]
        }
        assert states == {"Succeeded"}


def test_another_type_refuses_a_second_write_while_one_runs() -> None:
    with a_lab(polls_all=2) as (azure, _):
        running = azure.put(VNET, WHERE | SPACE)
        refused = azure.put(f"{VNET}/subnets/a", {"properties": {"addressPrefix": "10.1.0.0/24"}})
        assert (refused.status, refused.code) == (409, "AnotherOperationInProgress")
        assert running.headers["azure-asyncoperation"] in refused.error["message"]


def test_a_bastion_downgrade_is_accepted_and_then_fails_with_the_host_as_it_was() -> None:
    with a_lab(polls_all=1) as (azure, arm):
        ids = hub(azure)
        seen = changes_of(arm)
        answer = azure.put(ids["bastion"], a_bastion(ids, "Basic"))
        assert answer.status == 200
        ended = azure.status_of(answer)
        assert (ended["status"], ended["error"]["code"]) == ("Failed", "BastionUpdateNotSupported")
        host = azure.get(ids["bastion"]).body
        assert (host["sku"]["name"], host["properties"]["provisioningState"]) == ("Standard", "Failed")
        assert [(each.status, each.code) for each in seen] == [("Failed", "BastionUpdateNotSupported")]


def test_a_developer_bastion_is_there_at_once_and_still_has_an_operation() -> None:
    with a_lab() as (azure, _):
        azure.made(VNET, WHERE | SPACE)
        body = WHERE | {"sku": {"name": "Developer"}, "properties": {"virtualNetwork": {"id": VNET}}}
        answer = azure.put(f"{NETWORK}/bastionHosts/dev", body)
        assert (answer.status, answer.state) == (201, "Succeeded")
        assert answer.body["properties"]["dnsName"] == "omnibrain.westeurope.bastionglobal.azure.com"
        assert azure.status_of(answer) == {"status": "Succeeded"}
        assert azure.get(f"{NETWORK}/bastionHosts/dev").body["etag"] == answer.body["etag"]


def test_a_group_goes_with_all_it_holds_when_its_operation_has_ended() -> None:
    with a_lab() as (azure, arm):
        azure.made(NSG, WHERE)
        seen = changes_of(arm)
        answer = azure.delete(GROUP)
        assert answer.status == 202
        assert "azure-asyncoperation" not in answer.headers
        assert azure.get(NSG).status == 200
        assert azure.get(answer.headers["location"]).status == 200
        assert azure.get(NSG).code == "ResourceGroupNotFound"
        assert [each.operation_name for each in seen] == [
            "Microsoft.Resources/subscriptions/resourceGroups/delete"
        ]


@pytest.mark.parametrize("path", [f"{NSG}/securityRules/r", f"{VNET}/subnets/s"])
def test_a_child_of_a_missing_parent_is_refused_naming_the_parent(path: str) -> None:
    with a_lab() as (azure, _):
        parent = path.split("/")[-3]
        for answer in (azure.get(path), azure.put(path, a_rule())):
            assert (answer.status, answer.code) == (404, "ResourceNotFound")
            assert f"/{parent}'" in answer.error["message"]
            assert answer.headers["x-ms-failure-cause"] == "gateway"
