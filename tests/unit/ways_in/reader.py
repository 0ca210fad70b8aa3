"""Somebody who reads a page in Chromium: opens it, types, clicks, and tells what is on the screen."""

import asyncio
import base64
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.browser import Tab, tab_of

_KEYS = {"Enter": "\r", " ": " ", "Tab": "\t"}
_SETTLED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


class Reader:
    """A browser with one page at a time; `folder` is where it keeps its things."""

    def __init__(self, browser: str, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()

    def __enter__(self) -> Self:
        self._tab: Tab = self._runner.run(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()

    async def _start(self) -> Tab:
        tab = await self._stack.enter_async_context(tab_of(self._browser, str(self._folder / "profile")))
        for domain in ("Runtime", "Log", "Network", "Page"):
            await tab.call(f"{domain}.enable")
        return tab

    def open(self, html: str, *, width: int = 1280, height: int = 800, dark: bool = False) -> None:
        path = self._folder / "page.html"
        path.write_text(html, encoding="utf-8")
        theme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        self.call("Emulation.setEmulatedMedia", media="", features=theme)
        self._runner.run(self._tab.open(path.as_uri()))
        self.settle()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._runner.run(self._tab.call(method, **params))

    def sees(self, script: str) -> Any:
        """The value of an expression on the page."""
        return self._runner.run(self._tab.run(script))

    def settle(self) -> None:
        """Until what was asked for is drawn."""
        self.sees(_SETTLED)

    def press(self, *keys: str) -> None:
        for key in keys:
            text = _KEYS.get(key, key if len(key) == 1 else "")
            event = {"key": key, "code": key, "windowsVirtualKeyCode": _code(key)}
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
            self.call("Input.dispatchKeyEvent", type="keyUp", **event)
        self.settle()

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)
        self.settle()

    def click(self, x: float, y: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def choose(self, select: str, value: str) -> None:
        """An option of a select, as the browser's own list would choose it."""
        self.sees(
            f"{{const it = document.getElementById({select!r}); it.value = {value!r};"
            "it.dispatchEvent(new Event('input', {bubbles: true}))}"
        )
        self.settle()

    @property
    def complaints(self) -> list[str]:
        """What the console holds: exceptions, errors, and what the policy of the page refused."""
        events = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [str(one["params"]) for one in self._tab.heard if one["method"] in events]

    @property
    def requests(self) -> list[str]:
        """Everything the page asked for, itself left out."""
        asked = [one["params"] for one in self._tab.heard if one["method"] == "Network.requestWillBeSent"]
        return [one["request"]["url"] for one in asked if not one["request"]["url"].endswith("/page.html")]

    def on_paper(self) -> bytes:
        """The page as PDF."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])


def _code(key: str) -> int:
    named = {"Enter": 13, "Escape": 27, "Tab": 9, " ": 32, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39}
    return {**named, "ArrowDown": 40}.get(key, ord(key[0].upper()))
