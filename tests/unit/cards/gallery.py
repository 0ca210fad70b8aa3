"""Every kind of card as a picture, light and dark: ``python -m tests.unit.cards.gallery --out build/cards``.

The findings are the app's own: what it tells in the demo, in the end-to-end suite and in the lives of `real`.
Made up are only the hostile and the overlong one, and the many of a digest.

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
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from remediation.findings import FindingRecord
from remediation.telling import slack
from remediation.telling.cards import card, digest
from remediation.telling.cards.advice import Reader
from remediation.telling.cards.greeting import greeting
from remediation.telling.cards.news import KINDS
from remediation.telling.channels.hearing import GONE, PASSED
from tests.browser import Tab, find, tab_of
from tests.unit.cards.real import Told, from_end_to_end, from_the_demo, lived
from tests.unit.cards.samples import HOSTILE, LONG, NOW, burst

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
    found = every_kind()
    complaints = [f"no finding of kind {kind}" for kind in sorted(KINDS.keys() - kinds_of(found))]
    complaints += asyncio.run(pictures(browser, args.package, args.out, found))
    sys.stdout.write(f"{len(list(args.out.glob('*.png')))} pictures in {args.out}\n")
    sys.stderr.writelines(f"make cards: {complaint}\n" for complaint in complaints)
    return 1 if complaints else 0


READER = Reader("func-guard", "func-guard.azurewebsites.net")


def cards(found: Mapping[str, Told]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, (target, record) in found.items():
        yield name, card(record, now=_now(record), reader=READER, target=target)
    yield "hello", greeting("payments", now=NOW)
    yield "digest", digest(burst(), now=NOW, reader=READER)
    yield "digest-1000", digest(burst(1000), now=NOW, reader=READER)


def messages(found: Mapping[str, Told]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The same for Slack."""
    for name, (target, record) in found.items():
        yield f"slack-{name}", slack.message(record, now=_now(record), reader=READER, target=target)
    yield "slack-digest", slack.digest(burst(), now=NOW, reader=READER)
    yield "slack-hello", slack.greeting("payments", now=NOW)


def _now(record: FindingRecord) -> datetime:
    """Somebody reads a card a minute after its news."""
    return record.changed_at + timedelta(minutes=1)


def every_kind() -> dict[str, Told]:
    """The first finding of each kind of news and rule, and what a place is told that knows only a part."""
    found = named("demo", from_the_demo()) | named("e2e", from_end_to_end()) | named("life", lived())
    moved = next(each for each in found.values() if each[1].change == "DriftMoved")
    resolved = next(each for each in found.values() if each[1].change == "DriftResolved")
    found["told-elsewhere"] = moved[0], replace(moved[1], change=GONE)
    found["came-and-went"] = resolved[0], replace(resolved[1], change=PASSED)
    return found | {"hostile": (HOSTILE.resource, HOSTILE), "long": (LONG.resource, LONG)}


def named(source: str, told: Iterable[Told]) -> dict[str, Told]:
    """The first of each kind and rule, by a name for its picture."""
    found: dict[str, Told] = {}
    for target, record in told:
        found.setdefault(_name(record, source), (target, record))
    return found


def kinds_of(found: Mapping[str, Told]) -> set[str]:
    return {record.change for _, record in found.values()}


def _name(record: FindingRecord, source: str) -> str:
    held = "-latent" if record.evidence.get("latent") else ""
    undone = "-taken-back" if record.exempt_by.get("source") == "undo" else ""
    return f"{record.change}-{record.rule}{held}{undone}-{source}".lower()


async def pictures(browser: str, package: Path, out: Path, found: Mapping[str, Told]) -> list[str]:
    """Write one PNG per card and theme; returns what the renderer complained about."""
    complaints: list[str] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        page = _page(Path(profile), package)
        async with tab_of(browser, profile) as tab:
            await tab.open(page)
            for name, content in cards(found):
                for theme in THEMES:
                    complaints += [f"{name}: {text}" for text in await _show(tab, content, theme)]
                    (out / f"{name}.{theme}.png").write_bytes(await _picture(tab))
            await tab.open(SLACK_PAGE.as_uri())
            for name, content in messages(found):
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
