"""Traps of events: ours, repeated, reordered, stale, replayed, orphaned; and which ones mean something."""

import itertools

import msgspec
import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.intake.routing import Route, operations, route, route_id
from remediation.messages import Message
from remediation.model import Ending
from remediation.resource_id import ResourceId
from tests.builders import (
    AT,
    BASTION_ID,
    HUB,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    SETTING_TYPE,
    SUBNET_ID,
    VNET_ID,
    WEB,
    a_bastion,
    a_change,
    a_nic,
    a_public_ip,
    a_rule,
    a_spoke,
    an_nsg,
)
from tests.faults import Interrupted, once
from tests.story.core.world import World

NSG_RULE = "nsg-mgmt-open-to-internet"
SSH = NSG_ID.child("securityRules", "allow-ssh")
SHOUTED = ResourceId.parse(NSG_ID.text.upper())
SETTING = BASTION_ID.extension(SETTING_TYPE, "setByPolicy-LogAnalytics")
BALANCER = ResourceId.parse(f"{WEB}/loadBalancers/lb")
CONNECTION = ResourceId.parse(f"{HUB}/virtualHubs/weu/hubVirtualNetworkConnections/spoke")
LINK = ResourceId.parse(f"{HUB}/privateDnsZones/azure.com/virtualNetworkLinks/hub")
ASSIGNMENT = BASTION_ID.extension("Microsoft.Authorization/roleAssignments", "a1")


def drifted() -> World:
    return World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke(public_ip=True)))


def meant_by(world: World, changed: ResourceId, event_id: str, kind: str = "write") -> list[Message]:
    """The messages an event on any resource becomes."""
    change = a_change(changed, event_id=event_id, at=world.clock.now(), kind=kind)
    return list(route(change).messages(change))


@pytest.mark.parametrize("caller", ["bastion-guard", "", "8d6c1c1e-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("changed", [NSG_ID, SSH], ids=["on the group", "on the rule"])
def test_the_event_of_our_own_write_writes_nothing_whoever_it_names(changed: ResourceId, caller: str) -> None:
    """Trap 8: the echo is judged like any event; nothing depends on knowing our own id."""
    world = drifted()
    world.handle()
    change = a_change(changed, event_id="echo", at=world.clock.now(), kind="delete", by=caller)

    endings = {world.handle(message).ending for message in route(change).messages(change)}

    assert {Ending.COMPLIANT} == endings
    assert (["DELETE allow-ssh"], ["DriftFixed"]) == (world.writes, world.announced)


@pytest.mark.parametrize("kind", ["write", "delete"])
def test_an_event_of_a_setting_whose_host_is_gone_ends_the_hosts_findings(kind: str) -> None:
    """Trap 11: the parent answers 404; that is no error, and what was open there is over."""
    world = World(MemoryCloud(a_bastion("Basic")))
    world.handle(world.hears(BASTION_ID))
    world.cloud.remove(BASTION_ID)
    (message,) = meant_by(world, SETTING, "orphan", kind)

    outcome = world.handle(message)

    states = {found.rule: found.state for found in world.findings(BASTION_ID).values()}
    assert Ending.GONE is outcome.ending
    assert "resolved" == states["bastion-sku-tier"]
    assert ([], []) == (world.waiting, world.poisoned)


EVENTS = ((NSG_ID, "one"), (SHOUTED, "two"), (SSH, "three"), (NSG_ID, "one"))


@pytest.mark.parametrize("order", sorted(set(itertools.permutations(range(len(EVENTS))))))
def test_events_in_any_order_number_and_case_come_to_the_same(order: tuple[int, ...]) -> None:
    """Trap 15: parent and child, mixed case, repeated: one repair of one target, told once."""
    world = drifted()
    for place in order:
        for message in meant_by(world, *EVENTS[place]):
            world.queue.send(message)

    outcomes = world.run()

    assert {NSG_ID} == {ResourceId.parse(outcome.target) for outcome in outcomes}
    assert (["DELETE allow-ssh"], ["DriftFixed"], {}) == (world.writes, world.announced, world.rules())
    assert {NSG_RULE: "fixed"} == {rule: found.state for rule, found in world.findings().items()}


def test_events_that_come_while_a_group_is_looked_at_merge_into_one_more_look() -> None:
    """Trap 15: a storm on one group is not one evaluation per event."""
    world = drifted()
    endings: list[Ending] = []

    def storm() -> None:
        for number in range(50):
            (message,) = meant_by(world, EVENTS[number % 3][0], f"storm-{number}")
            endings.append(world.handle(message).ending)

    world.handle(cloud=Interrupted(world.cloud, before_get=once(storm)))

    assert [Ending.MERGED] * 50 == endings
    assert 1 == len(world.waiting)
    looks = world.reads_of(NSG_ID)
    assert [Ending.COMPLIANT] == [outcome.ending for outcome in world.run()]
    assert (1, False) == (world.reads_of(NSG_ID) - looks, world.record().look_again)


def replayed(message: Message) -> Message:
    return msgspec.structs.replace(message, force=True, reason="replay", replay_id="replay-1")


def test_a_replayed_event_is_judged_by_what_is_there_now() -> None:
    """Trap 19: the first repair is not made again, and another drift meanwhile is what gets repaired."""
    world = drifted()
    old = world.hears()
    world.handle(old)

    assert Ending.COMPLIANT is world.handle(replayed(old)).ending
    world.cloud.seed(an_nsg(a_rule("rdp", 310, destinationPortRange="3389")))
    assert Ending.REPAIRED is world.handle(replayed(old)).ending

    assert ("DELETE allow-ssh", "PUT rdp") == (world.writes[0], world.writes[-1])
    assert ["DriftFixed"] * 2 == world.announced


def test_a_replay_beside_the_repair_it_asks_for_makes_no_second_one() -> None:
    """Trap 19: the same violating state is written to once, whoever asks at the same moment."""
    world = drifted()
    message = world.hears()
    endings: list[Ending] = []
    meanwhile = once(lambda: endings.append(world.handle(replayed(message)).ending))

    world.handle(message, cloud=Interrupted(world.cloud, before_write=meanwhile))
    world.run()

    assert [Ending.MERGED] == endings
    assert (["DELETE allow-ssh"], ["DriftFixed"]) == (world.writes, world.announced)


# Event coverage ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "leads"),
    [
        (NIC_ID, Route(expand=NIC_ID)),
        (VNET_ID, Route(target=VNET_ID, expand=VNET_ID)),
        (SUBNET_ID, Route(target=VNET_ID, expand=SUBNET_ID)),
        (BALANCER, Route(target=BALANCER, expand=BALANCER)),
        (BALANCER.child("inboundNatRules", "ssh"), Route(target=BALANCER, expand=BALANCER)),
        (CONNECTION, Route(expand=CONNECTION)),
        (LINK, Route(expand=LINK)),
        (ASSIGNMENT, Route(target=BASTION_ID)),
    ],
    ids=lambda value: value.type.rpartition("/")[2] if isinstance(value, ResourceId) else "",
)
def test_what_changes_the_meaning_of_others_is_subscribed_to_and_routed(
    changed: ResourceId, leads: Route
) -> None:
    """Event coverage: neighbours' writes and deletes mean work, and their events are asked for."""
    assert leads == route_id(changed)
    assert {f"{changed.type}/write", f"{changed.type}/delete"} <= operations()


def test_an_address_put_on_a_machine_is_found_by_the_event_of_its_nic_alone() -> None:
    """Event coverage: the public IP's own event may never come."""
    world = World(MemoryCloud(an_nsg(), *a_spoke()))
    world.cloud.seed(a_public_ip(attached_to=f"{NIC_ID}/ipConfigurations/ipconfig1"), a_nic(public_ip=PIP_ID))
    for message in meant_by(world, NIC_ID, "attached"):
        world.queue.send(message)

    world.run()

    assert ["pip-attached-to-vm-nic"] == list(world.findings(PIP_ID))


def test_a_drift_whose_event_was_lost_is_repaired_by_the_timer() -> None:
    """Event coverage: the sweep backs the events up."""
    world = World(MemoryCloud(an_nsg(), *a_spoke()))
    world.handle()
    world.cloud.seed(a_rule("open", sourceAddressPrefix="Internet", destinationPortRange="22"))
    world.clock.advance(world.policy.look_again_after.total_seconds())
    world.queue.send(Message(sweep=AT, reason="sweep"))

    world.run()

    assert (["DELETE open"], ["DriftFixed"]) == (world.writes, world.announced)
