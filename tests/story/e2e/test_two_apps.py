"""Two apps on one subscription, each a process with a ledger of its own: people are told of it."""

import json

import pytest

from lab.world import World
from remediation.on_call.rights.other_guards import ONE_HAS_TO_GO
from remediation.reconciling.others.entitled import TITLE
from tests.story.e2e.conftest import OPEN_TO_ALL, play, rule_of
from tests.story.e2e.test_people_at_a_desk import types


def test_both_hear_of_an_opening_and_the_first_says_that_it_is_not_alone() -> None:
    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        world.show_the_app()
        await world.as_("alice").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()
        rule = rule_of(world, nsg, "oops") or {}
        assert "22" not in str(rule.get("destinationPortRanges") or rule.get("destinationPortRange"))

        await world.run_timer("import_dead_letters")
        await world.quiet()
        [told] = [event["data"] for event in world.announcements if event["data"]["title"] == TITLE]
        assert "/guards/another-app" in told["resource"]

        said = await types(world, "doctor", "--format", "json")
        lines = [check for check in json.loads(said.stdout) if check["name"].startswith("guards ")]
        assert ("bad", ONE_HAS_TO_GO) == (lines[0]["state"], lines[0]["command"])
        assert "func-guard-two in rg-guard-two, running, holds Bastion Guard fix" in lines[0]["text"]

    play(story, seed=3, guards=2)


def test_one_app_alone_is_told_of_nothing() -> None:
    async def story(world: World) -> None:
        world.show_the_app()
        await world.run_timer("import_dead_letters")
        await world.quiet()

        assert [] == world.announcements
        said = await types(world, "doctor", "--format", "json")
        lines = [check for check in json.loads(said.stdout) if check["name"].startswith("guards ")]
        assert ["good"] == [check["state"] for check in lines]

    play(story, seed=3)


@pytest.mark.parametrize("typed", [["--guards", "3"], ["--guards", "0"]])
def test_more_than_two_are_refused_in_one_line(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from lab.__main__ import main

    with pytest.raises(SystemExit):
        main(typed)

    assert 1 == len(capsys.readouterr().err.splitlines())
