"""A queue of a storage account, or of its emulator, as a host polls it."""

import asyncio
import contextlib
from datetime import datetime

from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from lab.functions_host.queues import Received

IDLE = 0.1
"""Seconds between looks at an idle queue; the real host lets this grow to maxPollingInterval."""


class StorageSource:
    """A queue of a storage account (or of its emulator), made when it is not there."""

    def __init__(self, connection: str, name: str) -> None:
        self.name = name
        self._client = _client(connection, name)
        self._poison = _client(connection, f"{name}-poison")
        self._there = asyncio.Lock()
        self._made: set[str] = set()
        self._woken = asyncio.Event()

    async def receive(self, count: int, hide: float) -> list[Received]:
        client = await self._existing(self._client)
        pages = client.receive_messages(
            messages_per_page=min(count, 32), max_messages=count, visibility_timeout=round(hide)
        )
        return [_received(message) async for message in pages]

    async def delete(self, message: Received) -> None:
        await self._client.delete_message(message.id, message.receipt)

    async def show(self, message: Received, delay: float) -> None:
        await self._client.update_message(message.id, message.receipt, visibility_timeout=round(delay))

    async def poison(self, message: Received) -> None:
        await (await self._existing(self._poison)).send_message(message.text, time_to_live=-1)
        await self.delete(message)

    async def send(self, text: str) -> None:
        await (await self._existing(self._client)).send_message(text, time_to_live=-1)
        self.wake()

    async def arrival(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), IDLE)
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    async def depth(self) -> int:
        properties = await (await self._existing(self._client)).get_queue_properties()
        return properties.approximate_message_count or 0

    def next_visible(self) -> datetime | None:
        return None  # the service does not tell

    async def close(self) -> None:
        await self._client.close()
        await self._poison.close()

    async def _existing(self, client: QueueClient) -> QueueClient:
        async with self._there:
            if client.queue_name not in self._made:
                with contextlib.suppress(ResourceExistsError):  # somebody else made it: that is what we want
                    await client.create_queue()
                self._made.add(client.queue_name)
        return client


def _client(connection: str, name: str) -> QueueClient:
    return QueueClient.from_connection_string(connection, name)


def _received(message: QueueMessage) -> Received:
    return Received(
        id=message.id,
        receipt=str(message.pop_receipt),
        text=message.content,
        dequeue_count=message.dequeue_count or 0,
        inserted=message.inserted_on,
        expires=message.expires_on,
        next_visible=message.next_visible_on,
    )
