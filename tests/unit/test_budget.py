"""How the budget of writes is shared: by resource group, and by whether somebody arrives."""

from datetime import UTC, datetime

import pytest

from remediation.model import Applicability, Fix, Share, Spent, Write, share_of
from tests.builders import NSG_ID, SUBSCRIPTION

MINE, YOURS = Share("s/rg-mine", yields=False), Share("s/rg-yours", yields=False)
THEIRS = Share("s/rg-theirs", yields=False)
PATIENT = Share("s/rg-patient", yields=True)


def spent(*shares: Share) -> Spent:
    found = Spent()
    for share in shares:
        found = found.plus(share)
    return found


@pytest.mark.parametrize(
    ("before", "share", "left"),
    [
        (spent(), MINE, True),
        (spent(*[MINE] * 4), MINE, True),
        (spent(*[MINE] * 5), MINE, False),
        (spent(*[MINE] * 5), YOURS, True),
        (spent(*[MINE] * 5, *[YOURS] * 5), PATIENT, False),
        (spent(*[PATIENT] * 5), PATIENT, False),
        (spent(*(Share(f"s/{number}", yields=True) for number in range(5))), PATIENT, False),
        (spent(*(Share(f"s/{number}", yields=True) for number in range(5))), MINE, True),
        (spent(*[MINE] * 5, *[YOURS] * 2), YOURS, False),
        (spent(*[MINE] * 5, *[YOURS] * 2), THEIRS, True),
        (spent(*[MINE] * 5, *(Share(f"s/{number}", yields=True) for number in range(2))), PATIENT, False),
        (spent(*[MINE] * 5, *(Share(f"s/{number}", yields=True) for number in range(2))), YOURS, True),
        (spent(*(Share(f"s/{number}", yields=False) for number in range(9))), MINE, True),
        (spent(*(Share(f"s/{number}", yields=False) for number in range(10))), MINE, False),
    ],
)
def test_of_ten_writes_a_group_and_what_yields_take_half_of_what_others_leave(
    before: Spent, share: Share, left: bool
) -> None:
    assert left == (before.used_up(10, share) is None)


@pytest.mark.parametrize(("cap", "left"), [(0, False), (1, True), (2, True)])
def test_a_budget_without_writes_leaves_none_and_one_of_one_write_leaves_it(cap: int, left: bool) -> None:
    assert left == (Spent().used_up(cap, PATIENT) is None)


def repair_of(writes: int, group: str = "s/rg-mine") -> Share:
    return Share(group, yields=False, writes=writes)


@pytest.mark.parametrize(
    ("before", "share", "granted"),
    [
        (spent(), repair_of(6), 6),
        (spent(), repair_of(8), 8),
        (spent(*[MINE] * 4), repair_of(4), 4),
        (spent(*[MINE] * 4), repair_of(5), 0),
        (spent(*[YOURS] * 5), repair_of(5), 0),
        (spent(*[YOURS] * 5), repair_of(4), 4),
        (spent(), repair_of(9), 5),
        (spent(*[MINE] * 3), repair_of(9), 2),
        (spent(*[MINE] * 5), repair_of(9), 0),
        (spent(*[YOURS] * 9), repair_of(30), 1),
        (spent(*[PATIENT] * 4), Share("s/rg-mine", yields=True, writes=5), 0),
        (spent(*[PATIENT] * 4), Share("s/rg-mine", yields=True, writes=4), 4),
    ],
)
def test_of_ten_writes_a_repair_takes_all_of_its_own_or_none_unless_no_hour_has_room_for_it(
    before: Spent, share: Share, granted: int
) -> None:
    assert granted == before.grants(10, share)


@pytest.mark.parametrize(("cap", "granted"), [(1, 1), (2, 2), (3, 2), (4, 2)])
def test_of_a_small_budget_a_repair_of_two_writes_takes_both_if_there_are_two(cap: int, granted: int) -> None:
    assert granted == Spent().grants(cap, repair_of(2))


def test_why_a_repair_that_does_not_fit_must_wait_is_told() -> None:
    why = spent(*[YOURS] * 5).used_up(10, repair_of(5))

    assert "has no room left for a repair of 5 writes, which is begun when all of them fit" == why


def test_a_repair_yields_unless_it_closes_a_way_in() -> None:
    fix = Fix("Close it", Applicability.SAFE, (Write("DELETE", NSG_ID.child("securityRules", "open")),))
    closing = Fix("Close it", Applicability.SAFE, fix.writes, closes=("vm1: TCP 22 through vm1-ip",))

    assert Share(f"{SUBSCRIPTION}/rg-web", yields=True) == share_of(fix)
    assert not share_of(closing).yields


def test_in_a_new_hour_what_yields_begins_later() -> None:
    now = datetime(2026, 1, 1, 23, 59, 30, tzinfo=UTC)

    assert datetime(2026, 1, 2, tzinfo=UTC) == MINE.begins_after(now)
    assert MINE.begins_after(now) < PATIENT.begins_after(now)
