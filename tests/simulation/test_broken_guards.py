"""Each guard taken away on purpose, one at a time: the simulation must notice, or it proves nothing.

The guards, by their names in `missing_guards.MISSING`: the look-again mark; releasing only while no mark is
set; asking for another look before letting go; waiting for the lease of a claim that may be ours; one worker
per target; the margin before the high-water mark, and the version; a mark for complete looks only; the proof
of a write; the confirming read; a fresh look after a crash; the write budget; a successor on the queue before
returning; the moment a neighbour changed; storing before announcing; announcing before marking as announced;
leaving to a living worker what it announces; looking after what the dead held; posting before noting that
people know; taking a card before posting it.

Most fall to the random scenarios; what those meet rarely gets a family of scenarios around it.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.simulation.missing_guards import MISSING
from tests.simulation.scenario import Deed, Edit, Fault, Scenario, scenario_of
from tests.simulation.simulation import run

MOST_TRIES = 120
DEEDS_AT_ONCE: tuple[Deed, ...] = ("attach", "unlog", "open")


def a_second_drift_during_a_look(number: int) -> Scenario:
    """A look that finds nothing wrong, and somebody who opens SSH while it is still going on."""
    edits = (Edit(0, "forge", delay=0), Edit(number % 40, "open", how=1, delay=0.1))
    return Scenario(seed=number, edits=edits, pace=1.0)


def a_holder_killed_before_it_asks_for_another_look(number: int) -> Scenario:
    return replace(a_second_drift_during_a_look(number), faults=(Fault("queue", 2, "kill"),))


def an_edit_of_what_is_about_to_be_written(number: int) -> Scenario:
    """Somebody gives the offending rule a private source, and ARM does not compare versions."""
    edits = (Edit(0, "open", how=1, delay=0.1), Edit(number % 30, "open", how=4, delay=0.1))
    return Scenario(seed=number, edits=edits, pace=1.0, honours_if_match=False)


def a_drift_whose_event_has_a_slow_clock(number: int) -> Scenario:
    """A compliant look, and a drift after it whose event claims to be older than the look."""
    edits = (Edit(0, "forge", delay=0), Edit(45, "open", how=1, delay=0.1))
    return Scenario(seed=number, edits=edits, pace=0.3)


def something_that_may_not_be_read(number: int) -> Scenario:
    edits = (Edit(0, "attach", delay=0.1), Edit(0, "unlog", delay=0.1))
    return Scenario(seed=number, edits=edits, faults=(Fault("arm.read", number % 20, "forbidden"),))


def several_findings_at_once(number: int) -> Scenario:
    edits = tuple(Edit(0, deed, how=1, delay=0.1) for deed in DEEDS_AT_ONCE)
    return Scenario(seed=number, edits=edits, pace=1.0)


def a_neighbour_that_goes_during_a_look(number: int) -> Scenario:
    edits = (Edit(0, "attach", delay=0.1), Edit(number % 40, "detach", delay=0.1))
    return Scenario(seed=number, edits=edits, pace=1.0)


def a_sweep_during_an_announcement(number: int) -> Scenario:
    edits = (Edit(0, "attach", delay=0.1), Edit(number % 60, "sweep"))
    return Scenario(seed=number, edits=edits, pace=1.0)


def an_answer_of_the_ledger_lost(number: int) -> Scenario:
    edits = (Edit(0, "open", how=1),)
    return Scenario(seed=number, edits=edits, faults=(Fault("ledger", number, "lost"),))


def a_worker_killed_at_work(number: int) -> Scenario:
    edits = (Edit(0, "open", how=1, delay=0.1),)
    return Scenario(seed=number, edits=edits, faults=(Fault("any", number % 40, "kill"),), pace=0.3)


RACES: dict[str, Callable[[int], Scenario]] = {
    "the mark that asks the holder to look again": a_second_drift_during_a_look,
    "releasing only while no mark is set": a_second_drift_during_a_look,
    "asking for another look before letting go": a_holder_killed_before_it_asks_for_another_look,
    "waiting for the lease of a claim that may be ours": an_answer_of_the_ledger_lost,
    "the margin before the high-water mark, and the version": a_drift_whose_event_has_a_slow_clock,
    "a high-water mark for complete looks only": something_that_may_not_be_read,
    "taking a card before posting it": several_findings_at_once,
    "the confirming read": an_edit_of_what_is_about_to_be_written,
    "the moment a neighbour changed": a_neighbour_that_goes_during_a_look,
    "looking after what the dead held": a_worker_killed_at_work,
    "leaving to a living worker what it announces": a_sweep_during_an_announcement,
}


@pytest.mark.parametrize("guard", MISSING)
def test_the_simulation_notices_when_a_guard_is_missing(guard: str) -> None:
    scenario = RACES.get(guard, scenario_of)

    assert any(run(scenario(number), MISSING[guard]).broken for number in range(MOST_TRIES))


@pytest.mark.parametrize("race", dict.fromkeys(RACES.values()), ids=lambda race: race.__name__)
def test_with_every_guard_in_place_the_same_races_end_well(race: Callable[[int], Scenario]) -> None:
    assert [] == [number for number in range(0, MOST_TRIES, 3) if run(race(number)).broken]
