"""What happens in a simulation, as values: Hypothesis makes them up, shrinks them, and prints them.

A scenario is a list of edits by people and a list of faults, each at the n-th call of a port, so that a
failing run shrinks to the few that matter. `seed` decides what is left: how long each call takes (and with it
how the workers interleave), and how events are repeated, delayed and reordered.
"""

from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

type Port = Literal["any", "arm.read", "arm.write", "arm.poll", "ledger", "queue", "topic", "teams"]
type Kind = Literal["fail", "lost", "conflict", "throttle", "pause", "kill", "stale", "failed", "slow", "forbidden"]
type Deed = Literal[
    "open", "deny", "close", "unlog", "log", "mislog", "sku", "attach", "detach", "tag", "lock", "unlock",
    "delete", "create", "forge", "sweep",
]  # fmt: skip

NSGS = 4


@dataclass(frozen=True, slots=True)
class Edit:
    """Somebody does something at a moment (seconds from the start).

    `which` chooses the resource, `how` the variant. Its event is delivered `copies` times, the first one after
    `delay` seconds.
    """

    at: int
    deed: Deed
    which: int = 0
    how: int = 0
    copies: int = 1
    delay: int = 1


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

    `polls` is how often an operation of ARM is still running when asked; `honours_if_match` whether ARM
    compares versions; `reads_left` what is in its bucket of reads at the start.
    """

    seed: int = 0
    edits: tuple[Edit, ...] = ()
    faults: tuple[Fault, ...] = ()
    outages: tuple[Outage, ...] = ()
    processes: int = 3
    polls: int = 0
    honours_if_match: bool = True
    reads_left: int = 250
    writes_an_hour: int = 1000
    repairs_skus: bool = False



MOST_CALLS: dict[Port, int] = {
    "any": 900, "arm.read": 60, "arm.write": 6, "arm.poll": 8, "ledger": 600, "queue": 60, "topic": 8, "teams": 6,
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
DELAYS = (1, 1, 3, 20, 200, 4000)

edits = st.builds(
    Edit,
    at=st.integers(0, 120) | st.integers(0, 2000),
    deed=st.sampled_from(
        (
            *("open",) * 8, "deny", *("close",) * 2, *("unlog",) * 2, "log", "mislog", "sku", *("attach",) * 2,
            "detach", "tag", "lock", "unlock", "delete", "create", "forge", "sweep",
        )  # fmt: skip
    ),
    which=st.sampled_from((0, 0, 0, 1, 1, 2, 3)),
    how=st.integers(0, 11),
    copies=st.integers(1, 3),
    delay=st.sampled_from(DELAYS),
)  # fmt: skip


DOUBTFUL: tuple[Kind, ...] = ("stale", "forbidden")
"""Answers after which a resource may rightly be left as it is until the sweep."""


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    port: Port = draw(st.sampled_from(list(MOST_CALLS)))
    return Fault(port, draw(st.integers(0, MOST_CALLS[port])), draw(st.sampled_from(KINDS[port])))


def at_any_call(kind: Kind) -> st.SearchStrategy[Fault]:
    return st.builds(Fault, st.just("any"), st.integers(0, MOST_CALLS["any"]), st.just(kind))


doubtful = st.builds(Fault, st.just("arm.read"), st.integers(0, 60), st.sampled_from(DOUBTFUL))
outages = st.builds(
    Outage,
    port=st.sampled_from(("arm.read", "arm.write", "ledger", "queue", "topic", "teams")),
    start=st.integers(0, 1500),
    seconds=st.integers(1, 700),
)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Any scenario: up to four deaths and three pauses of workers beside up to a dozen other faults."""
    troubles = (
        *draw(st.lists(at_any_call("kill"), min_size=1, max_size=4)),
        *draw(st.lists(at_any_call("pause"), max_size=3)),
        *draw(st.lists(faults(), min_size=4, max_size=16)),
        *draw(st.just([]) | st.just([]) | st.lists(doubtful, min_size=1, max_size=4)),
    )
    return Scenario(
        seed=draw(st.integers(0, 2**32)),
        edits=tuple(draw(st.lists(edits, min_size=8, max_size=24))),
        faults=troubles,
        outages=tuple(draw(st.lists(outages, max_size=2))),
        processes=draw(st.integers(1, 3)),
        polls=draw(st.integers(0, 3)),
        honours_if_match=draw(st.booleans()),
        reads_left=draw(st.sampled_from((250, 20))),
        writes_an_hour=draw(st.sampled_from((1000, 1000, 3))),
        repairs_skus=draw(st.booleans()),
    )
