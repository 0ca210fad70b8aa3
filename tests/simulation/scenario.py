"""What happens in a simulation, as values that a seed makes up, that can be shrunk, and that print as code.

A scenario is a list of edits by people and a list of faults, each at the n-th call of a port, so that a
failing run shrinks to the few that matter. Its own `seed` decides what is left: how long each call takes
(and with it how the workers interleave), and how events are repeated, delayed and reordered.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

type Port = Literal["any", "arm.read", "arm.write", "arm.poll", "ledger", "queue", "topic", "teams"]
type Kind = Literal[
    "fail", "lost", "conflict", "throttle", "pause", "kill", "stale", "failed", "slow", "forbidden"
]
type Deed = Literal[
    "open", "deny", "close", "unlog", "log", "mislog", "sku", "attach", "detach", "tag", "lock", "unlock",
    "delete", "create", "forge", "sweep", "undo", "exempt", "unexempt", "replay", "stop", "start", "rule",
    "deploy", "install",
]  # fmt: skip

NSGS = 4


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody does something at a moment (seconds from the start).

    `which` chooses the resource, `how` the variant. Its event is delivered `copies` times, first after
    `delay` seconds.
    """

    at: int
    deed: Deed
    which: int = 0
    how: int = 0
    copies: int = 1
    delay: float = 1.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Trouble at the `call`-th call of a port, counted over all workers.

    fail: no effect; lost: the effect, but no answer; conflict: as if somebody else had been first; throttle:
    429; pause: the worker stands still for longer than its lease; slow: for half a minute; kill: its process
    is gone; stale: the answer is that of before the latest change; failed: ARM accepts the write and then
    fails it; forbidden: 403.
    """

    port: Port
    call: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Outage:
    """A port that fails from one moment to another, in seconds from the start."""

    port: Port
    start: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulation.

    `pace` is the mean duration of a call in seconds; `polls` is how often an operation of ARM is still
    running when asked; `honours_if_match` whether ARM compares versions; `reads_left` what is in its bucket
    of reads at the start. With `deploys` a pipeline's word is the only thing that is judged.
    """

    seed: int = 0
    edits: tuple[Edit, ...] = ()
    faults: tuple[Fault, ...] = ()
    outages: tuple[Outage, ...] = ()
    processes: int = 3
    pace: float = 0.05
    polls: int = 0
    honours_if_match: bool = True
    reads_left: int = 250
    writes_an_hour: int = 1000
    repairs_skus: bool = False
    deploys: bool = False

    @property
    def ruled(self) -> bool:
        """Whether anybody changes what is in force."""
        return any(edit.deed in RULING for edit in self.edits)


PIPELINES: tuple[Deed, ...] = ("deploy", "install")
"""Deeds of a pipeline: it writes a group of rules whole, or an interface."""
RULING: tuple[Deed, ...] = ("stop", "start", "rule")
"""Deeds that change what is in force: by a stop, its end, or another mode (`how`) of the baseline."""

# Where faults lie: a run makes some hundreds to some thousands of calls.
MOST_CALLS: dict[Port, int] = {
    "any": 1200, "arm.read": 150, "arm.write": 12, "arm.poll": 20, "ledger": 900, "queue": 90, "topic": 15,
    "teams": 12,
}  # fmt: skip
KINDS: dict[Port, tuple[Kind, ...]] = {
    "any": ("slow",),
    "arm.read": ("fail", "throttle", "slow"),
    "arm.write": ("fail", "lost", "throttle", "conflict", "failed", "slow"),
    "arm.poll": ("fail", "throttle"),
    "ledger": ("fail", "lost", "conflict"),
    "queue": ("fail", "lost"),
    "topic": ("fail", "lost"),
    "teams": ("fail", "lost"),
}
DOUBTFUL: tuple[Kind, ...] = ("stale", "forbidden")
"""Answers after which a resource may rightly be left as it is until the sweep."""

DEEDS: dict[Deed, int] = {
    "open": 10, "deny": 1, "close": 2, "unlog": 3, "log": 1, "mislog": 1, "sku": 1, "attach": 3, "detach": 2,
    "tag": 1, "lock": 1, "unlock": 1, "delete": 1, "create": 1, "forge": 1, "sweep": 1,
}  # fmt: skip
ON_CALL: tuple[Deed, ...] = ("undo", "undo", "exempt", "unexempt", "replay")
DELAYS = (0.1, 0.1, 1.0, 5.0, 60.0, 900.0, 4000.0)


def scenario_of(seed: int) -> Scenario:
    """The scenario of a seed: up to four deaths and three pauses of workers and a dozen other faults."""
    rng = random.Random(seed)  # noqa: S311  it must be repeatable, not unforeseeable
    busy = rng.choice((10, 30, 60, 300, 1500))
    scenario = Scenario(
        seed=seed,
        edits=(*(_edit(rng, busy) for _ in range(rng.choice((2, 4, 8, 16)))), *_on_call(seed, busy)),
        faults=tuple(_faults(rng)),
        outages=tuple(_outage(rng, busy) for _ in range(rng.choice((0, 0, 1, 2)))),
        processes=rng.randint(1, 3),
        pace=rng.choice((0.05, 0.3, 1.0)),
        polls=rng.choice((0, 0, 1, 3)),
        honours_if_match=rng.random() < 0.5,
        reads_left=rng.choice((250, 250, 20)),
        writes_an_hour=rng.choice((1000, 1000, 1000, 3)),
        repairs_skus=rng.random() < 0.5,
    )
    return replace(scenario, edits=(*scenario.edits, *_ruling(rng, busy)))


def _ruling(rng: random.Random, busy: int) -> Iterator[Edit]:
    """In every fourth scenario people change what is in force."""
    for _ in range(rng.choice((0, 0, 0, 4))):
        yield Edit(at=rng.randint(0, busy), deed=rng.choice(RULING), how=rng.randint(0, 1))


def _edit(rng: random.Random, busy: int) -> Edit:
    [deed] = rng.choices(list(DEEDS), weights=list(DEEDS.values()))
    return Edit(
        at=rng.randint(0, busy),
        deed=deed,
        which=rng.choice((0, 0, 0, 1, 2, 3)),
        how=rng.randint(0, 11),
        copies=rng.choice((1, 1, 1, 2, 3)),
        delay=rng.choice(DELAYS),
    )


def _on_call(seed: int, busy: int) -> Iterator[Edit]:
    """What people on call do: in every other scenario, and up to somewhat after the last edit."""
    rng = random.Random(f"on call {seed}")  # noqa: S311  as above
    for _ in range(rng.choice((0, 0, 1, 3))):
        at, which = rng.randint(0, 2 * busy), rng.choice((0, 0, 0, 1, 2, 3))
        yield Edit(at, rng.choice(ON_CALL), which, how=rng.randint(0, 11))


def _faults(rng: random.Random) -> Iterator[Fault]:
    deaths: tuple[tuple[Kind, int], ...] = (("kill", 4), ("pause", 3))
    for kind, most in deaths:
        for _ in range(rng.choice((0, 1, most))):
            yield Fault("any", rng.randrange(MOST_CALLS["any"]), kind)
    for _ in range(rng.choice((0, 2, 6, 12))):
        port = rng.choice(list(MOST_CALLS))
        yield Fault(port, rng.randrange(MOST_CALLS[port]), rng.choice(KINDS[port]))
    for _ in range(rng.choice((0, 0, 0, 3))):
        yield Fault("arm.read", rng.randrange(MOST_CALLS["arm.read"]), rng.choice(DOUBTFUL))


def _outage(rng: random.Random, busy: int) -> Outage:
    port: Port = rng.choice(("arm.read", "arm.write", "ledger", "queue", "topic", "teams"))
    return Outage(port, rng.randint(0, busy), rng.choice((5, 60, 700)))
