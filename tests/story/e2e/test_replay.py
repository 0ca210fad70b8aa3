"""On call, end to end: what was missed is made up for once, dry runs write nothing, repairs can be undone."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from lab.estate import Estate
from lab.quiet import NotQuietError
from lab.world import World
from remediation.adapters.memory import storage as memory
from remediation.cli import main
from remediation.on_call.sources import DeadLetter
from tests.story.e2e.conftest import OPEN_TO_ALL, calls, play, rule_of, told

LETTERS = {"DEAD_LETTER_CONTAINER": "dead-letters"}


async def ten_changes(world: World) -> None:
    """Eight rules open, a diagnostic setting goes, a machine gets a public address."""
    alice, estate = world.as_("alice"), world.estate
    for number, nsg in enumerate(estate.storm_nsgs[:8]):
        body = {"properties": {**OPEN_TO_ALL["properties"], "priority": 320 + number}}
        await alice.put(f"{nsg}/securityRules/opened", body)
    await alice.delete(estate.diagnostic_setting)
    await attach_address(world)


async def attach_address(world: World) -> None:
    nic = estate_nic(world)
    address = nic["id"].rpartition("/networkInterfaces/")[0] + "/publicIPAddresses/pip-oops"
    body = {
        "location": nic["location"],
        "sku": {"name": "Standard"},
        "properties": {"publicIPAllocationMethod": "Static"},
    }
    dave = world.as_("dave")
    await dave.put(address, body)
    nic["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"] = {"id": address}
    await dave.edit(nic["id"], ipConfigurations=nic["properties"]["ipConfigurations"])


def estate_nic(world: World) -> dict[str, Any]:
    nic = world.found(world.estate.spokes[0].nics[0])
    assert nic is not None
    return nic


def console(world: World, *arguments: str) -> Any:
    """Run a command as an engineer does who has the app's settings; returns its exit status."""
    return asyncio.to_thread(main, list(arguments))


def subjects(world: World, kind: str) -> Counter[str]:
    return Counter(event["subject"].lower() for event in world.announcements if event["type"].endswith(kind))


def test_what_was_missed_while_the_app_was_down_is_made_up_for_from_the_activity_log() -> None:
    """Each of ten changes is repaired or announced exactly once, whatever comes late or is repeated."""

    async def story(world: World) -> None:
        world.deliverer.held = True
        await ten_changes(world)
        assert (world.announcements, world.deliverer.delivered) == ([], 0)

        status, answer = await world.replay({"source": "activity-log", "since": "1h"})
        world.deliverer.held = False
        await world.quiet()

        assert status == 202, answer
        assert answer["queued"] >= 10
        assert answer["refused"] == []
        opened = [rule_of(world, nsg, "opened") for nsg in world.estate.storm_nsgs[:8]]
        assert [rule["destinationPortRanges"] for rule in opened if rule] == [["443"]] * 8
        assert world.found(world.estate.diagnostic_setting) is not None
        assert len(calls(world, "PUT")) == 9
        assert Counter(told(world)) == {"DriftFixed": 9, "DriftFound": 1}
        assert set(subjects(world, "DriftFixed").values()) == {1}
        assert world.deliverer.delivered >= 10  # the late events changed nothing

        await world.replay({"source": "activity-log", "since": "1h"})
        await world.quiet()
        assert len(calls(world, "PUT")) == 9
        assert len(world.announcements) == 10

    play(story, estate=Estate(31, nsgs=8))


def test_dead_letters_are_replayed_from_their_container() -> None:
    """What Event Grid gave up on is taken from its blobs, and the timer does not take it twice."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await bury(world, nsg)
        name = world.connection.removeprefix("memory://")
        for letter in world.deliverer.dead_letters:
            content = json.dumps(letter.events).encode()
            buried = DeadLetter(letter.path, moment(world), partial(bytes, content))
            memory.shared(name).dead_letters.letters.append(buried)

        status, answer = await world.replay({"source": "dead-letters", "since": "3d"})
        await world.quiet()

        assert (status, answer["queued"]) == (202, 1), answer
        assert told(world) == ["DriftFixed"]
        rule = rule_of(world, nsg, "for-a-minute")
        assert rule is not None
        assert rule["destinationPortRanges"] == ["443"]
        await timer(world, "import_dead_letters")
        await timer(world, "import_dead_letters")
        await world.quiet()
        assert told(world) == ["DriftFixed"]

    play(story, seed=32, settings=LETTERS)


@pytest.mark.azurite
def test_the_timer_takes_dead_letters_in_from_blob_storage() -> None:
    """The blobs lie as Event Grid writes them; what is taken in is taken once."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await bury(world, nsg)
        await asyncio.to_thread(upload, world)

        await timer(world, "import_dead_letters")
        await world.quiet(seconds=60)
        looks = len(calls(world, "GET"))
        await timer(world, "import_dead_letters")
        await world.quiet(seconds=60)

        assert told(world) == ["DriftFixed"]
        assert len(calls(world, "GET")) == looks

    play(story, seed=33, storage="azurite", settings=LETTERS)


async def bury(world: World, nsg: str) -> None:
    """Open a rule while the app does not answer, until its event is a dead letter."""
    world.system_topic.subscriptions = [
        type(each)(each.name, each.endpoint, each.schema, each.operations, max_attempts=1)
        for each in world.system_topic.subscriptions
    ]
    world.deliverer.held = True
    await world.as_("alice").put(f"{nsg}/securityRules/for-a-minute", OPEN_TO_ALL)
    await world.quiet()
    assert len(world.deliverer.dead_letters) == 1
    world.deliverer.held = False


def upload(world: World) -> None:
    with BlobServiceClient.from_connection_string(world.connection) as service:
        container = service.create_container("dead-letters")
        for letter in world.deliverer.dead_letters:
            container.upload_blob(letter.path, json.dumps(letter.events))


async def timer(world: World, name: str) -> None:
    ended = await world.host.run_timer(name)
    assert ended.ok, ended.error


def moment(world: World) -> datetime:
    return datetime.fromtimestamp(world.clock.now(), UTC)


def test_a_dry_run_shows_the_diff_and_writes_and_announces_nothing() -> None:
    """Counted at ARM: no PUT, no DELETE; and nothing on the topic, in Teams or on the queue."""

    async def story(world: World) -> None:
        listeners, world.system_topic.subscriptions = world.system_topic.subscriptions, []
        await world.as_("alice").put(f"{world.estate.shared_nsg}/securityRules/oops", OPEN_TO_ALL)
        world.system_topic.subscriptions = listeners

        wanted = {"source": "activity-log", "since": "1h", "dryRun": True}
        status, answer = await world.replay(wanted)
        await world.quiet()

        assert status == 200, answer
        (target,) = answer["targets"]
        assert (target["outcome"], target["target"].lower()) == ("repair", world.estate.shared_nsg.lower())
        (finding,) = target["findings"]
        assert any("3389" in line for line in finding["diff"])
        assert (answer["queued"], calls(world, "PUT"), calls(world, "DELETE")) == (0, [], [])
        assert (world.announcements, world.cards) == ([], [])

    play(story, seed=34)


def test_a_replay_from_the_command_line_can_wait_for_what_comes_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The work goes to the app's own queue; its outcomes are summed up here."""

    async def story(world: World) -> None:
        for nsg in world.estate.spokes[0].nsgs[:2]:
            await world.as_("alice").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()

        assert await console(world, "replay", "--inbox", "--wait", "--format", "json") == 0

        answer = json.loads(capsys.readouterr().out)
        assert sum(answer["outcomes"].values()) == answer["queued"] >= 2
        assert {"waiting", "gave-up"}.isdisjoint(answer["outcomes"])
        lines = (await asked(world, f"replay={answer['replayId']}"))["entries"]
        assert {line["kind"] for line in lines} == {"judged"}
        assert len(told(world)) == 2

    play(story, seed=40)


def test_an_undo_restores_the_document_and_keeps_the_app_from_repairing_it_at_once() -> None:
    """Equal as JSON apart from etag, provisioning state and order; the exemption ends when it said."""

    async def story(world: World) -> None:
        nsg, alice = world.estate.shared_nsg, world.as_("alice")
        listeners, world.system_topic.subscriptions = world.system_topic.subscriptions, []
        await alice.put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        before = await alice.get(f"{nsg}/securityRules/oops")
        world.system_topic.subscriptions = listeners
        await world.replay({"resources": [nsg]})
        await world.quiet()
        write_id = world.announcements[0]["data"]["writeId"]

        assert await console(world, "undo", write_id, "--dry-run") == 0
        assert len(calls(world, "PUT")) == 1
        assert await console(world, "undo", write_id, "--exempt-for", "4h") == 0
        with pytest.raises(NotQuietError):  # the end of the exemption is still waited for
            await world.quiet(skip_at_most=3 * 3600)

        assert comparable(await alice.get(f"{nsg}/securityRules/oops")) == comparable(before)
        assert told(world) == ["DriftFixed", "DriftExempted"]
        await world.quiet()
        assert told(world) == ["DriftFixed", "DriftExempted", "DriftFixed"]

    play(story, seed=35)


def test_an_undo_refuses_what_somebody_has_changed_since(capsys: pytest.CaptureFixture[str]) -> None:
    """It says what is different, and writes nothing."""

    async def story(world: World) -> None:
        nsg, alice = world.estate.shared_nsg, world.as_("alice")
        await alice.put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()
        write_id = world.announcements[0]["data"]["writeId"]
        await alice.edit(f"{nsg}/securityRules/oops", description="mine now")
        await world.quiet()

        assert await console(world, "undo", write_id, "--exempt-for", "4h") == 1
        assert len(calls(world, "PUT")) == 1

    play(story, seed=36)

    said = capsys.readouterr().err
    assert "changed since" in said
    assert "+ description: mine now" in said


def test_the_history_is_a_table_a_document_or_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Read from the ledger of the running app."""

    async def story(world: World) -> None:
        await world.as_("alice").put(f"{world.estate.shared_nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()
        write_id = world.announcements[0]["data"]["writeId"]

        assert await console(world, "history", "--rule", "nsg-mgmt-open-to-internet") == 0
        table = capsys.readouterr().out
        assert await console(world, "history", "--format", "json") == 0
        kinds = {line["kind"] for line in json.loads(capsys.readouterr().out)}
        assert await console(world, "history", write_id) == 0
        entry = capsys.readouterr().out
        assert await console(world, "history", "--html", str(tmp_path / "story.html")) == 0
        page = (tmp_path / "story.html").read_text()

        assert write_id in table
        assert {"judged", "written", "announced", "baseline"} == kinds
        assert "way back" in entry
        assert f"undo {write_id}" in entry
        assert "The story of" in page or "What Bastion Guard saw and did" in page
        assert await console(world, "undo", write_id) == 2
        assert "--exempt-for: is missing" in capsys.readouterr().err

    play(story, seed=39)


def test_the_history_tells_over_http_what_happened() -> None:
    """Judged, written and announced; one write in full with its diff, proof and way back."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await world.as_("alice").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()

        lines = (await asked(world, f"resource={nsg.rpartition('/')[2]}"))["entries"]
        written = next(line for line in lines if line["kind"] == "written")
        entry = await asked(world, f"id={written['id']}")

        assert {"judged", "written", "announced"} == {line["kind"] for line in lines}
        assert entry["proof"]
        assert entry["inverse"]
        assert any(line.startswith("- ") and "3389" in line for line in entry["diff"])

    play(story, seed=37)


async def asked(world: World, query: str) -> Any:
    url, headers = f"{world.functions_url}/api/history?{query}", {"x-functions-key": world.key}
    async with world._http.get(url, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


def comparable(value: Any) -> Any:
    """A document without what ARM counts by itself, its lists in one order."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in {"etag", "provisioningState"}}
        return {key: comparable(item) for key, item in kept.items()}
    if isinstance(value, list):
        return sorted((comparable(item) for item in value), key=repr)
    return value
