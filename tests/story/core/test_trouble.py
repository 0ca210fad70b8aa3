"""ARM, queue, ledger and topic in trouble: handed on, shared, recorded, told; never lost, never fought."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import (
    ConflictError,
    ForbiddenError,
    LeaseLostError,
    PermanentError,
    ThrottledError,
    TransientError,
)
from remediation.ledger.pressure import Pressure
from remediation.messages import Message
from remediation.model import Ending
from remediation.resource_id import ResourceId
from tests.builders import (
    BASTION_ID,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    SUBNET_ID,
    SUBSCRIPTION,
    a_baseline,
    a_bastion,
    a_rule,
    a_setting,
    a_spoke,
    an_nsg,
)
from tests.faults import Clogged, Deaf, Interrupted, Mute, Unwritable, always, failing, once
from tests.story.core.world import World

NSG_RULE = "nsg-mgmt-open-to-internet"
BUSY = TransientError("HTTP 503 ServiceUnavailable", code="ServiceUnavailable")
DENIED = PermanentError("HTTP 403 RequestDisallowedByPolicy", code="RequestDisallowedByPolicy")


def drifted() -> World:
    return World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke(public_ip=True)))


def only(wanted: ResourceId) -> Callable[[ResourceId], bool]:
    return lambda asked: asked == wanted


def a_human_edit(world: World) -> Callable[[], None]:
    """Somebody replaces the open rule by one of their own, in a new version."""
    theirs = a_rule("allow-ssh", 300, 'W/"9"', destinationPortRange="22", sourceAddressPrefix="10.1.0.0/16")
    return lambda: world.cloud.seed(an_nsg(theirs))


# Spelling ----------------------------------------------------------------------------------------

CAFE = ResourceId.parse(NSG_ID.text.replace("/rg-", "/rg-caf\u00e9-"))


class Literal:
    """An ARM that compares letters beyond ASCII as they are written."""

    def __init__(self, cloud: MemoryCloud, known: ResourceId) -> None:
        self.cloud = cloud
        self.known = known

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cloud, name)

    def get(self, resource: ResourceId) -> Any:
        other = resource == self.known and resource.text != self.known.text
        return None if other else self.cloud.get(resource)


def test_nothing_is_resolved_by_a_404_on_a_spelling_that_somebody_chose() -> None:
    """ARM is asked again with the spelling under which it showed the resource."""
    assert not CAFE.text.isascii()
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet", identity=CAFE), *a_spoke(public_ip=True)))
    cloud = Literal(world.cloud, CAFE)
    world.baseline = a_baseline(mode="observe")
    world.handle(world.hears(CAFE), cloud=cloud)
    before = {name: record.state for name, record in world.findings(CAFE).items()}
    assert before

    forged = ResourceId.parse(CAFE.text.replace("\u00e9", "\u00c9"))
    world.clock.advance(3600)
    outcome = world.handle(world.hears(forged), cloud=cloud)

    assert Ending.GONE is not outcome.ending
    assert before == {name: record.state for name, record in world.findings(CAFE).items()}


# Reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [BUSY, ConflictError("HTTP 409 AnotherOperationInProgress")])
def test_what_passes_by_itself_is_handed_on_and_then_done(error: Exception) -> None:
    world = drifted()
    cloud = Interrupted(world.cloud, before_get=failing(error))

    first = world.handle(cloud=cloud)

    assert Ending.HANDED_ON is first.ending
    assert [1] == [message.attempt for message in world.waiting]
    assert [Ending.REPAIRED] == [outcome.ending for outcome in world.run()]


def test_each_try_waits_longer_than_the_one_before() -> None:
    world = drifted()
    worker = world.worker(cloud=Interrupted(world.cloud, before_get=always(BUSY)))
    delays, attempts = [], []
    message = world.hears()

    for _ in range(6):
        worker.handle(message)
        delays.append(world.delay)
        (message,) = world.drained()
        attempts.append(message.attempt)

    assert [10, 20, 40, 80, 160, 320] == delays
    assert [1, 2, 3, 4, 5, 6] == attempts


def test_what_exhausts_all_tries_is_recorded_and_told_once_and_resolved_by_the_next_good_look() -> None:
    world = drifted()
    world.queue.send(world.hears())
    world.run(world.worker(cloud=Interrupted(world.cloud, before_get=always(BUSY))))

    assert ["GaveUp"] == world.announced
    assert "gave up after 12 tries" in world.findings()["gave-up"].message
    assert ([], []) == (world.waiting, world.poisoned)

    world.handle(world.hears(event_id="later"))

    assert {"GaveUp", "DriftFixed", "DriftResolved"} == set(world.announced)


def test_a_resource_we_may_not_read_is_told_and_never_counts_as_gone_or_compliant() -> None:
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()), a_baseline(mode="observe"))
    world.handle()
    cloud = Interrupted(world.cloud, before_get=always(ForbiddenError("HTTP 403"), only(NSG_ID)))

    outcome = world.handle(world.hears(event_id="forbidden"), cloud=cloud)

    assert Ending.GAVE_UP is outcome.ending
    assert ["DriftProposed", "GaveUp"] == world.announced
    assert "open" == world.findings()[NSG_RULE].state


def test_a_neighbour_we_may_not_read_leaves_nothing_to_be_written() -> None:
    world = drifted()
    cloud = Interrupted(world.cloud, before_get=always(ForbiddenError("HTTP 403"), only(SUBNET_ID)))

    world.handle(cloud=cloud)

    assert ([], ["DriftFound"]) == (world.writes, world.announced)
    assert "could be read" in world.findings()[NSG_RULE].evidence["notFixable"]
    assert world.record().mark is None


def test_an_unknown_judgement_resolves_nothing_and_keeps_no_high_water_mark() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))
    world.handle(world.hears(PIP_ID))
    cloud = Interrupted(world.cloud, before_get=always(ForbiddenError("HTTP 403"), only(NIC_ID)))

    outcome = world.handle(world.hears(PIP_ID, event_id="blind"), cloud=cloud)

    assert Ending.UNKNOWN is outcome.ending
    assert "open" == world.findings(PIP_ID)["pip-attached-to-vm-nic"].state
    assert ["DriftFound"] == world.announced
    assert world.record(PIP_ID).unknown


# Throttling --------------------------------------------------------------------------------------


def test_a_429_keeps_every_worker_from_calling_until_its_time_is_over() -> None:
    """The second worker hears of the throttling from the ledger and asks nothing."""
    world = drifted()
    throttled = ThrottledError("HTTP 429", retry_after=170.0)
    cloud = Interrupted(world.cloud, before_get=failing(throttled))
    world.handle(cloud=cloud)
    asked = len(world.cloud.reads)

    outcome = world.handle(world.hears(BASTION_ID, event_id="other"))

    assert Ending.HANDED_ON is outcome.ending
    assert asked == len(world.cloud.reads)
    assert 0 == world.waiting[-1].attempt
    assert 170.0 <= world.delay


@pytest.mark.parametrize(("share", "delay"), [(0.0, 100.0), (0.25, 125.0), (1.0, 200.0)])
def test_those_who_wait_for_the_same_429_do_not_come_back_all_at_once(share: float, delay: float) -> None:
    """Each waits as long as ARM asks and then some, a share of its own."""
    world = drifted()
    Pressure(world.ledger).throttled(SUBSCRIPTION, "", "arm", world.clock.now(), 100.0)

    outcome = world.handle(policy=replace(world.policy, jitter=lambda: share))

    assert (Ending.HANDED_ON, delay) == (outcome.ending, world.delay)


def test_a_429_holds_back_the_expansion_of_neighbours_and_sweeps_as_well() -> None:
    world = drifted()
    cloud = Interrupted(world.cloud, before_get=failing(ThrottledError("HTTP 429", retry_after=170.0)))
    world.handle(cloud=cloud)
    asked = len(world.cloud.reads)

    for message in (Message(expand=NIC_ID.text), Message(sweep=f"/subscriptions/{NSG_ID.subscription}")):
        assert Ending.HANDED_ON is world.handle(message).ending

    assert asked == len(world.cloud.reads)


def test_after_a_429_everything_that_was_held_back_is_done() -> None:
    world = drifted()
    began = world.clock.now()
    world.queue.send(world.hears())
    cloud = Interrupted(world.cloud, before_get=failing(*[ThrottledError("HTTP 429", retry_after=30.0)] * 3))

    outcomes = world.run(world.worker(cloud=cloud))

    assert Ending.REPAIRED is outcomes[-1].ending
    assert 90.0 <= (world.journal[0].intended_at - began).total_seconds()


def test_a_throttled_write_waits_as_long_as_arm_asks_and_is_no_sign_of_a_fight() -> None:
    """Three writes that ARM throttled were no repairs, so the flap guard does not count them."""
    world = drifted()
    began = world.clock.now()
    world.queue.send(world.hears())
    cloud = Interrupted(
        world.cloud, before_write=failing(*[ThrottledError("HTTP 429", retry_after=60.0)] * 4)
    )

    outcomes = world.run(world.worker(cloud=cloud))

    assert Ending.REPAIRED is outcomes[-1].ending
    assert 240.0 <= (world.clock.now() - began).total_seconds()
    assert (["DELETE allow-ssh"], ["DriftFixed"]) == (world.writes, world.announced)


# Writing -----------------------------------------------------------------------------------------


def test_a_human_edit_between_read_and_write_survives() -> None:
    world = drifted()
    edited = once(a_human_edit(world))
    confirming: list[ResourceId] = []

    def before_get(asked: ResourceId) -> None:
        if asked == NSG_ID.child("securityRules", "allow-ssh"):
            confirming.append(asked)
            edited(asked)

    world.handle(cloud=Interrupted(world.cloud, before_get=before_get))

    assert confirming
    assert ([], "10.1.0.0/16") == (world.writes, world.rules()["allow-ssh"]["sourceAddressPrefix"])


def test_a_human_edit_after_the_confirming_read_survives_through_its_version() -> None:
    world = drifted()
    world.queue.send(world.hears())
    cloud = Interrupted(world.cloud, before_write=once(a_human_edit(world)))

    outcomes = world.run(world.worker(cloud=cloud))

    assert [Ending.HANDED_ON, Ending.COMPLIANT] == [outcome.ending for outcome in outcomes]
    assert ([], "10.1.0.0/16") == (world.writes, world.rules()["allow-ssh"]["sourceAddressPrefix"])
    assert ["dropped"] == [write.state for write in world.journal]


def test_a_write_whose_answer_was_lost_is_found_to_have_arrived_and_not_repeated() -> None:
    world = drifted()
    world.queue.send(world.hears())

    outcomes = world.run(world.worker(cloud=Deaf(world.cloud)))

    assert [Ending.HANDED_ON, Ending.REPAIRED] == [outcome.ending for outcome in outcomes]
    assert (["DELETE allow-ssh"], ["DriftFixed"]) == (world.writes, world.announced)
    assert ["done"] == [write.state for write in world.journal]


def test_an_upgrade_whose_answer_was_lost_is_found_to_have_arrived() -> None:
    from tests.builders import acting

    cloud = MemoryCloud(a_bastion("Basic"), a_setting())
    world = World(cloud, a_baseline(rules=acting(bastion_sku_tier="fix")))
    world.queue.send(world.hears(BASTION_ID))

    world.run(world.worker(cloud=Deaf(cloud)))

    assert (["PUT bas-hub"], ["DriftFixed"]) == (world.writes, world.announced)


def test_a_resource_that_vanishes_between_read_and_write_resolves_its_finding() -> None:
    world = drifted()

    def vanish(asked: ResourceId) -> None:
        if asked.type.endswith("/securityrules"):
            world.cloud.remove(NSG_ID)

    outcome = world.handle(cloud=Interrupted(world.cloud, before_get=vanish))

    assert (Ending.GONE, []) == (outcome.ending, world.writes)


def test_a_repair_is_not_called_done_while_a_look_afterwards_cannot_tell() -> None:
    """A DriftFixed stands for a fresh read that says so; until there is one it stays owed."""
    world = World(MemoryCloud(a_bastion()))
    blind: list[bool] = []

    class Blind:
        def list(self, listing: Any) -> Any:
            if blind:
                raise ForbiddenError("HTTP 403")
            return world.cloud.list(listing)

        def write(self, write: Any) -> Any:
            blind.append(True)
            return world.cloud.write(write)

        def __getattr__(self, name: str) -> Any:
            return getattr(world.cloud, name)

    outcome = world.handle(world.hears(BASTION_ID), cloud=Blind())

    assert (Ending.UNKNOWN, []) == (outcome.ending, world.announced)

    world.handle(world.hears(BASTION_ID, event_id="later"))

    assert ["DriftFixed"] == world.announced
    assert 1 == len(world.writes)


# Our own parts -----------------------------------------------------------------------------------


def test_a_budget_that_cannot_be_counted_lets_nothing_be_written() -> None:
    world = drifted()

    outcome = world.handle(ledger=Unwritable(world.ledger, "budget"))

    assert (Ending.HANDED_ON, []) == (outcome.ending, world.writes)


def test_repairs_that_cannot_be_counted_let_nothing_be_written() -> None:
    world = drifted()

    outcome = world.handle(ledger=Unwritable(world.ledger, "repairs"))

    assert (Ending.HANDED_ON, []) == (outcome.ending, world.writes)


def test_a_ledger_that_cannot_be_reached_is_raised_to_the_host_when_the_event_is_not_even_stored() -> None:
    world = drifted()
    down = TransientError("the ledger does not answer")

    with pytest.raises(TransientError, match="does not answer"):
        world.handle(ledger=Unwritable(world.ledger, "inbox", down))

    assert ([], []) == (world.writes, world.waiting)


def test_a_queue_that_takes_no_successor_is_raised_to_the_host_and_the_message_comes_back() -> None:
    world = drifted()
    world.queue.send(world.hears())
    clogged = Clogged(world.queue)
    cloud = Interrupted(world.cloud, before_get=failing(BUSY))

    outcomes = world.run(world.worker(cloud=cloud, queue=clogged))

    assert [Ending.REPAIRED] == [outcome.ending for outcome in outcomes]
    assert [] == world.poisoned


def test_a_drift_topic_that_is_down_delays_the_announcement_and_repeats_no_write() -> None:
    world = drifted()
    world.queue.send(world.hears())

    world.run(world.worker(announcer=Mute(world.announcer, down=3)))

    assert (["DELETE allow-ssh"], ["DriftFixed"]) == (world.writes, world.announced)


@pytest.mark.parametrize("error", [TransientError("no answer"), PermanentError("HTTP 404: no such topic")])
def test_a_drift_topic_that_stays_down_poisons_nothing_and_the_sweep_tells_what_is_owed(
    error: Exception,
) -> None:
    world = drifted()
    world.queue.send(world.hears())

    world.run(world.worker(announcer=Mute(world.announcer, down=1000, error=error)))

    assert ([], []) == (world.announced, world.poisoned)
    world.herald().announce_all(timedelta(days=3))
    assert "DriftFixed" in world.announced


def test_a_claim_that_cannot_be_let_go_does_not_swallow_its_own_successor() -> None:
    """Work failed and the ledger failed too: the successor must not merge into the dead claim it left."""
    world = drifted()
    world.queue.send(world.hears())
    broken: list[bool] = []

    def break_down(_: Any) -> None:
        broken.append(True)
        raise BUSY

    class Failing:
        def commit(self, changes: Any) -> Any:
            if broken and len(broken) < 3:
                broken.append(True)
                raise TransientError("the ledger does not answer")
            return world.ledger.commit(changes)

        def __getattr__(self, name: str) -> Any:
            return getattr(world.ledger, name)

    cloud = Interrupted(world.cloud, before_get=once(lambda: break_down(None)))

    outcomes = world.run(world.worker(cloud=cloud, ledger=Failing()))

    assert Ending.REPAIRED is outcomes[-1].ending
    assert ["DELETE allow-ssh"] == world.writes


def test_a_lost_lease_stops_the_worker_before_it_writes() -> None:
    world = drifted()
    other = world.policy.lease.total_seconds() + 1

    def paused(asked: ResourceId) -> None:
        """The worker sleeps past its lease, and somebody else takes the target meanwhile."""
        if asked == PIP_ID.child("x", "y") or asked == NIC_ID:
            world.clock.advance(other)

    outcome = world.handle(cloud=Interrupted(world.cloud, before_get=once(lambda: paused(NIC_ID))))

    assert (Ending.HANDED_ON, []) == (outcome.ending, world.writes)
    assert "lease" in outcome.detail


def test_an_error_nobody_foresaw_is_raised_and_lets_the_claim_go() -> None:
    world = drifted()
    cloud = Interrupted(world.cloud, before_get=always(ZeroDivisionError("a bug"), only(NSG_ID)))

    with pytest.raises(ZeroDivisionError):
        world.handle(cloud=cloud)

    assert "" == world.record().owner
    assert Ending.REPAIRED is world.handle().ending


def test_no_error_of_the_tree_ever_leaves_a_handling() -> None:
    for error in (BUSY, DENIED, ForbiddenError("no"), ThrottledError("wait"), LeaseLostError("gone")):
        world = drifted()
        outcome = world.handle(cloud=Interrupted(world.cloud, before_get=always(error, only(NSG_ID))))
        assert outcome.ending in {Ending.HANDED_ON, Ending.GAVE_UP}, error
