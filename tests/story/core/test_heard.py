"""A finding that a tag, or a sweep, brought to light: who opened it is looked up among the events of it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.findings import FindingRecord, State
from remediation.ledger.inbox import Inbox
from remediation.messages import Message
from remediation.reconciling.others.heard import MOST
from remediation.telling.cards.story import story
from tests.builders import NSG_ID, a_baseline, a_spoke, an_nsg
from tests.story.core.world import World

ALICE, BOB, CAROL = (f"{name}@contoso.example" for name in ("alice", "bob", "carol"))
UNKNOWN = "unknown: no event named anybody"


def looked_at(**settings: Any) -> World:
    """A closed group that was looked at an hour ago."""
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)), **settings)
    world.handle(world.hears(by=CAROL))
    world.clock.advance(3600)
    return world


def hears_of(world: World, by: str, **event: Any) -> Message:
    """An event is kept while somebody else is at the target, so that its message ends there."""
    message = world.hears(by=by, **event)
    Inbox(world.ledger).store(message, world.clock.now())
    return message


def opened_and_tagged(world: World, *openers: str) -> FindingRecord:
    """Each has changed the group, and the look is brought by Bob's tag."""
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
    for opener in openers:
        hears_of(world, opener)
        world.clock.advance(1)
    tagged = msgspec.structs.replace(world.hears(by=BOB), operation="Microsoft.Resources/tags/write")
    world.handle(tagged)
    return world.findings()["nsg-mgmt-open-to-internet"]


def test_a_repair_that_a_tag_brought_names_who_had_opened_the_port() -> None:
    world = looked_at()
    opened = world.clock.now()

    record = opened_and_tagged(world, ALICE)

    assert (State.FIXED, ALICE, opened) == (
        record.state,
        record.opening.actor["name"],
        record.opening.event_time,
    )
    assert ALICE == world.journal[-1].actor["name"]


def test_so_does_what_is_only_told() -> None:
    record = opened_and_tagged(looked_at(baseline=a_baseline(mode="observe")), ALICE)

    assert (State.OPEN, ALICE) == (record.state, record.opening.actor["name"])


def test_so_does_a_sweep() -> None:
    world = looked_at()
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
    hears_of(world, ALICE)
    world.clock.advance(60)
    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True))

    assert ALICE == world.findings()["nsg-mgmt-open-to-internet"].opening.actor["name"]


def test_of_two_who_changed_it_nobody_is_named() -> None:
    record = opened_and_tagged(looked_at(), ALICE, CAROL)

    assert not record.opening.is_known
    assert UNKNOWN in dict(story(record, now=record.changed_at).facts).values()


def test_of_several_changes_by_one_the_person_is_known_and_the_moment_is_not() -> None:
    world = looked_at()

    opening = opened_and_tagged(world, ALICE, ALICE).opening

    assert (ALICE, None) == (opening.actor["name"], opening.event_time)


def test_a_change_from_before_the_last_look_has_opened_nothing() -> None:
    world = looked_at()
    long_ago = world.clock.now() - timedelta(hours=2)
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
    hears_of(world, ALICE, at=long_ago)

    assert not opened_and_tagged(world).opening.is_known


@pytest.mark.parametrize("seconds", [0, 60])
def test_one_at_about_the_time_of_the_last_look_may_have_been_seen_by_it(seconds: float) -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))
    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True))
    world.clock.advance(seconds)

    assert not opened_and_tagged(world, ALICE).opening.is_known


def test_of_a_group_that_nobody_had_looked_at_before_nothing_is_taken_for_its_opening() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))

    assert not opened_and_tagged(world, ALICE).opening.is_known


def test_what_was_there_at_the_last_look_is_not_ascribed_to_who_came_later() -> None:
    world = looked_at(baseline=a_baseline(mode="observe"))
    opened_and_tagged(world)
    world.clock.advance(3600)
    world.baseline = a_baseline()
    hears_of(world, ALICE)
    world.clock.advance(1)
    world.handle(msgspec.structs.replace(world.hears(by=BOB), operation="Microsoft.Resources/tags/write"))

    record = world.findings()["nsg-mgmt-open-to-internet"]
    assert (State.FIXED, False) == (record.state, record.opening.is_known)


def test_among_too_many_events_to_be_sure_nobody_is_named() -> None:
    world = looked_at()
    now = world.clock.now()
    inbox = Inbox(world.ledger)
    for number in range(MOST):
        inbox.store(world.hears(by=ALICE, event_id=f"storm {number}"), now)

    assert not opened_and_tagged(world).opening.is_known
