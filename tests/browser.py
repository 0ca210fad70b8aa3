"""Chromium without a window, spoken to over its DevTools protocol: for pages that are looked at and tested.

A Chromium of this machine is taken where there is one, else the one that comes with npm's packages
(`@sparticuz/chromium`, for Linux on x86_64): it is packed there, and unpacked once.
"""

import asyncio
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
PACKED = ROOT / "node_modules" / "@sparticuz" / "chromium" / "bin"
UNPACKED = ROOT / ".tools" / "chromium"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
START_SECONDS = 60
FONTS = f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{UNPACKED}/fonts</dir>
  <cachedir>{UNPACKED}/cache</cachedir>
</fontconfig>
"""
UNPACK = """
const { createReadStream, createWriteStream } = require("node:fs");
const [from, to] = process.argv.slice(1);
createReadStream(from).pipe(require("node:zlib").createBrotliDecompress()).pipe(createWriteStream(to));
"""


def find() -> str | None:
    """The path of a Chromium; None where this machine has none and npm brought none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None) or _from_npm()


def _from_npm() -> str | None:
    if not (PACKED / "chromium.br").exists() or (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return None
    if not UNPACKED.exists():
        UNPACKED.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=UNPACKED.parent) as folder:
            _unpack(Path(folder, "chromium"))
            try:
                Path(folder, "chromium").rename(UNPACKED)
            except OSError:  # another process was first
                assert UNPACKED.exists()
    return str(UNPACKED / "chromium")


def _unpack(folder: Path) -> None:
    """The browser, the libraries a bare machine lacks, and a font."""
    folder.mkdir()
    for name in ("chromium", "al2023.tar", "fonts.tar"):
        command = ["node", "-e", UNPACK, str(PACKED / f"{name}.br"), str(folder / name)]
        subprocess.run(command, check=True, timeout=120)
        if name.endswith(".tar"):
            with tarfile.open(folder / name) as archive:
                archive.extractall(folder, filter="data")
            (folder / name).unlink()
    (folder / "chromium").chmod(0o755)
    (folder / "fonts.conf").write_text(FONTS)


def _environment(browser: str) -> dict[str, str]:
    if not browser.startswith(str(UNPACKED)):
        return dict(os.environ)
    return {
        **os.environ,
        "LD_LIBRARY_PATH": str(UNPACKED / "lib"),
        "FONTCONFIG_PATH": str(UNPACKED),
    }


class Tab:
    """One page of a browser. `heard` are the events of the protocol, in their order."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self.heard: list[dict[str, Any]] = []

    async def open(self, page: str) -> None:
        """Go to a page and return when it has loaded, its scripts included."""
        await self.call("Page.enable")
        self.heard.clear()
        await self.call("Page.navigate", url=page)
        while not any(event["method"] == "Page.loadEventFired" for event in self.heard):
            self._hear(json.loads((await self._socket.receive()).data))

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        async for message in self._socket:
            answer = json.loads(message.data)
            self._hear(answer)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
        raise RuntimeError(f"{method}: the browser went away")

    def _hear(self, message: dict[str, Any]) -> None:
        if "method" in message:
            self.heard.append(message)

    async def run(self, script: str) -> Any:
        answer = await self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")


@asynccontextmanager
async def tab_of(browser: str, profile: str) -> AsyncIterator[Tab]:
    """A browser with an empty page, gone at the end; `profile` is a folder for what it keeps."""
    # --no-sandbox: build machines run as root, where Chromium's sandbox cannot start; the pages are our own.
    flags = (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
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
        env=_environment(browser),
    )
    assert process.stderr is not None
    try:
        port = await asyncio.wait_for(_port(process.stderr), START_SECONDS)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as response:
                tabs = await response.json(content_type=None)
            address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
            async with session.ws_connect(address, max_msg_size=0) as socket:
                yield Tab(socket)
    finally:
        process.terminate()
        await process.wait()


async def _port(lines: asyncio.StreamReader) -> int:
    """Chromium says where it listens: ``DevTools listening on ws://127.0.0.1:PORT/...``."""
    async for line in lines:
        if b"DevTools listening on" in line:
            return int(line.decode().split("127.0.0.1:")[1].split("/")[0])
    raise RuntimeError("Chromium ended before it listened")
