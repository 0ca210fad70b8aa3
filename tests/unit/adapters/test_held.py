"""What several hold at a time is there once, and for as long as one of them holds it."""

import weakref
from typing import Any

import pytest

from remediation.adapters.arm.held import Held
from remediation.model import Listing, Resource
from tests.unit.adapters.http_stub import Say
from tests.unit.adapters.test_arm import GROUP, WEB, arm

BODY: dict[str, Any] = {"id": WEB.text, "properties": {"priority": 1, "ports": ["22"]}}


def a_document(**properties: Any) -> Resource:
    return Resource(WEB, {**BODY, "properties": {**BODY["properties"], **properties}})


def test_who_reads_the_same_words_again_holds_the_same_document() -> None:
    held = Held()
    first = held.same(a_document())
    assert held.same(a_document()) is first


@pytest.mark.parametrize(
    "other",
    [
        a_document(priority=2),
        a_document(priority=True),
        a_document(priority=1.0),
        a_document(ports=["22", "23"]),
        a_document(more=None),
        Resource(WEB.child("securityRules", "other"), BODY),
    ],
    ids=["a value", "a boolean", "a fraction", "an element", "a property", "a name"],
)
def test_whatever_differs_is_held_apart(other: Resource) -> None:
    held = Held()
    first = held.same(a_document())
    second = held.same(other)
    assert second is other
    assert held.same(a_document()) is first


def test_what_nobody_holds_any_more_is_gone() -> None:
    held = Held()
    gone = weakref.ref(held.same(a_document()))
    assert gone() is None
    again = a_document()
    assert held.same(again) is again


def test_what_is_nested_beyond_measure_is_held_apart() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    found = a_document(deep=deep)
    assert Held().same(found) is found


def test_two_lists_at_a_time_share_what_did_not_change_and_each_has_what_did() -> None:
    before = [{**BODY, "id": f"{WEB.text}-{number}", "etag": "1"} for number in range(3)]
    after = [before[0], {**before[1], "etag": "2"}, before[2]]
    listing = Listing(WEB.type, GROUP)
    with arm(Say(200, {"value": before}), Say(200, {"value": after})) as (cloud, _):
        first, second = cloud.list(listing), cloud.list(listing)
    assert [one.body for one in first] == before
    assert [one.body for one in second] == after
    assert [one is other for one, other in zip(first, second, strict=True)] == [True, False, True]
