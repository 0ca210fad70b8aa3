"""What ARM, Event Grid and people do when things go wrong."""

import json
from typing import Any

import aiohttp
import pytest

from lab.world import World
from tests.story.e2e.conftest import OPEN_TO_ALL, calls, play, rule_of, told


async def deliver(world: World, body: bytes, function: str = "on_resource_change") -> int:
    """Post something to the Event Grid webhook; the HTTP status."""
    url = world.host.event_grid_url(function)
    headers = {"content-type": "application/json", "aeg-event-type": "Notification"}
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as answer:
        return answer.status


def an_event(resource: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": "e-1",
        "topic": "/subscriptions/x",
        "subject": resource,
        "eventType": "Microsoft.Resources.ResourceWriteSuccess",
        "eventTime": "2026-10-20T09:15:30.1234567Z",
        "data": {"resourceUri": resource, "operationName": "Microsoft.Network/networkSecurityGroups/write"},
        "dataVersion": "2",
        **changes,
    }


@pytest.mark.parametrize(
    "event",
    [
        {"nothing": "known"},
        an_event("not an id"),
        an_event("/subscriptions/11111111-2222-3333-4444-555555555555/../../secrets/providers/a/b/c"),
        an_event(
            "/subscriptions/99999999-0000-0000-0000-000000000000/resourceGroups/r/providers/"
            "Microsoft.Network/networkSecurityGroups/elsewhere"
        ),
        an_event("/subscriptions/11111111-2222-3333-4444-555555555555/providers/Microsoft.Compute/disks/d"),
        an_event("", subject="", data="not even an object"),
    ],
)
def test_an_event_that_is_no_use_is_acknowledged_and_asks_arm_nothing(event: dict[str, Any]) -> None:
    """Event Grid would deliver it again for a day if it were refused."""

    async def story(world: World) -> None:
        assert await deliver(world, json.dumps([event]).encode()) < 300
        await world.quiet()
        assert not calls(world, "GET")
        assert not world.announcements

    play(story, seed=11)


def test_what_is_not_json_is_refused_as_the_host_does() -> None:
    async def story(world: World) -> None:
        assert await deliver(world, b"{not json") == 400
        await world.quiet()
        assert not calls(world, "GET")

    play(story, seed=11)


@pytest.mark.parametrize(
    "effect",
    [
        {"error": {"status": 503, "code": "ServiceUnavailable", "message": "later"}},
        {"preset": "throttled", "retry_after": 7},
        {"drop": "after"},
        {"drop": "before"},
    ],
    ids=["5xx", "429", "answer lost", "connection lost"],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_repair_survives_what_passes_by_itself(method: str, effect: dict[str, Any]) -> None:
    """However often it must be handed on, it ends repaired, told once, with nothing on the queues."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        world.arm.faults.add(
            {"match": {"method": method, "caller": "bastion-guard"}, "effect": effect, "count": 6}
        )
        await world.as_("alice").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet(seconds=60)

        rule = rule_of(world, nsg, "oops")
        assert rule is not None
        assert rule["destinationPortRanges"] == ["443"]
        assert told(world) == ["DriftFixed"]
        assert len(world.cards) == 1

    play(story, seed=12)


def test_a_write_that_policy_refuses_becomes_a_card_that_says_so() -> None:
    """The refusal is final: no second try, and the proposal tells why."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        world.arm.faults.add(
            {"match": {"method": "PUT", "caller": "bastion-guard"}, "effect": {"preset": "policy"}}
        )
        alice = world.as_("alice")
        await alice.put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()
        await alice.edit(nsg, flushConnection=False)
        await world.quiet()

        assert told(world) == ["DriftProposed"]
        held = world.announcements[0]["data"]["evidence"]["heldBackBy"]
        assert "RequestDisallowedByPolicy" in " ".join(held)
        assert len(calls(world, "PUT")) == 1

    play(story, seed=13)


def test_what_may_not_be_read_is_told_once_and_never_written() -> None:
    """A 403 on the resource itself: recorded, announced, no write."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        world.arm.faults.add(
            {"match": {"method": "GET", "caller": "bastion-guard"}, "effect": {"preset": "forbidden"}}
        )
        alice = world.as_("alice")
        await alice.put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()
        await alice.edit(f"{nsg}/securityRules/oops", description="again")
        await world.quiet()

        assert told(world) == ["GaveUp"]
        assert not calls(world, "PUT")

    play(story, seed=14)


def test_without_settings_the_app_indexes_accepts_and_says_what_is_missing() -> None:
    """Health says 503, and with the key what is wrong; the event's work ends among the poison."""

    async def story(world: World) -> None:
        health, key = f"{world.functions_url}/api/health", {"x-functions-key": world.key}
        async with aiohttp.ClientSession() as http, http.get(health) as answer:
            word = await answer.json()
        assert (answer.status, word) == (503, {"status": "not configured", "mistakes": 3})
        async with aiohttp.ClientSession() as http, http.get(f"{health}/details") as answer:
            assert answer.status == 401
        async with aiohttp.ClientSession() as http, http.get(f"{health}/details", headers=key) as answer:
            mistakes = (await answer.json())["mistakes"]
        assert {each["path"] for each in mistakes} == {
            "setting SUBSCRIPTIONS",
            "setting CARD_DELAY_SECONDS",
            "baseline",
        }
        assert await deliver(world, json.dumps([an_event(world.estate.shared_nsg)]).encode()) < 300
        await world.quiet()
        assert not calls(world, "GET")

    wrong = {"SUBSCRIPTIONS": "", "BASELINE": "nowhere.yaml", "CARD_DELAY_SECONDS": "soon"}
    play(story, seed=15, settings=wrong)


def test_replay_looks_again_and_refuses_what_it_cannot_read() -> None:
    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        status, answer = await world.replay({"events": [an_event(nsg), {"no": "event"}]})
        assert (status, answer["queued"], len(answer["refused"])) == (202, 1, 1)
        await world.quiet()
        assert nsg in calls(world, "GET")

        status, answer = await world.replay({"evens": []})
        assert status == 400

    play(story, seed=16)


def test_the_sweep_finds_what_no_event_told() -> None:
    """A rule that slipped in while Event Grid delivered nothing."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        found = world.found(nsg)
        assert found is not None
        found["properties"]["securityRules"].append(
            {"name": "silent", "id": f"{nsg}/securityRules/silent", **OPEN_TO_ALL}
        )
        world.arm.seed([found])
        await world.sweep()
        await world.quiet()

        rule = rule_of(world, nsg, "silent")
        assert rule is not None
        assert rule["destinationPortRanges"] == ["443"]
        assert told(world) == ["DriftFixed"]

    play(story, seed=17)
