"""Every state of the page as axe-core sees it: nothing that keeps somebody with a screen reader from it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.board.stand_in import App
from tests.unit.board.visitor import Visitor
from tests.unseen import NO_AXE

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = (ROOT / "node_modules", *map(Path, filter(None, os.environ.get("NODE_PATH", "").split(os.pathsep))))
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = f"""axe.run(document, {{resultTypes: ["violations"], runOnly: {TAGS}}}).then(({{violations}}) =>
  violations.flatMap(({{id, nodes}}) => nodes.map((node) => `${{id}}: ${{node.html}}`)))"""

type Way = Callable[[Visitor, str, App], None]


@pytest.fixture(scope="module")
def axe() -> str:
    found = next((path for folder in FOLDERS if (path := folder / "axe-core" / "axe.min.js").exists()), None)
    if found is None:
        pytest.skip(NO_AXE)
    return found.read_text(encoding="utf-8")


def the_list(visitor: Visitor, address: str, app: App) -> None:
    visitor.until("document.querySelector('#list .row') && !document.getElementById('week').hidden")


def a_finding(visitor: Visitor, address: str, app: App) -> None:
    visitor.go(f"{address}?finding={app.of('nsg-web')['id']}")
    visitor.until("document.querySelector('.verbs')")


def one_that_means_harm(visitor: Visitor, address: str, app: App) -> None:
    visitor.go(f"{address}?finding={app.findings[1]['id']}")
    visitor.until("document.querySelector('.verbs')")


def the_confirmation(visitor: Visitor, address: str, app: App) -> None:
    a_finding(visitor, address, app)
    visitor.press_button("Apply the repair")
    visitor.press_button("The whole request: PUT allow-any")


def leaving_alone(visitor: Visitor, address: str, app: App) -> None:
    a_finding(visitor, address, app)
    visitor.press_button("Leave it alone …")


def refused(visitor: Visitor, address: str, app: App) -> None:
    app.refuses = "the resource has a lock"
    the_confirmation(visitor, address, app)
    visitor.press_button("Write this to Azure")
    visitor.reads("Not done.", "#wrong")


def stale(visitor: Visitor, address: str, app: App) -> None:
    a_finding(visitor, address, app)
    app.change(app.of("nsg-web"))
    visitor.press_button("Apply the repair")
    visitor.press_button("Write this to Azure")
    visitor.reads("nothing was done", "#notices")


def applied(visitor: Visitor, address: str, app: App) -> None:
    a_finding(visitor, address, app)
    visitor.press_button("Apply the repair")
    visitor.press_button("Write this to Azure")
    visitor.reads("Applied to nsg-web.", "#outcome")


def for_a_reader(visitor: Visitor, address: str, app: App) -> None:
    app.person = "reader"
    a_finding(visitor, address, app)


def signed_out(visitor: Visitor, address: str, app: App) -> None:
    app.person = ""
    visitor.go(f"{address}?signed-out")
    visitor.reads("You are not signed in", "#notices")


def forbidden(visitor: Visitor, address: str, app: App) -> None:
    app.person = "stranger"
    visitor.go(f"{address}?forbidden")
    visitor.reads("You are signed in as", "#notices")


def offline(visitor: Visitor, address: str, app: App) -> None:
    a_finding(visitor, address, app)
    app.down = True
    visitor.sees("dispatchEvent(new Event('online'))")
    visitor.reads("No connection", "#notices")


def nothing_open(visitor: Visitor, address: str, app: App) -> None:
    app.findings = []
    visitor.go(f"{address}?empty")
    visitor.reads("Nothing is open", "#empty")


STATES: tuple[Way, ...] = (
    the_list,
    a_finding,
    one_that_means_harm,
    the_confirmation,
    leaving_alone,
    refused,
    stale,
    applied,
    for_a_reader,
    signed_out,
    forbidden,
    offline,
    nothing_open,
)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["desk", "phone-at-night"])
@pytest.mark.parametrize("state", STATES)
def test_no_state_of_the_page_keeps_anybody_out(
    visitor: Visitor, address: str, app: App, axe: str, state: Way, width: int, dark: bool
) -> None:
    visitor.visit(address, width=width, height=844, dark=dark)
    state(visitor, address, app)
    visitor.sees(f"{axe};0")

    assert [] == visitor.sees(RUN)
