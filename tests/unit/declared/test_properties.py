"""Laws of the comparison: silent about itself in any spelling, undone by putting back."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remediation.declared.comparison import compare
from remediation.declared.declaration import Declaration
from remediation.declared.difference import Difference
from remediation.declared.restoring import restored
from remediation.estates.door.normal import normal
from remediation.model import Resource
from tests.builders import Document
from tests.unit.declared.declaring import declaration, paths, template
from tests.unit.declared.spellings import pairs, resources, respelled


@given(st.data())
def test_a_resource_compared_with_itself_in_any_spelling_differs_in_nothing(data: st.DataObject) -> None:
    document = data.draw(resources())
    live = data.draw(respelled(document))
    assert paths(declaration(document), live) == []
    assert paths(declaration(template(document)), live) == []


@given(st.data())
def test_a_spelling_compared_with_the_resource_differs_in_nothing(data: st.DataObject) -> None:
    """What ARM gives back, exported and declared, is the resource too."""
    document = data.draw(resources())
    assert paths(declaration(data.draw(respelled(document))), document) == []


@given(resources())
def test_names_in_any_case_and_flattened_members_are_the_same_resource(document: Document) -> None:
    shouted = _shouted(document)
    assert paths(declaration(shouted), document) == []
    assert paths(declaration(document), shouted) == []


def _shouted(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key if key == "id" else f"{key[0].upper()}{key[1:]}": _shouted(inner)
            for key, inner in value.items()
        }
    return [_shouted(one) for one in value] if isinstance(value, list) else value


@given(pairs())
def test_putting_back_what_differs_leaves_nothing_that_does(both: tuple[Document, Document]) -> None:
    told, live = both
    one, there = declaration(told), Resource(declaration(live).id, live)
    differences = compare(one, there)
    assert compare(one, restored(there, one, differences)) == ()


@given(pairs())
def test_putting_one_difference_back_leaves_the_others(both: tuple[Document, Document]) -> None:
    told, live = both
    one, there = declaration(told), Resource(declaration(live).id, live)
    differences = compare(one, there)
    for difference in differences:
        left = compare(one, restored(there, one, [difference]))
        assert [each.path for each in left] == [each.path for each in differences if each is not difference]


@given(st.data())
def test_nothing_is_changed_in_what_is_compared(data: st.DataObject) -> None:
    told, live = data.draw(resources()), data.draw(resources())
    before = repr((told, live))
    one = declaration(told)
    restored(Resource(one.id, live), one, _differences(one, live))
    assert repr((told, live)) == before


def _differences(one: Declaration, live: Document) -> tuple[Difference, ...]:
    return compare(one, Resource(one.id, normal(live, one.id.type)))


@given(resources())
def test_a_declaration_survives_as_a_row(document: Document) -> None:
    one = declaration(document)
    assert Declaration.of(one.to_json()) == one
