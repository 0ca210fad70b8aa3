"""A board knows the sets it was cut for, however many cuts it has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.nsg.spaces.addresses import EVERY_ADDRESS, PUBLIC, V4_SPACE, V6
from remediation.nsg.spaces.cells import Board
from remediation.nsg.spaces.sets import Ranges, from_pairs, intersect, union

PLACES = st.sampled_from((*PUBLIC[:6], *PUBLIC[-6:], 3, V6 + 3)) | st.integers(1 << 24, 1 << 27)
SETS = st.lists(st.tuples(PLACES, st.integers(1, 1 << 25)), max_size=4).map(
    lambda spans: from_pairs((low, low + length) for low, length in spans)
)


@pytest.mark.parametrize("universe", [PUBLIC, EVERY_ADDRESS, V4_SPACE], ids=["public", "every", "ipv4"])
@given(sets=st.lists(SETS, min_size=1, max_size=12), split=st.booleans())
def test_a_mask_is_the_part_of_a_set_that_lies_in_the_universe(
    universe: Ranges, sets: list[Ranges], *, split: bool
) -> None:
    board = Board(universe, sets, split=split)
    masks = [board.mask(ranges) & board.everything for ranges in sets]
    assert [board.ranges(mask) for mask in masks] == [intersect(ranges, universe) for ranges in sets]
    both = board.ranges(masks[0] | masks[-1])
    assert both == intersect(union(sets[0], sets[-1]), universe)
