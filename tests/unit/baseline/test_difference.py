"""What is different between two baselines, as people read it."""

from typing import Any

import pytest

from remediation.baseline.difference import MOST, differences

WEB = {"resource": "/subscriptions/s/web", "rule": "r", "until": "2026-12-31"}
DATABASE = {"resource": "/subscriptions/s/db", "rule": "r", "until": "2026-12-31"}


def lines(before: Any, after: Any) -> list[str]:
    return [each.text for each in differences(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"mode": "observe"}, {"mode": "enforce"}, ["mode: observe -> enforce"]),
        ({}, {"mode": "enforce"}, ["mode: not set -> enforce"]),
        ({"limits": {"flapCount": 3}}, {"limits": {"flapCount": 5}}, ["limits.flapCount: 3 -> 5"]),
        ({"limits": {"flapCount": 3}}, {}, ["limits.flapCount: 3 -> not set"]),
        ({}, {"rules": {"r": {"action": "fix"}}}, ["rules.r.action: not set -> fix"]),
        (
            {"managementPorts": [22]},
            {"managementPorts": [3389, 22]},
            ["managementPorts[3389]: not set -> 3389"],
        ),
        ({"rules": {"r": False}}, {"rules": {"r": 0}}, ["rules.r: false -> 0"]),
    ],
)
def test_each_value_stands_with_its_path_and_what_it_was(before: Any, after: Any, told: list[str]) -> None:
    assert told == lines(before, after)


def test_the_same_values_in_another_order_are_no_difference() -> None:
    assert [] == lines({"exemptions": [WEB, DATABASE]}, {"exemptions": [DATABASE, WEB]})


def test_an_exemption_is_known_by_its_resource_and_rule() -> None:
    """So that one more in front of it does not make all the others different."""
    later = {**WEB, "until": "2027-01-31"}

    assert ["exemptions[/subscriptions/s/web, r].until: 2026-12-31 -> 2027-01-31"] == lines(
        {"exemptions": [WEB, DATABASE]}, {"exemptions": [DATABASE, later]}
    )


def test_differences_without_end_are_counted() -> None:
    many = {"rules": {f"r{number}": "fix" for number in range(MOST + 20)}}

    told = lines({}, many)

    assert (MOST + 1, "and so on: 20 more values -> are different") == (len(told), told[-1])


def test_what_others_wrote_stays_on_one_line() -> None:
    (told,) = lines({}, {"rules": {"a\nb": "x\x1b[2J" + "y" * 999}})

    assert told.isprintable()
    assert len(told) < 500
