"""The page of a resource's story: complete, self-contained, and safe against what it quotes."""

from html.parser import HTMLParser
from typing import Any

import pytest

from remediation.on_call.history import read
from remediation.on_call.history_page import page
from tests.builders import a_rule, a_spoke, an_nsg, ports
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk, a_world

SPITEFUL = "<script>alert(1)</script>\"'&"


class Seen(HTMLParser):
    """The tags of a page, the addresses it names, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action", "data"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def the_page(world: World) -> str:
    historian = a_desk(world).history()
    lines = historian.lines(read({}, world.clock.now()))
    return page([historian.entry(line.id) or {} for line in lines], world.clock.now())


def repaired(by: str = "alice@contoso.example", name: str = "allow-any") -> World:
    rule = a_rule(name, sourceAddressPrefix="*", description=SPITEFUL, **ports("22", "443"))
    world = a_world(an_nsg(rule), *a_spoke())
    world.handle(world.hears(by=by))
    return world


@pytest.fixture
def seen() -> Seen:
    return Seen(the_page(repaired(by=SPITEFUL)))


def test_the_page_tells_who_what_and_how_to_take_it_back(seen: Seen) -> None:
    world = repaired()
    told = Seen(the_page(world)).text

    for part in (
        "The story of network security group web in rg-web",
        "alice@contoso.example",
        "- destinationPortRanges: 22, 443",
        "+ destinationPortRanges: 443",
        "no longer allowed: TCP 22",
        f"python -m remediation undo {world.journal[0].id}",
    ):
        assert part in told


def test_nothing_is_loaded_and_nothing_runs(seen: Seen) -> None:
    assert seen.addresses == []
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(seen.tags)


def test_what_others_wrote_is_shown_as_they_wrote_it(seen: Seen) -> None:
    assert SPITEFUL in seen.text


def test_the_oldest_comes_first() -> None:
    text = Seen(the_page(repaired())).text

    assert text.index("Written: done") < text.index("Announced: DriftFixed") < text.index("Judged: repaired")


def test_a_page_about_nothing_says_so() -> None:
    nothing: list[dict[str, Any]] = []
    told = Seen(page(nothing, a_world().clock.now())).text

    assert "0 entries" in told
