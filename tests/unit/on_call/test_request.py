"""Looking again at past events: what a request may hold, and what becomes of each part of it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import InputError
from remediation.model import Ending
from remediation.on_call.replay import Gathered
from remediation.on_call.replay_request import MOST, read
from tests.builders import AT, NIC_ID, NSG_ID, a_spoke, an_event, an_nsg
from tests.story.core.world import World
from tests.unit.intake.test_records import exported, found
from tests.unit.on_call.desk import a_desk

SAMPLES = Path(__file__).resolve().parents[2] / "events"


def replayed(world: World, body: object) -> Gathered:
    return a_desk(world).replay(read(body, world.clock.now()))


def a_world() -> World:
    return World(MemoryCloud(an_nsg(), *a_spoke()))


@pytest.mark.parametrize(
    "body",
    [
        an_event(),
        [an_event()],
        {"events": [an_event()]},
        {"resources": [NSG_ID.text]},
        {"events": [], "resources": [NSG_ID.text]},
        {**found("cloudevent-alone"), "subject": NSG_ID.text, "data": {}},
        {**found("record.caller-without-claims"), "resourceId": NSG_ID.text},
        {"value": [{**found("record.caller-without-claims"), "resourceId": NSG_ID.text}]},
        {"records": [exported(resourceId=NSG_ID.text)]},
    ],
    ids=[
        "a bare event", "a list", "events", "resources", "both", "a bare CloudEvent", "a bare record",
        "what the service answers", "an export",
    ],
)  # fmt: skip
def test_every_way_of_asking_queues_a_forced_look(body: object) -> None:
    world = a_world()

    answer = replayed(world, body)

    (message,) = world.waiting
    assert (NSG_ID.text, "replay", True) == (message.target, message.reason, message.force)
    assert answer.replay_id == message.replay_id


def test_a_replayed_event_is_never_skipped_as_old_news() -> None:
    world = a_world()
    world.handle()
    world.clock.advance(86_400)
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))

    replayed(world, an_event(time="2025-01-01T00:00:00Z"))

    assert [Ending.REPAIRED] == [outcome.ending for outcome in world.run()]


def test_a_replay_of_what_was_repaired_already_writes_and_tells_nothing() -> None:
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()))
    world.handle()

    replayed(world, an_event())
    world.run()

    assert (["DELETE allow-ssh"], ["DriftFixed"]) == (world.writes, world.announced)


def test_events_can_be_replayed_from_the_inbox_they_came_into() -> None:
    world = a_world()
    world.handle(world.hears(by="alice@contoso.example"))
    since = (world.clock.now() - timedelta(hours=1)).isoformat()

    answer = replayed(world, {"source": "inbox", "since": since})

    assert {"queued": 1, "ignored": 0} == {key: answer.to_json()[key] for key in ("queued", "ignored")}
    assert {"name": "alice@contoso.example"} == world.waiting[0].actor


def test_several_events_on_one_resource_are_one_piece_of_work() -> None:
    world = a_world()

    answer = replayed(world, [an_event(event_id=str(number)) for number in range(9)])

    assert (1, 8) == (len(world.waiting), answer.merged)


def test_neighbours_and_scopes_can_be_named_as_well() -> None:
    world = a_world()

    replayed(world, {"resources": [NIC_ID.text, AT]})

    assert [(NIC_ID.text, None), (None, AT)] == [(one.expand, one.sweep) for one in world.waiting]


@pytest.mark.parametrize("name", ["deadletter.eventgrid.json", "deadletter.cloudevents.json"])
def test_dead_letters_are_replayed_as_they_lie_in_their_blob(name: str) -> None:
    world = a_world()

    replayed(world, json.loads((SAMPLES / name).read_text()))

    assert 1 == len(world.waiting)


def test_the_answer_tells_what_was_queued_ignored_and_refused_and_where() -> None:
    noise = f"{AT}/resourceGroups/rg/providers/Microsoft.Resources/deployments/d"
    world = a_world()

    answer = replayed(world, {"events": [an_event(), {"eventType": "x"}], "resources": [noise, "../x"]})

    assert (1, 1) == (len(answer.work), answer.ignored)
    assert ["events[1]: not a resource change", "resources[1]: does not start with /subscriptions/"] == [
        refusal.rpartition(": ")[0] for refusal in answer.refused
    ]
    assert 1 == len(world.waiting)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "a JSON object with options"),
        ("text", "a JSON object with options"),
        (5, "a JSON object with options"),
        ({}, "names nothing to replay"),
        ({"events": [], "force": True}, "force"),
        ({"events": {}}, "events"),
        ({"resources": NSG_ID.text}, "resources"),
        ({"events": [0] * (MOST + 1)}, "events"),
        ([0] * (MOST + 1), "events"),
        ({"source": "everywhere"}, "source"),
        ({"source": "inbox", "since": "yesterday"}, "since"),
        ({"source": "inbox", "rule": "no-such-rule"}, "rule"),
        ({"source": "inbox", "limit": -1}, "limit"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused_whole_and_names_its_mistake(
    body: object, reason: str
) -> None:
    world = a_world()

    with pytest.raises(InputError, match=reason):
        replayed(world, body)

    assert [] == world.waiting


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["events", "resources", "data", "subject", "source", "since", "limit", "x"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(BODIES)
def test_any_request_is_answered_or_refused(body: Any) -> None:
    world = World(MemoryCloud())
    try:
        replayed(world, body)
    except InputError:
        return
    assert all(message.force and message.replay_id for message in world.waiting)
