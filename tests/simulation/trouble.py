"""What goes wrong, and where: each call of a port passes a gate that knows whether it is its turn to fail."""

import collections
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from remediation.errors import ConflictError, TransientError
from tests.faults import Killed
from tests.simulation.scenario import DOUBTFUL, Fault, Kind, Port, Scenario
from tests.simulation.scheduler import Scheduler, Task

PAUSES = (400.0, 700.0)
"""Seconds a paused worker stands still: past its lease, and past the time its message stays invisible."""
SLOW = 30.0


@dataclass(eq=False)
class Process:
    """One process of the app; when it is killed, none of its workers makes another call."""

    owner: str
    alive: bool = True


@dataclass
class Trouble:
    """The faults of a scenario, and which of them have come about."""

    scenario: Scenario
    now: Callable[[], float]
    calls: collections.Counter[Port] = field(default_factory=collections.Counter)
    met: list[Fault] = field(default_factory=list)
    over: bool = False

    def __post_init__(self) -> None:
        self._planned = {(fault.port, fault.call): fault for fault in self.scenario.faults}

    def next(self, port: Port) -> tuple[Kind, ...]:
        """What goes wrong at this call of a port."""
        found = [self._planned.get((name, self.calls[name])) for name in (port, "any")]
        self.calls.update((port, "any"))
        if self.over:
            return ()
        met = [fault for fault in found if fault is not None]
        self.met += met
        kinds = [fault.kind for fault in met]
        if any(o.port == port and o.start <= self.now() < o.start + o.seconds for o in self.scenario.outages):
            kinds.append("fail")
        return tuple(kinds)

    @property
    def lets_the_dead_be_found(self) -> bool:
        """Whether nothing but one death is going on: then whoever looks after the dead succeeds in time."""
        faults = self.scenario.faults
        return len(faults) == 1 and faults[0].kind == "kill" and not self.scenario.outages

    @property
    def doubtful(self) -> bool:
        """Whether somebody was shown the past, or refused a look: then only the sweep may know better."""
        return any(fault.kind in DOUBTFUL for fault in self.met)


@dataclass
class Gate:
    """Where the ports of one process let time pass and trouble in.

    `disturbed` is told of every fault a task meets: whoever judges repeats must know what was interrupted.
    """

    process: Process
    scheduler: Scheduler
    trouble: Trouble
    rng: random.Random
    disturbed: Callable[[Task, Kind], None]

    def call[T](self, port: Port, action: Callable[[], T], refuse: Callable[[Kind], None] | None = None) -> T:
        """Make one call of a port; `refuse` raises what only this port knows how to say."""
        self._wait(self.rng.expovariate(1.0 / self.trouble.scenario.pace))
        kinds = self.trouble.next(port)
        task = self.scheduler.here
        for kind in kinds:
            if kind != "lost":
                self.disturbed(task, kind)
        self._hold(kinds)
        for kind in kinds:
            if refuse is not None:
                refuse(kind)
        if "conflict" in kinds:
            raise ConflictError(f"{port}: somebody else was first")
        if "fail" in kinds:
            raise TransientError(f"{port} does not answer")
        answer = action()
        if "lost" in kinds:
            self.disturbed(task, "lost")
            raise TransientError(f"{port}: the answer was lost")
        return answer

    def _hold(self, kinds: tuple[Kind, ...]) -> None:
        """What befalls the worker, whatever it was about to call."""
        if "kill" in kinds:
            self.process.alive = False
            raise Killed
        if "pause" in kinds:
            self._wait(self.rng.choice(PAUSES))
        if "slow" in kinds:
            self._wait(SLOW)

    def _wait(self, seconds: float) -> None:
        self.scheduler.wait(seconds)
        if not self.process.alive:
            raise Killed
