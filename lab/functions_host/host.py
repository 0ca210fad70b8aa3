"""The host: an app, its queues, its HTTP face, started and ended together."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aiohttp import web

from lab.functions_host.functions import Function, HostError, HostSettings
from lab.functions_host.poller import Poller, encoded
from lab.functions_host.protos import TypedData
from lab.functions_host.sources import open_source
from lab.functions_host.web import Keys, application
from lab.functions_host.worker import Invocation, Worker

if TYPE_CHECKING:
    from lab.functions_host.queues import QueueSource

log = logging.getLogger(__name__)

_TIMER = '{"IsPastDue": false, "Schedule": {"AdjustForDST": true}}'


class FunctionsHost:
    """Hosts one app directory on 127.0.0.1 while it is entered.

    App settings are environment variables and must be set before. `key` opens everything; `port` 0 takes a
    free one. Raises HostError when the app does not load or a connection setting is missing.
    """

    def __init__(self, app_dir: Path, *, key: str, port: int = 0) -> None:
        self.app_dir = app_dir.resolve()
        self.key = key
        self.pollers: dict[str, Poller] = {}
        self.failures: list[tuple[str, str]] = []
        self._port = port
        self._sources: dict[tuple[str, str], QueueSource] = {}
        self._running: set[asyncio.Task[Invocation]] = set()
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.settings = HostSettings.read(self.app_dir)
        async with contextlib.AsyncExitStack() as stack:
            self.worker = await Worker.start(self.app_dir)
            stack.push_async_callback(self.worker.stop)
            stack.push_async_callback(self._finish_running)
            self._open_queues(stack)
            await self._serve(stack)
            self._start_pollers(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take nothing new, let what runs finish, leave no thread, task or socket behind."""
        await self._stack.aclose()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def functions(self) -> dict[str, Function]:
        return self.worker.functions

    @property
    def busy(self) -> int:
        """Functions that run now, and messages that are being settled."""
        return len(self._running) + sum(poller.settling for poller in self.pollers.values())

    async def queued(self) -> int:
        """Messages on all queues of the app, visible or not."""
        return sum([await source.depth() for source in self._sources.values()])

    def next_visible(self) -> list[datetime]:
        """For each queue that can tell, when its next message is or becomes visible."""
        moments = [source.next_visible() for source in self._sources.values()]
        return [moment for moment in moments if moment is not None]

    def event_grid_url(self, function: str) -> str:
        """The webhook that Event Grid delivers a function's events to."""
        return f"{self.url}/runtime/webhooks/EventGrid?functionName={function}&code={self.key}"

    async def run(
        self, function: Function, data: TypedData, metadata: dict[str, TypedData] | None = None
    ) -> Invocation:
        """Run a function within functionTimeout and lay its messages on their queues."""
        ended = await self._within_timeout(function, data, metadata)
        if ended.ok:
            await self._emit(function, ended.messages)
        else:
            self.failures.append((function.name, ended.error))
            log.error(
                "function.failed",
                extra={"function_name": function.name, "error": ended.error, "trace": ended.stack_trace},
            )
        return ended

    def wake(self) -> None:
        """Look at every queue now, because the clock was moved."""
        for source in self._sources.values():
            source.wake()

    async def run_timer(self, name: str) -> Invocation:
        """Run a timer's function now."""
        return await self.run(self.functions[name], TypedData(json=_TIMER))

    async def _within_timeout(
        self, function: Function, data: TypedData, metadata: dict[str, TypedData] | None
    ) -> Invocation:
        task = asyncio.create_task(self.worker.invoke(function, data, metadata), name=function.name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        limit = self.settings.function_timeout
        done, _ = await asyncio.wait({task}, timeout=None if limit == float("inf") else limit)
        if done:
            return task.result()
        return Invocation(ok=False, error=f"FunctionTimeoutException: longer than {limit:g} s")

    async def _emit(self, function: Function, messages: Mapping[str, tuple[str, ...]]) -> None:
        for parameter, (queue, connection) in function.queue_outputs.items():
            for text in messages.get(parameter, ()):
                await self._sources[connection, queue].send(encoded(text, self.settings))

    async def _finish_running(self) -> None:
        if self._running:
            await asyncio.wait(self._running)

    def _open_queues(self, stack: contextlib.AsyncExitStack) -> None:
        for function in self.functions.values():
            wanted = list(function.queue_outputs.values())
            if function.kind == "queueTrigger":
                wanted.append(_trigger_queue(function))
            for queue, connection in wanted:
                if (connection, queue) not in self._sources:
                    source = open_source(_setting(function, connection), queue)
                    self._sources[connection, queue] = source
                    stack.push_async_callback(source.close)

    async def _serve(self, stack: contextlib.AsyncExitStack) -> None:
        app = application(self.functions, self, self.settings, Keys.one(self.key))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        self._port = runner.addresses[0][1]
        stack.enter_context(_setting_of("WEBSITE_HOSTNAME", f"127.0.0.1:{self._port}"))

    def _start_pollers(self, stack: contextlib.AsyncExitStack) -> None:
        for function in self.functions.values():
            if function.kind == "queueTrigger":
                queue, connection = _trigger_queue(function)
                poller = Poller(self._sources[connection, queue], partial(self.run, function), self.settings)
                self.pollers[function.name] = poller
                poller.start()
                stack.push_async_callback(poller.stop)


@contextlib.contextmanager
def _setting_of(name: str, value: str) -> Iterator[None]:
    """A setting that Azure's host makes itself, while the app is hosted."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        os.environ |= {} if before is None else {name: before}


def _trigger_queue(function: Function) -> tuple[str, str]:
    return function.trigger["queueName"], function.trigger["connection"]


def _setting(function: Function, name: str) -> str:
    """The connection string in the app setting a binding names."""
    value = os.environ.get(name, "")
    if not value:
        raise HostError(f"function {function.name}: the app setting {name} with its connection is missing")
    return value
