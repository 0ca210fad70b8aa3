"""Rounds: many questions of one subscription, answered from one picture; nothing told or written from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import Action
from remediation.errors import TransientError
from remediation.kinds import NSG
from remediation.messages import Message
from remediation.model import Ending, Listing, Resource
from remediation.policy import Policy
from remediation.reconciling.composition import SHIPPED
from remediation.reconciling.rounds.collecting import Collector
from remediation.reconciling.rounds.marks import LEASE, Marks
from remediation.reconciling.rounds.picture import Picture
from remediation.reconciling.rounds.room import LARGE
from remediation.resource_id import ResourceId
from tests.builders import (
    AT,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    SUBNET_ID,
    VNET_ID,
    WEB,
    a_baseline,
    a_nic,
    a_public_ip,
    a_spoke,
    a_subnet,
    a_vnet,
    an_nsg,
)
from tests.faults import Interrupted, failing
from tests.story.core.world import World

GROUPS = [ResourceId.parse(f"{WEB}/networkSecurityGroups/n{number}") for number in range(12)]
SUBNETS = [VNET_ID.child("subnets", f"s{number}") for number in range(12)]


def looked_at(**choices: Any) -> World:
    """A network with a dozen groups and a public address on a NIC, everything looked at once."""
    pairs = list(zip(SUBNETS, GROUPS, strict=True))
    groups = [an_nsg(identity=nsg, subnets=(at,)) for at, nsg in pairs]
    network = a_vnet(*(a_subnet(at, nsg=nsg, nics=()) for at, nsg in pairs), a_subnet(nics=(NIC_ID,)))
    world = World(
        MemoryCloud(network, *groups, an_nsg(), a_nic(public_ip=PIP_ID), a_public_ip(attached_to=None)),
        **choices,
    )
    world.handle(Message(sweep=AT))
    world.run()
    world.cloud.reads.clear()
    return world


def marks(world: World) -> list[str | None]:
    return [mark.message.expand or mark.message.sweep for mark in Marks(world.ledger).of(AT)]


def test_a_neighbour_that_means_nothing_new_to_anybody_queues_nobody() -> None:
    world = looked_at()

    world.handle(Message(expand=VNET_ID.text, event_id="tag"))

    assert [] == world.waiting
    assert [] == marks(world)


def test_a_round_reads_lists_and_not_each_target() -> None:
    world = looked_at()

    world.handle(Message(expand=VNET_ID.text, event_id="tag"))

    assert [] == [one for one in world.cloud.reads if isinstance(one, ResourceId) and one.type == NSG]
    assert 1 == sum(one == Listing(NSG, AT) for one in world.cloud.reads)


def test_a_sweep_that_finds_everything_as_it_was_queues_nobody() -> None:
    world = looked_at()

    world.handle(Message(sweep=AT, reason="replay"))

    assert [] == world.waiting


def test_whoever_would_be_told_something_new_goes_through_the_direct_lane_alone() -> None:
    world = looked_at()
    world.cloud.seed(an_nsg(allow_ssh_from="Internet", identity=GROUPS[3], subnets=(SUBNETS[3],)))

    world.handle(Message(expand=VNET_ID.text, event_id="tag"))

    assert [GROUPS[3].text] == [message.target for message in world.waiting]
    assert [] == world.writes


def test_what_a_round_saw_and_a_fresh_look_does_not_is_neither_told_nor_written() -> None:
    """The picture was older than somebody's second thought."""
    world = looked_at()
    world.cloud.seed(an_nsg(allow_ssh_from="Internet", identity=GROUPS[3], subnets=(SUBNETS[3],)))
    world.handle(Message(expand=VNET_ID.text, event_id="tag"))
    world.cloud.seed(an_nsg(identity=GROUPS[3], subnets=(SUBNETS[3],)))
    told = list(world.announced)

    world.run()

    assert (told, []) == (world.announced, world.writes)


def test_many_changes_of_one_neighbour_are_one_mark_and_one_round() -> None:
    world = looked_at()
    worker = world.worker()

    for number in range(5):
        worker.handle(Message(expand=VNET_ID.text, event_id=f"tag {number}"))

    assert [VNET_ID.text] == marks(world)
    assert [AT] == [message.round for message in world.waiting]


def test_a_thrifty_sweep_does_not_answer_a_thorough_one() -> None:
    world = looked_at()
    worker = world.worker()

    worker.handle(Message(sweep=AT, reason="replay"))
    worker.handle(Message(sweep=AT, reason="sweep"))

    assert 2 == len(marks(world))


def test_marks_stay_until_their_round_is_done() -> None:
    world = looked_at()
    cloud = Interrupted(world.cloud, before_get=failing(TransientError("HTTP 503"), on=lambda _: True))

    handed_on = world.handle(Message(expand=VNET_ID.text, event_id="tag"), cloud=cloud)
    kept = marks(world)
    world.run()

    assert (Ending.HANDED_ON, [VNET_ID.text], []) == (handed_on.ending, kept, marks(world))


@dataclass
class ChangesMeanwhile(MemoryCloud):
    """While a picture is being read somebody opens a group, whose mark comes in at once."""

    def __init__(self, world: World) -> None:
        super().__init__(*world.cloud.resources.values())
        self.world = world

    def list(self, listing: Listing) -> Sequence[Resource]:
        found = self.world.cloud.list(listing)
        if listing.type == NSG and marks(self.world) == [VNET_ID.text]:
            opened = an_nsg(allow_ssh_from="Internet", identity=GROUPS[3], subnets=(SUBNETS[3],))
            self.world.cloud.seed(opened)
            self.world.worker().handle(Message(expand=SUBNETS[3].text, event_id="meanwhile"))
        return found


def test_a_change_during_the_picture_leaves_a_mark_and_so_another_round() -> None:
    world = looked_at()
    world.handle(Message(expand=VNET_ID.text, event_id="tag"), cloud=ChangesMeanwhile(world))

    assert [SUBNETS[3].text] == marks(world)
    world.run()

    assert ["DELETE allow-ssh"] == world.writes
    assert [] == marks(world)


def test_a_mark_that_was_left_anew_during_its_round_stays() -> None:
    world = looked_at()
    book = Marks(world.ledger)
    book.leave(AT, Message(expand=VNET_ID.text), world.clock.now())
    taken = book.of(AT)
    book.leave(AT, Message(expand=VNET_ID.text, event_id="again"), world.clock.now())

    book.answered(taken)

    assert [VNET_ID.text] == marks(world)


def test_a_round_that_died_is_taken_up_by_the_timer() -> None:
    world = looked_at()
    book = Marks(world.ledger)
    book.leave(AT, Message(expand=VNET_ID.text), world.clock.now())
    assert book.begin(AT, world.clock.now()) is not None
    collector = Collector(book, world.queue, world.clock, world.policy)
    while_it_lives = collector.take_up()
    world.clock.advance(LEASE.total_seconds() + 1)

    assert (0, 1) == (while_it_lives, collector.take_up())
    assert [AT] == [message.round for message in world.waiting]


def test_a_message_that_finds_a_round_running_is_done_and_the_timer_takes_up_what_that_one_leaves() -> None:
    world = looked_at()
    Marks(world.ledger).leave(AT, Message(expand=VNET_ID.text), world.clock.now())
    assert Marks(world.ledger).begin(AT, world.clock.now()) is not None

    assert Ending.MERGED is world.worker().handle(Message(round=AT)).ending
    assert world.queue.next_visible("neighbourhood") is None

    world.clock.advance(LEASE.total_seconds() + 1)
    Collector(Marks(world.ledger), world.queue, world.clock, world.policy).take_up()
    world.run()
    assert [] == marks(world)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (100, [5, 10, 20, 30, 30]),
        (20, [5, 10, 12, 12, 12]),
        (2, [5, 2, 2, 2, 2]),
        (None, [5, 10, 20, 30, 30]),
    ],
)
def test_while_rounds_follow_one_another_each_waits_for_more_as_long_as_the_last_one_was_worth(
    asked: int | None, expected: list[int]
) -> None:
    world = looked_at()
    held = Marks(world.ledger).begin(AT, world.clock.now())
    assert held is not None
    Marks(world.ledger).end(held, asked)
    collector = Collector(Marks(world.ledger), world.queue, world.clock, world.policy)
    waits = []
    for streak in range(5):
        collector.call(AT, streak)
        due = Marks(world.ledger).round_of(AT).due
        assert due is not None
        waits.append((due - world.clock.now()).total_seconds())

    assert expected == waits


def test_who_is_at_a_target_just_now_is_asked_to_look_again() -> None:
    """His look may be older than the change."""
    world = looked_at()
    claims = SHIPPED.claims(world.ledger, "another", world.policy.lease)
    assert claims.acquire(GROUPS[5], world.clock.now()) is not None

    world.handle(Message(expand=VNET_ID.text, event_id="tag"))

    assert [GROUPS[5].text] == [message.target for message in world.waiting]


def test_what_a_baseline_now_means_otherwise_is_looked_at_although_the_findings_are_the_same() -> None:
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()), a_baseline(mode="observe"))
    world.handle(Message(sweep=AT))
    world.run()
    assert ["DriftProposed"] == [each for each in world.announced if each == "DriftProposed"]
    world.baseline = replace(a_baseline(mode="enforce"), hash="enforcing")

    world.queue.send(Message(sweep=AT, reason="baseline"))
    world.run()

    assert ["DELETE allow-ssh"] == world.writes


def test_a_proposal_is_looked_at_by_a_thorough_sweep_since_its_reason_may_be_gone() -> None:
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()), a_baseline(mode="observe"))
    world.handle(Message(sweep=AT))
    world.run()

    world.handle(Message(sweep=AT, reason="sweep"))
    thrifty = [message.target for message in world.waiting]
    world.run()
    world.handle(Message(sweep=AT, reason="replay"))

    assert ([], [NSG_ID.text]) == (thrifty, [message.target for message in world.waiting])


def test_one_document_costs_one_read_however_often_it_is_needed() -> None:
    world = looked_at()
    picture = Picture(world.cloud)

    for _ in range(3):
        assert picture.get(SUBNET_ID) is not None
        assert picture.get(NSG_ID) is not None

    assert [VNET_ID, NSG_ID] == world.cloud.reads


def test_few_documents_of_a_type_are_read_one_by_one_and_more_by_their_list() -> None:
    world = looked_at()
    picture = Picture(world.cloud, few=2)

    for nsg in GROUPS:
        assert picture.get(nsg) is not None

    assert [*GROUPS[:2], Listing(NSG, AT)] == world.cloud.reads
    assert picture.get(ResourceId.parse(f"{WEB}/networkSecurityGroups/nowhere")) is None


def test_a_list_that_is_refused_leaves_each_document_to_be_read_by_itself() -> None:
    world = looked_at()

    class WithoutLists:
        def get(self, resource: ResourceId) -> Resource | None:
            return world.cloud.get(resource)

        def list(self, listing: Listing) -> Sequence[Resource]:
            from remediation.errors import ForbiddenError

            raise ForbiddenError(f"HTTP 403 {listing.type}")

    picture = Picture(WithoutLists(), few=0)

    assert all(picture.get(nsg) is not None for nsg in GROUPS)


def test_a_new_nic_costs_a_handful_of_reads() -> None:
    world = looked_at()
    world.cloud.seed(a_nic(identity=ResourceId.parse(f"{NIC_ID}-2")))

    world.handle(Message(expand=f"{NIC_ID}-2", event_id="new"))

    assert len(world.cloud.reads) <= 15


@pytest.mark.parametrize("hours", [1, 25])
def test_admin_rules_are_asked_for_again_once_a_day(hours: int) -> None:
    """Only a request per network tells them."""
    world = looked_at(baseline=a_baseline(rules={"admin-rule-mgmt-always-allowed": Action.ALERT}))
    world.clock.advance(timedelta(hours=hours).total_seconds())
    world.cloud.reads.clear()

    world.handle(Message(sweep=AT, reason="replay"))

    asked = [one for one in world.cloud.reads if isinstance(one, Listing) and "effective" in one.type]
    assert (hours > 24) == bool(asked)


# Room --------------------------------------------------------------------------------------------

ELSEWHERE = "/subscriptions/22222222-2222-3333-4444-555555555555"


class AnotherIsDue(MemoryCloud):
    """While a round reads its first list the host hands the same process that of another subscription."""

    def __init__(self, world: World) -> None:
        super().__init__(*world.cloud.resources.values())
        self.worker = world.worker(cloud=self)
        self.meanwhile: list[str] = []

    def list(self, listing: Listing) -> Sequence[Resource]:
        if listing.scope == AT and not self.meanwhile:
            self.meanwhile.append("")
            self.meanwhile.append(self.worker.handle(Message(round=ELSEWHERE)).detail)
        return super().list(listing)


def both_due(asked: int | None) -> tuple[World, AnotherIsDue]:
    """Two subscriptions with a mark each; the last round of either asked so many requests of ARM."""
    world = World(
        MemoryCloud(an_nsg()),
        policy=Policy(frozenset(scope.rpartition("/")[2] for scope in (AT, ELSEWHERE))),
    )
    book = Marks(world.ledger)
    for scope in (AT, ELSEWHERE):
        book.leave(scope, Message(sweep=scope), world.clock.now())
        held = book.begin(scope, world.clock.now())
        assert held is not None
        book.end(held, asked)
    return world, AnotherIsDue(world)


@pytest.mark.parametrize("asked", [None, LARGE + 1], ids=["of unknown size", "large"])
def test_while_a_large_round_runs_a_process_has_no_room_for_another(asked: int | None) -> None:
    """The other is called again, and its marks wait for it."""
    world, cloud = both_due(asked)

    cloud.worker.handle(Message(round=AT))

    assert "a large round runs in this process; called again" == cloud.meanwhile[-1]
    assert [ELSEWHERE] == [message.round for message in world.waiting if message.round]
    world.run()
    assert not Marks(world.ledger).scopes()


def test_small_rounds_run_beside_each_other() -> None:
    _, cloud = both_due(LARGE)

    cloud.worker.handle(Message(round=AT))

    assert "1 marks concern 0 targets, 0 of them queued" == cloud.meanwhile[-1]
