"""What is counted and timed: each thing once, however often it was tried, repeated or asked again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.app.functions import App
from remediation.errors import ConflictError, ThrottledError, TransientError
from remediation.messages import Message
from remediation.model import Ending
from remediation.resource_id import ResourceId
from tests.builders import (
    BASTION_ID,
    NSG_ID,
    SUBNET_ID,
    a_baseline,
    a_bastion,
    a_setting,
    a_spoke,
    acting,
    an_event,
    an_nsg,
)
from tests.faults import Contended, Interrupted, Mute, failing, once
from tests.noted import Noted
from tests.story.core.world import World

CHANGE_AGE = 5.0


def compliant() -> World:
    return World(MemoryCloud(an_nsg()))


def drifted() -> World:
    return World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()))


def a_change_lately(world: World, target: ResourceId = NSG_ID) -> Message:
    """The message of a change that was made CHANGE_AGE seconds ago."""
    return world.hears(target, at=world.clock.now() - timedelta(seconds=CHANGE_AGE))


def run(world: World, message: Message, **through: Any) -> Noted:
    """All that a message leads to, by a worker whose figures are noted."""
    noted = Noted()
    world.queue.send(message)
    world.run(world.worker(measures=noted, **through))
    return noted


# How long a change waits for its judgement -------------------------------------------------------


def test_a_judgement_that_finds_nothing_is_timed_too() -> None:
    world = compliant()

    noted = run(world, a_change_lately(world))

    assert [("time_to_judge", CHANGE_AGE, {"ending": "compliant", "reason": "event"})] == noted.times


def test_what_was_handed_on_is_timed_once_and_with_all_its_waiting() -> None:
    world = compliant()
    cloud = Interrupted(world.cloud, before_get=failing(*[TransientError("busy")] * 3))
    before = world.clock.now()

    noted = run(world, a_change_lately(world), cloud=cloud)

    assert [CHANGE_AGE + (world.clock.now() - before).total_seconds()] == noted.timed("time_to_judge")
    assert [("hand_ons", {"why": "TransientError"})] * 3 == noted.counted


def test_a_channel_that_is_down_delays_neither_figure_twice() -> None:
    """The repair is timed when a read sees it, whenever people hear of it."""
    world = drifted()

    noted = run(world, a_change_lately(world), announcer=Mute(world.announcer, down=2))

    assert [CHANGE_AGE] == noted.timed("time_to_repair")
    assert 1 == len(noted.timed("time_to_judge"))


def test_a_repeated_delivery_is_not_judged_and_not_timed_again() -> None:
    world = compliant()
    message = a_change_lately(world)
    run(world, message)

    assert [] == run(world, message).times
    assert [] == run(world, message.again("look again")).times


@pytest.mark.parametrize("reason", ["sweep", "baseline", "undo"])
def test_what_no_change_asked_for_is_not_timed(reason: str) -> None:
    world = drifted()

    noted = run(world, Message(target=NSG_ID.text, reason=reason, force=True))

    assert ([], ["DriftFixed"]) == (noted.times, world.announced)


def test_a_replay_is_not_timed_since_its_change_is_long_past() -> None:
    world = drifted()
    message = world.hears(at=world.clock.now() - timedelta(days=3))
    replayed = Message(
        target=message.target, reason="replay", force=True, event_time=message.event_time, replay_id="r-1"
    )

    assert [] == run(world, replayed).times
    assert ["DriftFixed"] == world.announced


def test_a_clock_that_is_behind_gives_no_negative_time() -> None:
    world = compliant()

    noted = run(world, world.hears(at=world.clock.now() + timedelta(seconds=90)))

    assert [0.0] == noted.timed("time_to_judge")


# How long a drift lasts --------------------------------------------------------------------------


def test_a_repair_is_timed_to_the_read_that_saw_it() -> None:
    world = drifted()

    noted = run(world, a_change_lately(world))

    rule = "nsg-mgmt-open-to-internet"
    assert ("time_to_repair", CHANGE_AGE, {"rule": rule}) in noted.times
    assert [Ending.REPAIRED.value] == [
        told["ending"] for name, _, told in noted.times if name == "time_to_judge"
    ]


def test_a_write_that_takes_minutes_is_timed_once_when_it_has_ended() -> None:
    cloud = MemoryCloud(a_bastion("Basic"), a_setting(), polls={"microsoft.network/bastionhosts": 3})
    world = World(cloud, a_baseline(rules=acting(bastion_sku_tier="fix")))
    before = world.clock.now()

    noted = run(world, a_change_lately(world, BASTION_ID))

    lasted = CHANGE_AGE + (world.clock.now() - before).total_seconds()
    assert ([lasted], [lasted]) == (noted.timed("time_to_repair"), noted.timed("time_to_judge"))
    assert [("hand_ons", {"why": "operation"})] * 3 == noted.counted


def test_what_is_only_told_is_no_repair() -> None:
    world = replace(drifted(), baseline=a_baseline(mode="observe"))

    noted = run(world, a_change_lately(world))

    assert (["DriftProposed"], []) == (world.announced, noted.timed("time_to_repair"))


# What is counted ---------------------------------------------------------------------------------


def test_a_throttled_worker_is_counted_and_so_is_each_that_waits_with_it() -> None:
    world = compliant()
    noted = Noted()
    throttled = Interrupted(world.cloud, before_get=failing(ThrottledError("slow down", retry_after=60)))
    worker = world.worker(cloud=throttled, measures=noted)

    worker.handle(world.hears())
    worker.handle(world.hears())

    assert [("hand_ons", {"why": "ThrottledError"}), ("hand_ons", {"why": "pressure"})] == noted.counted


def test_a_claim_whose_lease_ran_out_while_working_is_counted_once() -> None:
    world = drifted()
    sleeping = world.policy.lease + timedelta(seconds=1)
    noted = Noted()

    def paused(asked: ResourceId) -> None:
        if asked == SUBNET_ID:
            world.clock.advance(sleeping.total_seconds())

    world.handle(cloud=Interrupted(world.cloud, before_get=paused), measures=noted)

    assert {"claims_lost": 1, "hand_ons": 1} == noted.totals


def test_a_claim_that_somebody_else_took_is_counted_once() -> None:
    """The worker notices when it writes to the record, and again when it lets go."""
    world = drifted()
    noted = Noted()

    def taken_over(_: ResourceId) -> None:
        world.clock.advance(world.policy.lease.total_seconds() + 1)
        other = replace(world.policy, owner="another")
        assert Ending.REPAIRED is world.handle(policy=other).ending

    world.handle(cloud=Interrupted(world.cloud, before_get=once(lambda: taken_over(NSG_ID))), measures=noted)

    assert 1 == noted.totals["claims_lost"]


def test_a_claim_found_lost_only_when_it_is_let_go_is_counted() -> None:
    world = compliant()
    noted = Noted()
    contended = Contended(world.ledger, "targets", failing(*[ConflictError("moved")] * 50, on=is_release))

    world.handle(ledger=contended, measures=noted)

    assert {"claims_lost": 1, "hand_ons": 1} == noted.totals


def is_release(value: Any) -> bool:
    """Whether a target's record is written without an owner."""
    return not value.get("owner")


def test_an_error_that_is_not_about_the_claim_loses_none() -> None:
    world = compliant()
    noted = Noted()
    moved = Interrupted(world.cloud, before_get=failing(ConflictError("moved")))

    world.handle(cloud=moved, measures=noted)

    assert [("hand_ons", {"why": "ConflictError"})] == noted.counted


# What comes in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "counted"),
    [
        (an_event(), [("events", {"result": "accepted", "kind": "write"}), ("messages", {})]),
        ({"id": "e"}, [("events", {"result": "refused"})]),
        (
            an_event(f"{NSG_ID.text}/providers/Contoso.Own/things/x"),
            [("events", {"result": "ignored", "kind": "write"})],
        ),
    ],
)
def test_each_event_is_counted_by_what_became_of_it(event: Any, counted: Any) -> None:
    noted = Noted()

    App({}, measures=noted).accept(event)

    assert counted == noted.counted
