"""The lab's activity log by its settings: late, out of order, doubled, with beginnings; all from a seed."""

from typing import Any

import pytest

from lab.arm import Arm, Clock, Settings
from tests.unit.lab.plain_client import a_lab as a_plain_lab
from tests.unit.lab.test_arm_changes import RULE, a_change

SUB = "00000000-0000-0000-0000-000000000001"
FROM = "eventTimestamp ge '2020-01-01T00:00:00Z'"


def a_lab(**settings: Any) -> Arm:
    return Arm(Clock(1_800_000_000.0, running=False), Settings(**settings))


def changes(arm: Arm, count: int) -> None:
    """So many changes, a second apart."""
    subscription = RULE.split("/")[2]
    for number in range(count):
        arm.changes.publish(
            a_change(
                time=arm.clock.now(), correlation_id=f"{number}", resource_id=RULE.replace(subscription, SUB)
            )
        )
        arm.clock.advance(1)


def listed(arm: Arm) -> list[str]:
    return [f"{item['correlationId']} {item['status']['value']}" for item in arm.activity.listed(SUB, FROM)]


def test_an_honest_log_tells_at_once_the_latest_first() -> None:
    arm = a_lab()
    changes(arm, 3)

    assert ["2 Succeeded", "1 Succeeded", "0 Succeeded"] == listed(arm)


def test_an_item_comes_late_by_half_of_the_delay_to_all_of_it_and_so_out_of_order() -> None:
    arm = a_lab(log_delay=100.0)
    changes(arm, 40)

    assert [] == listed(arm)
    arm.clock.advance(45)
    some = listed(arm)
    assert 0 < len(some) < 40
    arm.clock.advance(60)
    everything = [int(line.split()[0]) for line in listed(arm)]
    assert sorted(everything) == list(range(40))
    assert everything != list(reversed(range(40)))


def test_some_items_come_twice_with_the_same_id() -> None:
    arm = a_lab(log_delay=10.0, log_doubled=0.5)
    changes(arm, 40)
    arm.clock.advance(30)

    ids = [item["eventDataId"] for item in arm.activity.listed(SUB, FROM)]
    assert 40 == len(set(ids))
    assert 45 < len(ids) < 75


def test_a_beginning_is_an_item_with_an_id_of_its_own() -> None:
    arm = a_lab(log_begun=True)
    changes(arm, 1)

    items = arm.activity.listed(SUB, FROM)
    assert {"Started", "Succeeded"} == {item["status"]["value"] for item in items}
    assert 2 == len({item["eventDataId"] for item in items})


def test_the_same_seed_tells_the_same_and_another_one_otherwise() -> None:
    def told(seed: int) -> list[str]:
        arm = a_lab(log_delay=100.0, log_doubled=0.3, log_seed=seed)
        changes(arm, 30)
        arm.clock.advance(60)
        return listed(arm)

    assert told(1) == told(1)
    assert told(1) != told(2)


@pytest.mark.parametrize("arguments", [["--log-delay", "-1"], ["--log-delay", "1e9"]])
def test_a_delay_that_is_none_is_refused_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    from lab.__main__ import main

    assert 2 == main(["--changes", "activityLog", *arguments])
    assert "--log-delay" in capsys.readouterr().err


def test_changes_that_nobody_made_can_be_told() -> None:
    with a_plain_lab() as (azure, arm):
        told = [
            {
                "resourceId": RULE,
                "operation": "Microsoft.Network/networkSecurityGroups/write",
                "secondsAgo": 60,
            }
        ]
        assert 201 == azure.send("POST", "/_lab/changes", told).status
        assert 400 == azure.send("POST", "/_lab/changes", [{}]).status

        assert RULE in [item["resourceId"] for item in arm.activity.listed(RULE.split("/")[2], FROM)]
