"""What people see over time: one card per piece of news, late rather than never, and no flood."""

from lab.teams import Outage
from lab.world import World
from tests.story.e2e.conftest import OPEN_TO_ALL, play, rule_of, told


def test_while_teams_is_down_nothing_is_lost_and_afterwards_there_is_one_card() -> None:
    """Teams refuses for a while; the sender hands itself on and posts the finding as it is then."""

    async def story(world: World) -> None:
        world.teams.outage = Outage(503, requests=6)
        await world.as_("alice").put(f"{world.estate.shared_nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()

        assert told(world) == ["DriftFixed"]
        assert len(world.cards) == 1

    play(story, seed=31)


def test_a_repair_that_somebody_keeps_undoing_is_told_once_and_then_left_alone() -> None:
    """Three repairs, then one card that says so; what follows is not told again and not written."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        terraform = world.as_("sp-deploy", "terraform")
        for _ in range(5):
            await terraform.put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
            await world.quiet()

        rule = rule_of(world, nsg, "oops")
        assert rule is not None
        assert "22" in rule["destinationPortRanges"]
        assert told(world) == ["DriftFixed"] * 3 + ["DriftFlapping"]
        assert len(world.cards) == 4

    play(story, seed=32)
