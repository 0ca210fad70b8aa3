"""Relays before ARM and the storage services, in a process of their own: they count, time and slow down.

    python -m benchmarks.relay --to arm=URL --to table=URL [--wait arm=0.12 --wait table=0.008]

Prints {"arm": URL, ..., "log": URL}. Each request waits as long as its service takes in Azure, then goes on.
GET log: [{"service","method","path","query","status","began","ended","empty"}], seconds of one clock; DELETE
forgets them. `empty`: a look at a queue that had nothing.
"""

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lab.arm.serving import serving  # noqa: E402  the path comes first

HOP = {"connection", "transfer-encoding", "content-encoding", "content-length", "keep-alive"}
AUTO = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What must not be added: storage signs what was sent."""
LARGEST = 64 * 1024 * 1024


class Relay:
    """Passes on what comes for one service; the Host header stays, so that links lead back here."""

    def __init__(self, service: str, to: str, wait: float, log: list[dict[str, Any]]) -> None:
        self._service = service
        self._to = URL(to)
        self._wait = wait
        self._log = log
        self.app = web.Application(client_max_size=LARGEST)
        self.app.router.add_route("*", "/{path:.*}", self._pass_on)
        self.app.cleanup_ctx.append(self._session)

    async def _session(self, _: web.Application) -> Any:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as self._client:
            yield

    async def _pass_on(self, request: web.Request) -> web.Response:
        began = time.monotonic()
        if self._wait:
            await asyncio.sleep(self._wait)
        target = URL(f"{self._to.scheme}://{self._to.authority}{request.raw_path}", encoded=True)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
        sent = await request.read() or None
        async with self._client.request(
            request.method,
            target,
            headers=headers,
            data=sent,
            allow_redirects=False,
            skip_auto_headers=AUTO,
        ) as answer:
            body = await answer.read()
            kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in HOP]
        looked = self._service == "queue" and request.method == "GET" and request.path.endswith("/messages")
        self._log.append(
            {
                "service": self._service,
                "method": request.method,
                "path": request.rel_url.raw_path,
                "query": request.query_string,
                "status": answer.status,
                "began": began,
                "ended": time.monotonic(),
                "empty": looked and b"<QueueMessage>" not in body,
            }
        )
        relayed = web.Response(status=answer.status, body=body)
        for name, value in kept:
            relayed.headers[name] = value
        return relayed


async def run(upstreams: Mapping[str, str], waits: Mapping[str, float]) -> None:
    log: list[dict[str, Any]] = []
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)

    async def told(_: web.Request) -> web.Response:
        return web.json_response(log)

    async def forgotten(_: web.Request) -> web.Response:
        log.clear()
        return web.json_response({})

    control = web.Application()
    control.router.add_get("/log", told)
    control.router.add_delete("/log", forgotten)
    async with AsyncExitStack() as stack:
        urls = {"log": f"{await stack.enter_async_context(serving(control))}/log"}
        for service, to in upstreams.items():
            relay = Relay(service, to, waits.get(service, 0.0), log)
            urls[service] = await stack.enter_async_context(serving(relay.app))
        print(json.dumps(urls), flush=True)
        await stop.wait()


class Relays:
    """Running relays: the URL of each by the name of its service, and their common log."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self.urls = urls

    def log(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(self.urls["log"], timeout=60) as answer:  # noqa: S310  loopback only
            entries: list[dict[str, Any]] = json.loads(answer.read())
        return entries

    def forget(self) -> None:
        request = urllib.request.Request(self.urls["log"], method="DELETE")  # noqa: S310  loopback only
        urllib.request.urlopen(request, timeout=60).close()  # noqa: S310  loopback only


@contextmanager
def relays(upstreams: Mapping[str, str], waits: Mapping[str, float] | None = None) -> Iterator[Relays]:
    """Relays before some services (name -> URL); `waits` in seconds, by the same names."""
    options = [f"--to={service}={url}" for service, url in upstreams.items()]
    options += [f"--wait={service}={seconds}" for service, seconds in (waits or {}).items()]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.relay", *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Relays(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(timeout=20)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", action="append", default=[])
    parser.add_argument("--wait", action="append", default=[])
    args = parser.parse_args()
    upstreams = dict(each.split("=", 1) for each in args.to)
    waits = {service: float(seconds) for service, seconds in (each.split("=", 1) for each in args.wait)}
    asyncio.run(run(upstreams, waits))
    return 0


if __name__ == "__main__":
    sys.exit(main())
