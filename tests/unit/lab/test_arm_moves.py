"""Resources move between groups: their ids change, and so does whatever refers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.lab.plain_client import GROUP, NETWORK, SUBSCRIPTION, WHERE, Plain, a_lab, a_rule, named

if TYPE_CHECKING:
    from lab.arm import Change

NEW_GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-new"
NSG = f"{NETWORK}/networkSecurityGroups/web"
MOVED = NSG.replace(GROUP, NEW_GROUP)
VNET = f"{NETWORK}/virtualNetworks/hub"


def an_estate(azure: Plain) -> None:
    """A group of rules on a subnet of a network, and another resource group to move it to."""
    azure.made(NSG, {**WHERE, "properties": {"securityRules": [named("open", a_rule())]}})
    subnet = {"properties": {"addressPrefix": "10.0.1.0/24", "networkSecurityGroup": {"id": NSG}}}
    space = {"addressPrefixes": ["10.0.0.0/16"]}
    azure.made(VNET, {**WHERE, "properties": {"addressSpace": space, "subnets": [named("web", subnet)]}})
    azure.send("PUT", NEW_GROUP, WHERE)


def moves(azure: Plain, *resources: str, to: str = NEW_GROUP) -> Any:
    return azure.send("POST", f"{GROUP}/moveResources", {"resources": resources, "targetResourceGroup": to})


def test_what_is_moved_has_another_id_and_all_that_it_had() -> None:
    with a_lab() as (azure, _):
        an_estate(azure)

        assert 204 == moves(azure, NSG).status

        assert 404 == azure.get(NSG).status
        [rule] = azure.get(MOVED).body["properties"]["securityRules"]
        assert f"{MOVED}/securityRules/open" == rule["id"]
        [subnet] = azure.get(VNET).body["properties"]["subnets"]
        assert MOVED == subnet["properties"]["networkSecurityGroup"]["id"]
        assert [{"id": subnet["id"]}] == azure.get(MOVED).body["properties"]["subnets"]


def test_one_event_tells_of_a_move_and_it_is_about_the_group_that_was_left() -> None:
    with a_lab() as (azure, arm):
        an_estate(azure)
        heard: list[Change] = []
        arm.changes.subscribe(heard.append)

        moves(azure, NSG, VNET)

        assert [(GROUP, "Microsoft.Resources/subscriptions/resourceGroups/moveResources/action")] == [
            (each.resource_id, each.operation_name) for each in heard
        ]


def test_what_is_elsewhere_or_locked_or_has_nowhere_to_go_is_not_moved() -> None:
    with a_lab() as (azure, _):
        an_estate(azure)
        azure.made(
            f"{NSG}/providers/Microsoft.Authorization/locks/no", {"properties": {"level": "CanNotDelete"}}
        )

        assert "ScopeLocked" == moves(azure, NSG).code
        assert "ResourceMoveFailed" == moves(azure, MOVED).code
        assert "ResourceGroupNotFound" == moves(azure, VNET, to=f"{NEW_GROUP}er").code
        assert 200 == azure.get(NSG).status
