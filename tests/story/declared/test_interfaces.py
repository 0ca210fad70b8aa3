"""Interfaces, which no rule judges: compared in the picture of a round, and looked at where one differs."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.declared.declaration import Declaration, Source
from remediation.errors import ForbiddenError
from remediation.ledger.declaring.declarations import PARTITION, Declarations
from remediation.ledger.keys import shards
from remediation.messages import Message
from remediation.model import Ending, Listing, Resource
from remediation.ports import Row
from remediation.reconciling.rounds.marks import KIND
from remediation.resource_id import ResourceId
from tests.builders import AT, NIC_ID, PIP_ID, WEB, Document, a_baseline, a_nic, a_spoke, an_nsg
from tests.faults import Interrupted
from tests.story.core.world import World
from tests.story.declared.pipeline import (
    A_WHILE,
    DECLARED,
    PIPELINE,
    SETTLED,
    a_pipelines_baseline,
    is_heard,
    left,
    passes,
    said,
)

GUARD_ID = ResourceId.parse(f"{WEB}/networkSecurityGroups/guard")
GUARDED = a_nic(nsg=GUARD_ID)
BARE = a_nic()
OTHERS = [ResourceId.parse(f"{WEB}/networkInterfaces/nic-{number}") for number in range(8)]


def a_world(*documents: Document, declares: bool = True) -> World:
    baseline = a_pipelines_baseline() if declares else a_baseline()
    cloud = MemoryCloud(*a_spoke(), an_nsg(), an_nsg(identity=GUARD_ID, subnets=()), GUARDED, *documents)
    return World(cloud, baseline=baseline)


def deployed() -> World:
    return left(a_world(), NIC_ID)


def is_changed(world: World, now: Document = BARE, **event: object) -> None:
    """Somebody makes something else of the interface, and whatever follows from his event."""
    world.cloud.seed(now)
    is_heard(world, NIC_ID, **event)  # type: ignore[arg-type]
    world.run()


def sweeps(world: World) -> None:
    world.handle(Message(sweep=AT, reason="sweep"))
    world.run()


def requests(world: World) -> int:
    return len(world.cloud.reads)


def test_what_a_deployment_left_is_kept_out_of_what_the_round_has_read() -> None:
    world = deployed()

    word = said(world, NIC_ID)

    assert word is not None
    assert GUARD_ID.text == word.document["properties"]["networkSecurityGroup"]["id"]
    assert ("deployment", PIPELINE) == (word.source.sort, word.source.by)


@pytest.mark.parametrize("times", [1, 3])
def test_a_compliant_event_costs_no_request_more_than_where_nobody_declares(times: int) -> None:
    ours, plain = a_world(), a_world(declares=False)
    for world in (ours, plain):
        for number in range(times):
            is_heard(world, NIC_ID, by="", oid=PIPELINE, deployment=f"deployment {number}")
            world.run()
            passes(world, SETTLED)
            is_heard(world, NIC_ID)
            world.run()

    assert requests(plain) == requests(ours)


def test_the_same_of_many_at_once() -> None:
    """They are read by the list of their type, and out of that their words are kept."""
    documents = [a_nic(one, nsg=GUARD_ID) for one in OTHERS]
    ours, plain = a_world(*documents), a_world(*documents, declares=False)
    for world in (ours, plain):
        left(world, *OTHERS)
        world.run()

    assert requests(plain) == requests(ours)
    assert all(said(ours, one) for one in OTHERS)


def test_where_nobody_declares_nothing_of_an_interface_is_kept() -> None:
    world = a_world(declares=False)
    is_changed(world)

    assert [] == list(world.ledger.rows(PARTITION))
    assert {} == world.findings(NIC_ID)


def test_one_of_which_nothing_is_declared_is_not_looked_at() -> None:
    world, plain = a_world(), a_world(declares=False)
    for one in (world, plain):
        is_changed(one)

    assert requests(plain) == requests(world)
    assert {} == world.findings(NIC_ID)


def test_nothing_is_told_while_a_deployment_is_under_way_and_a_look_comes_when_it_has_ended() -> None:
    world = a_world()
    is_heard(world, NIC_ID, by="", oid=PIPELINE, deployment="first")
    passes(world, timedelta(minutes=1))
    world.cloud.seed(BARE)
    is_heard(world, NIC_ID)
    assert [] == world.announced

    world.run()

    assert ["DriftFound"] == world.announced
    assert "open" == world.findings(NIC_ID)[DECLARED].state
    assert world.clock.now() >= world.findings(NIC_ID)[DECLARED].event_time + SETTLED / 2  # type: ignore[operator]


def test_a_deployment_whose_event_comes_after_the_persons_has_the_last_word() -> None:
    """Both leave one mark: who wrote is noted before that, and the later of them is no news of a person."""
    world = deployed()
    world.cloud.seed(BARE)
    worker = world.worker()
    is_heard(world, NIC_ID)
    passes(world, timedelta(seconds=40))
    is_heard(world, NIC_ID, by="", oid=PIPELINE, deployment="second")
    world.run(worker)

    assert [] == world.announced
    assert "networkSecurityGroup" not in said(world, NIC_ID).document["properties"]  # type: ignore[union-attr]


def test_of_two_writes_before_one_round_both_are_heard() -> None:
    """The pipeline's mark is replaced by the person's: whose document it is can then not be told."""
    world = a_world()
    worker = world.worker()
    for by, oid in (("", PIPELINE), ("alice@contoso.example", "")):
        worker.handle(_expanding(world, by, oid))
        passes(world, timedelta(seconds=1))
    world.run(worker)

    assert said(world, NIC_ID) is None
    assert {} == world.findings(NIC_ID)


def _expanding(world: World, by: str, oid: str) -> Message:
    return Message(
        expand=NIC_ID.text,
        event_id=f"event of {by}{oid}",
        event_time=world.clock.now(),
        actor={"name": by} if by else {"objectId": oid},
        operation="Microsoft.Network/networkInterfaces/write",
        correlation_id="first" if oid else "by hand",
    )


def test_the_next_deployment_ends_the_finding() -> None:
    world = deployed()
    is_changed(world)
    assert "open" == world.findings(NIC_ID)[DECLARED].state

    is_heard(world, NIC_ID, by="", oid=PIPELINE, deployment="second")
    world.run()

    assert ["DriftFound", "DriftResolved"] == world.announced


def test_who_puts_it_back_ends_the_finding() -> None:
    world = deployed()
    is_changed(world)

    is_changed(world, GUARDED, by="bob@contoso.example")

    assert ["DriftFound", "DriftResolved"] == world.announced


def test_one_that_somebody_deleted_is_missed_and_what_the_pipeline_deletes_is_not() -> None:
    for event, told in (({}, ["DriftFound"]), ({"by": "", "oid": PIPELINE, "deployment": "second"}, [])):
        world = deployed()
        world.cloud.remove(NIC_ID)
        is_heard(world, NIC_ID, kind="delete", **event)  # type: ignore[arg-type]
        world.run()

        assert told == world.announced


def test_a_change_whose_event_was_lost_is_found_by_the_sweep_and_told_without_a_name() -> None:
    world = deployed()
    world.cloud.seed(BARE)

    sweeps(world)

    record = world.findings(NIC_ID)[DECLARED]
    assert ("open", {}) == (record.state, record.actor)
    assert ["DriftFound"] == world.announced


def test_a_sweep_in_which_nothing_differs_looks_at_no_interface() -> None:
    documents = [a_nic(one, nsg=GUARD_ID) for one in OTHERS]
    world = left(a_world(*documents), *OTHERS)
    sweeps(world)
    before = requests(world)

    sweeps(world)

    assert [] == [one for one in world.cloud.reads[before:] if isinstance(one, ResourceId) and one in OTHERS]
    assert [] == world.announced


def test_one_that_came_back_without_an_event_is_over_at_the_next_sweep() -> None:
    world = deployed()
    world.cloud.remove(NIC_ID)
    is_heard(world, NIC_ID, kind="delete")
    world.run()
    world.cloud.seed(GUARDED)

    sweeps(world)

    assert ["DriftFound", "DriftResolved"] == world.announced


def test_what_a_deployment_wrote_and_no_round_has_seen_is_seen_by_the_sweep() -> None:
    world = a_world()
    worker = world.worker()
    worker.handle(_expanding(world, "", PIPELINE))
    world.ledger.delete_all(_marks(world))
    passes(world, SETTLED)

    sweeps(world)

    assert said(world, NIC_ID) is not None


def _marks(world: World) -> Sequence[Row]:
    return [row for partition in shards(KIND) for row in world.ledger.rows(partition)]


def test_what_a_file_declares_is_found_at_once_and_costs_a_look_only_where_it_differs() -> None:
    world = a_world(declares=False)
    world.baseline = a_pipelines_baseline()
    book, now = Declarations(world.ledger), world.clock.now()
    source = Source("estate", "stack-web", now, "pipeline-web")
    for document in (GUARDED, *(a_nic(one, nsg=GUARD_ID) for one in OTHERS)):
        world.cloud.seed(document)
        book.keep(Declaration(ResourceId.parse(document["id"]), document, source), now)
    world.cloud.seed(BARE)

    world.handle(Message(sweep=AT, reason="baseline", force=True))
    world.run()

    assert "stack-web" == world.findings(NIC_ID)[DECLARED].evidence["declaredBy"]
    assert not set(OTHERS) & {one for one in world.cloud.reads if isinstance(one, ResourceId)}


def test_what_is_no_longer_declared_is_no_drift() -> None:
    world = deployed()
    is_changed(world)
    Declarations(world.ledger).remove("deployment 7d1f0000")

    sweeps(world)

    assert ["DriftFound", "DriftResolved"] == world.announced


def test_one_that_is_being_changed_is_looked_at_when_it_has_settled() -> None:
    world = a_world()
    moving = a_nic(nsg=GUARD_ID)
    moving["properties"]["provisioningState"] = "Updating"
    world.cloud.seed(moving)
    is_heard(world, NIC_ID, by="", oid=PIPELINE, deployment="first")
    world.cloud.seed(GUARDED)
    world.run()

    assert said(world, NIC_ID) is not None
    assert [] == world.announced


class Hidden(MemoryCloud):
    """A cloud that does not show the interface any more."""

    def get(self, resource: ResourceId) -> Resource | None:
        if resource == NIC_ID:
            raise ForbiddenError("no right")
        return super().get(resource)


def test_one_that_may_not_be_read_any_more_is_told_of() -> None:
    world = deployed()
    hidden = Hidden(*(one.body for one in world.cloud.resources.values()))
    worker = world.worker(cloud=hidden)
    worker.handle(_expanding(world, "alice@contoso.example", ""))

    endings = {one.ending for one in world.run(worker)}

    assert Ending.GAVE_UP in endings
    assert ["GaveUp"] == world.announced


def test_a_public_address_is_told_with_the_command_that_takes_it_off() -> None:
    world = deployed()

    is_changed(world, a_nic(nsg=GUARD_ID, public_ip=PIP_ID))

    (command,) = world.findings(NIC_ID)[DECLARED].commands
    assert command.startswith("az network nic ip-config update --resource-group rg-web --nic-name vm1-nic")
    assert "--remove publicIPAddress" in command


def test_a_list_of_interfaces_answers_for_all_of_them() -> None:
    documents = [a_nic(one, nsg=GUARD_ID) for one in OTHERS]
    world = left(a_world(*documents), *OTHERS)
    before = requests(world)
    passes(world, A_WHILE)

    sweeps(world)

    asked = [one for one in world.cloud.reads[before:] if isinstance(one, Listing)]
    assert 1 == sum("networkinterfaces" in one.type for one in asked)


class WrittenMeanwhile(MemoryCloud):
    """While a round reads the interface the pipeline writes it, and another worker hears of that."""

    def __init__(self, world: World) -> None:
        super().__init__(*(one.body for one in world.cloud.resources.values()))
        self._world = world
        self._others = [world.worker()]

    def get(self, resource: ResourceId) -> Resource | None:
        found = super().get(resource)
        if resource == NIC_ID and self._others:
            worker = self._others.pop()
            self.seed(BARE)
            passes(self._world, timedelta(seconds=1))
            worker.handle(_expanding(self._world, "", PIPELINE))
        return found


def test_what_was_read_before_the_pipelines_write_is_not_its_word() -> None:
    world = a_world()
    worker = world.worker(cloud=WrittenMeanwhile(world))
    worker.handle(_expanding(world, "alice@contoso.example", ""))

    world.run(worker)

    assert "networkSecurityGroup" not in said(world, NIC_ID).document["properties"]  # type: ignore[union-attr]


def test_a_change_between_the_read_of_an_interface_and_the_end_of_its_round_is_told() -> None:
    """A large round gets to one long after it has read it: what Bob did meanwhile is not in that."""
    world = a_world()

    def changed_by_bob(asked: ResourceId) -> None:
        if asked == NIC_ID:
            passes(world, timedelta(seconds=15))
            world.cloud.seed(BARE)
            passes(world, timedelta(seconds=15))

    worker = world.worker(cloud=Interrupted(world.cloud, after_get=changed_by_bob))
    worker.handle(_expanding(world, "", PIPELINE))
    world.run_round(worker)

    is_heard(world, NIC_ID, by="bob@contoso.example", ago=timedelta(seconds=15))
    world.run()

    assert ["DriftFound"] == world.announced
    assert "networkSecurityGroup" in said(world, NIC_ID).document["properties"]  # type: ignore[union-attr]
