"""A worker dies between any two steps of a repair: at the k-th call of any port, before or after its effect.

The host gives its message to another worker once the dead one's claim has run out. Whatever k was, the estate
ends repaired, exactly one DriftFixed stands for the repair, and no message is left or lost.
"""

import itertools

import pytest

from remediation.adapters.memory import MemoryCloud
from remediation.model import Ending
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
from tests.core.world import World
from tests.faults import Killed, Lifetime, Mortal

MOST_CALLS = 200
MIXED = a_rule("mixed", 317, sourceAddressPrefix="Internet", **ports("22", "3389", "443"))


def dies(world: World, target: object, calls: int, *, after: bool) -> bool:
    """Let a worker handle an event with so many port calls to live; True when it was killed."""
    lifetime = Lifetime(calls)
    names = ("cloud", "ledger", "queue", "announcer")
    parts = {name: Mortal(getattr(world, name), lifetime, after) for name in names}
    try:
        world.worker(**parts).handle(world.hears(target))  # type: ignore[arg-type]
    except Killed:
        return True
    return False


def redelivered(world: World, target: object) -> None:
    """The host's next delivery of the same message, after the dead worker's lease."""
    message = world.hears(target)  # type: ignore[arg-type]
    world.clock.advance(world.policy.lease.total_seconds() + 60)
    world.queue.send(message)
    world.run()


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_a_repair_killed_at_any_call_ends_repaired_and_is_told_exactly_once(after: bool) -> None:
    for calls in itertools.count():
        world = World(MemoryCloud(an_nsg(MIXED), *a_spoke()))
        killed = dies(world, NSG_ID, calls, after=after)
        if killed:
            redelivered(world, NSG_ID)

        assert ["443"] == world.rules()["mixed"]["destinationPortRanges"], calls
        assert (["PUT mixed"], ["DriftFixed"]) == (world.writes, world.announced), calls
        assert ([], []) == (world.waiting, world.poisoned), calls
        assert "fixed" == world.findings()["nsg-mgmt-open-to-internet"].state, calls
        if not killed:
            assert 20 < calls < MOST_CALLS
            return


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_a_repair_of_two_writes_killed_at_any_call_is_finished_by_the_next_worker(after: bool) -> None:
    rules = [a_rule(f"open-{n}", 300 + n, sourceAddressPrefix="Internet", **ports("22", "80")) for n in (1, 2)]
    for calls in itertools.count():
        world = World(MemoryCloud(an_nsg(*rules), *a_spoke()))
        killed = dies(world, NSG_ID, calls, after=after)
        if killed:
            redelivered(world, NSG_ID)

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
        killed = dies(world, BASTION_ID, calls, after=after)
        if killed:
            world.clock.advance(world.policy.lease.total_seconds() + 60)
            world.queue.send(world.hears(BASTION_ID))
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
        if not dies(world, BASTION_ID, calls, after=False):
            break
        world.clock.advance(world.policy.lease.total_seconds() + 60)
    world.run()

    written = BASTION_ID.extension(SETTING_TYPE, "setByPolicy-LogAnalytics")
    assert written in world.cloud.resources
    assert ["DriftFixed"] == world.announced


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_a_question_merged_into_a_dying_worker_is_answered(after: bool) -> None:
    """Somebody opens SSH anew while the holder works on a compliant NSG, and the holder dies at any call."""
    for calls in itertools.count():
        world = World(MemoryCloud(an_nsg(), *a_spoke()))
        own = world.hears()
        lifetime = Lifetime(calls)
        looked: list[bool] = []

        class Changing(Mortal):
            def __getattr__(self, name: str) -> object:
                answer = super().__getattr__(name)

                def call(*args: object) -> object:
                    found = answer(*args)
                    if name == "get" and args[0] == NSG_ID and not looked:
                        looked.append(True)
                        world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
                        asker = world.worker()
                        merged = asker.handle(world.hears(event_id="merged"))
                        assert Ending.MERGED is merged.ending
                    return found

                return call

        names = ("ledger", "queue", "announcer")
        parts = {name: Mortal(getattr(world, name), lifetime, after) for name in names}
        try:
            world.worker(cloud=Changing(world.cloud, lifetime, after), **parts).handle(own)
            killed = False
        except Killed:
            killed = True
            world.clock.advance(world.policy.lease.total_seconds() + 60)
            world.queue.send(own)
        if killed and not looked:
            world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
        world.run()

        assert ({}, ["DriftFixed"]) == (dict(world.rules()), world.announced), calls
        if not killed:
            return
