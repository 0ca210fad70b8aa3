"""The budget of writes an hour: shared, so that nobody switches repair off for everybody else.

All writes of a repair are taken together, and what was begun goes on with them.
"""

from datetime import timedelta

import pytest

from remediation.adapters.memory.storage import MemoryCloud, VirtualClock
from remediation.baseline import Limits
from remediation.errors import ThrottledError
from remediation.ledger.claims import Reserved
from remediation.ledger.counters import BUDGET, Counters
from remediation.ledger.journal import WriteRecord
from remediation.model import Guard, Share, Write
from remediation.resource_id import ResourceId
from tests.builders import AT, NSG_ID, Document, a_baseline, a_group, a_rule, a_spoke, an_nsg
from tests.faults import Interrupted, Killed, failing, once
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
        counters.take_writes(20, world.clock.now(), Share("s/rg-flood", yields=False))

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


# A repair of several writes ------------------------------------------------------------------------

FIRST, SECOND = (ResourceId.parse(f"{NSG_ID.text}-{name}") for name in ("first", "second"))


def opened_often(identity: ResourceId, rules: int) -> Document:
    """A group in which so many rules let the internet in, each with a port of its own."""
    every = [
        a_rule(f"open-{number}", 300 + number, destinationPortRange=("22", "3389")[number % 2])
        for number in range(rules)
    ]
    return an_nsg(*every, identity=identity)


def of(world: World, target: ResourceId) -> list[WriteRecord]:
    return [record for record in world.journal if record.target == target.text]


def spent(world: World) -> list[int]:
    """Writes taken out of the budget, by the hour."""
    return [int(row.value["writes"]) for row in sorted(world.ledger.rows(BUDGET), key=lambda row: row.key)]


def small(*documents: Document, cap: int = 3) -> World:
    return World(MemoryCloud(*documents, *a_spoke()), a_baseline(limits=Limits(max_writes_per_hour=cap)))


def test_of_two_repairs_for_which_an_hour_has_no_room_one_is_made_and_the_other_left_whole() -> None:
    world = small(opened_often(FIRST, 2), opened_often(SECOND, 2))

    for target in (FIRST, SECOND):
        world.handle(world.hears(target))

    assert ("fixed", "open") == tuple(world.findings(one)[RULE].state for one in (FIRST, SECOND))
    assert (2, 0) == (len(of(world, FIRST)), len(of(world, SECOND)))
    held = world.findings(SECOND)[RULE]
    assert held.is_held_by(Guard.OVER_BUDGET)
    assert held.left_alone_until is not None


def test_the_repair_that_had_no_room_is_made_whole_in_the_next_hour() -> None:
    world = small(opened_often(FIRST, 2), opened_often(SECOND, 2))
    for target in (FIRST, SECOND):
        world.handle(world.hears(target))

    world.run()

    assert "fixed" == world.findings(SECOND)[RULE].state
    assert [2, 2] == spent(world)


def test_a_repair_larger_than_an_hour_goes_on_hour_by_hour_the_widest_opening_first() -> None:
    office = a_rule("some", 290, destinationPortRange="22", sourceAddressPrefix="52.0.0.0/8")
    wide = [a_rule(f"all-{number}", 300 + number, destinationPortRange="3389") for number in range(4)]
    world = small(an_nsg(office, *wide))
    began = world.clock.now()

    world.handle()
    first = [record.resource.rpartition("/")[2] for record in world.journal]
    world.run()

    assert ["all-0"] == first
    assert "fixed" == world.findings()[RULE].state
    assert "some" == world.journal[-1].resource.rpartition("/")[2]
    assert world.clock.now() - began <= timedelta(hours=4, minutes=5)


def test_what_arm_throttles_half_way_goes_on_without_spending_more() -> None:
    world = small(opened_often(NSG_ID, 2))
    refusing = failing(ThrottledError("HTTP 429", retry_after=7.0), on=lambda _: len(world.writes) == 1)

    world.handle(cloud=Interrupted(world.cloud, before_write=refusing))
    assert 1 == len(world.writes)
    world.run()

    assert "fixed" == world.findings()[RULE].state
    assert [2] == spent(world)


def test_a_repair_that_another_worker_ends_after_a_crash_spends_no_more() -> None:
    """The first worker dies after its first write; by then others have used up the hour."""
    world = small(opened_often(NSG_ID, 2))

    def die(_: ResourceId) -> None:
        if world.writes:
            raise Killed

    with pytest.raises(Killed):
        world.handle(cloud=Interrupted(world.cloud, before_get=die))
    Counters(world.ledger).take_writes(3, world.clock.now(), Share("s/rg-other", yields=False))
    world.clock.advance(world.policy.lease.total_seconds() + 1)
    world.handle()

    assert "fixed" == world.findings()[RULE].state
    assert [3] == spent(world)


def test_what_is_left_of_a_repair_that_is_over_is_nobodys() -> None:
    """Somebody closes the rest by hand while it goes on; what comes later is taken anew."""
    world = small(opened_often(NSG_ID, 3), cap=8)
    by_hand = Write("DELETE", NSG_ID.child("securityRules", "open-2"))
    closing = once(lambda: world.cloud.write(by_hand))

    world.handle(cloud=Interrupted(world.cloud, before_write=closing))
    world.run()

    assert "fixed" == world.findings()[RULE].state
    assert {} == world.record().reserved
    assert [3] == spent(world)


def test_what_was_taken_hours_ago_is_taken_anew() -> None:
    now = VirtualClock().now()
    reserved = Reserved(1, now)

    assert reserved.is_good(now)
    assert not reserved.is_good(now + timedelta(hours=1))
    assert not Reserved(0, now).is_good(now)
