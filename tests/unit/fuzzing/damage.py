"""Random damage to a document: as an attacker, an older release or a broken store would leave it."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.builders import NSG_ID

HOSTILE = (
    "", "\x00", "\x1b[2J", "\u202e", "\ud800", "\u212a", "../..", "%2e%2e", "{}", "null", "{{title}}",
    "$(id)", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>", "9" * 400,
    "0000-00-00T00:00:00Z", "9999-12-31T23:59:59+23:59", "0001-01-01T00:00:00-23:59", "2026-01-01T00:00:00",
    "2026-01-01T00:00:00Z", NSG_ID.text, NSG_ID.text.upper(),
)  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-1, 2**31, 2**63, 2**64, 10**400])
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(HOSTILE)
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
STORABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20)
    | st.sampled_from([text for text in HOSTILE if text != "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
"""What a store can hold as JSON in UTF-8."""


def places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key or index) of a document, outer ones first."""
    if isinstance(document, dict | list):
        keys = list(document) if isinstance(document, dict) else range(len(document))
        for key in keys:
            yield document, key
            yield from places(document[key])


@st.composite
def damaged(draw: st.DrawFn, document: Any, values: st.SearchStrategy[Any] = ANYTHING) -> Any:
    """A copy of a JSON document with one to four things removed, replaced, wrapped, said twice or added."""
    result = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 4))):
        everywhere = list(places(result))
        if not everywhere:
            return draw(values)
        container, key = draw(st.sampled_from(everywhere))
        match draw(st.sampled_from(["remove", "replace", "wrap", "repeat", "add"])):
            case "remove":
                del container[key]
            case "replace":
                container[key] = draw(values)
            case "wrap":
                container[key] = draw(st.sampled_from([[container[key]], {"value": container[key]}]))
            case "repeat" if isinstance(container, list):
                container.append(copy.deepcopy(container[key]))
            case "add" if isinstance(container, dict):
                container[draw(st.sampled_from([str(key).upper(), "value", "id", "properties"]))] = draw(
                    values
                )
            case _:
                pass
    return result


@st.composite
def misspelt(draw: st.DrawFn, text: str, tricks: tuple[str, ...]) -> str:
    """A text with one to six pieces cut out, repeated, or put in."""
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        match draw(st.sampled_from(["cut", "repeat", "put", "exchange"])):
            case "cut":
                text = text[:start] + text[end:]
            case "repeat":
                text = text[:end] + text[start:end] * draw(st.integers(1, 3)) + text[end:]
            case "put":
                text = text[:start] + draw(st.sampled_from(tricks) | st.text(max_size=4)) + text[start:]
            case _:
                text = text[:start] + draw(st.sampled_from(tricks)) + text[end:]
    return text
