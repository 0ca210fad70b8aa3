"""Queue triggers against an in-process queue: what the host does with a message around the function's run."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from lab.azurite import Azurite
from lab.functions_host.functions import HostError, HostSettings, seconds
from lab.functions_host.memory_source import MemorySource
from lab.functions_host.poller import Poller, encoded
from lab.functions_host.protos import TypedData
from lab.functions_host.queues import QueueSource, Received
from lab.functions_host.sources import open_source
from lab.functions_host.worker import Invocation
from remediation.adapters.clock import VirtualClock
from remediation.adapters.memory import storage as memory

SETTINGS = HostSettings(batch_size=2, new_batch_threshold=1, max_dequeue_count=3)
GOOD = Invocation(ok=True)
BAD = Invocation(ok=False, error="ValueError: no")

type Runs = Callable[[str, int], Awaitable[Invocation]]


class Recorder:
    """Stands where the function runs: notes what it is given and answers as `answer` says."""

    def __init__(self, answer: Runs) -> None:
        self.texts: list[str] = []
        self._answer = answer
        self._changed = asyncio.Condition()

    async def __call__(self, data: TypedData, metadata: dict[str, TypedData]) -> Invocation:
        text, count = vars(data)["string"], int(vars(metadata["DequeueCount"])["json"])
        async with self._changed:
            self.texts.append(text)
            self._changed.notify_all()
        return await self._answer(text, count)

    async def has(self, count: int) -> None:
        async with self._changed, asyncio.timeout(5):
            await self._changed.wait_for(lambda: len(self.texts) >= count)


async def succeeds(_text: str, _count: int) -> Invocation:
    return GOOD


async def fails(_text: str, _count: int) -> Invocation:
    return BAD


@contextlib.asynccontextmanager
async def polling(
    source: QueueSource, recorder: Recorder, settings: HostSettings = SETTINGS
) -> AsyncIterator[Poller]:
    poller = Poller(source, recorder, settings)
    poller.start()
    try:
        yield poller
    finally:
        await poller.stop()
        await source.close()


def a_queue(clock: VirtualClock | None = None) -> tuple[MemorySource, memory.MemoryQueue]:
    """A source on an account of its own; call it inside a running loop."""
    account = uuid4().hex
    queue = memory.shared(account, clock).queue
    return MemorySource(account, "work"), queue


def wire(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_message_that_succeeds_is_gone() -> None:
    async def story() -> tuple[list[str], list[str]]:
        source, queue = a_queue()
        recorder = Recorder(succeeds)
        async with polling(source, recorder):
            queue.put("work", wire("hello ä"))
            await recorder.has(1)
        return recorder.texts, queue.texts("work")

    assert asyncio.run(story()) == (["hello ä"], [])


def test_a_message_whose_time_has_not_come_waits_for_the_clock() -> None:
    async def story() -> tuple[list[str], list[str]]:
        clock = VirtualClock()
        source, queue = a_queue(clock)
        recorder = Recorder(succeeds)
        async with polling(source, recorder):
            queue.put("work", wire("late"), delay=3600)
            queue.put("work", wire("now"))
            await recorder.has(1)
            before = list(recorder.texts)
            clock.advance(3600)
            source.wake()
            await recorder.has(2)
        return before, recorder.texts

    assert asyncio.run(story()) == (["now"], ["now", "late"])


def test_a_failed_message_is_hidden_for_the_visibility_timeout() -> None:
    async def story() -> tuple[float, int]:
        clock = VirtualClock()
        source, queue = a_queue(clock)
        recorder = Recorder(fails)
        async with polling(source, recorder, replace(SETTINGS, visibility_timeout=30)):
            queue.put("work", wire("x"))
            await recorder.has(1)
        due = queue.next_visible("work")
        assert due is not None
        return (due - clock.now()).total_seconds(), len(recorder.texts)

    assert asyncio.run(story()) == (30, 1)


def test_what_fails_as_often_as_allowed_lies_in_the_poison_queue_as_it_was_sent() -> None:
    async def story() -> tuple[int, list[str], list[str]]:
        source, queue = a_queue()
        recorder = Recorder(fails)
        async with polling(source, recorder):
            queue.put("work", wire("x"))
            await recorder.has(3)
        return len(recorder.texts), queue.texts("work"), queue.texts("work-poison")

    assert asyncio.run(story()) == (3, [], [wire("x")])


@pytest.mark.parametrize("text", ["not base64!", base64.b64encode(b"\xff\xfe").decode()])
def test_what_cannot_be_decoded_is_poison_without_a_run(text: str) -> None:
    async def story() -> tuple[list[str], list[str], list[str]]:
        source, queue = a_queue()
        recorder = Recorder(succeeds)
        async with polling(source, recorder):
            queue.put("work", text)
            queue.put("work", wire("fine"))
            await recorder.has(1)
        return recorder.texts, queue.texts("work"), queue.texts("work-poison")

    assert asyncio.run(story()) == (["fine"], [], [text])


def test_messages_run_in_parallel_up_to_batch_size_and_threshold() -> None:
    async def story() -> tuple[int, int]:
        source, queue = a_queue()
        gate = asyncio.Event()
        running, most = 0, 0

        async def waits(_text: str, _count: int) -> Invocation:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await gate.wait()
            running -= 1
            return GOOD

        recorder = Recorder(waits)
        for number in range(8):
            queue.put("work", wire(str(number)))
        async with polling(source, recorder, replace(SETTINGS, new_batch_threshold=0)):
            await recorder.has(2)
            gate.set()
            await recorder.has(8)
        return most, len(queue.texts("work"))

    assert asyncio.run(story()) == (2, 0)


def test_stopping_waits_for_the_running_message_and_takes_no_other() -> None:
    async def story() -> tuple[list[str], list[str]]:
        source, queue = a_queue()
        gate = asyncio.Event()

        async def waits(_text: str, _count: int) -> Invocation:
            await gate.wait()
            return GOOD

        recorder = Recorder(waits)
        poller = Poller(source, recorder, replace(SETTINGS, batch_size=1, new_batch_threshold=0))
        queue.put("work", wire("1"))
        queue.put("work", wire("2"))
        poller.start()
        await recorder.has(1)
        stopping = asyncio.create_task(poller.stop())
        gate.set()
        await stopping
        await source.close()
        return recorder.texts, queue.texts("work")

    assert asyncio.run(story()) == (["1"], [wire("2")])


class Unreachable:
    """A source whose first fetches fail, as when the storage account is away."""

    def __init__(self, source: MemorySource, failures: int) -> None:
        self.name = source.name
        self._source = source
        self._failures = failures
        self.delete, self.show, self.poison = source.delete, source.show, source.poison
        self.send, self.wake, self.close = source.send, source.wake, source.close
        self.depth, self.next_visible = source.depth, source.next_visible

    async def receive(self, count: int, hide: float) -> list[Received]:
        if self._failures:
            self._failures -= 1
            raise OSError("the account is away")
        return await self._source.receive(count, hide)

    async def arrival(self) -> None:
        await asyncio.sleep(0)


def test_an_unreachable_queue_is_asked_again() -> None:
    async def story() -> list[str]:
        source, queue = a_queue()
        recorder = Recorder(succeeds)
        queue.put("work", wire("x"))
        async with polling(Unreachable(source, failures=2), recorder):
            await recorder.has(1)
        return recorder.texts

    assert asyncio.run(story()) == ["x"]


def test_without_encoding_texts_lie_on_the_queue_as_they_are() -> None:
    plain = replace(SETTINGS, message_encoding="none")

    async def story() -> list[str]:
        source, queue = a_queue()
        recorder = Recorder(succeeds)
        async with polling(source, recorder, plain):
            queue.put("work", encoded("as it is", plain))
            await recorder.has(1)
        return recorder.texts

    assert asyncio.run(story()) == ["as it is"]


@pytest.mark.azurite
def test_a_storage_queue_is_polled_poisoned_and_left_empty(azurite: Azurite) -> None:
    async def story(connection: str) -> tuple[list[str], list[str], list[str]]:
        name = f"work{uuid4().hex}"
        source, poison = open_source(connection, name), open_source(connection, f"{name}-poison")

        async def picky(text: str, _count: int) -> Invocation:
            return GOOD if text == "good" else BAD

        recorder, dead = Recorder(picky), Recorder(succeeds)
        await source.send(wire("bad"))
        await source.send(wire("good"))
        async with polling(source, recorder), polling(poison, dead):
            await recorder.has(4)
            await dead.has(1)
        again = open_source(connection, name)
        left = await again.receive(10, 1)
        await again.close()
        return sorted(recorder.texts), dead.texts, [each.text for each in left]

    ended = asyncio.run(story(azurite.connection_string))
    assert ended == (["bad", "bad", "bad", "good"], ["bad"], [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:05:00", 300),
        ("00:00:00.5", 0.5),
        ("1.02:00:00", 93600),
        ("-1", float("inf")),
    ],
)
def test_times_of_host_json_are_read_as_dotnet_reads_them(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["5", "", "five minutes", "00:05"])
def test_a_time_that_is_none_is_named(text: str) -> None:
    with pytest.raises(HostError, match=r"is not a time like 00:05:00"):
        seconds(text)


def test_host_json_sets_queues_timeout_and_prefix() -> None:
    settings = HostSettings.of(
        {
            "functionTimeout": "00:10:00",
            "extensions": {
                "http": {"routePrefix": ""},
                "queues": {"batchSize": 4, "newBatchThreshold": 0, "messageEncoding": "none"},
            },
        }
    )
    assert settings == HostSettings(
        route_prefix="", function_timeout=600, batch_size=4, new_batch_threshold=0, message_encoding="none"
    )


def test_an_encoding_the_host_does_not_have_is_refused() -> None:
    with pytest.raises(HostError, match="messageEncoding"):
        HostSettings.of({"extensions": {"queues": {"messageEncoding": "base32"}}})
