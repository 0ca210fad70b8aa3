"""How Event Grid delivers: at least once, unordered, with its retry schedule and dead letters.

Times are seconds on the lab's clock. `Chaos` makes it worse on purpose, always from a seed, so that a run
can be repeated. Unlike Azure the lab writes a dead letter at once, not five minutes after the last try.
"""

import asyncio
import contextlib
import heapq
import itertools
import logging
import random
import uuid
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import aiohttp

from lab.arm.clock import timestamp
from lab.clock import LabClock

log = logging.getLogger(__name__)

type Schema = Literal["eventgrid", "cloudevents"]
type Event = dict[str, Any]

ANSWER_WITHIN = 30.0
SCHEDULE = (10, 30, 60, 300, 600, 1800, 3600)
"""Seconds before each further try; the last one repeats."""
AT_LEAST = {401: 300, 403: 300, 404: 300, 408: 120, 503: 30}
"""Seconds that Event Grid waits after these answers whatever the schedule says."""
HOPELESS = frozenset({400, 413})
OUTCOMES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    408: "TimedOut",
    503: "Busy",
}
PARALLEL = 64


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a topic's events go. `operations` filters `data.operationName` without case; empty takes all."""

    name: str
    endpoint: str
    schema: Schema = "cloudevents"
    operations: frozenset[str] = frozenset()
    max_attempts: int = 30
    time_to_live: float = 1440 * 60
    max_batch: int = 1

    def wants(self, operation: str) -> bool:
        return not self.operations or operation.lower() in {each.lower() for each in self.operations}


@dataclass(frozen=True, slots=True)
class Chaos:
    """What a run adds to honest delivery: `copies` of each event, each late by up to `shuffle` seconds."""

    seed: int = 0
    copies: int = 1
    shuffle: float = 0.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A blob as Event Grid writes it: its path without the container, and its events."""

    path: str
    events: tuple[Event, ...]


@dataclass(order=True, slots=True)
class _Delivery:
    due: float
    number: int
    event: Event = field(compare=False)
    to: Subscription = field(compare=False)
    published: float = field(compare=False)
    attempts: int = field(default=0, compare=False)


class Deliverer:
    """Sends events to endpoints until they are accepted, hopeless, or too old.

    `delivered` counts accepted deliveries; `held` makes every try fail as if the endpoint were down,
    `lost` has what is offered vanish without a trace, as a delivery does that is dead and nobody knows;
    `pace` below 1 compresses the retry schedule.
    """

    def __init__(self, clock: LabClock, chaos: Chaos | None = None, *, pace: float = 1.0) -> None:
        self.chaos = chaos or Chaos()
        self.pace = pace
        self.held = False
        self.lost = False
        self.sent = 0
        self.delivered = 0
        self.dead_letters: list[DeadLetter] = []
        self._clock = clock
        self._random = random.Random(self.chaos.seed)
        self._waiting: list[_Delivery] = []
        self._numbers = itertools.count()
        self._flying: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._lanes = asyncio.Semaphore(PARALLEL)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def pending(self) -> int:
        """Deliveries that are neither accepted nor given up."""
        return len(self._waiting) + len(self._flying)

    @property
    def flying(self) -> int:
        return len(self._flying)

    async def landed(self) -> None:
        """Return when no delivery is in the air; those that wait for their time may remain."""
        while self._flying:
            await asyncio.wait(self._flying)

    def next_due(self) -> float | None:
        """When the next waiting delivery is to be tried, on the lab's clock."""
        return self._waiting[0].due if self._waiting else None

    def offer(self, events: Iterable[Event], to: Subscription) -> None:
        """Take events over for a subscription. Call it on the lab's own thread."""
        now = self._clock.now()
        for event in () if self.lost else events:
            for _ in range(self.chaos.copies):
                due = now + self._random.uniform(0, self.chaos.shuffle)
                heapq.heappush(self._waiting, _Delivery(due, next(self._numbers), event, to, now))
        self._changed.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Deliverer"]:
        """Deliver while this is entered; what is still waiting in the end stays where it is."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
        connector = aiohttp.TCPConnector(limit=PARALLEL)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as self._http:
            pump = asyncio.create_task(self._pump(), name="deliverer")
            try:
                yield self
            finally:
                pump.cancel()
                await asyncio.gather(pump, *self._flying, return_exceptions=True)

    async def _pump(self) -> None:
        while True:
            self._changed.clear()
            for batch in self._due():
                await self._lanes.acquire()
                task = asyncio.create_task(self._fly(batch))
                self._flying.add(task)
                task.add_done_callback(self._landed)
            await _first(self._changed.wait(), self._clock.reach(self.next_due()))

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._lanes.release()

    def _due(self) -> list[list[_Delivery]]:
        """Everything due now, grouped into batches as each subscription allows."""
        now, batches = self._clock.now(), list[list[_Delivery]]()
        filling: dict[str, list[_Delivery]] = {}
        while self._waiting and self._waiting[0].due <= now:
            delivery = heapq.heappop(self._waiting)
            batch = filling.get(delivery.to.name)
            if batch is None or len(batch) >= delivery.to.max_batch:
                batch = filling[delivery.to.name] = []
                batches.append(batch)
            batch.append(delivery)
        return batches

    async def _fly(self, batch: list[_Delivery]) -> None:
        for delivery in batch:
            delivery.attempts += 1
        status, outcome = await self._try(batch)
        if 200 <= status <= 204:
            self.delivered += len(batch)
            return
        log.info("delivery.refused", extra={"subscription": batch[0].to.name, "outcome": outcome})
        for delivery in batch:
            self._again_or_dead(delivery, status, outcome)

    async def _try(self, batch: list[_Delivery]) -> tuple[int, str]:
        """The endpoint's status, and Event Grid's word for it; 0 when there was no answer."""
        if self.held:
            return 0, "GenericError"
        to, events = batch[0].to, [delivery.event for delivery in batch]
        self.sent += len(batch)
        single = to.schema == "cloudevents" and to.max_batch == 1
        try:
            async with self._http.post(
                to.endpoint,
                json=events[0] if single else events,
                headers=_headers(to, batch[0], single=single),
            ) as answer:
                await answer.read()
                return answer.status, OUTCOMES.get(answer.status, f"HttpStatusCode{answer.status}")
        except TimeoutError:
            return 408, "TimedOut"
        except aiohttp.ClientError:
            return 0, "GenericError"

    def _again_or_dead(self, delivery: _Delivery, status: int, outcome: str) -> None:
        step = SCHEDULE[min(delivery.attempts, len(SCHEDULE)) - 1]
        wait = max(step, AT_LEAST.get(status, 0)) * self._random.uniform(1.0, 1.1) * self.pace
        too_old = self._clock.now() + wait > delivery.published + delivery.to.time_to_live
        if status in HOPELESS or delivery.attempts >= delivery.to.max_attempts:
            self._bury(delivery, "MaxDeliveryAttemptsExceeded", status, outcome)
        elif too_old:
            self._bury(delivery, "TimeToLiveExceeded", status, outcome)
        else:
            delivery.due = self._clock.now() + wait
            heapq.heappush(self._waiting, delivery)
            self._changed.set()

    def _bury(self, delivery: _Delivery, reason: str, status: int, outcome: str) -> None:
        now = self._clock.now()
        added = {
            "deadLetterReason": reason,
            "deliveryAttempts": delivery.attempts,
            "lastDeliveryOutcome": outcome,
            "publishTime": timestamp(delivery.published),
            "lastDeliveryAttemptTime": timestamp(now),
        }
        if status:
            added["lastHttpStatusCode"] = status
        if delivery.to.schema == "cloudevents":
            added = {key.lower(): value for key, value in added.items()}
        self.dead_letters.append(DeadLetter(_blob_path(delivery.to, now), ({**delivery.event, **added},)))


def _headers(to: Subscription, delivery: _Delivery, *, single: bool) -> dict[str, str]:
    kind = "application/json; charset=utf-8"
    if to.schema == "cloudevents":
        form = "cloudevents" if single else "cloudevents-batch"
        kind = f"application/{form}+json; charset=utf-8"
    return {
        "Content-Type": kind,
        "aeg-event-type": "Notification",
        "aeg-subscription-name": to.name.upper(),
        "aeg-delivery-count": str(delivery.attempts - 1),
    }


def _blob_path(to: Subscription, now: float) -> str:
    """``SUBSCRIPTION/2026/1/2/3/guid.json``: UTC, and the parts of the time are not padded."""
    at = datetime.fromtimestamp(now, UTC)
    return f"{to.name.upper()}/{at.year}/{at.month}/{at.day}/{at.hour}/{uuid.uuid4()}.json"


async def _first(*waits: Any) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
