"""Names that mean harm, small screens, many findings."""

import pytest

from tests.unit.board.samples import many
from tests.unit.board.seeing import LISTED, opened
from tests.unit.board.stand_in import App
from tests.unit.board.visitor import Visitor

SCROLLED_DOWN = """window.down = setInterval(() => {
  const pane = document.getElementById("findings");
  pane.scrollTop = pane.scrollHeight;
}, 20)"""


def test_a_name_that_means_harm_is_text_and_hides_nothing(visitor: Visitor, address: str, app: App) -> None:
    opened(visitor, address, app, app.findings[1]["id"])
    visitor.press_button("Apply the repair")

    assert 0 == visitor.sees("document.images.length")
    assert 1 == visitor.sees("document.scripts.length")
    whole = visitor.sees("document.body.textContent")
    assert "<img src=x onerror=alert(1)>\\u{202e}gnp.exe\\u{200b}" in whole
    assert not set("\u202e\u200b") & set(whole)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_nothing_is_wider_than_the_screen(
    visitor: Visitor, address: str, app: App, width: int, *, dark: bool
) -> None:
    wide = "document.documentElement.scrollWidth"
    visitor.visit(address, width=width, height=844, dark=dark)
    visitor.until(LISTED)
    assert width >= visitor.sees(wide)

    for found in (app.findings[0], app.findings[1]):
        opened(visitor, address, app, found["id"], width=width, height=844, dark=dark)
        visitor.press_button("Apply the repair")
        assert width >= visitor.sees(wide)
        assert visitor.sees(
            "(({left, right}) => left >= 0 && right <= innerWidth)"
            "(document.getElementById('confirm').getBoundingClientRect())"
        )


def test_five_thousand_findings_stay_fluid(visitor: Visitor, address: str, app: App) -> None:
    """All of them are scrolled through, a hundred by a hundred, and the last come as easily as the first."""
    app.findings = list(many(5000))
    visitor.visit(address)
    visitor.until(LISTED)
    visitor.reads("100 of 5,000 findings", "#said")
    visitor.sees(SCROLLED_DOWN)
    visitor.until("document.getElementById('more').hidden", seconds=60)
    visitor.sees("clearInterval(down)")

    assert 5000 == visitor.sees("document.querySelectorAll('#list .row').length")
    assert 50 == sum(path.startswith("/api/findings?") for _, path, _ in app.asked)
