"""Running the lab's ARM: on the present event loop, or in a thread of its own for synchronous clients."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from lab.arm.arm import Arm
from lab.arm.server import application

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

HOST = "127.0.0.1"


@asynccontextmanager
async def serving(app: web.Application, port: int = 0) -> AsyncIterator[str]:
    """Serve an application on loopback while the block runs; gives its base URL. Port 0: any free one."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextmanager
def in_background(arm: Arm | None = None, port: int = 0) -> Iterator[str]:
    """Serve an ARM from a thread while the block runs; gives its base URL.

    The Arm belongs to that thread then: reach it over HTTP, or read it when nothing is in flight.
    """
    app = application(arm or Arm())
    ready: list[str] = []
    started, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        try:
            async with serving(app, port) as url:
                ready.append(url)
                started.set()
                await stop.wait()
        finally:
            started.set()

    def main() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run())
        loop.close()

    thread = threading.Thread(target=main, name="lab-arm", daemon=True)
    thread.start()
    started.wait()
    if not ready:
        raise OSError(f"the lab could not be served on {HOST}:{port}")
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
