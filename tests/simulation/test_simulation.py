"""The whole pipeline under random trouble, and what must hold of it whatever happens.

People edit an estate; events come twice, late and in any order; calls fail, hang, lose their answers;
workers are killed between any two calls or stand still past their leases. For every write at the moment of
its effect, and of the whole in the end, the laws of `laws` and `invariants` hold.

Fifty seeds in `make test`, a thousand in `make nightly`. A seed that fails is shrunk, and its few edits and
faults are printed as the scenario to put into a test of its own.
"""

import itertools
import os
from dataclasses import replace

import pytest

from tests.simulation.scenario import Edit, Fault, Kind, Port, Scenario, scenario_of
from tests.simulation.shrinking import shrunk
from tests.simulation.simulation import Simulation, run

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SEEDS = 1000 if NIGHTLY else 50
STEP = 1 if NIGHTLY else 15
CALM = Scenario(edits=(Edit(1, "open", how=1), Edit(5, "unlog"), Edit(9, "attach"), Edit(400, "detach")))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_happens_the_estate_ends_right_and_nobody_is_overrun(seed: int) -> None:
    scenario = scenario_of(seed)
    if run(scenario).broken:
        smallest = shrunk(scenario, lambda smaller: bool(run(smaller).broken))
        pytest.fail("\n".join([*run(smallest).broken, repr(smallest)]), pytrace=False)


def test_without_trouble_each_drift_is_repaired_and_told_once() -> None:
    result = run(CALM)

    assert [] == result.broken
    assert (2, 4, 4) == tuple(result.counts[name] for name in ("changes by us", "announcements", "cards"))


@pytest.mark.parametrize("how", range(3))
@pytest.mark.parametrize("then", [(), (Edit(90, "close", how=1),), (Edit(90, "open", how=2),)])
def test_after_an_undo_the_last_word_is_true(how: int, then: tuple[Edit, ...]) -> None:
    """Undone for no time, for half an hour, for ten days; then nothing, closed by hand, or opened wider."""
    edits = (Edit(1, "open", how=1), Edit(60, "undo", how=how), *then, Edit(300, "replay", how=5))
    result = run(Scenario(edits=edits))

    assert [] == result.broken


def test_the_same_scenario_runs_the_same_way_twice() -> None:
    scenario = replace(CALM, seed=7, faults=(Fault("any", 40, "kill"), Fault("ledger", 90, "lost")))

    assert run(scenario) == run(scenario)


SINGLE: list[tuple[Port, Kind]] = [
    ("any", "kill"), ("any", "pause"), ("ledger", "fail"), ("ledger", "lost"), ("ledger", "conflict"),
    ("queue", "fail"), ("queue", "lost"), ("arm.read", "fail"), ("arm.read", "throttle"),
    ("arm.write", "lost"), ("arm.write", "failed"), ("topic", "lost"), ("teams", "lost"),
]  # fmt: skip


@pytest.mark.parametrize(("port", "kind"), SINGLE, ids=[f"{kind} at {port}" for port, kind in SINGLE])
def test_one_fault_at_any_call_of_a_small_scenario_does_no_harm(port: Port, kind: Kind) -> None:
    """Every call in turn in `make nightly`, every fifteenth in `make test`."""
    small = Scenario(edits=(Edit(1, "open", how=1), Edit(3, "attach"), Edit(200, "detach")), processes=2)
    for call in itertools.count(0, STEP):
        simulation = Simulation(replace(small, seed=call, faults=(Fault(port, call, kind),)))
        assert [] == simulation.run().broken, call
        if not simulation.trouble.met:
            return
