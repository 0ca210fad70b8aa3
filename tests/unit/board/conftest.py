"""A browser for the whole folder, and an app of its own for each test."""

from collections.abc import Iterator

import pytest

from tests.browser import find
from tests.unit.board.stand_in import App, example, serving
from tests.unit.board.visitor import Visitor
from tests.unseen import NO_CHROMIUM


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    found = find()
    if found is None:
        pytest.skip(NO_CHROMIUM)
    with Visitor(found, tmp_path_factory.mktemp("chromium")) as visitor:
        yield visitor


@pytest.fixture
def app() -> App:
    return example()


@pytest.fixture
def address(app: App) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
def visitor(browser: Visitor, address: str) -> Iterator[Visitor]:
    """Whatever was done, the page complained of nothing and asked nobody but the app."""
    origin = address.removesuffix("/api/board")
    browser.open_tab(origin)
    yield browser
    assert [] == browser.faults
    assert [] == [url for url in browser.asked_for if not url.startswith((origin, "data:", "about:"))]
