"""The lab as a whole: the app itself, hosted by Microsoft's runtime, against ARM, Event Grid and Teams."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from lab.delivery import Chaos
from lab.quiet import NotQuietError
from lab.teams import Outage
from lab.world import APP_DIR, CALLER, Storage, World

OPEN_TO_ALL = {
    "properties": {
        "protocol": "Tcp",
        "sourcePortRange": "*",
        "destinationPortRanges": ["22", "3389", "443"],
        "sourceAddressPrefix": "Internet",
        "destinationAddressPrefix": "*",
        "access": "Allow",
        "priority": 150,
        "direction": "Inbound",
    }
}


async def opens_ports(world: World) -> None:
    """Alice opens 22, 3389 and 443 to everybody in the NSG that two subnets share."""
    await world.as_("alice").put(f"{world.estate.shared_nsg}/securityRules/oops", OPEN_TO_ALL)


def rule(world: World, name: str) -> dict[str, Any]:
    nsg = world.found(world.estate.shared_nsg)
    assert nsg is not None
    found = next(each for each in nsg["properties"]["securityRules"] if each["name"] == name)
    properties: dict[str, Any] = found["properties"]
    return properties


def types(world: World) -> list[str]:
    return [event["type"] for event in world.announcements]


@pytest.mark.parametrize("storage", ["memory", pytest.param("azurite", marks=pytest.mark.azurite)])
def test_drift_is_repaired_announced_and_told_once(storage: Storage) -> None:
    async def story() -> None:
        async with World(seed=11, storage=storage) as world:
            await opens_ports(world)
            await world.quiet()
            assert rule(world, "oops")["destinationPortRanges"] == ["443"]
            assert types(world) == ["BastionGuard.DriftFixed"]
            assert len(world.cards) == 1
            assert (world.teams.rejected, world.host.failures) == ([], [])

    asyncio.run(story())


def test_an_estate_nobody_touched_stays_as_it_is_under_a_sweep() -> None:
    async def story() -> None:
        async with World(seed=12) as world:
            await world.sweep()
            await world.quiet()
            written = [each for each in world.arm.log.entries(caller=CALLER) if not each.reads]
            assert (written, world.announcements, world.cards, world.host.failures) == ([], [], [], [])

    asyncio.run(story())


@pytest.mark.parametrize("schema", ["cloudevents", "eventgrid"])
def test_events_delivered_twice_and_out_of_order_change_nothing(schema: Any) -> None:
    async def story() -> None:
        async with World(seed=13, schema=schema, chaos=Chaos(seed=13, copies=2, shuffle=120)) as world:
            await opens_ports(world)
            await world.as_("bob", client="cli").delete(world.estate.diagnostic_setting)
            await world.quiet()
            assert types(world) == ["BastionGuard.DriftFixed"] * 2
            assert world.found(world.estate.diagnostic_setting) is not None
            assert len(world.cards) in {1, 2}  # two cards, or one digest of both
            assert world.deliverer.sent == 2 * len(world.system_topic.raised)

    asyncio.run(story())


def test_an_endpoint_that_was_away_gets_its_events_later() -> None:
    async def story() -> None:
        async with World(seed=14) as world:
            world.deliverer.held = True
            await opens_ports(world)
            with pytest.raises(NotQuietError):
                await world.quiet(skip_at_most=60)
            assert world.announcements == []
            world.deliverer.held = False
            await world.quiet()
            assert types(world) == ["BastionGuard.DriftFixed"]

    asyncio.run(story())


def test_the_lab_shows_its_events_and_takes_the_endpoint_away_over_http() -> None:
    async def story() -> None:
        async with World(seed=20) as world:
            lab = f"{world.arm_url}/_lab"
            held = await asyncio.to_thread(fetched, f"{lab}/deliveries", {"held": True})
            await opens_ports(world)
            world.arm.advance(60)
            (event,) = await asyncio.to_thread(fetched, f"{lab}/events")
            assert (held["held"], event["caller"], world.announcements) == (True, "alice", [])
            await asyncio.to_thread(fetched, f"{lab}/deliveries", {"held": False})
            await world.quiet()
            (announcement,) = await asyncio.to_thread(fetched, f"{lab}/announcements")
            assert announcement["type"] == "BastionGuard.DriftFixed"

    asyncio.run(story())


def test_while_teams_is_down_nothing_is_lost_and_one_card_comes_later() -> None:
    async def story() -> None:
        async with World(seed=15) as world:
            world.teams.outage = Outage(429, retry_after=120, requests=3)
            await opens_ports(world)
            await world.quiet()
            assert len(world.cards) == 1

    asyncio.run(story())


def test_two_worlds_after_another_in_one_process_do_not_meet() -> None:
    async def story(seed: int) -> tuple[str, str]:
        async with World(seed=seed) as world:
            await opens_ports(world)
            await world.quiet()
            return world.subscription, world.announcements[0]["subject"]

    for seed in (16, 17):
        subscription, subject = asyncio.run(story(seed))
        assert subscription in subject


def test_app_settings_leave_the_environment_with_the_world() -> None:
    async def story() -> None:
        async with World(seed=18) as world:
            assert os.environ["ARM_ENDPOINT"] == world.arm_url

    before = dict(os.environ)
    asyncio.run(story())
    assert dict(os.environ) == before


def fetched(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(url, data, timeout=20) as answer:  # noqa: S310  loopback
        return json.loads(answer.read())


def test_the_lab_takes_a_baseline_of_ones_own_and_says_where_its_storage_is(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("version: 1\nmode: observe\n")
    command = [sys.executable, "-m", "lab", "--baseline", str(tmp_path / "mine.yaml")]
    with subprocess.Popen(
        command, cwd=APP_DIR, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            details = f"{ready['functions']}/api/health/details?code={ready['key']}"
            assert "observe" == fetched(details)["mode"]
            assert ready["storage"].startswith("memory://")
            assert ready["topic"].startswith("http://127.0.0.1:")
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_a_baseline_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lab", "--baseline", str(tmp_path / "gone.yaml")],
        cwd=APP_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (2, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n"))
    assert "gone.yaml" in done.stderr


def test_the_lab_as_a_process_says_where_it_is_and_ends_on_ctrl_c() -> None:
    command = [sys.executable, "-m", "lab", "--seed", "5"]
    with subprocess.Popen(
        command, cwd=APP_DIR, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            assert sorted(ready) == ["arm", "functions", "key", "subscription", "webhook"]
            assert fetched(f"{ready['functions']}/api/health")["status"] == "ok"
            assert fetched(f"{ready['arm']}/_lab/cards") == []
            assert fetched(f"{ready['arm']}/_lab/log") == []
            before, after = (
                fetched(f"{ready['arm']}/_lab/clock"),
                fetched(f"{ready['arm']}/_lab/advance", {"seconds": 86_400}),
            )
            assert after["now"][:10] > before["now"][:10]
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
