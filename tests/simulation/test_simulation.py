"""The whole pipeline under random trouble, and what must hold of it whatever happens.

People edit an estate; events come twice, late and in any order; calls fail, hang, lose their answers; workers
are killed between any two calls or stand still past their leases. In the end, and for every write at the
moment of its effect, the laws of `laws` and `invariants` hold.
"""

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, note, settings

from tests.simulation.profile import NIGHTLY, SEEDS
from tests.simulation.scenario import Edit, Fault, Kind, Port, Scenario, scenarios
from tests.simulation.simulation import Simulation, run

CALM = Scenario(edits=(Edit(1, "open", how=1), Edit(5, "unlog"), Edit(9, "attach"), Edit(400, "detach")))


@settings(SEEDS, suppress_health_check=list(HealthCheck))
@given(scenarios())
def test_whatever_happens_the_estate_ends_right_and_nobody_is_overrun(scenario: Scenario) -> None:
    result = run(scenario)

    note(str(result.counts))
    assert [] == result.broken


def test_without_trouble_each_drift_is_repaired_and_told_once() -> None:
    result = run(CALM)

    assert [] == result.broken
    assert (2, 4, 4) == tuple(result.counts[name] for name in ("changes by us", "announcements", "cards"))


def test_the_same_scenario_runs_the_same_way_twice() -> None:
    scenario = replace(CALM, seed=7, faults=(Fault("any", 40, "kill"), Fault("ledger", 90, "lost")))

    assert run(scenario) == run(scenario)


SINGLE: list[tuple[Port, Kind]] = [
    ("any", "kill"), ("any", "pause"), ("ledger", "fail"), ("ledger", "lost"), ("ledger", "conflict"),
    ("queue", "fail"), ("queue", "lost"), ("arm.read", "fail"), ("arm.read", "throttle"), ("arm.write", "lost"),
    ("arm.write", "failed"), ("topic", "lost"), ("teams", "lost"),
]  # fmt: skip


@pytest.mark.parametrize(("port", "kind"), SINGLE, ids=[f"{kind} at {port}" for port, kind in SINGLE])
def test_one_fault_at_any_call_of_a_small_scenario_does_no_harm(port: Port, kind: Kind) -> None:
    """Every call in turn, where `make nightly` runs it; every tenth call otherwise."""
    small = Scenario(edits=(Edit(1, "open", how=1), Edit(3, "attach"), Edit(200, "detach")), processes=2)
    for call in itertools.count(0, 1 if NIGHTLY else 10):
        simulation = Simulation(replace(small, seed=call, faults=(Fault(port, call, kind),)))
        assert [] == simulation.run().broken, call
        if not simulation.trouble.met:
            return
