"""The storm on several functions hosts: a process each, with queues and ledger on the storage emulator.

Events are delivered as Event Grid does it, by HTTP, to one host after the other. It is quiet when the queues
are empty: a message that is being worked on still lies there, unseen by others.
"""

import asyncio
import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

from benchmarks.played import Played
from lab.azurite import Azurite

ROOT = Path(__file__).resolve().parent.parent
KEY = "storm"
QUEUES = ("reconcile", "neighbourhood", "cards")
LOOK_AGAIN = 0.25
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@dataclass(frozen=True, slots=True)
class Host:
    process: subprocess.Popen[str]
    functions: str
    webhook: str

    @property
    def peak_mb(self) -> float:
        """The most memory the process has held so far, as the kernel (Linux) counts it."""
        found = _PEAK.search(Path(f"/proc/{self.process.pid}/status").read_text())
        assert found is not None
        return int(found[1]) / 1024


@contextlib.contextmanager
def functions_host(environment: Mapping[str, str]) -> Iterator[Host]:
    command = [sys.executable, "-m", "lab.functions_host", "--app", str(ROOT), "--key", KEY]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        path = f"/runtime/webhooks/EventGrid?functionName=on_resource_change&code={KEY}"
        yield Host(process, ready["functions"], f"{ready['functions']}{path}")
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:  # it waits for a round, whose answer nobody needs any more
            process.kill()
            process.wait(timeout=10)


def play_on_hosts(
    events: Sequence[str],
    count: int,
    at_once: int,
    patience: float,
    warming: Sequence[str],
    begins: Callable[[], None],
) -> Played:
    """Start the emulator and the hosts, deliver, wait until it is quiet; SystemExit if it is not in time.

    What a process does for the first time (see `cold_start.py`) it does for the events of `warming`,
    before the storm `begins`.
    """
    with Azurite() as emulator, contextlib.ExitStack() as stack:
        environment = {"AzureWebJobsStorage": emulator.connection_string}
        hosts = [stack.enter_context(functions_host(environment)) for _ in range(count)]
        asyncio.run(_play(warming, hosts, emulator.connection_string, at_once, patience))
        begins()
        start = time.perf_counter()
        rate, failures = asyncio.run(_play(events, hosts, emulator.connection_string, at_once, patience))
        seconds = time.perf_counter() - start
        return Played(rate, seconds, failures, tuple(host.peak_mb for host in hosts))


async def _play(
    events: Sequence[str], hosts: Sequence[Host], connection: str, at_once: int, patience: float
) -> tuple[float, int]:
    deadline = time.perf_counter() + patience
    rate = await _deliver(events, hosts, at_once)
    async with depths(connection, QUEUES) as depth:
        while await depth():
            if time.perf_counter() > deadline:
                raise SystemExit(f"not quiet after {patience:.0f} s")
            await asyncio.sleep(LOOK_AGAIN)
    async with depths(connection, [f"{queue}-poison" for queue in QUEUES]) as depth:
        return rate, await depth()


async def _deliver(events: Sequence[str], hosts: Sequence[Host], at_once: int) -> float:
    """Deliver every event to one host after the other; events per second."""
    waiting = zip(events, itertools.cycle(hosts), strict=False)
    start = time.perf_counter()

    async def some(session: aiohttp.ClientSession) -> None:
        for text, host in waiting:
            async with session.post(
                host.webhook, data=text, headers={"content-type": "application/json"}
            ) as answer:
                if answer.status != 202:
                    raise SystemExit(f"on_resource_change: HTTP {answer.status} {await answer.text()}")

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(some(session) for _ in range(at_once)))
    return len(events) / (time.perf_counter() - start)


class _Depths:
    """How many messages lie on some queues together, visible or not."""

    def __init__(self, clients: Sequence[QueueClient]) -> None:
        self._clients = clients

    async def __call__(self) -> int:
        return sum([await self._depth(client) for client in self._clients])

    async def _depth(self, client: QueueClient) -> int:
        try:
            properties = await client.get_queue_properties()
        except ResourceNotFoundError:  # nobody has ever laid a message there
            return 0
        return properties.approximate_message_count or 0


@contextlib.asynccontextmanager
async def depths(connection: str, queues: Sequence[str]) -> AsyncIterator[_Depths]:
    async with contextlib.AsyncExitStack() as stack:
        clients = [QueueClient.from_connection_string(connection, queue) for queue in queues]
        for client in clients:
            await stack.enter_async_context(client)
        yield _Depths(clients)
