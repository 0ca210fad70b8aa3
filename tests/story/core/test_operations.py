"""Writes that ARM accepts and finishes later: recorded before they are waited for, never doubled."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.model import Ending, Write
from remediation.ports import Operation, Progress
from tests.builders import BASTION_ID, a_baseline, a_bastion, a_setting, a_spoke, acting, an_nsg
from tests.faults import Interrupted, Operating
from tests.story.core.world import World

RUNNING = Progress("running", retry_after=1.0)
DONE = Progress("succeeded")
NSG_TYPE = "microsoft.network/networksecuritygroups/securityrules"


def upgrading(polls: int = 3) -> World:
    """A Basic Bastion in production that the team wants raised, and an ARM that takes its time."""
    cloud = MemoryCloud(a_bastion("Basic"), a_setting(), polls={"microsoft.network/bastionhosts": polls})
    return World(cloud, a_baseline(rules=acting(bastion_sku_tier="fix")))


def drifted(polls: int = 0) -> World:
    return World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke(), polls={NSG_TYPE: polls}))


def test_a_bastion_write_is_always_handed_on_with_its_operation_stored() -> None:
    world = upgrading()

    outcome = world.handle(world.hears(BASTION_ID))

    pending = world.record(BASTION_ID).pending
    assert (Ending.HANDED_ON, ["PUT bas-hub"], []) == (outcome.ending, world.writes, world.announced)
    assert pending is not None
    assert ("accepted", pending.operation_url) == (world.journal[0].state, world.journal[0].operation_url)
    assert [(0, True)] == [(message.attempt, message.force) for message in world.waiting]
    assert world.policy.pending_delay == world.delay


def test_a_running_operation_is_polled_until_it_ends_and_then_looked_at() -> None:
    """Trap 14: whoever comes later polls the URL that was stored, instead of writing again."""
    world = upgrading()
    world.queue.send(world.hears(BASTION_ID))

    outcomes = world.run()

    assert [Ending.HANDED_ON] * 3 + [Ending.REPAIRED] == [outcome.ending for outcome in outcomes]
    assert (["PUT bas-hub"], ["DriftFixed"]) == (world.writes, world.announced)
    assert "Standard" == world.cloud.resources[BASTION_ID].at("sku", "name")


def test_while_an_operation_runs_its_target_is_neither_planned_nor_written() -> None:
    """A second PUT would cancel the first."""
    world = upgrading(polls=50)
    world.handle(world.hears(BASTION_ID))

    for number in range(3):
        world.clock.advance(world.policy.pending_delay)
        again = world.handle(world.hears(BASTION_ID, event_id=f"event-{number}"))
        assert Ending.HANDED_ON is again.ending

    assert ["PUT bas-hub"] == world.writes


def test_events_during_a_long_operation_do_not_each_start_polling_it() -> None:
    world = upgrading(polls=10_000)
    polls: list[str] = []
    cloud = Interrupted(world.cloud, before_poll=polls.append)
    worker = world.worker(cloud=cloud)
    worker.handle(world.hears(BASTION_ID))

    endings = {worker.handle(world.hears(BASTION_ID, event_id=f"event-{n}")).ending for n in range(100)}

    assert {Ending.MERGED} == endings
    assert (1, 1) == (len(world.waiting), len(polls))


def test_an_operation_that_never_ends_is_given_up_and_offered() -> None:
    policy = replace(World(MemoryCloud()).policy, pending_patience=timedelta(minutes=30))
    world = upgrading(polls=10_000)
    world.policy = policy
    world.queue.send(world.hears(BASTION_ID))

    outcomes = world.run()

    assert ["PUT bas-hub"] == world.writes
    assert outcomes[-1].ending is not Ending.REPAIRED
    assert "failed" == world.journal[0].state


def test_a_rule_write_is_polled_within_its_bound() -> None:
    world = drifted(polls=3)

    outcome = world.handle()

    assert (Ending.REPAIRED, ["DriftFixed"]) == (outcome.ending, world.announced)
    assert 3.0 == sum(world.clock.slept)


def test_a_rule_write_that_outlasts_its_bound_is_handed_on() -> None:
    world = drifted(polls=70)
    world.queue.send(world.hears())

    outcomes = world.run()

    assert [Ending.HANDED_ON, Ending.REPAIRED] == [outcomes[0].ending, outcomes[-1].ending]
    assert (["DELETE allow-ssh"], ["DriftFixed"]) == (world.writes, world.announced)
    assert sum(world.clock.slept) <= world.policy.poll_for.total_seconds()


@dataclass
class Taking:
    """A Cloud whose first write goes nowhere and ends as `first` tells; later ones are made."""

    cloud: MemoryCloud
    first: Operating
    written: int = 0

    def write(self, write: Write) -> Operation:
        self.written += 1
        return self.first.write(write) if self.written == 1 else self.cloud.write(write)

    def poll(self, url: str) -> Progress:
        return self.first.poll(url) if self.written == 1 else self.cloud.poll(url)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cloud, name)


def test_who_follows_an_operation_is_never_taken_for_one_of_those_who_wait_for_him() -> None:
    """Queues and clocks are not exact: a follower that comes a little early polls all the same."""
    world = upgrading(polls=10_000)
    polls: list[str] = []
    worker = world.worker(cloud=Interrupted(world.cloud, before_poll=polls.append))
    worker.handle(world.hears(BASTION_ID))
    (follower,) = world.waiting

    world.clock.advance(world.policy.pending_delay / 2)

    assert Ending.HANDED_ON is worker.handle(follower).ending
    assert 2 == len(polls)


@pytest.mark.parametrize("code", ["AnotherOperationInProgress", "RetryableError"])
def test_an_operation_that_failed_because_another_was_in_the_way_is_tried_again(code: str) -> None:
    world = upgrading(polls=0)
    world.queue.send(world.hears(BASTION_ID))
    cloud = Operating(world.cloud, [Progress("failed", code, "in the way"), DONE], effective=False)

    outcomes = world.run(world.worker(cloud=Taking(world.cloud, cloud)))

    assert [Ending.HANDED_ON, Ending.REPAIRED] == [outcome.ending for outcome in outcomes]
    assert ["dropped", "done"] == [write.state for write in world.journal]
    assert ["DriftFixed"] == world.announced


@pytest.mark.parametrize("code", ["Canceled", "CanceledAndSupersededDueToAnotherOperation"])
def test_a_superseded_operation_is_planned_anew_from_a_fresh_read(code: str) -> None:
    world = upgrading(polls=0)
    cloud = Operating(world.cloud, [Progress("cancelled", code, "superseded"), DONE])
    worker = world.worker(cloud=cloud)
    first = worker.handle(world.hears(BASTION_ID))
    world.cloud.seed(a_bastion("Basic"))

    world.run(worker)

    assert Ending.HANDED_ON is first.ending
    assert ["dropped", "done"] == [write.state for write in world.journal]
    assert (["PUT bas-hub"] * 2, ["DriftFixed"]) == (world.writes, world.announced)


def test_a_failed_operation_is_offered_with_what_arm_said() -> None:
    world = upgrading(polls=0)
    failed = Progress("failed", "QuotaExceeded", "no more scale units")
    cloud = Operating(world.cloud, [failed], effective=False)

    outcome = world.handle(world.hears(BASTION_ID), cloud=cloud)

    held = world.findings(BASTION_ID)["bastion-sku-tier"].evidence["heldBackBy"]
    assert (Ending.OPEN, ["DriftProposed"]) == (outcome.ending, world.announced)
    assert ["the write failed: QuotaExceeded: no more scale units"] == held
    assert "failed" == world.journal[0].state


def test_an_operation_of_a_target_deleted_meanwhile_ends_with_its_finding_resolved() -> None:
    world = upgrading(polls=2)
    world.queue.send(world.hears(BASTION_ID))
    world.handle(world.hears(BASTION_ID))
    world.cloud.remove(BASTION_ID)

    outcomes = world.run()

    assert Ending.GONE is outcomes[-1].ending
    assert world.record(BASTION_ID).pending is None


def test_an_operation_whose_follower_was_lost_is_followed_by_whoever_comes_next() -> None:
    world = upgrading(polls=2)
    world.handle(world.hears(BASTION_ID))
    assert 1 == len(world.drained())

    world.queue.send(world.hears(BASTION_ID, event_id="later"))

    assert Ending.REPAIRED is world.run()[-1].ending
