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
from remediation.resource_id import ResourceId
from remediation.telling.cards.story import story
from tests.builders import NSG_ID, a_baseline, a_setting, a_spoke, acting, an_nsg
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


def opened_and_tagged(
    world: World, *openers: str, brought_by: str = "Microsoft.Resources/tags/write"
) -> FindingRecord:
    """Each has changed the group, and the look is brought by Bob's tag, or what else he does."""
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
    for opener in openers:
        hears_of(world, opener)
        world.clock.advance(1)
    world.handle(msgspec.structs.replace(world.hears(by=BOB), operation=brought_by))
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


RIGHT = "Microsoft.Authorization/roleAssignments/write"
LOG = "Microsoft.Insights/diagnosticSettings/write"
BESIDE = pytest.mark.parametrize("beside", [RIGHT, LOG])


@BESIDE
@pytest.mark.parametrize("mode", ["enforce", "observe"])
def test_who_gives_a_right_on_a_group_or_sets_its_log_has_not_opened_its_port(beside: str, mode: str) -> None:
    """The opener's own event was lost."""
    world = looked_at(baseline=a_baseline(mode=mode))

    record = opened_and_tagged(world, brought_by=beside)

    assert not record.opening.is_known
    assert UNKNOWN in dict(story(record, now=record.changed_at).facts).values()
    assert BOB not in {write.actor.get("name") for write in world.journal}


@BESIDE
def test_nor_does_it_hide_who_has_opened_it(beside: str) -> None:
    world = looked_at()
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
    hears_of(world, ALICE)
    world.clock.advance(1)
    given = msgspec.structs.replace(world.hears(by=CAROL), operation=beside)
    Inbox(world.ledger).store(given, world.clock.now())
    world.clock.advance(1)

    assert ALICE == opened_and_tagged(world).opening.actor["name"]


def test_who_takes_a_log_away_has_opened_what_is_found_of_it() -> None:
    baseline, setting = a_baseline(acting(nsg_diagnostics="fix")), a_setting(on=NSG_ID)
    world = World(MemoryCloud(an_nsg(), *a_spoke(), setting), baseline=baseline)
    world.handle(world.hears(by=CAROL))
    world.clock.advance(3600)
    world.cloud.remove(ResourceId.parse(setting["id"]))
    world.handle(msgspec.structs.replace(world.hears(by=BOB), operation=LOG.replace("write", "delete")))

    assert BOB == world.findings()["nsg-diagnostics"].opening.actor["name"]
