"""A pipeline deploys while people change what it deployed, under random trouble.

Whatever happens, and in whatever order it is heard of: nothing that the pipeline left is put back, and what
is written by itself lets nothing in.
"""

import random
from dataclasses import replace

import pytest

from remediation.reconciling.composition import Components
from tests.simulation import broken_eyes
from tests.simulation.plant import Parts
from tests.simulation.scenario import PIPELINES, Deed, Edit, Fault, Scenario, scenario_of
from tests.simulation.shrinking import shrunk
from tests.simulation.simulation import run
from tests.simulation.test_simulation import NIGHTLY

SEEDS = 300 if NIGHTLY else 16
MOST_TRIES = 60
GROUPS: tuple[Deed, ...] = ("deploy", "open", "open", "deny", "close", "sweep")
INTERFACES: tuple[Deed, ...] = ("install", "attach", "attach", "detach", "sweep")
DELAYS = (0.1, 1.0, 5.0, 60.0, 300.0, 900.0)


def deploying(seed: int) -> Scenario:
    """Deployments of a group and of an interface and edits of both, minutes apart.

    Deaths and faults are as in any scenario.
    """
    rng = random.Random(seed)  # noqa: S311  it must be repeatable, not unforeseeable
    edits = [Edit(0, deed, how=rng.randint(0, 11), delay=0.1) for deed in PIPELINES]
    at = 0
    for _ in range(rng.choice((2, 4, 8))):
        at += rng.choice((1, 5, 60, 200, 700))
        deed: Deed = rng.choice(rng.choice((GROUPS, INTERFACES)))
        edits.append(
            Edit(at, deed, how=rng.randint(0, 11), copies=rng.choice((1, 2)), delay=rng.choice(DELAYS))
        )
    faults = tuple(one for one in scenario_of(seed).faults if one.kind in {"kill", "pause", "fail", "lost"})
    return Scenario(
        seed=seed, edits=tuple(edits), faults=faults[: rng.choice((0, 2, 6))], deploys=True, pace=0.3
    )


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whoever_deploys_has_the_last_word_and_nothing_is_let_in(seed: int) -> None:
    scenario = deploying(seed)
    if run(scenario).broken:
        smallest = shrunk(scenario, lambda smaller: bool(run(smaller).broken))
        pytest.fail("\n".join([*run(smallest).broken, repr(smallest)]), pytrace=False)


def test_what_a_person_opened_is_put_back_and_told_once() -> None:
    edits = (Edit(0, "deploy", how=0), Edit(900, "open", how=1))

    result = run(Scenario(edits=edits, deploys=True))

    assert [] == result.broken
    assert 1 == result.counts["changes by us"]


def a_deployment_whose_event_comes_late(number: int) -> Scenario:
    """It makes a rule, and somebody's event of another change is heard of before its own."""
    edits = (
        Edit(0, "deploy", how=0, delay=0.1),
        Edit(900, "deploy", how=1 + number % 2, delay=(60.0, 300.0, 900.0)[number % 3]),
        Edit(901 + number % 20, "deny", how=1, delay=0.1),
    )
    return Scenario(seed=number, edits=edits, deploys=True)


def a_person_who_closes(number: int) -> Scenario:
    edits = (Edit(0, "deploy", how=1, delay=0.1), Edit(900, "close", how=0, delay=0.1))
    return Scenario(seed=number, edits=edits, deploys=True)


GUARDS = {
    "waiting until no deployment can have done it": (broken_eyes.Hasty, a_deployment_whose_event_comes_late),
    "asking the log before a write": (broken_eyes.NeverAsks, a_deployment_whose_event_comes_late),
    "writing by itself only what is proven to close": (broken_eyes.Careless, a_person_who_closes),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_the_simulation_notices_when_a_guard_is_missing(guard: str) -> None:
    eye, scenario = GUARDS[guard]
    parts = Parts(Components(eye=eye))

    assert any(run(scenario(number), parts).broken for number in range(MOST_TRIES))


@pytest.mark.parametrize("guard", GUARDS)
def test_with_every_guard_in_place_the_same_ends_well(guard: str) -> None:
    scenario = GUARDS[guard][1]

    assert [] == [number for number in range(0, MOST_TRIES, 6) if run(scenario(number)).broken]


def test_a_kill_at_any_call_of_a_repair_does_no_harm() -> None:
    small = Scenario(edits=(Edit(0, "deploy", how=0), Edit(900, "open", how=1)), deploys=True, processes=2)
    for call in range(0, 160, 2 if NIGHTLY else 20):
        assert [] == run(replace(small, seed=call, faults=(Fault("any", call, "kill"),))).broken, call
