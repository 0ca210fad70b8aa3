"""From a failing scenario to the few edits and faults that make it fail."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.simulation.scenario import Scenario

PLAIN = Scenario()


def shrunk(scenario: Scenario, fails: Callable[[Scenario], bool], most: int = 400) -> Scenario:
    """The scenario without everything that can be left out while it still fails; at most so many runs."""
    runs = 0
    progress = True
    while progress and runs < most:
        progress = False
        for smaller in _smaller(scenario):
            runs += 1
            if fails(smaller):
                scenario, progress = smaller, True
                break
            if runs >= most:
                break
    return scenario


def _smaller(scenario: Scenario) -> Iterator[Scenario]:
    """The scenario with halves left out, then single parts, then with what is special made plain."""
    for size in (8, 4, 2, 1):
        for start in range(0, len(scenario.faults), size):
            yield replace(scenario, faults=scenario.faults[:start] + scenario.faults[start + size :])
        for start in range(0, len(scenario.edits), size):
            yield replace(scenario, edits=scenario.edits[:start] + scenario.edits[start + size :])
    for start in range(len(scenario.outages)):
        yield replace(scenario, outages=scenario.outages[:start] + scenario.outages[start + 1 :])
    for name in ("polls", "reads_left", "writes_an_hour", "repairs_skus", "honours_if_match", "pace"):
        if getattr(scenario, name) != getattr(PLAIN, name):
            yield replace(scenario, **{name: getattr(PLAIN, name)})
