"""What the timer's sweep passes over, and every reason there is not to pass over a target."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import Exemption
from remediation.errors import ForbiddenError
from remediation.ledger.claims import Claims, Mark
from remediation.messages import Message
from remediation.model import Ending
from remediation.policy import Policy
from remediation.reconciling.sweeping import Sweeper
from remediation.resource_id import ResourceId
from remediation.rules import rules_hash
from tests.builders import AT, NSG_ID, SUBSCRIPTION, a_baseline, a_lock, a_rule, a_spoke, an_nsg
from tests.faults import Interrupted, failing, once
from tests.story.core.world import World


def looked_at() -> World:
    """A world whose NSG was looked at completely a minute ago; its network is of no interest here."""
    world = World(MemoryCloud(an_nsg(), *a_spoke()))
    world.handle()
    world.clock.advance(60)
    return world


def swept(world: World, reason: str = "sweep") -> bool:
    """Whether a sweep looks at the NSG, in the picture of its round."""
    judge = world.baseline.hash, rules_hash()
    sweeper = Sweeper(world.ledger, world.clock, world.policy, judge)
    due, _ = sweeper.due(ResourceId.parse(AT), Message(sweep=AT, reason=reason), world.cloud)
    return NSG_ID in [one.target for one in due]


def remember(world: World, **facts: object) -> None:
    """Change what we remember of the NSG."""
    claims = Claims(world.ledger, "test", world.policy.lease)
    claim = claims.acquire(NSG_ID, world.clock.now() + 2 * world.policy.lease)
    assert claim is not None
    claims.update(claim, **facts)
    claims.release(claim)


def the_mark(world: World) -> Mark:
    mark = world.record().mark
    assert mark is not None
    return mark


def test_what_was_seen_lately_and_has_the_same_version_is_passed_over() -> None:
    assert not swept(looked_at())


def test_what_nobody_has_looked_at_is_looked_at() -> None:
    assert swept(World(MemoryCloud(an_nsg(), *a_spoke())))


@pytest.mark.parametrize("reason", ["", "replay", "baseline", "fan-out"])
def test_a_sweep_that_somebody_asked_for_passes_over_nothing(reason: str) -> None:
    assert swept(looked_at(), reason)


def test_another_version_in_the_list_is_looked_at_although_no_event_told_of_it() -> None:
    world = looked_at()
    world.cloud.seed(an_nsg(a_rule("theirs")) | {"etag": 'W/"2"'})

    assert swept(world)


def test_a_list_that_names_no_version_proves_nothing() -> None:
    world = looked_at()
    world.cloud.seed({**an_nsg(), "etag": None})
    remember(world, mark=msgspec.structs.replace(the_mark(world), etag=None))

    assert swept(world)


def test_what_was_judged_by_another_baseline_is_looked_at() -> None:
    world = looked_at()
    world.baseline = replace(world.baseline, hash="tomorrow")

    assert swept(world)


def test_what_was_judged_by_other_rules_is_looked_at() -> None:
    world = looked_at()
    remember(world, mark=msgspec.structs.replace(the_mark(world), rules_hash="of the last release"))

    assert swept(world)


def test_a_question_left_with_a_dead_worker_is_looked_at() -> None:
    """The holder was killed after others had merged into its claim; nobody else knows of their question."""
    world = looked_at()
    dead = Claims(world.ledger, "dead", world.policy.lease)
    assert dead.acquire(NSG_ID, world.clock.now()) is not None
    assert Ending.MERGED is world.handle().ending
    world.clock.advance(world.policy.lease.total_seconds())

    assert swept(world)


def test_a_look_from_before_the_set_time_is_made_again() -> None:
    world = looked_at()
    world.clock.advance(world.policy.look_again_after.total_seconds())

    assert swept(world)


def test_a_target_whose_write_is_running_is_looked_at() -> None:
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()))
    dying = Interrupted(world.cloud, before_write=once(lambda: (_ for _ in ()).throw(KeyboardInterrupt())))
    with pytest.raises(KeyboardInterrupt):
        world.handle(cloud=dying)
    assert world.record().pending is not None
    remember(world, mark=Mark(world.clock.now(), world.baseline.hash, rules_hash(), 'W/"1"'))

    assert swept(world)


def test_what_is_exempt_is_passed_over_until_its_exemption_ends() -> None:
    """Its end is more than a day ahead, so no message waits for it; behind the group nothing is read."""
    end = datetime(2026, 1, 3, tzinfo=UTC)
    policy = Policy(frozenset({SUBSCRIPTION}), look_again_after=timedelta(days=9))
    baseline = a_baseline(exemptions=(Exemption(NSG_ID.text, "*", end),))
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet", subnets=()), *a_spoke()), baseline, policy)
    world.handle()
    world.clock.advance(47 * 3600)
    during = swept(world)
    world.clock.advance(3600)

    assert (False, True) == (during, swept(world))


def test_what_is_gone_and_owes_nothing_is_not_looked_for_again() -> None:
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()))
    world.handle()
    world.cloud.remove(NSG_ID)
    gone_unseen = swept(world)
    world.handle(Message(sweep=AT))
    world.run()

    assert (True, False) == (gone_unseen, swept(world))


def test_what_a_lock_held_back_is_looked_at_by_every_sweep_since_no_event_tells_when_it_is_gone() -> None:
    lock = a_lock(NSG_ID.text)
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke(), lock))
    world.handle()
    world.run()
    world.clock.advance(6 * 3600.0)

    assert swept(world)
    world.cloud.remove(ResourceId.parse(lock["id"]))
    world.handle(Message(sweep=AT, reason="sweep"))
    world.run()
    assert ["DELETE allow-ssh"] == world.writes


def test_what_azure_refused_is_tried_again_by_every_sweep() -> None:
    """A refused write's card promises it."""
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()))
    no = Interrupted(world.cloud, before_write=failing(ForbiddenError("HTTP 403")))
    world.handle(cloud=no)
    world.run()
    assert [] == world.writes
    world.clock.advance(6 * 3600.0)

    assert swept(world)
    world.handle(Message(sweep=AT, reason="sweep"))
    world.run()
    assert ["DELETE allow-ssh"] == world.writes
