"""From a card to the page: people see the proof and act, in Chromium, the lab and Microsoft's runtime."""

import asyncio
import json
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab.arm import serving
from lab.front_door import FrontDoor, Person
from lab.world import World
from remediation.telling.cards import text_of
from remediation.telling.cards.links import TO_BOARD
from tests.browser import find
from tests.story.e2e.conftest import OPEN_TO_ALL, calls, play, rule_of
from tests.unit.board.visitor import Visitor
from tests.unseen import NO_CHROMIUM

TEAM, READERS = "cccccccc-0000-4000-8000-000000000004", "cccccccc-0000-4000-8000-000000000005"
ADA = Person("ada@contoso.example", "aaaaaaaa-0000-4000-8000-000000000001", [TEAM])
BEN = Person("ben@contoso.example", "bbbbbbbb-0000-4000-8000-000000000002", [TEAM])
RITA = Person("rita@contoso.example", "dddddddd-0000-4000-8000-000000000003", [READERS])
CHOICES: dict[str, Any] = {
    "baseline_changes": {
        "rules": {"nsg-mgmt-open-to-internet": {"action": "propose"}},
        "people": {"apply": [TEAM], "exempt": [TEAM], "read": [READERS]},
    },
    "settings": {"WEBSITE_AUTH_ENABLED": "true"},
}
PORTS = ["22", "443", "3389"]
WITHOUT_OUR_HEADER = """fetch(%s, {method: "POST", mode: "no-cors", credentials: "include", body: "{}"})
  .then(() => "sent", () => "refused")"""
WITH_IT = """fetch(%s, {method: "POST", credentials: "include", body: "{}",
  headers: {"X-Bastion-Guard": "1", "If-Match": "x"}}).then(() => "sent", () => "refused")"""


class Office:
    """The lab with its front door, for people in browsers, who run in a thread of their own."""

    def __init__(self, world: World, front: FrontDoor, loop: asyncio.AbstractEventLoop, folder: Path) -> None:
        self.world = world
        self.front = front
        self.nsg = world.estate.shared_nsg
        self._loop = loop
        self._folder = folder

    def waits[T](self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def quiet(self) -> None:
        self.waits(self.world.quiet())

    @property
    def ports(self) -> list[str]:
        """What the rule lets in, as ARM has it."""
        rule = rule_of(self.world, self.nsg, "oops") or {}
        return rule.get("destinationPortRanges") or [rule.get("destinationPortRange", "")]

    @property
    def link(self) -> str:
        """Where the first card's button leads."""
        buttons: dict[str, str] = {one["title"]: one["url"] for one in self.world.cards[0]["actions"]}
        return buttons[TO_BOARD]

    @property
    def cards(self) -> list[str]:
        """What people were told, in order. While all comes to rest the lab's time goes past exemptions."""
        return [next(text_of(card)).partition(" \u00b7 ")[0] for card in self.world.cards]

    @contextmanager
    def somebody(self, person: Person) -> Iterator[Visitor]:
        """A person at a browser of their own, who opened the card's link and signed in."""
        found = find()
        assert found
        with Visitor(found, self._folder / person.name) as visitor:
            visitor.visit(self.link)
            visitor.reads("You are not signed in.", "#notices")
            self.front.at_the_desk = person
            visitor.press_button("Sign in")
            visitor.reads(person.name, "#who")
            visitor.until("document.querySelector('.verbs')")
            yield visitor
            assert [] == visitor.faults


def at_the_office(tmp_path: Path, story: Any) -> None:
    if find() is None:
        pytest.skip(NO_CHROMIUM)

    async def whole(world: World) -> None:
        async with AsyncExitStack() as stack:
            front = FrontDoor(world.functions_url)
            address = await stack.enter_async_context(serving(front.app))
            world.sets("WEBSITE_HOSTNAME", address.removeprefix("http://"))
            await world.as_("mallory").put(f"{world.estate.shared_nsg}/securityRules/oops", OPEN_TO_ALL)
            await world.quiet()
            office = Office(world, front, asyncio.get_running_loop(), tmp_path)
            await asyncio.to_thread(story, office)
            await world.quiet()
            assert [] == world.host.failures

    play(whole, seed=41, **CHOICES)


def test_one_applies_a_second_with_a_stale_page_is_told_and_takes_it_back(tmp_path: Path) -> None:
    """ARM, ledger, card and page agree after each step."""

    def story(office: Office) -> None:
        with ExitStack() as stack:
            ada, ben = (stack.enter_context(office.somebody(each)) for each in (ADA, BEN))
            ada.reads("let in by rule oops", "#finding")
            ada.press_button("Apply the repair")
            ada.press_button("Write this to Azure")
            ada.reads("REPAIRED", "#finding .pills")
            office.quiet()

            assert ["443"] == office.ports
            assert (["REPAIR PROPOSED", "REPAIRED"], 1) == (office.cards, len(calls(office.world, "PUT")))
            ada.reads("by ada@contoso.example", "#finding .history")

            ben.press_button("Apply the repair")
            ben.press_button("Write this to Azure")
            ben.reads("This has changed since you looked, so nothing was done.", "#notices")
            ben.reads("REPAIRED", "#finding .pills")
            assert 1 == len(calls(office.world, "PUT"))

            ben.press_button("Take the repair back")
            ben.reads("destinationPortRanges", "#confirm")
            ben.choose_in_dialog("exemptFor", "4h")
            ben.press_button("Write this to Azure")
            ben.reads("LEFT ALONE", "#finding .pills")
            office.quiet()

            assert sorted(PORTS) == sorted(office.ports)
            assert "TAKEN BACK" == office.cards[2]
            ben.reads("by ben@contoso.example", "#finding .history")

    at_the_office(tmp_path, story)


def test_leaving_alone_is_recorded_and_told_and_a_reader_does_nothing(tmp_path: Path) -> None:
    def story(office: Office) -> None:
        with office.somebody(RITA) as rita:
            rita.reads("You do not have the right apply", "#reasons")
            rita.press_button("Apply the repair")
            assert not rita.sees("document.getElementById('confirm').open")
            assert 403 == rita.sees(_post("apply", office.link))
        with office.somebody(ADA) as ada:
            ada.press_button("Leave it alone \u2026")
            ada.sees("document.querySelector('#confirm textarea').value = 'migration until noon'")
            ada.press_button("Leave it alone")
            ada.reads("LEFT ALONE", "#finding .pills")
            (one,) = ada.sees("fetch('/api/exemptions').then((it) => it.json())")["exemptions"]
            assert ("migration until noon", ADA.name) == (one["reason"], one["by"])
        office.quiet()
        assert ["REPAIR PROPOSED", "EXEMPTED"] == office.cards[:2]
        assert sorted(PORTS) == sorted(office.ports)
        assert [] == calls(office.world, "PUT")

    at_the_office(tmp_path, story)


def test_another_page_cannot_act_with_somebodys_sign_in(tmp_path: Path) -> None:
    """Not even one of the same site, to whose requests a browser adds the cookie."""

    def story(office: Office) -> None:
        with office.somebody(ADA) as ada:
            identity = office.link.rpartition("=")[2]
            target = json.dumps(
                f"{office.link.partition('?')[0].removesuffix('board')}findings/{identity}/apply"
            )
            ada.go(f"{office.world.arm_url}/_lab/log")

            assert "sent" == ada.sees(WITHOUT_OUR_HEADER % target)
            assert "refused" == ada.sees(WITH_IT % target)
            ada.go(office.link)
            ada.reads("OPEN", "#finding .pills")
        office.quiet()
        assert sorted(PORTS) == sorted(office.ports)
        assert [] == calls(office.world, "PUT")

    at_the_office(tmp_path, story)


def _post(verb: str, link: str) -> str:
    """The status of a change that is asked for past the page's buttons."""
    where = f"/api/findings/{link.rpartition('=')[2]}/{verb}"
    headers = '{"X-Bastion-Guard": "1", "If-Match": "x"}'
    return f"fetch({where!r}, {{method: 'POST', body: '{{}}', headers: {headers}}}).then((it) => it.status)"
