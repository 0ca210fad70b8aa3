"""Each guard taken away on purpose, one at a time: the simulation must notice, or it proves nothing.

The guards, by their names in `missing_guards.MISSING`: the look-again mark; releasing only while no mark is
set; asking for another look before letting go; waiting for the lease of a claim that may be ours; one worker
per target; the margin before the high-water mark, and the version; a mark for complete looks only; the proof
of a write; the confirming read; a fresh look after a crash; the write budget; taking all writes of a repair
together; asking what is in force before a write, and reading it anew; a successor on the queue before
returning; the moment a neighbour changed; storing before announcing; announcing before marking as announced;
leaving to a living worker what it announces; looking after what the dead held; posting before noting that
people know; taking a card before posting it. Of the neighbourhood lane: marks that stay until their round is
done; one that is left during a round; looking for marks after it; taking up what waits without a round; a
picture of its own for each; asking the direct lane where a look would differ, and where somebody is looking.

Most fall to the random scenarios; what those meet rarely gets a family of scenarios around it.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.simulation.missing_guards import MISSING
from tests.simulation.scenario import Deed, Edit, Fault, Scenario, scenario_of
from tests.simulation.simulation import run
from tests.unit.profiles import NIGHTLY

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
    """A first look that takes so long after its reads that the round of the next change is over before it."""
    edits = (Edit(0, "attach", delay=0.1), Edit(12 + number % 20, "detach", delay=0.1))
    slow = tuple(Fault("arm.read", 4 + number % 10 + each, "slow") for each in range(3))
    return Scenario(seed=number, edits=edits, faults=slow, pace=0.3)


def a_sweep_during_an_announcement(number: int) -> Scenario:
    edits = (Edit(0, "attach", delay=0.1), Edit(number % 60, "sweep"))
    return Scenario(seed=number, edits=edits, pace=1.0)


def an_answer_of_the_ledger_lost(number: int) -> Scenario:
    edits = (Edit(0, "open", how=1),)
    return Scenario(seed=number, edits=edits, faults=(Fault("ledger", number, "lost"),))


def a_worker_killed_at_work(number: int) -> Scenario:
    edits = (Edit(0, "open", how=1, delay=0.1),)
    return Scenario(seed=number, edits=edits, faults=(Fault("any", number % 40, "kill"),), pace=0.3)


def a_neighbour_that_changes_during_its_round(number: int) -> Scenario:
    """The NIC of the other subscription, whose address lies in the first."""
    edits = (Edit(0, "attach", which=1, delay=0.1), Edit(5 + number % 25, "detach", which=1, delay=0.1))
    return Scenario(seed=number, edits=edits, pace=(0.1, 0.3)[number % 2])


def a_neighbour_that_changes_twice(number: int) -> Scenario:
    """Each change has a round of its own, and they follow one another in one process."""
    edits = (Edit(0, "attach", delay=0.1), Edit(60, "detach", delay=0.1), Edit(120 + number % 60, "attach"))
    return Scenario(seed=number, edits=edits, processes=1)


def two_repairs_for_which_an_hour_has_no_room(number: int) -> Scenario:
    """Two rules are opened in each of two groups, and three writes may be made in an hour."""
    opened = [(0, 0), (0, 1), (1, 0), (1, 1)]
    edits = tuple(Edit(0, "open", which, how, delay=1.0 + number % 7) for which, how in opened)
    return Scenario(seed=number, edits=edits, processes=1 + number % 2, writes_an_hour=3)


def a_stop_after_which_a_port_is_opened(number: int) -> Scenario:
    """Every process has just read what is in force when somebody stops all writing, and another opens SSH."""
    read = tuple(Edit(0, "forge", delay=0.1 * process) for process in range(3))
    edits = (*read, Edit(1, "stop"), Edit(15 + number % 40, "open", how=1, delay=0.1))
    return Scenario(seed=number, edits=edits)


def an_observing_baseline_put_in_force(number: int) -> Scenario:
    """Long before a port is opened; later repairs are on again."""
    edits = (Edit(0, "open", which=1, how=1), Edit(30, "rule", how=1), Edit(200, "open", how=1))
    return Scenario(seed=number, edits=(*edits, Edit(400 + number, "rule", how=0)))


def a_round_that_dies(number: int) -> Scenario:
    edits = (Edit(0, "attach", delay=0.1),)
    return Scenario(seed=number, edits=edits, faults=(Fault("any", 3 + number % 60, "kill"),), pace=0.3)


def a_look_that_takes_longer_than_a_round(number: int) -> Scenario:
    """It has read the address while it was used, and stands still before it says so."""
    edits = (Edit(0, "attach", delay=0.1), Edit(18 + number % 30, "detach", delay=0.1))
    slow = tuple(Fault("ledger", 25 + number % 40 + each, "slow") for each in range(5))
    return Scenario(seed=number, edits=edits, faults=slow, pace=0.3)


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
    "taking all writes of a repair together": two_repairs_for_which_an_hour_has_no_room,
    "asking what is in force before a write": a_stop_after_which_a_port_is_opened,
    "reading anew what is in force": an_observing_baseline_put_in_force,
    "looking after what the dead held": a_worker_killed_at_work,
    "leaving to a living worker what it announces": a_sweep_during_an_announcement,
    "marks that stay until their round is done": a_round_that_dies,
    "a mark that is left during a round": a_neighbour_that_changes_during_its_round,
    "looking for marks after a round": a_neighbour_that_changes_during_its_round,
    "taking up what waits without a round": a_round_that_dies,
    "a picture of its own for each round": a_neighbour_that_changes_twice,
    "asking again where somebody is looking": a_look_that_takes_longer_than_a_round,
}


@pytest.mark.parametrize("guard", MISSING)
def test_the_simulation_notices_when_a_guard_is_missing(guard: str) -> None:
    scenario = RACES.get(guard, scenario_of)

    assert any(run(scenario(number), MISSING[guard]).broken for number in range(MOST_TRIES))


@pytest.mark.parametrize("race", dict.fromkeys(RACES.values()), ids=lambda race: race.__name__)
def test_with_every_guard_in_place_the_same_races_end_well(race: Callable[[int], Scenario]) -> None:
    assert [] == [number for number in range(0, MOST_TRIES, 1 if NIGHTLY else 12) if run(race(number)).broken]
