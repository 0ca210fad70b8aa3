"""The lists that were read for a look end with it: those of a large subscription are the largest things held.

Single documents may stay a while: a group that was parsed is kept for the next look at it.
"""

import gc
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import Action
from remediation.kinds import NIC
from remediation.messages import Message
from remediation.model import Documents, Listing, Resource
from remediation.ports import Operation, Progress
from remediation.resource_id import ResourceId
from remediation.rules import registry
from tests.builders import AT, NIC_ID, NSG_ID, SUBNET_ID, VNET_ID, a_baseline, a_nic, a_subnet, a_vnet, an_nsg
from tests.story.core.world import World


class Body(dict[str, Any]):
    """A document of which one can tell whether anybody still holds it."""


@dataclass
class Watched:
    """A cloud that knows which of the documents it gave are still held."""

    cloud: MemoryCloud
    given: list[tuple[Listing | ResourceId, weakref.ref[Body]]] = field(default_factory=list)

    def get(self, resource: ResourceId) -> Resource | None:
        found = self.cloud.get(resource)
        return None if found is None else self._watched(found, resource)

    def list(self, listing: Listing) -> Sequence[Resource]:
        return [self._watched(one, listing) for one in self.cloud.list(listing)]

    def write(self, write: Any) -> Operation:
        return self.cloud.write(write)

    def poll(self, url: str) -> Progress:
        return self.cloud.poll(url)

    @property
    def held(self) -> Sequence[Listing | ResourceId]:
        return [asked for asked, body in self.given if body() is not None]

    def _watched(self, found: Resource, asked: Listing | ResourceId) -> Resource:
        body = Body(found.body)
        self.given.append((asked, weakref.ref(body)))
        return Resource(found.id, body)


@contextmanager
def without_collector() -> Iterator[None]:
    """What nobody holds ends at once; what holds itself would wait for the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def a_world(cloud: MemoryCloud) -> World:
    """Every rule asks, those too that are off unless somebody wants them."""
    return World(cloud, baseline=a_baseline(dict.fromkeys(registry(), Action.ALERT)))


def an_estate() -> MemoryCloud:
    network = a_vnet(a_subnet(SUBNET_ID, nsg=NSG_ID, nics=(NIC_ID,)))
    return MemoryCloud(network, an_nsg(allow_ssh_from="Internet"), a_nic())


@pytest.mark.parametrize("target", [VNET_ID, NSG_ID], ids=lambda one: one.name)
def test_no_list_outlives_the_look_that_read_it(target: ResourceId) -> None:
    world = a_world(an_estate())
    watched = Watched(world.cloud)

    with without_collector():
        world.handle(Message(target=target.text, force=True), cloud=watched)

        assert Listing(NIC, AT) in [asked for asked, _ in watched.given]
        assert [] == [asked for asked in watched.held if isinstance(asked, Listing)]


def test_no_list_outlives_the_round_that_read_it() -> None:
    world = a_world(an_estate())
    world.handle(Message(sweep=AT))
    world.run()
    watched = Watched(world.cloud)

    with without_collector():
        world.handle(Message(sweep=AT, reason="replay"), cloud=watched)

        assert any(isinstance(asked, Listing) for asked, _ in watched.given)
        assert [] == [asked for asked in watched.held if isinstance(asked, Listing)]


# A list -------------------------------------------------------------------------------------------


def names(documents: Sequence[Resource]) -> frozenset[str]:
    return frozenset(one.id.name for one in documents)


def test_what_is_worked_out_of_a_list_is_worked_out_once() -> None:
    listed = Documents.of([Resource(NIC_ID, {})])

    assert listed.once(names) is Documents.of(listed).once(names)
    assert {NIC_ID.name} == listed.once(names)


def test_two_lists_of_the_same_documents_are_worked_out_each() -> None:
    one = Resource(NIC_ID, {})

    assert Documents.of([one]).once(names) is not Documents.of([one]).once(names)
