"""The Azure of a simulation: documents, operations that end by themselves, versions, and an event per change.

Whoever changes something does it here, people and workers alike, so that everything that happened is known in
order. What a worker sees of it may be late or lost; that is the business of its ports.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import BastionGuardError
from remediation.kinds import SECURITY_RULE
from remediation.model import Resource, Write
from remediation.ports import Operation
from remediation.resource_id import ResourceId
from tests.simulation.scheduler import Scheduler

REMEMBERED = 90.0
"""Seconds for which an old version may still be answered."""


@dataclass(frozen=True, slots=True)
class Change:
    """One effect on ARM. `by` is empty for people. `root` is what the changed thing is part of."""

    number: int
    seconds: float
    by: str
    write: Write
    root: ResourceId
    before: Resource | None
    after: Resource | None
    root_before: Resource | None
    root_after: Resource | None

    @property
    def effective(self) -> bool:
        return (self.before is None) != (self.after is None) or (
            self.before is not None and self.after is not None and self.before.body != self.after.body
        )


def root_of(resource: ResourceId) -> ResourceId:
    """The document that shows a change of a resource: an NSG for its rules, else the resource itself."""
    parent = resource.parent
    return parent if resource.type == SECURITY_RULE and parent is not None else resource


class Bucket:
    """ARM's token bucket: `size` at once, `rate` a second."""

    def __init__(self, size: float, rate: float, now: Callable[[], float], left: float | None = None) -> None:
        self._size, self._rate, self._now = size, rate, now
        self._left = size if left is None else left
        self._at = now()

    def wait(self) -> float:
        """Take one token; seconds to wait where there is none."""
        now = self._now()
        self._left = min(self._size, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return max(1.0, (1 - self._left) / self._rate)
        self._left -= 1
        return 0.0


class Azure:
    """All there is in the subscription. `told` is called with every change that has had its effect."""

    def __init__(
        self,
        cloud: MemoryCloud,
        scheduler: Scheduler,
        rng: random.Random,
        *,
        honours_if_match: bool,
        reads_left: float,
    ) -> None:
        self.cloud = cloud
        self.changes: list[Change] = []
        self.deployed: dict[str, Change] = {}
        """The last change of a pipeline, by the key of what it wrote."""
        self.told: Callable[[Change], None] = lambda _: None
        self.honours_if_match = honours_if_match
        self._scheduler = scheduler
        self._start = scheduler.now()
        self._rng = rng
        self._failing: dict[str, int] = {}
        self.reads = Bucket(250, 25, self.seconds, reads_left)
        self.writes = Bucket(200, 10, self.seconds)

    def seconds(self) -> float:
        return (self._scheduler.now() - self._start).total_seconds()

    def now(self) -> datetime:
        return self._scheduler.now()

    def change(self, write: Write, by: str = "") -> Operation:
        """Have the effect of a call; raises what ARM refuses with."""
        root = root_of(write.id)
        sent = write if self.honours_if_match else Write(write.method, write.id, write.body)
        before, root_before = self.look(write.id), self.look(root)
        operation = self.cloud.write(sent)
        after, root_after = self.look(write.id), self.look(root)
        number = len(self.changes) + 1
        self.changes.append(
            Change(number, self.seconds(), by, write, root, before, after, root_before, root_after)
        )
        if operation.url is not None:
            self._end_some_day(operation.url)
        self.told(self.changes[-1])
        return operation

    def people(self, *writes: Write) -> bool:
        """Somebody's change; False where ARM refuses it."""
        try:
            for write in writes:
                self.change(write)
        except BastionGuardError:
            return False
        return True

    def look(self, resource: ResourceId) -> Resource | None:
        return self.cloud.get(resource)

    def stale(self, resource: ResourceId) -> Resource | None:
        """What a read answered before the latest change of a resource, if that was not long ago."""
        for change in reversed(self.changes):
            if self.seconds() - change.seconds > REMEMBERED:
                break
            if change.root == resource:
                return change.root_before
            if change.write.id == resource:
                return change.before
        return self.look(resource)

    def since(self, number: int, resource: ResourceId, *, others_than: Change, people: bool = False) -> bool:
        """Whether another change had its effect on or under a resource after change `number`.

        Of `people` only those count that are of the very resource.
        """
        return any(
            change is not others_than
            and change.effective
            and (not people or (not change.by and change.write.id == resource))
            and f"{change.write.id.key}/".startswith(f"{resource.key}/")
            for change in self.changes[number:]
        )

    def _end_some_day(self, url: str) -> None:
        """ARM goes on whether or not anybody asks how an operation stands."""

        def end() -> None:
            while self.cloud.poll(url).state == "running":
                pass

        self._scheduler.after(self._rng.choice((2.0, 15.0, 90.0)), end)
