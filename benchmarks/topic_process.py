"""The drift topic as a process of its own that only remembers which announcements it has accepted."""

import asyncio
import json
import signal
import sys

from aiohttp import web

from lab.arm.serving import serving
from lab.clock import LabClock
from lab.delivery import Deliverer
from lab.event_grid import CustomTopic


async def run() -> None:
    topic = CustomTopic("storm-key", Deliverer(LabClock()))

    async def ids(_: web.Request) -> web.Response:
        return web.json_response([event["id"] for event in topic.events])

    topic.app.router.add_get("/_ids", ids)
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with serving(topic.app) as url:
        print(json.dumps({"url": url, "key": topic.key}), flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(run())
    sys.exit(0)
