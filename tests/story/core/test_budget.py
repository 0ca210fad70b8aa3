"""The budget of writes an hour: shared, so that nobody switches repair off for everybody else."""

from datetime import timedelta

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import Limits
from remediation.ledger.counters import Counters
from remediation.model import Guard, Share
from remediation.resource_id import ResourceId
from tests.builders import AT, NSG_ID, a_baseline, a_group, a_spoke, an_nsg
from tests.story.core.world import World

RULE = "nsg-mgmt-open-to-internet"
JUNK = 20


def junk(number: int, groups: int) -> ResourceId:
    place = f"{AT}/resourceGroups/rg-junk{number % groups}"
    return ResourceId.parse(f"{place}/providers/Microsoft.Network/networkSecurityGroups/junk{number}")


def flooded(groups: int) -> World:
    """Twenty open groups, attached to nothing, in so many resource groups; each was told of by an event."""
    every = [junk(number, groups) for number in range(JUNK)]
    documents = [an_nsg(allow_ssh_from="Internet", identity=identity, subnets=()) for identity in every]
    places = [a_group(f"rg-junk{number}") for number in range(groups)]
    shut, *spoke = an_nsg(), *a_spoke(public_ip=True)
    world = World(MemoryCloud(*documents, *places, shut, *spoke), a_baseline())
    for identity in every:
        world.handle(world.hears(identity))
    return world


def opened(world: World) -> None:
    """Somebody opens a port that the internet reaches."""
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
    world.handle(world.hears())


def repaired(world: World) -> list[str]:
    return [record.target for record in world.journal if record.state == "done"]


@pytest.mark.parametrize("groups", [1, 2, 20])
def test_twenty_junk_groups_do_not_keep_a_reachable_port_open(groups: int) -> None:
    world = flooded(groups)

    opened(world)

    assert "fixed" == world.findings()[RULE].state
    assert JUNK // 2 + 1 == len(repaired(world))


def test_a_flood_that_somebody_reaches_beside_junk_leaves_something_too() -> None:
    """All that one resource group can take of ways in, and junk of twenty others."""
    world = flooded(groups=20)
    counters = Counters(world.ledger)
    for _ in range(20):
        counters.take_write(20, world.clock.now(), Share("s/rg-flood", yields=False))

    opened(world)

    assert "fixed" == world.findings()[RULE].state


def test_what_is_held_back_says_until_when_and_one_look_each_waits_for_it() -> None:
    world = flooded(groups=1)
    last = junk(JUNK - 1, 1)
    for _ in range(3):
        world.clock.advance(60)
        world.handle(world.hears(last))

    held = world.findings(last)[RULE]
    assert held.is_held_by(Guard.OVER_BUDGET)
    assert held.left_alone_until is not None
    assert ("rg-junk0" in held.held_back_by[0], "used up" in held.held_back_by[0]) == (True, True)
    waiting = [message.target for message in world.waiting if message.reason == "wake"]
    assert JUNK // 2 == len(waiting) == len(set(waiting))


def test_what_is_held_back_is_repaired_in_the_next_hour_without_a_sweep_or_an_event() -> None:
    world = flooded(groups=1)
    began = world.clock.now()

    world.run()

    assert JUNK == len(repaired(world))
    assert world.clock.now() - began <= timedelta(hours=1, minutes=5)
    assert [] == world.waiting


def test_a_resource_group_takes_half_of_the_budget_even_where_nobody_else_wants_it() -> None:
    world = flooded(groups=1)

    assert JUNK // 2 == len(repaired(world))


def test_a_budget_of_one_write_is_not_halved_to_none() -> None:
    world = World(
        MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()),
        a_baseline(limits=Limits(max_writes_per_hour=1)),
    )

    world.handle()

    assert [NSG_ID.text] == repaired(world)
