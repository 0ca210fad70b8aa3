"""What tests look at on the page, as expressions of the page."""

from typing import Any

from tests.unit.board.stand_in import App
from tests.unit.board.visitor import Visitor

ROWS = "[...document.querySelectorAll('#list .row b')].map((one) => one.innerText)"
GROUPS = "[...document.querySelectorAll('#list h2')].map((one) => one.innerText.toLowerCase())"
LISTED = "document.querySelector('#list[aria-busy=false] .row')"
READ = "document.querySelector('.verbs')"
FOCUSED = (
    "document.activeElement.id || document.activeElement.dataset.verb || document.activeElement.dataset.id"
)
MINUS = "\u2212"


def diff(within: str) -> str:
    """The lines of a difference."""
    lines = f"[...document.querySelectorAll('{within} .diff > *')]"
    return f"{lines}.map((one) => one.innerText.replace(/\\s+/g, ' '))"


def opened(visitor: Visitor, address: str, app: App, name: str = "nsg-web", **screen: Any) -> None:
    """The finding of a resource, as a card's link opens it."""
    visitor.visit(f"{address}?finding={app.of(name)['id']}", **screen)
    visitor.until(READ)
