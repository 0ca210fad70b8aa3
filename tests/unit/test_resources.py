"""Documents as they are handed around."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remediation.model import copied

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def holders(value: Any) -> Iterator[Any]:
    """Every object and array in a document: what somebody could change."""
    if isinstance(value, dict | list):
        yield value
        for each in value.values() if isinstance(value, dict) else value:
            yield from holders(each)


@given(JSON)
def test_a_copy_says_the_same_and_shares_nothing_that_can_change(document: Any) -> None:
    copy = copied(document)
    assert copy == document
    assert not {id(each) for each in holders(copy)} & {id(each) for each in holders(document)}
