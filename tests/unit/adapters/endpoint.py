"""A tiny real HTTP server on loopback, on a thread of its own, for adapters that call somebody."""

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Answer:
    """`delay` seconds pass before it is given; status 0 closes the connection instead."""

    status: int = 202
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass(slots=True)
class Endpoint:
    """Takes anything, keeps it, and gives the next of `answers` (202 when there is none left)."""

    answers: deque[Answer] = field(default_factory=deque)
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def then(self, *answers: Answer) -> None:
        self.answers.extend(answers)

    @property
    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        self.headers.append(dict(request.headers))
        answer = self.answers.popleft() if self.answers else Answer()
        await asyncio.sleep(answer.delay)
        if answer.status == 0 and request.transport is not None:
            request.transport.close()
        return web.Response(status=answer.status or 500, text=answer.body, headers=answer.headers)


@contextmanager
def served(app: web.Application) -> Iterator[str]:
    """The base URL of an app on a free port, until the block ends."""
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app, access_log=None)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(_start(runner), loop).result(10)
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _start(runner: web.AppRunner) -> None:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
