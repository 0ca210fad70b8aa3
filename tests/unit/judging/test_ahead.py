"""Reads that do not depend on each other go out together, and answer as if they had been made in turn."""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.adapters.together import Pool
from remediation.errors import ForbiddenError, TransientError
from remediation.judging.ahead import Ahead
from remediation.judging.gathering import gather
from remediation.model import Listing, Resource
from remediation.ports import in_turn
from remediation.resource_id import ResourceId
from remediation.rules import rules_for
from tests.builders import NIC_ID, NSG_ID, PIP_ID, SUBNET_ID, SUBSCRIPTION, a_baseline, a_spoke, an_nsg
from tests.faults import Interrupted, always

NICS = Listing("Microsoft.Network/networkInterfaces", f"/subscriptions/{SUBSCRIPTION}")


class Batches:
    """Makes calls in turn and notes how many went out together."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, calls: Sequence[Callable[[], Any]]) -> Iterable[Any]:
        self.sizes += [len(calls)] if calls else []
        return in_turn(calls)


def an_open_group() -> tuple[Resource, MemoryCloud]:
    group = an_nsg(allow_ssh_from="Internet")
    return Resource.of(group), MemoryCloud(group, *a_spoke(public_ip=True))


def looked(cloud: Any) -> Any:
    group, _ = an_open_group()
    return gather(cloud, group, rules_for(NSG_ID.type), a_baseline())


def test_everything_around_an_open_group_is_read_in_two_rounds() -> None:
    """The subnets, then machines, network, fronts, rules and owner at once: ids tell what comes behind."""
    _, cloud = an_open_group()
    batches = Batches()

    looked(Ahead(cloud, batches))

    assert 2 == len(batches.sizes)


def test_what_is_read_together_is_what_is_read_in_turn() -> None:
    _, cloud = an_open_group()

    assert looked(cloud) == looked(Ahead(cloud, in_turn)) == looked(Ahead(cloud, Pool(4)))


def test_what_a_list_holds_is_not_read_again() -> None:
    _, cloud = an_open_group()

    looked(Ahead(cloud, in_turn))

    assert {NIC_ID, PIP_ID}.isdisjoint(cloud.reads)
    assert len(cloud.reads) == len({getattr(read, "key", read) for read in cloud.reads})


def test_where_the_list_is_refused_each_document_is_read() -> None:
    _, cloud = an_open_group()
    refusing = Interrupted(
        cloud, before_list=always(ForbiddenError("no"), on=lambda one: one.key == NICS.key)
    )

    snapshot = looked(Ahead(refusing, in_turn))

    assert NIC_ID in cloud.reads
    assert isinstance(snapshot.get(NIC_ID), Resource)


def test_what_has_to_be_tried_again_is_raised_when_its_turn_comes() -> None:
    _, cloud = an_open_group()
    busy = Interrupted(cloud, before_list=always(TransientError("busy")))

    with pytest.raises(TransientError, match="busy"):
        looked(Ahead(busy, in_turn))


def test_nothing_more_is_asked_once_something_has_to_be_tried_again() -> None:
    asked: list[int] = []

    def ask(number: int) -> object:
        asked.append(number)
        return TransientError("busy") if number else number

    list(in_turn([partial(ask, number) for number in (0, 1, 2)]))

    assert [0, 1] == asked


def test_a_pool_makes_calls_side_by_side_and_keeps_their_order() -> None:
    """Each waits for the others to have begun: in turn nobody would ever end."""
    meeting = threading.Barrier(3, timeout=20)

    def call(number: int) -> int:
        meeting.wait()
        return number

    assert [0, 1, 2] == list(Pool(2)([partial(call, number) for number in range(3)]))


def test_a_look_reads_again_what_an_earlier_look_read() -> None:
    _, cloud = an_open_group()
    for _ in range(2):
        Ahead(cloud, in_turn).fetch([SUBNET_ID])

    assert [SUBNET_ID, SUBNET_ID] == cloud.reads


def test_many_documents_of_a_type_are_read_as_their_list_and_one_that_is_not_there_by_itself() -> None:
    groups = [ResourceId.parse(f"{NSG_ID}-{number}") for number in range(12)]
    cloud = MemoryCloud(*(an_nsg(identity=group) for group in groups[1:]))
    ahead = Ahead(cloud, in_turn)

    ahead.fetch(groups)

    assert [None, *groups[1:]] == [found and found.id for found in map(ahead.get, groups)]
    assert [Listing(NSG_ID.type, f"/subscriptions/{SUBSCRIPTION}"), groups[0]] == cloud.reads


def test_without_a_hub_nobody_asks_for_connections() -> None:
    cloud = MemoryCloud()
    connections = Listing("Microsoft.Network/virtualHubs/hubVirtualNetworkConnections", NICS.scope)
    ahead = Ahead(cloud, in_turn)

    ahead.fetch([connections])

    assert () == tuple(ahead.list(connections))
    assert [Listing("microsoft.network/virtualhubs", NICS.scope).key] == [
        one.key for one in cloud.reads if isinstance(one, Listing)
    ]
