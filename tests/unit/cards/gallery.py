"""Every kind of card as a picture, light and dark: ``python -m tests.cards.gallery --out build/cards``.

The cards are parsed and rendered by Microsoft's own `adaptivecards` package in headless Chromium, driven over
the DevTools protocol. Rendering is also a check: the package's complaints about a card, and any text that
would go through a Markdown processor, end the run with an error. Slack's messages are shown by a page of our
own (`slack_page.html`), since Slack has no package that does.
"""

import argparse
import asyncio
import base64
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from remediation.findings import FindingRecord, State
from remediation.telling import slack
from remediation.telling.cards import card, digest
from remediation.telling.cards.greeting import greeting
from remediation.telling.channels.hearing import GONE, PASSED
from tests.browser import Tab, find, tab_of
from tests.unit.cards.samples import FOUND, NOW, SAMPLES, burst

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "node_modules" / "adaptivecards" / "dist" / "adaptivecards.min.js"
PAGE = Path(__file__).with_name("gallery.html")
SLACK_PAGE = Path(__file__).with_name("slack_page.html")
THEMES = ("light", "dark")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make cards", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "cards")
    parser.add_argument("--package", type=Path, default=PACKAGE, help="adaptivecards.min.js")
    args = parser.parse_args(argv)
    browser = find()
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
    for name, record in every_kind().items():
        yield name, card(record, now=NOW)
    yield "hello", greeting("payments", now=NOW)
    yield "digest", digest(burst(), now=NOW)
    yield "digest-1000", digest(burst(1000), now=NOW)


def messages() -> Iterator[tuple[str, dict[str, Any]]]:
    """The same for Slack."""
    for name, record in every_kind().items():
        yield f"slack-{name}", slack.message(record, now=NOW)
    yield "slack-digest", slack.digest(burst(), now=NOW)
    yield "slack-hello", slack.greeting("payments", now=NOW)


def every_kind() -> dict[str, FindingRecord]:
    """The samples, and what a place is told that only knows a part of the story."""
    moved = replace(FOUND, owner="shop", channels=["shop"])
    undone = {"source": "undo", "by": "ann@contoso.example", "until": "2026-10-20T13:18:00Z"}
    evidence = {**FOUND.evidence, "exemptBy": undone, "exemptUntil": "2026-10-20T13:18:00Z"}
    return {
        **SAMPLES,
        "latent": replace(
            FOUND,
            severity="medium",
            evidence={**FOUND.evidence, "latent": "no public address leads to a machine behind it"},
        ),
        "owned": replace(FOUND, owner="payments", channels=["payments"]),
        "told-elsewhere": replace(moved, change=GONE, seq=2),
        "came-and-went": replace(FOUND, change=PASSED, state=State.RESOLVED, seq=2),
        "taken-back": replace(FOUND, change="DriftExempted", state=State.EXEMPT, evidence=evidence, seq=3),
    }


async def pictures(browser: str, package: Path, out: Path) -> list[str]:
    """Write one PNG per card and theme; returns what the renderer complained about."""
    complaints: list[str] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        page = _page(Path(profile), package)
        async with tab_of(browser, profile) as tab:
            await tab.open(page)
            for name, content in cards():
                for theme in THEMES:
                    complaints += [f"{name}: {text}" for text in await _show(tab, content, theme)]
                    (out / f"{name}.{theme}.png").write_bytes(await _picture(tab))
            await tab.open(SLACK_PAGE.as_uri())
            for name, content in messages():
                complaints += [f"{name}: {text}" for text in await _show(tab, content, "light")]
                (out / f"{name}.light.png").write_bytes(await _picture(tab))
    return complaints


def _page(folder: Path, package: Path) -> str:
    """The page with the package beside it, so that it loads nothing from anywhere."""
    shutil.copy(package, folder / "adaptivecards.min.js")
    shutil.copy(PAGE, folder / "gallery.html")
    return (folder / "gallery.html").as_uri()


async def _show(tab: Tab, content: dict[str, Any], theme: str) -> list[str]:
    """Render a card; returns the package's complaints."""
    complaints: list[str] = await tab.run(f"show({json.dumps(content)}, {json.dumps(theme)})")
    return complaints


async def _picture(tab: Tab) -> bytes:
    box = await tab.run("box()")
    clip = {"x": 0, "y": 0, "width": box["width"], "height": box["height"], "scale": 1}
    shot = await tab.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
    return base64.b64decode(shot["data"])


if __name__ == "__main__":
    raise SystemExit(main())
