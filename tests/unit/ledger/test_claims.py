"""One worker per target, nobody's question lost, and nothing read that was seen already."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from remediation.adapters.memory.storage import MemoryCloud, MemoryLedger
from remediation.errors import ConflictError, ForbiddenError, LeaseLostError
from remediation.kinds import NSG
from remediation.ledger.claims import Claims, Mark, TargetRecord, is_old_news
from remediation.ledger.inbox import Inbox
from remediation.ledger.pressure import Pressure
from remediation.messages import Message
from remediation.model import Ending, Listing
from remediation.resource_id import ResourceId
from tests.builders import NIC_ID, NSG_ID, PIP_ID, SUBSCRIPTION, a_spoke, an_nsg
from tests.faults import Contended, Interrupted, Watched, always, once
from tests.shelves import kept
from tests.story.core.world import World

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(minutes=6)
MARGIN = timedelta(seconds=120)


def claims(ledger: Any, owner: str = "one") -> Claims:
    return Claims(ledger, owner, LEASE)


# The lease ---------------------------------------------------------------------------------------


def test_the_second_worker_leaves_a_mark_and_goes() -> None:
    ledger = MemoryLedger()
    held = claims(ledger).acquire(NSG_ID, NOW)
    assert held is not None

    assert claims(ledger, "two").acquire(NSG_ID, NOW) is None

    assert claims(ledger).marked(held)
    assert "one" == held.record.owner


def test_a_marked_claim_cannot_be_let_go_before_its_mark_is_taken_back() -> None:
    ledger = MemoryLedger()
    one = claims(ledger)
    held = one.acquire(NSG_ID, NOW)
    assert held is not None
    claims(ledger, "two").acquire(NSG_ID, NOW)

    assert not one.release(held)
    one.unmark(held)
    assert one.release(held)


def test_a_mark_set_between_looking_and_letting_go_is_seen() -> None:
    """Releasing is conditioned on the record's version, so a mark in the last moment makes it fail."""
    ledger = MemoryLedger()
    held = claims(ledger).acquire(NSG_ID, NOW)
    assert held is not None
    ask = once(lambda: claims(ledger, "two").acquire(NSG_ID, NOW))
    contended = Contended(ledger, "targets", ask)

    assert not claims(contended).release(held)


def test_an_expired_lease_is_taken_over_with_a_higher_token() -> None:
    ledger = MemoryLedger()
    first = claims(ledger).acquire(NSG_ID, NOW)
    second = claims(ledger, "two").acquire(NSG_ID, NOW + LEASE)

    assert first is not None
    assert second is not None
    assert first.record.token + 1 == second.record.token


def test_a_lease_holds_until_its_last_moment() -> None:
    ledger = MemoryLedger()
    assert claims(ledger).acquire(NSG_ID, NOW) is not None

    assert claims(ledger, "two").acquire(NSG_ID, NOW + LEASE - timedelta(microseconds=1)) is None


@pytest.mark.parametrize(
    "act",
    [
        lambda own, held: own.check(held, NOW),
        lambda own, held: own.update(held, region="westeurope"),
        lambda own, held: own.release(held),
        lambda own, held: own.unmark(held),
    ],
    ids=["check", "update", "release", "unmark"],
)
def test_whoever_lost_a_claim_can_do_nothing_with_it(act: Callable[[Claims, Any], Any]) -> None:
    ledger = MemoryLedger()
    own = claims(ledger)
    held = own.acquire(NSG_ID, NOW)
    claims(ledger, "two").acquire(NSG_ID, NOW + LEASE)

    with pytest.raises(LeaseLostError):
        act(own, held)

    other = claims(ledger).look_up(NSG_ID)
    assert other is not None
    assert ("two", "") == (other.owner, other.region)


def test_a_lease_that_has_run_out_does_not_allow_a_write_even_when_nobody_took_it() -> None:
    ledger = MemoryLedger()
    own = claims(ledger)
    held = own.acquire(NSG_ID, NOW)
    assert held is not None

    with pytest.raises(LeaseLostError, match="run out"):
        own.check(held, NOW + LEASE)


def test_a_claim_that_keeps_changing_hands_is_a_conflict_and_not_an_endless_loop() -> None:
    ledger = MemoryLedger()
    claims(ledger).acquire(NSG_ID, NOW)
    row = kept(ledger, "targets")[0]
    contended = Contended(ledger, "targets", lambda _: ledger.put(row.partition, row.key, row.value))

    with pytest.raises(ConflictError, match="keeps changing hands"):
        claims(contended, "two").acquire(NSG_ID, NOW)


def test_a_record_that_others_keep_changing_is_given_up_as_lost() -> None:
    """Somebody marks it at each try: no claim of ours would be worth the name."""
    ledger = MemoryLedger()
    held = claims(ledger).acquire(NSG_ID, NOW)
    assert held is not None
    row = kept(ledger, "targets")[0]
    marking = claims(Contended(ledger, "targets", lambda _: ledger.put(row.partition, row.key, row.value)))

    for act in (lambda: marking.update(held, region="westeurope"), lambda: marking.release(held)):
        with pytest.raises(LeaseLostError, match="keeps changing"):
            act()


def test_a_claim_whose_record_is_gone_is_lost() -> None:
    ledger = MemoryLedger()
    held = claims(ledger).acquire(NSG_ID, NOW)
    assert held is not None
    ledger.delete(kept(ledger, "targets")[0])

    with pytest.raises(LeaseLostError, match="is gone"):
        claims(ledger).check(held, NOW)


def test_case_makes_no_second_target() -> None:
    ledger = MemoryLedger()
    claims(ledger).acquire(NSG_ID, NOW)

    assert claims(ledger, "two").acquire(ResourceId.parse(NSG_ID.text.upper()), NOW) is None


# Merging in the pipeline -------------------------------------------------------------------------


def test_an_event_that_merged_is_in_the_inbox_once_and_its_ending_is_not_written_there() -> None:
    """However hard it storms, an event that has no look of its own costs one write of its row."""
    world = World(MemoryCloud(an_nsg(), *a_spoke()))
    written: list[str] = []
    merging = world.worker(
        policy=replace(world.policy, owner="other"), ledger=Watched(world.ledger, "inbox", written.append)
    )
    storm = [world.hears(event_id=f"event-{number}") for number in range(20)]

    world.handle(
        cloud=Interrupted(world.cloud, after_get=once(lambda: [merging.handle(one) for one in storm]))
    )

    assert 20 == len(written) == len(set(written))
    rows = [row.value for row in kept(world.ledger, "inbox") if row.key in written]
    assert [{"eventId", "receivedAt"}] * 20 == [
        row.keys() & {"eventId", "receivedAt", "outcome"} for row in rows
    ]


def test_a_replay_that_merged_is_told_so() -> None:
    """Who replays waits for an answer, so there the ending is written."""
    world = World(MemoryCloud(an_nsg(), *a_spoke()))
    replayed = msgspec.structs.replace(world.hears(), force=True, replay_id="replay-1")
    merging = world.worker(policy=replace(world.policy, owner="other"))

    world.handle(cloud=Interrupted(world.cloud, after_get=once(lambda: merging.handle(replayed))))

    assert "merged" == Inbox(world.ledger).outcome(replayed)


@pytest.mark.parametrize("replay", ["", "replay-1"])
def test_an_event_that_was_skipped_is_written_to_the_inbox_only_for_a_replay(replay: str) -> None:
    world = looked_at()
    old = msgspec.structs.replace(world.hears(at=NOW - timedelta(days=1)), replay_id=replay)

    assert Ending.SKIPPED is world.handle(old).ending

    assert ("skipped" if replay else "") == Inbox(world.ledger).outcome(old)


def test_a_question_that_its_holder_has_queued_may_merge_again_and_is_still_answered() -> None:
    """The worker that takes the queued question at once still finds the claim held, and merges anew."""
    world = World(MemoryCloud(an_nsg(), *a_spoke()))
    eager = world.worker(policy=replace(world.policy, owner="eager"))

    class Busy:
        """A queue whose first message is worked on before `send` has returned."""

        def send(self, message: Message, *, delay: float = 0) -> None:
            if not delay and not world.waiting:
                world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
                assert Ending.MERGED is eager.handle(message).ending
                world.queue.send(message, delay=3600)
                return
            world.queue.send(message, delay=delay)

    asked = once(lambda: eager.handle(world.hears(event_id="asked")))
    world.handle(queue=Busy(), cloud=Interrupted(world.cloud, after_get=asked))

    assert 2 == len(world.waiting)
    world.run()
    assert ["DELETE allow-ssh"] == world.writes


def test_a_mark_left_on_a_dead_lease_keeps_even_an_old_event_from_being_skipped() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke()))
    world.handle()
    dead = claims(world.ledger, "dead")
    world.clock.advance(3600)
    assert dead.acquire(NSG_ID, world.clock.now()) is not None
    assert Ending.MERGED is world.handle().ending
    world.clock.advance(3600)

    old = world.hears(at=world.clock.now() - timedelta(hours=2))

    assert Ending.COMPLIANT is world.handle(old).ending
    assert "" == world.record().owner


# The high-water mark -----------------------------------------------------------------------------


def looked_at() -> World:
    """A world whose NSG was looked at completely an hour ago."""
    world = World(MemoryCloud(an_nsg(), *a_spoke()))
    world.handle()
    world.clock.advance(3600)
    return world


def test_events_from_before_our_last_complete_look_are_skipped_and_the_version_is_compared_once() -> None:
    """One read of the target, by the next round, tells for all that came before the round began."""
    world = looked_at()
    worker = world.worker()
    asked = len(world.cloud.reads)

    late = [world.hears(at=NOW - MARGIN - timedelta(seconds=1 + number)) for number in range(20)]

    assert {Ending.SKIPPED} == {worker.handle(message).ending for message in late}
    assert [] == world.cloud.reads[asked:]
    world.run(worker)
    assert [NSG_ID] == world.cloud.reads[asked:]


def test_late_events_of_many_targets_are_compared_by_one_list() -> None:
    groups = [an_nsg(identity=ResourceId.parse(f"{NSG_ID.text}-{number}")) for number in range(40)]
    world = World(MemoryCloud(*groups, *a_spoke()))
    targets = [ResourceId.parse(group["id"]) for group in groups]
    for target in targets:
        world.handle(world.hears(target))
    world.run()
    world.clock.advance(3600)
    asked = len(world.cloud.reads)

    for target in targets:
        world.handle(world.hears(target, at=NOW - MARGIN - timedelta(seconds=1)))
    world.run()

    assert [Listing(NSG, f"/subscriptions/{SUBSCRIPTION}")] == world.cloud.reads[asked:]


def test_a_late_event_of_what_our_last_look_did_not_see_is_looked_at() -> None:
    """ARM may have answered that look with an older version, or a clock is off; the hole is there."""
    world = looked_at()
    world.cloud.seed({**an_nsg(allow_ssh_from="Internet"), "etag": 'W/"changed"'})

    world.handle(world.hears(at=NOW - MARGIN - timedelta(seconds=1)))
    world.run()

    assert ["DELETE allow-ssh"] == world.writes


def test_a_late_event_that_comes_in_during_a_round_is_compared_by_the_next() -> None:
    world = looked_at()
    worker = world.worker()
    old = NOW - MARGIN - timedelta(seconds=1)
    changed = {**an_nsg(allow_ssh_from="Internet"), "etag": 'W/"changed"'}

    def change() -> None:
        world.cloud.seed(changed)
        worker.handle(world.hears(at=old))

    during = world.worker(cloud=Interrupted(world.cloud, after_get=once(change)))
    worker.handle(world.hears(at=old))
    world.run_round(during)
    world.run()

    assert ["DELETE allow-ssh"] == world.writes


def test_a_late_event_asks_azure_nothing_while_azure_asks_everybody_to_wait() -> None:
    world = looked_at()
    Pressure(world.ledger).throttled(SUBSCRIPTION, "westeurope", "arm", world.clock.now(), 60.0)
    asked = len(world.cloud.reads)

    world.handle(world.hears(at=NOW - MARGIN - timedelta(seconds=1)))

    assert asked == len(world.cloud.reads)


@pytest.mark.parametrize("at", [NOW - MARGIN, NOW, NOW + timedelta(hours=1), None])
def test_an_event_that_may_tell_something_new_is_looked_at(at: datetime | None) -> None:
    world = looked_at()

    assert Ending.COMPLIANT is world.handle(world.hears(at=at)).ending
    assert 2 == world.reads_of(NSG_ID)


@pytest.mark.parametrize("at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_no_forged_time_does_more_than_cost_a_read(at: datetime) -> None:
    world = looked_at()

    assert world.handle(world.hears(at=at)).ending in {Ending.COMPLIANT, Ending.SKIPPED}
    assert NOW == looked_at().record().judged_at
    assert Ending.COMPLIANT is world.handle(world.hears(event_id="true")).ending


def test_the_mark_is_the_start_of_our_own_look_by_our_own_clock() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke()))
    cloud = Interrupted(world.cloud, before_get=once(lambda: world.clock.advance(30)))

    world.handle(world.hears(at=NOW + timedelta(days=400)), cloud=cloud)

    mark = world.record().mark
    assert mark is not None
    assert NOW == mark.seen


def test_force_is_never_skipped() -> None:
    world = looked_at()
    old = NOW - timedelta(days=1)

    forced = Message(target=NSG_ID.text, event_time=old, force=True)

    assert Ending.COMPLIANT is world.handle(forced).ending


def test_another_baseline_looks_at_everything_again() -> None:
    world = looked_at()
    old = world.hears(at=NOW - timedelta(days=1))

    outcome = world.handle(old, baseline=replace(world.baseline, hash="tomorrow"))

    assert Ending.COMPLIANT is outcome.ending


@pytest.mark.parametrize(("baseline", "rules"), [("today", "others"), ("others", "ours")])
def test_a_mark_made_by_another_judge_skips_nothing(baseline: str, rules: str) -> None:
    record = TargetRecord(NSG_ID.text, mark=Mark(NOW, "today", "ours"))
    old = NOW - timedelta(days=1)

    assert is_old_news(record, old, MARGIN, "today", "ours")
    assert not is_old_news(record, old, MARGIN, baseline, rules)


def test_a_look_that_could_not_read_everything_keeps_no_mark() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))
    blind = Interrupted(
        world.cloud, before_get=always(ForbiddenError("HTTP 403"), lambda asked: asked == NIC_ID)
    )

    world.handle(world.hears(PIP_ID), cloud=blind)

    assert world.record(PIP_ID).mark is None


def test_a_look_at_a_neighbour_in_motion_keeps_no_mark() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))
    nic = dict(world.cloud.resources[NIC_ID].body)
    world.cloud.seed(nic | {"properties": {**nic["properties"], "provisioningState": "Updating"}})

    world.handle(world.hears(PIP_ID))

    assert world.record(PIP_ID).mark is None


def test_a_repeated_delivery_of_what_a_complete_look_has_seen_costs_no_read() -> None:
    """The same event again, however recent: our look began after it first came in."""
    world = looked_at()
    first = world.hears()
    assert Ending.COMPLIANT is world.handle(first).ending
    asked = len(world.cloud.reads)

    assert Ending.SKIPPED is world.handle(first).ending
    assert asked == len(world.cloud.reads)
