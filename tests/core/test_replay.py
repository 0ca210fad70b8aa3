"""Looking again at past events: what a request may hold, and what becomes of each part of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.adapters.memory import MemoryCloud, MemoryQueue, VirtualClock
from remediation.errors import InputError
from remediation.model import Ending
from remediation.replay import MOST_EVENTS, replay, requested
from tests.builders import AT, NIC_ID, NSG_ID, a_spoke, an_event, an_nsg
from tests.core.world import World

SAMPLES = Path(__file__).resolve().parent.parent / "events"


@pytest.mark.parametrize(
    "body",
    [
        an_event(),
        [an_event()],
        {"events": [an_event()]},
        {"resources": [NSG_ID.text]},
        {"events": [], "resources": [NSG_ID.text]},
    ],
    ids=["a bare event", "a list", "events", "resources", "both"],
)
def test_every_way_of_asking_queues_a_forced_look(body: object) -> None:
    (message,) = requested(body)

    assert (NSG_ID.text, "replay", True) == (message.target, message.reason, message.force)
    assert message.replay_id


def test_a_replayed_event_is_never_skipped_as_old_news() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke()))
    world.handle()
    world.clock.advance(86_400)
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))

    replay(an_event(time="2025-01-01T00:00:00Z"), world.queue)

    assert [Ending.REPAIRED] == [outcome.ending for outcome in world.run()]


def test_neighbours_and_scopes_can_be_named_as_well() -> None:
    messages = requested({"resources": [NIC_ID.text, AT]})

    assert [(NIC_ID.text, None), (None, AT)] == [(message.expand, message.sweep) for message in messages]


def test_dead_letters_are_replayed_as_they_lie_in_their_blob() -> None:
    for name in ("deadletter.eventgrid.json", "deadletter.cloudevents.json"):
        body = json.loads((SAMPLES / name).read_text())
        assert 1 == len(requested(body))


def test_the_answer_tells_what_was_queued_ignored_and_refused_and_where() -> None:
    noise = f"{AT}/resourceGroups/rg/providers/Microsoft.Resources/deployments/d"
    queue = MemoryQueue(VirtualClock())

    answer = replay({"events": [an_event(), {"eventType": "x"}], "resources": [noise, "../x"]}, queue)

    assert (1, 1) == (answer.queued, answer.ignored)
    assert ["events[1]: not a resource change", "resources[1]: does not start with /subscriptions/"] == [
        refusal.rpartition(": ")[0] for refusal in answer.refused
    ]
    assert {"replayId", "queued", "ignored", "refused"} == answer.to_json().keys()
    assert 1 == len(queue.texts())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "a JSON object with events or resources"),
        ("text", "a JSON object with events or resources"),
        (5, "a JSON object with events or resources"),
        ({}, "names nothing to replay"),
        ({"resource": []}, "names nothing to replay"),
        ({"events": [], "force": True}, "force: unknown key"),
        ({"events": {}}, "events: must be a list"),
        ({"resources": NSG_ID.text}, "resources: must be a list"),
        ({"events": [0] * (MOST_EVENTS + 1)}, "events: 1001 are more than 1000"),
        ([0] * (MOST_EVENTS + 1), "events: 1001 are more than 1000"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused_whole(body: object, reason: str) -> None:
    queue = MemoryQueue(VirtualClock())

    with pytest.raises(InputError, match=reason):
        replay(body, queue)

    assert [] == queue.texts()


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["events", "resources", "data", "subject", "x"]), inner)
        ),
        max_leaves=8,
    )
)
def test_any_request_is_answered_or_refused(body: Any) -> None:
    try:
        messages = requested(body)
    except InputError:
        return
    assert all(message.force and message.replay_id for message in messages)
