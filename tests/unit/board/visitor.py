"""Somebody who opens the page at its address, and waits for what they expect to see."""

import base64
import json
from typing import Any

from tests.unit.ways_in.reader import Reader

# Asked once for each frame, so that nothing sleeps; a page that never gets there is given up on.
_UNTIL = """new Promise((done, fail) => {
  const end = performance.now() + %d;
  const look = () => {
    let seen;
    try { seen = (%s); } catch (error) { seen = false; }
    if (seen) done(true);
    else if (performance.now() < end) requestAnimationFrame(look);
    else fail(new Error("never seen: " + %s + "\\n" + document.body.innerText.slice(0, 3000)));
  };
  look();
})"""
_PRESSED = """[...document.querySelectorAll('button, a, summary')]
  .find((one) => one.innerText.trim() === %s && one.checkVisibility())"""

MOST_PAGES_LEFT = 5


class Visitor(Reader):
    def open_tab(self, origin: str) -> None:
        """Nothing of an earlier visit is left: no memory of the tab, nothing heard."""
        self.call("Storage.clearDataForOrigin", origin=origin, storageTypes="all")
        self.go("about:blank")

    def visit(self, address: str, *, width: int = 1280, height: int = 800, dark: bool = False) -> None:
        """Go there on a screen of this size."""
        theme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        self.call("Emulation.setEmulatedMedia", media="", features=theme)
        self.go("about:blank")
        self.go(address)

    def go(self, address: str) -> None:
        """In the same tab."""
        self._runner.run(self._tab.open(address))

    def until(self, script: str, *, seconds: float = 15) -> None:
        """Until an expression of the page is true; of the next page, where one is being left for it."""
        asked = _UNTIL % (seconds * 1000, script, json.dumps(script))
        for _ in range(MOST_PAGES_LEFT):
            try:
                self.sees(asked)
            except RuntimeError as error:
                if "navigated" not in str(error) and "context" not in str(error):
                    raise
            else:
                return

    def reads(self, words: str, within: str = "body") -> None:
        """Until the words are on the screen."""
        squeezed = f"document.querySelector({within!r})?.innerText.replace(/\\s+/g, ' ')"
        self.until(f"{squeezed}.includes({json.dumps(words)})")

    def press_button(self, words: str) -> None:
        """The button, link or summary that says so, as a click does it."""
        one = _PRESSED % json.dumps(words)
        self.until(one)
        self.sees(f"((one) => {{ one.focus(); one.click(); }})({one})")

    def choose_in_dialog(self, name: str, value: str) -> None:
        """An option of a field of the confirmation."""
        field = f"document.querySelector('#confirm [name={name}]')"
        self.sees(f"{field}.value = {value!r}; {field}.dispatchEvent(new Event('input', {{bubbles: true}}))")

    def picture(self) -> bytes:
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    @property
    def asked_for(self) -> list[str]:
        """Every address that was asked for."""
        asked = [one["params"] for one in self._tab.heard if one["method"] == "Network.requestWillBeSent"]
        return [one["request"]["url"] for one in asked]

    @property
    def faults(self) -> list[str]:
        """Complaints that are not merely of an answer that was no success."""
        heard: list[dict[str, Any]] = [
            one["params"] for one in self._tab.heard
            if one["method"] in {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}
        ]  # fmt: skip
        return [str(one) for one in heard if one.get("entry", {}).get("source") != "network"]
