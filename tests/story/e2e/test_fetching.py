"""Where nothing can be delivered: changes are read from a log that is late, doubled and unordered."""

import pytest

from lab.world import World
from tests.story.e2e.conftest import OPEN_TO_ALL, calls, play, rule_of, told


def fetched(story: object, **choices: object) -> None:
    play(story, changes="activityLog", **choices)  # type: ignore[arg-type]  # as play takes them


def log_reads(world: World) -> list[str]:
    return [path for path in calls(world, "GET") if "/eventtypes/" in path]


@pytest.mark.parametrize("delay", [0.0, 300.0], ids=["at once", "five minutes late"])
def test_an_open_port_is_closed_and_told_although_no_event_comes_in(delay: float) -> None:
    async def story(world: World) -> None:
        alice = world.as_("alice")
        nsg = world.estate.shared_nsg
        await alice.put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet(seconds=60)

        rule = rule_of(world, nsg, "oops")
        assert rule is not None
        assert ["443"] == (rule.get("destinationPortRanges") or [rule.get("destinationPortRange")])
        assert ["DriftFixed"] == told(world)
        assert 1 == len(world.cards)
        assert "alice@contoso.example" in str(world.announcements)
        assert not world.deliverer.sent

    fetched(story, seed=3, log_delay=delay)


def test_a_round_in_which_nothing_happened_costs_one_list_request() -> None:
    async def story(world: World) -> None:
        world.fetching.held = True
        await world.run_timer("fetch_changes")
        world.arm.log.clear()
        await world.run_timer("fetch_changes")
        await world.quiet()

        assert [
            f"/subscriptions/{world.subscription}/providers/Microsoft.Insights/eventtypes/management/values"
        ] == calls(world, "GET")

    fetched(story, seed=3)


def test_a_stop_of_two_hours_loses_nothing_and_repeats_nothing() -> None:
    async def story(world: World) -> None:
        alice, (one, other) = world.as_("alice"), [spoke.nsgs[0] for spoke in world.estate.spokes[:2]]
        await world.run_timer("fetch_changes")
        world.fetching.held = True
        await alice.put(f"{one}/securityRules/oops", OPEN_TO_ALL)
        world.arm.advance(3600)
        await alice.put(f"{other}/securityRules/oops", OPEN_TO_ALL)
        world.arm.advance(3600)
        assert not world.announcements

        world.fetching.held = False
        await world.quiet(seconds=60)

        assert ["DriftFixed", "DriftFixed"] == told(world)
        assert 2 == len(calls(world, "PUT"))

    fetched(story, seed=4, log_delay=30.0)
