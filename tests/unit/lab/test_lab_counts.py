"""What a change costs, counted in the log of the lab's ARM: within its limits, and noticed if not."""

import asyncio

import pytest

from benchmarks.lab_counts import LIMITS, broken, measured

FINE = {"spokes": 20, "hub_tag": 10, "new_nic": 7, "same_subnet": 16, "requests_per_write": 1.9}


def test_a_small_estate_is_deployed_and_changed_within_the_limits() -> None:
    assert [] == broken([asyncio.run(measured(2))])


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_that_is_not_held_is_named(name: str) -> None:
    [line] = broken([{**FINE, name: LIMITS[name] + 1}])

    assert f"{name} {LIMITS[name] + 1:g} with 20 spokes" in line


def test_a_tag_that_costs_more_in_a_larger_estate_is_named() -> None:
    assert ["hub_tag is not flat: [10, 20]"] == broken([FINE, {**FINE, "spokes": 40, "hub_tag": 20}])
