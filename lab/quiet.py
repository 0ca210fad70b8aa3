"""When the lab has come to rest: nothing runs, nothing flies, nothing lies on a queue, nothing is due.

While only waits are left (a delayed message, a retry, an operation, an app that sleeps), the lab's clock
skips to the end of the shortest, so that an hour's wait takes no time.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lab.arm import Arm
from lab.clock import LabClock
from lab.functions_host import FunctionsHost

LOOK_AGAIN = 0.01
"""Seconds between looks: a storage account and a running function do not tell when they are done."""
STALLED = 5
"""Looks without any change after which those who run are taken to wait for those who sleep (on a lock)."""


class NotQuietError(Exception):
    """The lab did not come to rest in the time allowed; the text says what is still going on."""


class Busy(Protocol):
    """Something that has work under way, or waits for a moment of the lab's time: deliveries, a timer."""

    @property
    def flying(self) -> int: ...

    def next_due(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Activity:
    """What goes on at one moment. `due` are moments on the lab's clock at which waits end."""

    running: int
    flying: int
    queued: int
    due: tuple[float, ...]
    asleep: int = 0
    served: int = 0

    @property
    def over(self) -> bool:
        return not (self.running or self.flying or self.queued or self.due)

    def __str__(self) -> str:
        waits = f"{len(self.due)} waits" + (f", the next until {min(self.due):.0f}" if self.due else "")
        return f"{self.running} running, {self.flying} being delivered, {self.queued} queued, {waits}"


class Watch:
    """Looks at everything that can be busy and skips idle waits."""

    def __init__(
        self, clock: LabClock, arm: Arm, deliverers: Sequence[Busy], host: FunctionsHost | None
    ) -> None:
        self._clock = clock
        self._arm = arm
        self._deliverers = deliverers
        self._host = host
        self._before: Activity | None = None
        self._same = 0

    async def quiet(self, seconds: float, skip_at_most: float) -> None:
        """Return at rest; raises NotQuietError after `seconds` of real or `skip_at_most` of lab time."""
        deadline, horizon = asyncio.get_running_loop().time() + seconds, self._clock.now() + skip_at_most
        while True:
            activity = await self.activity()
            if activity.over:
                return
            if asyncio.get_running_loop().time() > deadline:
                raise NotQuietError(f"not quiet after {seconds:g} s: {activity}")
            moment = self._nothing_before(activity)
            if moment is not None:
                self._skip_to(moment, horizon, activity)
            await asyncio.sleep(LOOK_AGAIN)

    async def activity(self) -> Activity:
        """What goes on now."""
        due = [moment for each in self._deliverers if (moment := each.next_due()) is not None]
        due += [moment for moment in (self._arm.operations.next_due(),) if moment is not None]
        asleep = self._clock.asleep
        queued, running = 0, 0
        if self._host is not None:
            queued = await self._host.queued()
            due += [moment.timestamp() for moment in self._host.next_visible()]
            running = self._host.busy
        return Activity(
            running=max(0, running - len(asleep)),
            flying=sum(each.flying for each in self._deliverers),
            queued=queued,
            due=tuple(due + asleep),
            asleep=len(asleep),
            served=len(self._arm.log),
        )

    def _nothing_before(self, activity: Activity) -> float | None:
        """The moment before which nothing can happen; None while somebody works or has something to take.

        Who does nothing while others sleep waits for them: for a lock, or for a free place in a batch.
        """
        self._same = self._same + 1 if activity == self._before else 0
        self._before = activity
        now = self._clock.now()
        ahead = [moment for moment in activity.due if moment > now]
        idle = not activity.running and not activity.flying and len(ahead) == len(activity.due)
        stuck = activity.asleep > 0 and self._same >= STALLED
        return min(ahead) if ahead and (idle or stuck) else None

    def _skip_to(self, moment: float, horizon: float, activity: Activity) -> None:
        if moment > horizon:
            raise NotQuietError(f"not quiet in the lab time allowed: {activity}")
        self._arm.advance(max(0.0, moment - self._clock.now()))
