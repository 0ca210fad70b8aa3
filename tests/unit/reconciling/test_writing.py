"""Comparing what is there with what was read or written: ARM adds to a document and orders it anew."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.judging.prediction import after
from remediation.model import Resource, Snapshot, Write
from remediation.reconciling.writing import holds, inverse, same
from remediation.resource_id import ResourceId
from tests.builders import BASTION_ID, NSG_ID, a_bastion, a_rule, a_setting, an_nsg
from tests.story.core.calm import CALM

RULE_ID = NSG_ID.child("securityRules", "allow-web")
SETTING = BASTION_ID.extension("Microsoft.Insights/diagnosticSettings", "central")
LIST_KEY = ("microsoft.insights/diagnosticsettings", BASTION_ID.key)


def properties(**values: Any) -> dict[str, Any]:
    return {"properties": values}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (properties(a=1), {"id": "/x", "name": "x", "etag": "1", "type": "T", **properties(a=1)}),
        (properties(a=1), properties(a=1, provisioningState="Succeeded", resourceGuid="g")),
        (properties(a=["1", "2"]), properties(a=["2", "1"])),
        (properties(access="Allow"), properties(access="allow")),
        (properties(a=1), properties(a=1, b=None)),
        (properties(a=1), properties(a=1, b=[])),
        (properties(a=1, b=None), properties(a=1, b=[])),
        (properties(a=1, b={}), properties(a=1, b=None)),
        (None, None),
    ],
)
def test_what_arm_adds_and_how_it_orders_makes_no_difference(one: Any, other: Any) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (properties(a=1), properties(a=2)),
        (properties(a=1), properties(a=True)),
        (properties(a=1), properties(a=1, b="new")),
        (properties(a=["1"]), properties(a=["1", "2"])),
        (properties(a=["1", "1"]), properties(a=["1", "2"])),
        (properties(a=[{"x": 1}]), properties(a=[{"x": 2}])),
        (properties(a="1"), properties(a=1)),
        (properties(a=1), None),
    ],
)
def test_every_other_difference_counts(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert not same(other, one)


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["a", "B"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
).map(lambda value: {"properties": value})


@CALM
@given(DOCUMENTS)
def test_a_document_is_the_same_as_itself(document: dict[str, Any]) -> None:
    assert same(document, document)
    assert holds(document, document)


@CALM
@given(DOCUMENTS, DOCUMENTS)
def test_sameness_knows_no_direction(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert same(one, other) == same(other, one)


def test_a_write_is_taken_back_by_what_was_there_or_by_a_delete() -> None:
    put = Write("PUT", RULE_ID, properties(a=1))

    assert Write("PUT", RULE_ID, properties(a=0)) == inverse(put, properties(a=0))
    assert Write("DELETE", RULE_ID) == inverse(put, None)


# Prediction --------------------------------------------------------------------------------------


def snapshot(document: dict[str, Any], **lists: Any) -> Snapshot:
    return Snapshot(Resource.of(document), {}, {LIST_KEY: lists.get("settings", ())})


def test_a_childs_write_changes_its_nsg() -> None:
    before = snapshot(an_nsg(a_rule("allow-web")))

    changed = after(before, [Write("PUT", RULE_ID, properties(access="Deny"))]).subject
    gone = after(before, [Write("DELETE", RULE_ID)]).subject

    assert ["Deny"] == [rule["properties"]["access"] for rule in changed.properties("securityRules")]
    assert [] == gone.properties("securityRules")
    assert "Allow" == before.subject.properties("securityRules")[0]["properties"]["access"]


def test_an_extensions_write_changes_the_list_on_its_resource() -> None:
    setting = Resource.of(a_setting("central"))
    before = snapshot(a_bastion())

    put = after(before, [Write("PUT", SETTING, setting.body)])
    gone = after(put, [Write("DELETE", SETTING)])

    assert [SETTING] == [listed.id for listed in put.lists[LIST_KEY]]  # type: ignore[union-attr]
    assert () == gone.lists[LIST_KEY]
    assert () == before.lists[LIST_KEY]


def test_a_write_of_the_subject_replaces_it_and_of_another_resource_that_one() -> None:
    other = ResourceId.parse(f"{BASTION_ID}-2")
    before = snapshot(a_bastion("Basic"))

    seen = after(before, [Write("PUT", BASTION_ID, a_bastion()), Write("PUT", other, a_bastion("Premium"))])

    assert "Standard" == seen.subject.at("sku", "name")
    found = seen.get(other)
    assert isinstance(found, Resource)
    assert "Premium" == found.at("sku", "name")
    assert after(seen, [Write("DELETE", other)]).get(other) is None
