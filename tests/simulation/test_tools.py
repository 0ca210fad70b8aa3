"""The simulation's own tools do what its findings rest on."""

from dataclasses import replace

import pytest

from tests.faults import Killed
from tests.simulation.azure import Bucket
from tests.simulation.scenario import Fault, Scenario, scenario_of
from tests.simulation.scheduler import RestlessError, Scheduler
from tests.simulation.shrinking import shrunk


def fail() -> None:
    raise ZeroDivisionError


def test_tasks_take_turns_by_their_moments_alone() -> None:
    scheduler, said = Scheduler(), list[str]()

    def speak(name: str, pause: float) -> None:
        for _ in range(3):
            scheduler.wait(pause)
            said.append(name)

    scheduler.spawn("slow", lambda: speak("slow", 5))
    scheduler.spawn("quick", lambda: speak("quick", 2))
    scheduler.run()

    assert ["quick", "quick", "slow", "quick", "slow", "slow"] == said
    assert 15 == (scheduler.now() - Scheduler().now()).total_seconds()


def test_what_a_task_raises_ends_the_run() -> None:
    scheduler = Scheduler()
    scheduler.spawn("broken", fail)

    with pytest.raises(ZeroDivisionError):
        scheduler.run()


def test_work_that_never_ends_is_noticed() -> None:
    scheduler = Scheduler()

    def forever() -> None:
        while True:
            scheduler.wait(1)

    scheduler.spawn("restless", forever)

    with pytest.raises(RestlessError):
        scheduler.run()


def test_a_task_that_is_left_waiting_is_killed_in_the_end() -> None:
    scheduler, ends = Scheduler(), list[str]()

    def wait() -> None:
        try:
            scheduler.wait(10)
        except Killed:
            ends.append("killed")
            raise

    scheduler.spawn("left", wait)
    scheduler.spawn("broken", fail, seconds=1)
    with pytest.raises(ZeroDivisionError):
        scheduler.run()
    scheduler.close()

    assert ["killed"] == ends


def test_a_bucket_gives_what_it_holds_and_then_what_drips_in() -> None:
    now = [0.0]
    bucket = Bucket(size=3, rate=0.5, now=lambda: now[0])

    assert [0.0, 0.0, 0.0, 2.0] == [bucket.wait() for _ in range(4)]
    now[0] = 2.0
    assert [0.0, 2.0] == [bucket.wait() for _ in range(2)]


def test_a_scenario_shrinks_to_what_makes_it_fail() -> None:
    guilty = Fault("queue", 7, "lost")
    many = scenario_of(3)
    [edit, *_] = many.edits
    whole = replace(many, faults=(*many.faults, guilty), polls=3)

    smallest = shrunk(whole, lambda smaller: guilty in smaller.faults and edit in smaller.edits)

    assert replace(Scenario(), seed=3, edits=(edit,), faults=(guilty,), processes=whole.processes) == smallest
