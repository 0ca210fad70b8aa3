"""The comparison itself: what the lab does otherwise than recorded is found, not explained away."""

from __future__ import annotations

import copy
from dataclasses import replace as with_changes
from typing import TYPE_CHECKING, Any

import pytest

from lab.arm import in_background
from tests.conformance.compare import Bindings, Comparison
from tests.conformance.recordings import Interaction, Session
from tests.conformance.replay import Outcome, replay

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg"
ADDRESS = f"{GROUP}/providers/Microsoft.Network/publicIPAddresses/front"
LOCATION = f"{SUBSCRIPTION}/providers/Microsoft.Network/locations/westeurope"
OPERATION = f"{LOCATION}/operations/11111111-1111-1111-1111-111111111111"
LRO = {
    "azure-asyncoperation": f"https://management.azure.com{OPERATION}",
    "azure-asyncnotification": "Enabled",
}


def an_address(etag: str, state: str, **properties: Any) -> dict[str, Any]:
    return {
        "name": "front",
        "id": ADDRESS,
        "etag": etag,
        "location": "westeurope",
        "type": "Microsoft.Network/publicIPAddresses",
        "sku": {"name": "Standard", "tier": "Regional"},
        "properties": {
            "provisioningState": state,
            "resourceGuid": "22222222-2222-2222-2222-222222222222",
            "publicIPAddressVersion": "IPv4",
            "publicIPAllocationMethod": "Static",
            "idleTimeoutInMinutes": 4,
            "ipTags": [],
            **properties,
        },
    }


SENT = {
    "location": "westeurope",
    "sku": {"name": "Standard"},
    "properties": {"publicIPAllocationMethod": "Static"},
}
LATER = an_address("W/b", "Succeeded", ipAddress="203.0.113.1")


def an_interaction(number: int, method: str, path: str, status: int, body: Any, **more: Any) -> Interaction:
    known = {"source": "here", "query": "api-version=2024-05-01", "sent": None, "headers": {}} | more
    return Interaction(number=number, method=method, path=path, status=status, body=body, **known)


def a_session() -> list[Interaction]:
    """A public IP made, polled twice and read, as Azure would have it."""
    return [
        an_interaction(0, "PUT", ADDRESS, 201, an_address("W/a", "Updating"), sent=SENT, headers=LRO),
        an_interaction(1, "GET", OPERATION, 200, {"status": "InProgress"}),
        an_interaction(2, "GET", OPERATION, 200, {"status": "Succeeded"}),
        an_interaction(3, "GET", ADDRESS, 200, LATER, headers={"etag": "W/b"}),
        an_interaction(4, "GET", ADDRESS, 200, LATER, headers={"etag": "W/b"}),
    ]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with in_background() as at:
        yield at


def differences(url: str, interactions: list[Interaction]) -> list[str]:
    outcomes: list[Outcome] = replay(url, [Session("made up", tuple(interactions))])
    return [f"{each.number} {one.field}" for each in outcomes for one in each.differences]


def test_a_faithful_session_has_no_differences(url: str) -> None:
    assert differences(url, a_session()) == []


@pytest.mark.parametrize(
    ("number", "changes", "found"),
    [
        (3, {"status": 202}, "3 status"),
        (0, {"headers": {}}, "0 header azure-asyncoperation"),
        (0, {"body": an_address("W/a", "Succeeded")}, "0 properties.provisioningState"),
        (0, {"body": an_address("W/a", "Updating", ipAddress="203.0.113.1")}, "0 properties.ipAddress"),
        (3, {"headers": {}}, "3 header etag"),
        (3, {"body": an_address("W/a", "Succeeded")}, "3 etag"),
        (3, {"body": LATER | {"type": "Microsoft.Network/publicIPPrefixes"}}, "3 type"),
        (3, {"body": LATER | {"unheardOf": 1}}, "3 unheardOf"),
        (4, {"body": an_address("W/b", "Succeeded", ipAddress="203.0.113.2")}, "4 properties.ipAddress"),
        (
            4,
            {"body": an_address("W/b", "Succeeded", idleTimeoutInMinutes="4")},
            "4 properties.idleTimeoutInMinutes",
        ),
        (4, {"body": {"error": {"code": "ResourceNotFound", "message": "gone"}}, "status": 404}, "4 status"),
    ],
)
def test_a_single_departure_is_found(url: str, number: int, changes: dict[str, Any], found: str) -> None:
    """The recording is bent in one place; exactly that place is named (and what depends on it)."""
    interactions = a_session()
    interactions[number] = with_changes(interactions[number], **copy.deepcopy(changes))
    assert found in differences(url, interactions)


def test_polls_are_the_recordings_not_the_labs(url: str) -> None:
    """An operation that took five polls takes five."""
    interactions = a_session()
    waiting = [with_changes(interactions[1], number=10 + extra) for extra in range(3)]
    assert differences(url, [*interactions[:2], *waiting, *interactions[2:]]) == []


def test_two_recorded_etags_are_never_one_of_the_labs() -> None:
    bindings = Bindings()
    assert bindings.matches("etag", "W/1", "W/x")
    assert not bindings.matches("etag", "W/2", "W/x")
    assert not bindings.matches("etag", "W/1", "W/y")


def test_a_missing_member_is_a_difference_and_a_new_one_is_not() -> None:
    comparison = Comparison(Bindings())
    comparison.objects("", {"a": 1, "b": {"c": 2}}, {"a": 1, "b": {}, "d": 3})
    assert [each.field for each in comparison.differences] == ["b.c"]
