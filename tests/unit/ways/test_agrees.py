"""The engine and the packet-by-packet composition say the same of random estates."""

from collections.abc import Callable, Sequence
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.unit.profiles import NIGHTLY
from tests.unit.ways.agreeing import differences
from tests.unit.ways.daring import dared
from tests.unit.ways.documents import Document
from tests.unit.ways.estates import estate
from tests.unit.ways.half_known import HalfKnown, with_gaps, with_tags
from tests.unit.ways.reducing import reduced, written

# A seed says nothing about the size of its estate: what fails is made small by `reduced`.
_PHASES = (Phase.explicit, Phase.generate)
SEEDS = st.integers(0, 2**32)


@settings(max_examples=5000 if NIGHTLY else 250, phases=_PHASES)
@given(SEEDS)
def test_the_same_ways_exist_with_the_same_sources_packets_and_stops(seed: int) -> None:
    drawn = estate(Random(seed))  # noqa: S311  an estate, not a secret
    found = differences(drawn.documents, drawn.approved)
    if found:
        small = reduced(drawn.documents, lambda left: found[0] in _differences(left, drawn.approved))
        raise AssertionError("\n".join([*found, f"approved: {drawn.approved}", written(small)]))


def _differences(documents: Sequence[Document], approved: Sequence[str]) -> list[str]:
    """None where so little is left that the composition cannot read it."""
    try:
        return differences(documents, approved)
    except (KeyError, StopIteration):
        return []


@settings(max_examples=1000 if NIGHTLY else 60, phases=_PHASES)
@given(SEEDS)
def test_tags_of_unknown_content_make_nobody_sure_of_what_nobody_can_know(seed: int) -> None:
    _dares_nothing(seed, with_tags)


@settings(max_examples=1000 if NIGHTLY else 60, phases=_PHASES)
@given(SEEDS)
def test_missing_documents_make_nobody_sure_of_what_nobody_can_know(seed: int) -> None:
    _dares_nothing(seed, with_gaps)


def _dares_nothing(seed: int, draw: Callable[[Random], HalfKnown]) -> None:
    half = draw(Random(seed))  # noqa: S311  an estate, not a secret
    found = dared(half)
    known = {document["id"] for document in half.documents}
    gone = [one["id"] for one in half.completions[0] if one["id"] not in known]
    assert not found, "\n".join(
        [*found, f"approved: {half.approved}", f"missing: {gone}", written(half.documents)]
    )
