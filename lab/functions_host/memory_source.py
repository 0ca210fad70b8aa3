"""A queue of an in-process account, as a host polls it: no waiting, a change wakes the poller."""

import asyncio
from datetime import UTC, datetime

from lab.functions_host.queues import Received
from remediation.adapters.memory import storage as memory


class MemorySource:
    """One queue of ``memory://ACCOUNT``, which the app in the same process uses by the same name."""

    def __init__(self, account: str, name: str) -> None:
        self.name = name
        self._queue = memory.shared(account).queue
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._end = self._queue.subscribe(self._noticed)
        self._taken: dict[str, memory.Received] = {}

    async def receive(self, count: int, hide: float) -> list[Received]:
        batch = self._queue.receive(self.name, visibility=hide, limit=count)
        self._taken |= {message.id: message for message in batch}
        return [_received(message) for message in batch]

    async def delete(self, message: Received) -> None:
        self._queue.delete(self.name, self._taken.pop(message.id))

    async def show(self, message: Received, delay: float) -> None:
        self._queue.release(self.name, self._taken.pop(message.id), delay=delay)

    async def poison(self, message: Received) -> None:
        self._queue.poison(self.name, self._taken.pop(message.id))

    async def send(self, text: str) -> None:
        self._queue.put(self.name, text)

    async def arrival(self) -> None:
        """Return at the next change of the account, or when the next delay is over."""
        due = self._queue.next_visible(self.name)
        left = None if due is None else (due - self._queue.clock.now()).total_seconds()
        timer = None if left is None else self._loop.call_later(max(left, 0), self._woken.set)
        try:
            await self._woken.wait()
        finally:
            if timer is not None:
                timer.cancel()
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    async def depth(self) -> int:
        return len(self._queue.texts(self.name))

    def next_visible(self) -> datetime | None:
        return self._queue.next_visible(self.name)

    async def close(self) -> None:
        self._end()

    def _noticed(self) -> None:
        self._loop.call_soon_threadsafe(self._woken.set)


def _received(message: memory.Received) -> Received:
    return Received(
        id=message.id,
        receipt=str(message.receipt),
        text=message.text,
        dequeue_count=message.dequeue_count,
        inserted=message.inserted.astimezone(UTC),
        next_visible=message.next_visible.astimezone(UTC),
    )
