"""Every kind of card as a picture, light and dark: ``python -m tests.cards.gallery --out build/cards``.

The cards are parsed and rendered by Microsoft's own `adaptivecards` package in headless Chromium, driven over
the DevTools protocol. Rendering is also a check: the package's complaints about a card, and any text that
would go through a Markdown processor, end the run with an error.
"""

import argparse
import asyncio
import base64
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from remediation.telling.cards import card, digest
from tests.unit.cards.samples import NOW, SAMPLES, burst

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "node_modules" / "adaptivecards" / "dist" / "adaptivecards.min.js"
PAGE = Path(__file__).with_name("gallery.html")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
THEMES = ("light", "dark")
START_SECONDS = 30


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make cards", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "cards")
    parser.add_argument("--package", type=Path, default=PACKAGE, help="adaptivecards.min.js")
    args = parser.parse_args(argv)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.stderr.write("make cards: no Chromium found; install it, for example: apt-get install chromium\n")
        return 2
    if not args.package.exists():
        sys.stderr.write(f"make cards: {args.package} is missing; run: npm ci\n")
        return 2
    args.out.mkdir(parents=True, exist_ok=True)
    complaints = asyncio.run(pictures(browser, args.package, args.out))
    sys.stdout.write(f"{len(list(args.out.glob('*.png')))} pictures in {args.out}\n")
    sys.stderr.writelines(f"make cards: {complaint}\n" for complaint in complaints)
    return 1 if complaints else 0


def cards() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, record in SAMPLES.items():
        yield name, card(record, now=NOW)
    yield "digest", digest(burst(), now=NOW)
    yield "digest-1000", digest(burst(1000), now=NOW)


async def pictures(browser: str, package: Path, out: Path) -> list[str]:
    """Write one PNG per card and theme; returns what the renderer complained about."""
    complaints: list[str] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        page = _page(Path(profile), package)
        async with _tab(browser, profile, page) as tab:
            for name, content in cards():
                for theme in THEMES:
                    complaints += [f"{name}: {text}" for text in await tab.show(content, theme)]
                    (out / f"{name}.{theme}.png").write_bytes(await tab.picture())
    return complaints


def _page(folder: Path, package: Path) -> str:
    """The page with the package beside it, so that it loads nothing from anywhere."""
    shutil.copy(package, folder / "adaptivecards.min.js")
    shutil.copy(PAGE, folder / "gallery.html")
    return (folder / "gallery.html").as_uri()


class Tab:
    """One page of a browser, spoken to over the DevTools protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._events: set[str | None] = set()

    async def open(self, page: str) -> None:
        """Go to a page and return when it has loaded, its scripts included."""
        await self.call("Page.enable")
        await self.call("Page.navigate", url=page)
        while "Page.loadEventFired" not in self._events:
            self._events.add(json.loads((await self._socket.receive()).data).get("method"))

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        async for message in self._socket:
            answer = json.loads(message.data)
            self._events.add(answer.get("method"))
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
        raise RuntimeError(f"{method}: the browser went away")

    async def run(self, script: str) -> Any:
        answer = await self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    async def show(self, content: dict[str, Any], theme: str) -> list[str]:
        """Render a card; returns the package's complaints."""
        complaints: list[str] = await self.run(f"show({json.dumps(content)}, {json.dumps(theme)})")
        return complaints

    async def picture(self) -> bytes:
        box = await self.run("box()")
        clip = {"x": 0, "y": 0, "width": box["width"], "height": box["height"], "scale": 1}
        shot = await self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(shot["data"])


@asynccontextmanager
async def _tab(browser: str, profile: str, page: str) -> AsyncIterator[Tab]:
    # --no-sandbox: build machines run as root, where Chromium's sandbox cannot start; the page is our own.
    flags = (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--remote-debugging-port=0",
    )
    process = await asyncio.create_subprocess_exec(
        browser,
        *flags,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        port = await asyncio.wait_for(_port(process.stderr), START_SECONDS)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as response:
                tabs = await response.json(content_type=None)
            address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
            async with session.ws_connect(address, max_msg_size=0) as socket:
                tab = Tab(socket)
                await tab.open(page)
                yield tab
    finally:
        process.terminate()
        await process.wait()


async def _port(lines: asyncio.StreamReader) -> int:
    """Chromium says where it listens: ``DevTools listening on ws://127.0.0.1:PORT/...``."""
    async for line in lines:
        if b"DevTools listening on" in line:
            return int(line.decode().split("127.0.0.1:")[1].split("/")[0])
    raise RuntimeError("Chromium ended before it listened")


if __name__ == "__main__":
    raise SystemExit(main())
