"""Something is down: all is repaired meanwhile or right after, each card comes once, somebody was told."""

import asyncio
from typing import Any

import aiohttp

from lab.teams import Outage
from lab.world import World
from tests.story.e2e.conftest import OPEN_TO_ALL, calls, play, rule_of, told

HOUR = 3600.0
ORDER = ("DriftFixed", "GaveUp", "DriftResolved")
REFERENCE = "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/teams-webhook-url)"


async def opens(world: World, nsg: str) -> None:
    await world.as_("alice").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)


def is_closed(world: World, nsg: str) -> bool:
    rule = rule_of(world, nsg, "oops")
    ports = [] if rule is None else rule.get("destinationPortRanges") or [rule.get("destinationPortRange")]
    return not {"22", "3389"} & set(ports)


async def closed(world: World, nsg: str) -> None:
    """Wait until a group is repaired; not for quiet, since something may be waiting for hours."""
    for _ in range(1000):
        if is_closed(world, nsg):
            return
        world.arm.advance(1)
        await asyncio.sleep(0.02)
    raise AssertionError("not repaired")


def titles(world: World) -> list[str]:
    """What was announced besides drift, in order."""
    return [
        f"{event['data']['title']} {event['data']['state']}"
        for event in world.announcements
        if event["data"]["rule"] == "gave-up"
    ]


def cards_about(world: World, text: str) -> int:
    return sum(text in str(card) for card in world.cards)


def two(world: World) -> tuple[str, str]:
    one, other = (spoke.nsgs[0] for spoke in world.estate.spokes[:2])
    return one, other


def test_the_webhook_is_not_resolved_for_ten_minutes() -> None:
    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await opens(world, nsg)
        await closed(world, nsg)
        status, health = await world.health()
        assert (200, "degraded") == (status, health["status"])
        assert "Key Vault reference that is not resolved" in health["mistakes"][0]["kind"]

        for _ in range(10):
            world.arm.advance(60)
            await asyncio.sleep(0.1)
        assert ["Cards cannot be sent open"] == titles(world)
        assert [] == world.cards

        world.sets("TEAMS_WEBHOOK_URL", world.webhook_url)
        await world.quiet()

        assert 1 == len(world.cards)
        assert ["DriftFixed", "GaveUp", "DriftResolved"] == told(world)
        assert "ok" == (await world.health())[1]["status"]

    play(story, seed=41, settings={"TEAMS_WEBHOOK_URL": REFERENCE})


def test_the_workflow_is_switched_off_for_a_day() -> None:
    async def story(world: World) -> None:
        one, other = two(world)
        world.teams.outage = Outage(400, code="WorkflowTriggerIsNotEnabled")
        await opens(world, one)
        await world.quiet()
        for hour in range(24):
            world.arm.advance(HOUR)
            await world.run_timer("import_dead_letters")
            if hour == 12:
                await opens(world, other)
            await world.quiet()
        assert is_closed(world, one)
        assert is_closed(world, other)
        assert [] == world.cards
        assert ["Cards cannot be sent open"] == titles(world)
        assert "the workflow is switched off" in str(world.announcements)
        assert ["cards"] == (await world.health())[1]["down"]

        world.teams.outage = None
        await world.run_timer("import_dead_letters")
        await world.quiet()

        assert 2 == len(world.cards)
        assert 2 == len(calls(world, "PUT"))

    play(story, seed=42)


def test_the_drift_topic_is_gone() -> None:
    async def story(world: World) -> None:
        one, other = two(world)
        world.topic.gone = True
        await opens(world, one)
        await world.quiet()
        await world.run_timer("import_dead_letters")
        await world.quiet()
        assert is_closed(world, one)
        assert (2, 1) == (len(world.cards), cards_about(world, "takes no announcements"))
        assert ["topic"] == (await world.health())[1]["down"]
        assert [] == world.announcements

        world.topic.gone = False
        world.arm.advance(20 * 60)
        await world.run_timer("import_dead_letters")
        await opens(world, other)
        await world.quiet()

        assert ["DriftFixed", "DriftFixed"] == [each for each in told(world) if each == "DriftFixed"]
        assert 2 == cards_about(world, "oops")
        assert [
            "The drift topic takes no announcements open",
            "The drift topic takes no announcements resolved",
        ] == (titles(world))

    play(story, seed=43)


def test_a_policy_closes_the_drift_topic_and_it_is_called_that() -> None:
    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        world.topic.shut = True
        await opens(world, nsg)
        await world.quiet()
        await world.run_timer("import_dead_letters")
        await world.quiet()
        assert is_closed(world, nsg)
        assert 1 == cards_about(world, "oops")
        assert 1 == cards_about(world, "closed, perhaps by a policy")
        [topic] = (await world.health())[1]["details"]["down"]
        assert ("topic", True) == (topic["channel"], "closed, perhaps by a policy" in topic["reason"])

        world.topic.shut = False
        world.arm.advance(20 * 60)
        await world.run_timer("import_dead_letters")
        await world.quiet()

        assert ["DriftFixed", "GaveUp", "DriftResolved"] == sorted(told(world), key=ORDER.index)
        assert 1 == cards_about(world, "oops")

    play(story, seed=49)


def test_deliveries_vanish_for_an_hour() -> None:
    async def story(world: World) -> None:
        one, other = two(world)
        await world.run_timer("fetch_changes")
        world.deliverer.lost = True
        await opens(world, one)
        world.arm.advance(HOUR)
        await world.quiet()
        assert not is_closed(world, one)

        world.deliverer.lost = False
        await world.run_timer("fetch_changes")
        await world.quiet()
        assert is_closed(world, one)
        assert ["Events do not arrive open"] == titles(world)
        assert 1 == cards_about(world, "Events do not arrive")
        health = (await world.health())[1]
        assert ("degraded", 1) == (health["status"], health["withoutEvents"])
        assert health["missingSeconds"] >= HOUR

        await opens(world, other)
        await world.quiet()
        world.arm.advance(HOUR)
        await world.run_timer("fetch_changes")
        await world.quiet()

        assert is_closed(world, other)
        assert ["Events do not arrive open", "Events do not arrive resolved"] == titles(world)
        world.arm.advance(61)  # health asks its ledger once a minute
        health = (await world.health())[1]
        assert ("ok", True) == (health["status"], bool(health["details"]["changes"][0]["lastEvent"]))
        assert 2 == told(world).count("DriftFixed") == cards_about(world, "oops")
        assert 2 == len(calls(world, "PUT"))

    play(story, seed=44)


def test_where_everything_came_the_check_costs_one_request_and_says_nothing() -> None:
    async def story(world: World) -> None:
        await world.run_timer("fetch_changes")
        await opens(world, world.estate.shared_nsg)
        await world.quiet()
        world.arm.advance(HOUR)
        before: list[Any] = calls(world, "GET")
        cards, announcements = len(world.cards), len(world.announcements)

        await world.run_timer("fetch_changes")
        await world.quiet()

        [log] = calls(world, "GET")[len(before) :]
        assert "/eventtypes/" in log
        assert (cards, announcements) == (len(world.cards), len(world.announcements))

    play(story, seed=45)


def test_the_app_is_stopped_for_two_hours() -> None:
    """Event Grid keeps trying; what comes late is handled as if it had come in time, and told once."""

    async def story(world: World) -> None:
        one, other = two(world)
        world.deliverer.held = True
        await opens(world, one)
        world.arm.advance(HOUR)
        await asyncio.sleep(0.1)
        await opens(world, other)
        world.arm.advance(HOUR)
        await asyncio.sleep(0.1)

        world.deliverer.held = False
        await world.run_timer("fetch_changes")
        await world.quiet()

        assert is_closed(world, one)
        assert is_closed(world, other)
        assert 2 == told(world).count("DriftFixed") == cards_about(world, "oops")
        assert 2 == len(calls(world, "PUT"))

    play(story, seed=46)


def test_a_subscription_may_no_longer_be_read_and_the_log_comes_back() -> None:
    async def story(world: World) -> None:
        log = {"path": "*/eventtypes/*", "caller": "bastion-guard"}
        world.arm.faults.add({"match": log, "effect": {"preset": "forbidden"}})
        world.arm.advance(10)
        nsg = world.estate.shared_nsg
        for _ in range(200):
            if titles(world):
                break
            await asyncio.sleep(0.05)
        assert ["A subscription can no longer be read open"] == titles(world)
        assert 1 == (await world.health())[1].get("unread", 1)
        await opens(world, nsg)

        world.arm.faults.clear()
        await world.quiet()

        assert is_closed(world, nsg)
        assert 1 == cards_about(world, "oops")
        assert "A subscription can no longer be read resolved" == titles(world)[-1]

    play(story, seed=47, changes="activityLog")


def test_the_lab_turns_parts_off_and_on_over_http() -> None:
    async def story(world: World) -> None:
        async with aiohttp.ClientSession() as http:

            async def turned(name: str, **switches: object) -> int:
                async with http.post(f"{world.arm_url}/_lab/{name}", json=switches) as answer:
                    return answer.status

            assert 200 == await turned("deliveries", lost=True)
            assert 200 == await turned("announcements", gone=True)
            assert (True, False, True) == (world.deliverer.lost, world.deliverer.held, world.topic.gone)
            assert 200 == await turned("deliveries", lost=False, held=True)
            assert (False, True) == (world.deliverer.lost, world.deliverer.held)
            assert 200 == await turned("announcements", gone=False, shut=True)
            assert (False, True) == (world.topic.gone, world.topic.shut)
            assert 400 == await turned("deliveries", lost="yes")
            assert 400 == await turned("announcements")

    play(story, seed=48)
