"""What is in force in a simulation: people change the mode, stop all writing and start it again.

Each process reads the record for itself, as the app does, and judges by what it last read. Whatever is
written by what is out of force for longer than a worker may go without reading it breaks a law.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from remediation.baseline import Baseline
from remediation.ledger.decided.in_force import KEY, PARTITION, InForce, Standing, Stop
from remediation.ledger.keys import plain
from remediation.ports import Clock, Ledger
from remediation.reconciling.in_force.effective import with_stop
from remediation.reconciling.in_force.watch import BEFORE_A_WRITE, Watch
from remediation.reconciling.reconciler import Reconciler

REFRESH = timedelta(seconds=60)
"""For how long a worker judges by what it has read."""
CALLS_TO_A_WRITE = 30
"""Calls between reading what is in force and the effect of a write, several times what it takes."""


@dataclass
class Ruling:
    """The record as people have left it, and since when each state of it held (seconds from the start)."""

    ledger: Ledger
    standard: Baseline
    clock: Clock
    seconds: Callable[[], float]
    ruled: bool
    pace: float
    since: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        observing = replace(self.standard, mode="observe", hash=f"{self.standard.hash}-observing")
        self._texts: Mapping[str, Baseline] = {one.hash: one for one in (self.standard, observing)}
        if self.ruled:
            self._put(InForce(since=self.clock.now(), hash=self.standard.hash, mode="enforce"))

    def in_force(self) -> Baseline:
        """What everybody should judge by now."""
        found = Standing(self.ledger).read()
        return self.standard if found is None else self.judged_by(found[0])

    def judged_by(self, known: InForce) -> Baseline:
        return with_stop(known, self._texts[known.hash])

    def do(self, deed: str, how: int) -> None:
        """Somebody stops, starts, or puts another mode in force."""
        found = Standing(self.ledger).read()
        assert found is not None
        known, now = found[0], self.clock.now()
        if deed == "stop":
            self._put(replace_stop(known, known.stop or Stop("ann", now)))
        elif deed == "start":
            self._put(replace_stop(known, None))
        else:
            standard = list(self._texts.values())[how % len(self._texts)]
            self._put(InForce(since=now, hash=standard.hash, mode=standard.mode, stop=known.stop))

    def breach(self, judged_by: str) -> str:
        """Why a write that has its effect now must not; "" where it may."""
        if not self.ruled:
            return ""
        grace = BEFORE_A_WRITE.total_seconds() + CALLS_TO_A_WRITE * self.pace
        oldest = self.seconds() - grace
        ends = [began for began, _ in self.since[1:]] + [float("inf")]
        held = [name for (_, name), end in zip(self.since, ends, strict=True) if end >= oldest]
        return "" if judged_by in held else f"judged by {judged_by}, which is long out of force"

    def _put(self, wanted: InForce) -> None:
        self.ledger.put(PARTITION, KEY, plain(wanted))
        self.since.append((self.seconds(), wanted.effective_hash))


def replace_stop(known: InForce, stop: Stop | None) -> InForce:
    return InForce(since=known.since, hash=known.hash, mode=known.mode, stop=stop)


@dataclass
class Bench:
    """The reconcilers of one process, by what they judge by; the latest is in use."""

    ruling: Ruling
    watch: Watch | None
    compose: Callable[[Baseline, Watch | None], Reconciler]
    _made: dict[str, Reconciler] = field(default_factory=dict)

    def reconciler(self) -> Reconciler:
        """The one for what this process knows to be in force; raises what reading that raises."""
        known = None if self.watch is None else self.watch.latest()
        baseline = self.ruling.standard if known is None else self.ruling.judged_by(known)
        if baseline.hash not in self._made:
            self._made[baseline.hash] = self.compose(baseline, self.watch)
        return self._made[baseline.hash]
