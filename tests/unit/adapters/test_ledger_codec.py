"""Keys keep their order and their identity; values come back as they were."""

import re
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from remediation.adapters.storage.ledger_codec import (
    LONGEST_KEY,
    escape,
    escape_whole,
    lower_bound,
    pack,
    unescape,
    unpack,
    upper_bound,
)

ANY_TEXT = st.text(st.characters(codec=None, categories=None, exclude_characters=None), max_size=80)
LONG_TEXT = st.builds(lambda start, text, times: start + text * times, ANY_TEXT, ANY_TEXT, st.integers(1, 60))
ALLOWED_BY_TABLES = re.compile(r"[ -~]*")
FORBIDDEN_BY_TABLES = frozenset("/\\#?%'\"")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(ANY_TEXT, ANY_TEXT)
@example("a/b", "a.b")
@example("\ue000", "\U00010000")
@example("", "\0")
def test_escaped_keys_sort_as_the_keys_do(one: str, other: str) -> None:
    assert (escape_whole(one) < escape_whole(other)) == (one < other)


@given(ANY_TEXT | LONG_TEXT)
def test_an_escaped_key_leads_back_to_the_key(key: str) -> None:
    assert unescape(escape_whole(key)) == key


@given(ANY_TEXT | LONG_TEXT)
def test_a_stored_key_is_one_that_tables_accept(key: str) -> None:
    word = escape(key)

    assert len(word) <= LONGEST_KEY
    assert ALLOWED_BY_TABLES.fullmatch(word)
    assert FORBIDDEN_BY_TABLES.isdisjoint(word)


@given(ANY_TEXT | LONG_TEXT, ANY_TEXT | LONG_TEXT)
def test_different_keys_are_stored_apart(one: str, other: str) -> None:
    assume(one != other)

    assert escape(one) != escape(other)


@given(LONG_TEXT, LONG_TEXT)
@example("a" * 450, "a" * 450 + "b")
@example("a" * 600, "a" * 450 + "b")
def test_bounds_never_shut_out_a_key_they_should_hold(key: str, bound: str) -> None:
    if key >= bound:
        assert escape(key) >= lower_bound(bound)
    else:
        assert escape(key) < upper_bound(bound)


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_values_come_back_as_they_were(value: dict[str, Any]) -> None:
    assert unpack(pack(value)) == value


def test_repetitive_values_are_stored_small() -> None:
    value = {"rules": [{"access": "Deny", "priority": number} for number in range(5000)]}

    assert len(pack(value)) < 60_000
    assert unpack(pack(value)) == value
