"""A channel of the baseline goes dark: another one is told, and its own cards come once and are true."""

import asyncio
from typing import Any

import pytest

from lab.quiet import NotQuietError
from lab.teams import Outage
from lab.world import World
from remediation.telling.cards import text_of
from tests.story.e2e.conftest import calls, play, told
from tests.story.e2e.test_channels import CHANNELS, kickers, tag
from tests.story.e2e.test_nothing_dark import REFERENCE, closed, is_closed, opens, titles, two

BY_OWNER = CHANNELS["routes"][1:]
ENFORCED = {**CHANNELS, "routes": BY_OWNER, "mode": "enforce"}
HOUR = 3600.0
NOT_REACHED = "Alerts do not reach the channel"


async def given_to(world: World, owner: str, *nsgs: str) -> None:
    for nsg in nsgs:
        await tag(world, nsg, owner)
    await world.quiet()


async def waits(world: World, hours: float) -> None:
    """So much time passes, in which tries and timers come when they are due."""
    for _ in range(int(hours)):
        with pytest.raises(NotQuietError):
            await world.quiet(skip_at_most=HOUR)
        await world.run_timer("import_dead_letters")


def text(card: Any) -> str:
    return "\n".join(text_of(card))


def test_a_teams_secret_is_not_resolved_for_ten_minutes() -> None:
    async def story(world: World) -> None:
        one, other = two(world)
        await given_to(world, "payments", one)
        await given_to(world, "nobody", other)
        good = world.app_settings["CHANNEL_PAYMENTS"]
        world.sets("CHANNEL_PAYMENTS", REFERENCE)
        await opens(world, other)
        await world.quiet()
        await opens(world, one)
        await closed(world, one)
        status, health = await world.health()
        assert (200, "degraded") == (status, health["status"])
        assert "setting CHANNEL_PAYMENTS" == health["mistakes"][0]["path"]

        for _ in range(10):
            world.arm.advance(60)
            await asyncio.sleep(0.1)
        assert [] == world.teams.cards_at("payments")
        assert ["REPAIRED", "TROUBLE"] == kickers(world, "")
        assert f"{NOT_REACHED} payments" in text(world.teams.cards_at("")[-1])

        world.sets("CHANNEL_PAYMENTS", good)
        await world.quiet()

        assert ["REPAIRED"] == kickers(world, "payments")
        assert ["REPAIRED", "TROUBLE", "RESOLVED"] == kickers(world, "")
        assert "ok" == (await world.health())[1]["status"]

    play(story, seed=51, baseline_changes=ENFORCED)


@pytest.mark.parametrize(
    "outage",
    [Outage(400, code="WorkflowTriggerIsNotEnabled", path="payments"), Outage(503, path="payments")],
    ids=["switched off", "silent"],
)
def test_one_teams_channel_takes_nothing_for_a_day(outage: Outage) -> None:
    """What was opened and repaired meanwhile is told once; what somebody put right is not told as open."""

    async def story(world: World) -> None:
        one, other = two(world)
        await given_to(world, "payments", one, other)
        world.teams.outage = outage
        await opens(world, one)
        await closed(world, one)
        await a_day(world)
        await opens(world, other)
        await closed(world, other)
        assert [] == world.teams.cards_at("payments")
        assert ["TROUBLE"] == kickers(world, "")
        assert f"{NOT_REACHED} payments" in text(world.teams.cards_at("")[0])
        assert ["payments"] == (await world.health())[1]["down"]

        world.teams.outage = None
        await world.run_timer("import_dead_letters")
        await world.quiet()

        assert ["REPAIRED", "REPAIRED"] == kickers(world, "payments")
        assert ["TROUBLE", "RESOLVED"] == kickers(world, "")
        assert [f"{NOT_REACHED} payments open", f"{NOT_REACHED} payments resolved"] == titles(world)
        assert 2 == len(calls(world, "PUT"))
        world.arm.advance(61)  # health asks its ledger once a minute
        assert "ok" == (await world.health())[1]["status"]

    async def a_day(world: World) -> None:
        if outage.status == 503:
            await waits(world, 24)
            return
        for _ in range(24):
            world.arm.advance(HOUR)
            await world.run_timer("import_dead_letters")
            await world.quiet()

    play(story, seed=52, baseline_changes=ENFORCED)


def test_what_somebody_put_right_while_a_channel_was_dark_is_not_told_as_open() -> None:
    async def story(world: World) -> None:
        one, other = two(world)
        await given_to(world, "payments", one, other)
        world.teams.outage = Outage(503, path="payments")
        await opens(world, one)
        await opens(world, other)
        await waits(world, 3)
        await world.as_("bob").delete(f"{one}/securityRules/oops")
        await waits(world, 1)

        world.teams.outage = None
        await world.quiet()

        shown = dict(zip(kickers(world, "payments"), world.teams.cards_at("payments"), strict=True))
        assert {"CAME AND WENT", "REPAIR PROPOSED"} == shown.keys()
        assert other.rpartition("/")[2] in text(shown["REPAIR PROPOSED"])
        assert ["TROUBLE", "RESOLVED"] == kickers(world, "")

    play(story, seed=53, baseline_changes={**ENFORCED, "mode": "observe"})


def test_the_default_channel_is_switched_off_and_a_teams_own_is_told() -> None:
    """Of the default channel nobody else would hear, and what nobody owns is told there alone."""

    async def story(world: World) -> None:
        one = world.estate.shared_nsg
        await given_to(world, "nobody", one)
        world.teams.outage = Outage(404, path="")
        await opens(world, one)
        await world.quiet()
        assert is_closed(world, one)
        assert ([], ["TROUBLE"]) == (kickers(world, ""), kickers(world, "payments"))
        assert f"{NOT_REACHED} platform" in text(world.teams.cards_at("payments")[0])

        world.teams.outage = None
        world.arm.advance(15 * 60)
        await world.run_timer("import_dead_letters")
        await world.quiet()

        assert ["REPAIRED"] == kickers(world, "")
        assert ["TROUBLE", "RESOLVED"] == kickers(world, "payments")

    play(story, seed=54, baseline_changes=ENFORCED)


def test_the_drift_topic_is_gone_and_each_team_hears_of_its_own_directly() -> None:
    async def story(world: World) -> None:
        one, other = two(world)
        await given_to(world, "payments", one)
        await given_to(world, "shop", other)
        world.topic.gone = True
        await opens(world, one)
        await world.quiet()
        await opens(world, other)
        await world.quiet()
        await world.run_timer("import_dead_letters")
        await world.quiet()
        assert [] == world.announcements
        assert ["TROUBLE"] == kickers(world, "")

        world.topic.gone = False
        world.arm.advance(20 * 60)
        await world.run_timer("import_dead_letters")
        await world.quiet()

        assert (["REPAIRED"], 1) == (kickers(world, "payments"), len(world.teams.cards_at("shop")))
        assert 2 == told(world).count("DriftFixed")
        assert "resolved" in titles(world)[-1]

    play(story, seed=55, baseline_changes=ENFORCED)
