"""Where things stand on the map: laws that hold for any estate."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from remediation.cli.output.ways_page.layout import GUTTER, MARK, SKY, Box, Inmate, Map, lay_out
from remediation.cli.output.ways_page.order import columns

VERDICTS = st.sampled_from(["open", "unknown", "closed"])
ESTATES = st.lists(st.lists(VERDICTS, max_size=30), max_size=14)


def laid_out(verdicts: list[list[str]], joints: list[tuple[int, int]]) -> Map:
    numbers = iter(range(10_000))
    inmates = [[Inmate(next(numbers), verdict) for verdict in network] for network in verdicts]
    return lay_out(inmates, [index % 3 for index in range(len(inmates))], joints)


def joints_of(count: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    if not count:
        return st.just([])
    network = st.integers(0, count - 1)
    return st.lists(st.tuples(network, network), max_size=30)


ANY = ESTATES.flatmap(lambda verdicts: st.tuples(st.just(verdicts), joints_of(len(verdicts))))


def apart(one: Box, other: Box, across: float, down: float) -> bool:
    beside = one.x + one.width + across <= other.x or other.x + other.width + across <= one.x
    above = one.y + one.height + down <= other.y or other.y + other.height + down <= one.y
    return beside or above


@given(ANY)
def test_no_box_touches_another_and_lines_have_room_between_columns(
    estate: tuple[list[list[str]], list[tuple[int, int]]],
) -> None:
    drawn = laid_out(*estate)

    assert all(apart(one, other, GUTTER, 1) for one, other in combinations(drawn.boxes, 2))


@given(ANY)
def test_every_machine_stands_in_the_box_of_its_network_and_alone(
    estate: tuple[list[list[str]], list[tuple[int, int]]],
) -> None:
    drawn = laid_out(*estate)

    machine = 0
    for box, network in zip(drawn.boxes, estate[0], strict=True):
        spots = [drawn.spots[machine + number] for number in range(len(network))]
        machine += len(network)
        assert all(box.x < spot.x and spot.x + MARK < box.x + box.width for spot in spots)
        assert all(box.y < spot.y and spot.y + MARK < box.y + box.height for spot in spots)
        assert all(
            abs(one.x - other.x) >= MARK or abs(one.y - other.y) >= MARK
            for one, other in combinations(spots, 2)
        )


@given(ANY)
def test_everything_is_on_the_sheet_and_below_the_internet(
    estate: tuple[list[list[str]], list[tuple[int, int]]],
) -> None:
    drawn = laid_out(*estate)

    assert all(box.x >= GUTTER and box.y >= SKY for box in drawn.boxes)
    assert all(box.x + box.width + GUTTER <= drawn.width for box in drawn.boxes)
    assert all(box.y + box.height <= drawn.height for box in drawn.boxes)


@given(ANY)
def test_the_same_estate_is_drawn_the_same(estate: tuple[list[list[str]], list[tuple[int, int]]]) -> None:
    assert laid_out(*estate) == laid_out(*estate)


def test_spokes_stand_beside_their_hub_in_columns_no_higher_than_asked_for() -> None:
    hub = [(0, spoke) for spoke in range(1, 13)]

    (block,) = columns(13, hub, 4)

    assert [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]] == [sorted(column) for column in block]


def test_islands_stand_below_what_is_joined() -> None:
    blocks = columns(5, [(0, 1)], 2)

    assert [[[0], [1]], [[2, 4], [3]]] == blocks


def test_an_open_machine_is_shown_by_name_however_many_there_are() -> None:
    drawn = laid_out([["open"] * 3 + ["unknown"] * 9 + ["closed"] * 200], [])

    named = [index for index, spot in drawn.spots.items() if spot.named]
    assert [0, 1, 2, 3, 4, 5, 6] == named


def test_a_landing_zone_is_about_as_wide_as_a_screen() -> None:
    drawn = laid_out([["closed"] * 20] * 101, [(0, spoke) for spoke in range(1, 101)])

    assert 0.8 < drawn.width / drawn.height < 2
