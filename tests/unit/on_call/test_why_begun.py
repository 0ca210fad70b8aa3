"""`why` and dry runs while a repair is going on: the writes that it took out of the budget are its own."""

from datetime import timedelta
from itertools import count

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import Limits
from remediation.ledger.counters import Counters
from remediation.messages import Message
from remediation.model import Share, Write
from remediation.on_call.preview import Preview
from remediation.on_call.replay import NOBODY
from remediation.on_call.why.answer import Answer
from remediation.ports import Progress
from remediation.resource_id import ResourceId
from tests.builders import NSG_ID, a_baseline, a_rule, a_spoke, an_nsg
from tests.faults import Interrupted, Killed, Operating
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk

CAP = 3


def a_world(openings: int) -> World:
    """So many rules that each let the internet in, each with a port of its own."""
    rules = [
        a_rule(f"open-{number}", 300 + number, destinationPortRange=("22", "3389")[number % 2])
        for number in range(openings)
    ]
    baseline = a_baseline(limits=Limits(max_writes_per_hour=CAP))
    return World(MemoryCloud(an_nsg(*rules), *a_spoke()), baseline)


def used_up(world: World) -> None:
    """Others take whatever the hour still has."""
    counters, groups = Counters(world.ledger), count()
    while counters.spent(world.clock.now()).writes < CAP:
        counters.take_writes(CAP, world.clock.now(), Share(f"s/rg-other{next(groups)}", yields=False))


def half_way() -> World:
    """The first worker dies after the first of two writes, and others use up what is left of the hour."""
    world = a_world(2)

    def die(_: ResourceId) -> None:
        if world.writes:
            raise Killed

    with pytest.raises(Killed):
        world.handle(cloud=Interrupted(world.cloud, before_get=die))
    used_up(world)
    return world


def running() -> World:
    """The only write of a repair runs at ARM and has no effect yet; meanwhile the hour is used up."""
    world = a_world(1)
    unended = Operating(world.cloud, [Progress("running", retry_after=30.0)], effective=False)
    world.handle(cloud=unended)
    used_up(world)
    return world


def why(world: World) -> Answer:
    (answer,) = a_desk(world).asker().why(NSG_ID, None)
    return answer


def kinds(answer: Answer) -> list[str]:
    return [reason.kind for reason in answer.reasons]


def test_a_repair_that_is_half_made_is_said_to_go_on_and_not_to_wait_for_the_budget() -> None:
    world = half_way()

    answer = why(world)

    assert ("repair", "budget" in kinds(answer)) == (answer.outcome, False)
    assert "goes on: 1 more write is kept for it of the budget" in answer.summary
    begun = next(reason for reason in answer.reasons if reason.kind == "begun")
    assert "nsg-mgmt-open-to-internet" == begun.rule


def test_so_does_a_dry_run() -> None:
    world = half_way()
    asked = Message(target=NSG_ID.text, reason="replay", force=True)

    (prospect,), _ = Preview(world.ports, world.baseline, world.policy).prospects([asked], NOBODY, most=1)

    assert "repair" == prospect.outcome


def test_what_is_said_to_go_on_does() -> None:
    world = half_way()
    world.clock.advance(world.policy.lease.total_seconds() + 1)

    world.handle()

    assert "compliant" == why(world).outcome
    assert "begun" not in kinds(why(world))


def test_after_an_hour_what_was_kept_is_nobodys_and_the_budget_is_told_again() -> None:
    world = half_way()
    world.clock.advance(timedelta(hours=1, minutes=1).total_seconds())
    used_up(world)

    answer = why(world)

    assert ("propose", True, False) == (answer.outcome, "budget" in kinds(answer), "begun" in kinds(answer))


def test_a_last_write_that_runs_is_told_and_no_budget() -> None:
    answer = why(running())

    assert ("repair", "budget" in kinds(answer)) == (answer.outcome, False)
    assert "operation" in kinds(answer)
    assert "is running since" in answer.summary


def test_a_repair_that_was_not_begun_waits_for_the_budget_as_before() -> None:
    world = a_world(1)
    world.handle()
    again = a_rule("again", 400, destinationPortRange="22")
    world.cloud.write(
        Write("PUT", NSG_ID.child("securityRules", "again"), {"properties": again["properties"]})
    )
    used_up(world)

    assert "budget" in kinds(why(world))
