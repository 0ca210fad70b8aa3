"""A queue trigger: takes messages, runs the function, deletes, shows again or poisons.

Parallel messages are at most batchSize + newBatchThreshold, as in the real host: a batch is fetched when
no more than newBatchThreshold are still running.
"""

import asyncio
import base64
import binascii
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from lab.functions_host.functions import HostSettings
from lab.functions_host.protos import TypedData
from lab.functions_host.queues import QueueSource, Received
from lab.functions_host.worker import Invocation

log = logging.getLogger(__name__)

HIDDEN = 600.0
"""Seconds a message stays hidden while its function runs; the real host renews ten minutes."""

type Run = Callable[[TypedData, dict[str, TypedData]], Awaitable[Invocation]]


class Poller:
    """Feeds one queue-triggered function until it is stopped."""

    def __init__(self, source: QueueSource, run: Run, settings: HostSettings) -> None:
        self.source = source
        self._run = run
        self._settings = settings
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._invoking = 0

    @property
    def settling(self) -> int:
        """Messages that were taken and are decoded, deleted or moved just now, their function not running."""
        return len(self._running) - self._invoking

    def start(self) -> None:
        self._loop = asyncio.create_task(self._poll(), name=f"poller of {self.source.name}")

    async def stop(self) -> None:
        """Take no more messages and wait for those that are running."""
        self._stopping.set()
        if self._loop is not None:
            await self._loop
        await asyncio.gather(*self._running)

    async def _poll(self) -> None:
        while not self._stopping.is_set():
            if len(self._running) > self._settings.new_batch_threshold:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            elif not await self._fetch():
                await self._first_of(self.source.arrival(), self._stopping.wait())

    async def _fetch(self) -> bool:
        """Start a task for each message of one batch; False when there was none or the queue failed."""
        try:
            batch = await self.source.receive(self._settings.batch_size, self._hidden)
            for message in batch:
                task = asyncio.create_task(self._handle(message))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        except Exception:  # the loop must outlive an outage of the queue, whatever it raises
            log.exception("queue.unreachable", extra={"queue": self.source.name})
            return False
        return bool(batch)

    @property
    def _hidden(self) -> float:
        timeout = self._settings.function_timeout
        return HIDDEN if timeout == float("inf") else max(HIDDEN, timeout + 60)

    async def _handle(self, message: Received) -> None:
        try:
            await self._settle(message)
        except Exception:  # the message stays on the queue and comes back; nothing is lost
            log.exception("queue.message.unsettled", extra={"queue": self.source.name, "id": message.id})

    async def _settle(self, message: Received) -> None:
        if message.dequeue_count > self._settings.max_dequeue_count:
            return await self._poison(message, "taken too often")
        text = self._decoded(message)
        if text is None:
            return await self._poison(message, f"not {self._settings.message_encoding}")
        ended = await self._invoke(text, message)
        if ended.ok:
            return await self.source.delete(message)
        if message.dequeue_count >= self._settings.max_dequeue_count:
            return await self._poison(message, ended.error)
        return await self.source.show(message, self._settings.visibility_timeout)

    async def _invoke(self, text: str, message: Received) -> Invocation:
        self._invoking += 1
        try:
            return await self._run(TypedData(string=text), _metadata(message))
        finally:
            self._invoking -= 1

    async def _poison(self, message: Received, why: str) -> None:
        log.error(
            "queue.message.poisoned", extra={"queue": self.source.name, "id": message.id, "reason": why}
        )
        await self.source.poison(message)

    def _decoded(self, message: Received) -> str | None:
        if self._settings.message_encoding == "none":
            return message.text
        try:
            return base64.b64decode(message.text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None

    async def _first_of(self, *waits: Awaitable[object]) -> None:
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def encoded(text: str, settings: HostSettings) -> str:
    """A text as an output binding lays it on a queue."""
    return text if settings.message_encoding == "none" else base64.b64encode(text.encode()).decode()


def _metadata(message: Received) -> dict[str, TypedData]:
    """What the host tells a queue trigger beside the text, in the kinds the runtime wants."""
    times = {
        "InsertionTime": message.inserted,
        "ExpirationTime": message.expires,
        "NextVisibleTime": message.next_visible,
    }
    return {
        "Id": TypedData(string=message.id),
        "PopReceipt": TypedData(string=message.receipt),
        "DequeueCount": TypedData(json=json.dumps(message.dequeue_count)),
        **{name: TypedData(json=_time(moment)) for name, moment in times.items() if moment is not None},
    }


def _time(moment: datetime) -> str:
    """As the queue service tells times: whole seconds."""
    return json.dumps(moment.replace(microsecond=0).isoformat())
