"""A worker dies between any two steps of a repair: at the k-th call of any port, before or after its effect.

The host gives its message to another worker once the dead one's claim has run out. Whatever k was, the estate
ends repaired, exactly one DriftFixed stands for the repair, and no message is left or lost.
"""

import itertools
from datetime import timedelta

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.messages import Message
from remediation.model import Ending
from remediation.resource_id import ResourceId
from tests.builders import (
    BASTION_ID,
    NSG_ID,
    SETTING_TYPE,
    a_baseline,
    a_bastion,
    a_rule,
    a_setting,
    a_spoke,
    acting,
    an_nsg,
    ports,
)
from tests.faults import Interrupted, Killed, Lifetime, Mortal
from tests.story.core.world import World

MOST_CALLS = 200
MIXED = a_rule("mixed", 317, sourceAddressPrefix="Internet", **ports("22", "3389", "443"))


def dies(world: World, message: Message, calls: int, *, after: bool, **through: object) -> bool:
    """Let a worker handle an event with so many port calls to live; True when it was killed."""
    ports = {"cloud": world.cloud, "ledger": world.ledger, "queue": world.queue, "announcer": world.announcer}
    lifetime = Lifetime(calls)
    parts = {name: Mortal(through.get(name, port), lifetime, after) for name, port in ports.items()}
    try:
        world.worker(**parts).handle(message)
    except Killed:
        return True
    return False


def redelivered(world: World, message: Message) -> None:
    """The host's next delivery of the same message, after the dead worker's lease."""
    world.clock.advance(world.policy.lease.total_seconds() + 60)
    world.queue.send(message)
    world.run()


def what_arm_began_ends(cloud: MemoryCloud) -> None:
    """Time passes in ARM, whether or not anybody asks how an operation stands."""
    for _ in range(3):
        cloud.poll("memory://operations/1")


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_a_repair_killed_at_any_call_ends_repaired_and_is_told_exactly_once(after: bool) -> None:
    for calls in itertools.count():
        world = World(MemoryCloud(an_nsg(MIXED), *a_spoke()))
        message = world.hears(NSG_ID)
        killed = dies(world, message, calls, after=after)
        if killed:
            redelivered(world, message)

        assert ["443"] == world.rules()["mixed"]["destinationPortRanges"], calls
        assert (["PUT mixed"], ["DriftFixed"]) == (world.writes, world.announced), calls
        assert ([], []) == (world.waiting, world.poisoned), calls
        assert "fixed" == world.findings()["nsg-mgmt-open-to-internet"].state, calls
        if not killed:
            assert 20 < calls < MOST_CALLS
            return


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_a_repair_of_two_writes_killed_at_any_call_is_finished_by_the_next_worker(after: bool) -> None:
    rules = [
        a_rule(f"open-{n}", 300 + n, sourceAddressPrefix="Internet", **ports("22", "80")) for n in (1, 2)
    ]
    for calls in itertools.count(step=2):
        world = World(MemoryCloud(an_nsg(*rules), *a_spoke()))
        message = world.hears(NSG_ID)
        killed = dies(world, message, calls, after=after)
        if killed:
            redelivered(world, message)

        assert {"open-1": ["80"], "open-2": ["80"]} == {
            name: rule["destinationPortRanges"] for name, rule in world.rules().items()
        }, calls
        assert (["PUT open-1", "PUT open-2"], ["DriftFixed"]) == (world.writes, world.announced), calls
        if not killed:
            return


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_a_long_operation_killed_at_any_call_is_followed_to_its_end(after: bool) -> None:
    for calls in itertools.count():
        cloud = MemoryCloud(a_bastion("Basic"), a_setting(), polls={"microsoft.network/bastionhosts": 2})
        world = World(cloud, a_baseline(rules=acting(bastion_sku_tier="fix")))
        message = world.hears(BASTION_ID)
        killed = dies(world, message, calls, after=after)
        if killed:
            what_arm_began_ends(cloud)
            redelivered(world, message)
        world.run()

        assert "Standard" == cloud.resources[BASTION_ID].at("sku", "name"), calls
        assert (["PUT bas-hub"], ["DriftFixed"]) == (world.writes, world.announced), calls
        assert world.record(BASTION_ID).pending is None, calls
        if not killed:
            return


def test_a_worker_killed_again_and_again_still_finishes_in_the_end() -> None:
    """Each worker gets a little further; no repair is counted as a fight because of the dead."""
    world = World(MemoryCloud(a_bastion()))
    for calls in range(2, MOST_CALLS, 3):
        if not dies(world, world.hears(BASTION_ID), calls, after=False):
            break
        world.clock.advance(world.policy.lease.total_seconds() + 60)
    world.run()

    written = BASTION_ID.extension(SETTING_TYPE, "setByPolicy-LogAnalytics")
    assert written in world.cloud.resources
    assert ["DriftFixed"] == world.announced


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_a_question_merged_into_a_dying_worker_is_answered(after: bool) -> None:
    """Somebody opens SSH while the holder works on a compliant NSG, and the holder dies at any call.

    The holder's own event is an old one: it must not be skipped when it comes back.
    """
    for calls in itertools.count():
        world = World(MemoryCloud(an_nsg(), *a_spoke()))
        merging = Merging(world)
        cloud = Interrupted(world.cloud, after_get=merging.asks)
        message = world.hears(NSG_ID, at=world.clock.now() - timedelta(hours=1))
        killed = dies(world, message, calls, after=after, cloud=cloud)
        if killed:
            redelivered(world, message)
        merging.asks(NSG_ID)
        world.run()

        assert ({}, ["DriftFixed"]) == (dict(world.rules()), world.announced), calls
        if not killed:
            assert merging.endings == [Ending.MERGED]
            return


class Merging:
    """Somebody who opens SSH once the NSG has been read, and the event of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.endings: list[Ending] = []

    def asks(self, read: ResourceId) -> None:
        if read == NSG_ID and not self.endings:
            self.world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
            self.endings.append(Ending.MERGED)
            self.endings[:] = [self.world.handle(self.world.hears(event_id="merged")).ending]
