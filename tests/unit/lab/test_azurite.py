"""The storage emulator as the lab starts it: what lies on a queue is found without an index of messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from lab.azurite import Azurite
from lab.functions_host.queues import Received
from lab.functions_host.storage_source import StorageSource

pytestmark = pytest.mark.azurite
TEXTS = [f"message {number}" for number in range(200)]
HIDDEN = 600


@asynccontextmanager
async def queue(azurite: Azurite, name: str) -> AsyncIterator[StorageSource]:
    source = StorageSource(azurite.connection_string, name)
    try:
        yield source
    finally:
        await source.close()


async def lay(source: StorageSource, texts: list[str]) -> None:
    for text in texts:
        await source.send(text)


async def take(source: StorageSource) -> list[Received]:
    """All that can be received now, batch by batch."""
    found: list[Received] = []
    while batch := await source.receive(4, HIDDEN):
        found += batch
    return found


def texts_of(found: list[Received]) -> list[str]:
    return [message.text for message in found]


def test_messages_come_once_each_in_their_order_and_those_of_another_queue_stay(
    azurite: Azurite, fresh_name: str
) -> None:
    async def story() -> None:
        async with queue(azurite, fresh_name) as ours, queue(azurite, f"other-{fresh_name}") as other:
            await asyncio.gather(lay(ours, TEXTS), lay(other, TEXTS))
            found = await take(ours)
            assert texts_of(found) == TEXTS
            for message in found:
                await ours.delete(message)
            assert (await ours.depth(), await other.depth()) == (0, len(TEXTS))
            assert texts_of(await take(other)) == TEXTS

    asyncio.run(story())


def test_a_message_shown_again_comes_again_and_is_counted(azurite: Azurite, fresh_name: str) -> None:
    async def story() -> list[tuple[str, int]]:
        async with queue(azurite, fresh_name) as source:
            await lay(source, ["one", "two"])
            first, _ = await take(source)
            await source.show(first, 0)
            return [(message.text, message.dequeue_count) for message in await take(source)]

    assert asyncio.run(story()) == [("one", 2)]


def test_it_leaves_when_nobody_holds_its_input_any_more() -> None:
    emulator = Azurite()
    emulator.close()
    assert emulator._process.returncode == 0
