"""Changes of neighbours and of whole scopes: whom they touch, and that nobody is forgotten."""

from dataclasses import replace

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import ForbiddenError, TransientError
from remediation.kinds import BASTION, NSG, PUBLIC_IP
from remediation.messages import Message
from remediation.model import Ending, Listing
from remediation.resource_id import ResourceId
from tests.builders import (
    AT,
    BASTION_ID,
    FOREIGN,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    SETTLED,
    SUBNET_ID,
    VNET_ID,
    WEB,
    Document,
    a_baseline,
    a_bastion,
    a_nic,
    a_public_ip,
    a_setting,
    a_spoke,
    a_subnet,
    a_vnet,
    an_nsg,
)
from tests.faults import Interrupted, always, failing
from tests.story.core.world import World

GROUP_ID = ResourceId.parse(f"{AT}/resourceGroups/rg-web")
TABLE_ID = ResourceId.parse(f"{WEB}/routeTables/rt")
BALANCER_ID = ResourceId.parse(f"{WEB}/loadBalancers/lb")
GATEWAY_ID = ResourceId.parse(f"{WEB}/natGateways/gw")


def estate() -> World:
    return World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))


def at(identity: ResourceId, **properties: object) -> Document:
    return {"id": identity.text, "name": identity.name, "properties": {**SETTLED, **properties}}


def targets(world: World) -> set[str]:
    """The NSGs, public IPs and Bastion hosts that are queued; other types come and go with their rules."""
    ids = [ResourceId.parse(message.target) for message in world.waiting if message.target]
    return {identity.text for identity in ids if identity.type in {NSG, PUBLIC_IP, BASTION}}


def touched_by(world: World, neighbour: ResourceId) -> set[str]:
    """Whom a change of a neighbour queues, by their ids."""
    assert Ending.EXPANDED is world.handle(Message(expand=neighbour.text, event_id="e")).ending
    return targets(world)


def test_a_nic_touches_its_public_ip_and_the_nsgs_in_front_of_it() -> None:
    own = ResourceId.parse(f"{WEB}/networkSecurityGroups/own")
    world = World(MemoryCloud(an_nsg(), a_vnet(a_subnet()), a_nic(public_ip=PIP_ID, nsg=own), a_public_ip()))

    assert {PIP_ID.text, NSG_ID.text, own.text} == touched_by(world, NIC_ID)


def test_a_subnet_touches_its_nsg_and_a_bastion_in_it() -> None:
    subnet = VNET_ID.child("subnets", "AzureBastionSubnet")
    document = a_subnet(subnet, nics=())
    document["properties"]["ipConfigurations"] = [{"id": f"{BASTION_ID}/bastionHostIpConfigurations/cfg"}]
    world = World(MemoryCloud(a_vnet(document)))

    assert {NSG_ID.text, BASTION_ID.text} == touched_by(world, subnet)


def test_a_network_touches_the_nsgs_of_its_subnets() -> None:
    assert {NSG_ID.text} == touched_by(estate(), VNET_ID)


def test_a_route_table_touches_the_nsgs_of_its_subnets() -> None:
    world = estate()
    world.cloud.seed(at(TABLE_ID, subnets=[{"id": SUBNET_ID.text}]))

    assert {NSG_ID.text} == touched_by(world, TABLE_ID)


def test_a_subnet_touches_its_route_table() -> None:
    """A table that was on no subnet read none: nobody's index leads to it."""
    document = a_subnet()
    document["properties"]["routeTable"] = {"id": TABLE_ID.text}
    world = World(MemoryCloud(a_vnet(document)))

    touched_by(world, SUBNET_ID)

    assert TABLE_ID.text in {message.target for message in world.waiting}


def test_a_load_balancer_touches_its_address_and_the_machines_behind_it() -> None:
    world = estate()
    front = {"properties": {"publicIPAddress": {"id": f"{WEB}/publicIPAddresses/front"}}}
    behind = {"properties": {"backendIPConfigurations": [{"id": f"{NIC_ID}/ipConfigurations/ipconfig1"}]}}
    world.cloud.seed(at(BALANCER_ID, frontendIPConfigurations=[front], backendAddressPools=[behind]))

    assert {f"{WEB}/publicIPAddresses/front", PIP_ID.text, NSG_ID.text} == touched_by(world, BALANCER_ID)


def test_a_nat_gateway_touches_its_addresses() -> None:
    world = estate()
    world.cloud.seed(at(GATEWAY_ID, publicIpAddresses=[{"id": PIP_ID.text}]))

    assert {PIP_ID.text} == touched_by(world, GATEWAY_ID)


@pytest.mark.parametrize("forbidden", [False, True], ids=["deleted", "not to be read any more"])
def test_a_neighbour_that_cannot_be_read_now_still_touches_whoever_read_it_before(forbidden: bool) -> None:
    world = estate()
    world.handle(world.hears(PIP_ID))
    if not forbidden:
        world.cloud.remove(NIC_ID)
    hook = always(ForbiddenError("HTTP 403"), lambda _: forbidden)

    world.handle(Message(expand=NIC_ID.text), cloud=Interrupted(world.cloud, before_get=hook))

    assert PIP_ID.text in targets(world)


def test_a_detached_public_ip_is_resolved_when_only_its_former_nic_has_an_event() -> None:
    """The NIC names the address no longer; the address was judged by reading the NIC, so it is found."""
    world = estate()
    world.handle(world.hears(PIP_ID))
    world.cloud.seed(a_nic(), a_public_ip())
    world.queue.send(Message(expand=NIC_ID.text, event_id="detached", event_time=world.clock.now()))

    world.run()

    assert ["DriftFound", "DriftResolved"] == world.announced


def test_a_target_that_reads_a_neighbour_no_longer_is_no_longer_touched_by_it() -> None:
    world = estate()
    world.handle(world.hears(PIP_ID))
    world.cloud.seed(a_nic(), a_public_ip())
    world.handle(world.hears(PIP_ID, event_id="detached"))

    world.handle(Message(expand=NIC_ID.text))

    assert PIP_ID.text not in targets(world)


def test_a_change_of_a_target_is_told_to_the_targets_that_read_it() -> None:
    """The public IP's severity depends on the NSG: closing SSH there is news here."""
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke(public_ip=True)))
    world.handle(world.hears(PIP_ID))
    assert "critical" == world.findings(PIP_ID)["pip-attached-to-vm-nic"].severity

    world.queue.send(world.hears(NSG_ID))
    world.run()

    assert "high" == world.findings(PIP_ID)["pip-attached-to-vm-nic"].severity
    assert ["DriftFound", "DriftFixed", "DriftChanged"] == world.announced


def test_readers_are_told_as_well_when_the_first_try_failed() -> None:
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke(public_ip=True)))
    world.handle(world.hears(PIP_ID))
    world.queue.send(world.hears(NSG_ID))
    hook = failing(TransientError("HTTP 503"), on=lambda asked: asked == NSG_ID)

    world.run(world.worker(cloud=Interrupted(world.cloud, before_get=hook)))

    assert "high" == world.findings(PIP_ID)["pip-attached-to-vm-nic"].severity


def test_neighbours_that_are_told_do_not_tell_their_own() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))
    world.handle(world.hears(PIP_ID))

    world.handle(Message(target=NSG_ID.text, reason="neighbour"))

    assert [] == world.waiting


def test_a_neighbour_of_many_touches_each_of_them() -> None:
    world = estate()
    groups = [ResourceId.parse(f"{WEB}/networkSecurityGroups/n{n}") for n in range(60)]
    subnets = [a_subnet(VNET_ID.child("subnets", nsg.name), nsg=nsg) for nsg in groups]
    world.cloud.seed(a_vnet(*subnets))

    assert {nsg.text for nsg in groups} == touched_by(world, VNET_ID)


def test_a_neighbour_of_more_than_a_sweep_looks_at_has_its_subscription_swept() -> None:
    world = estate()
    world.policy = replace(world.policy, most_swept=1)
    elsewhere = ResourceId.parse(f"{WEB}/networkSecurityGroups/elsewhere")
    world.cloud.seed(a_vnet(a_subnet(), a_subnet(VNET_ID.child("subnets", "other"), nsg=elsewhere)))

    touched = touched_by(world, VNET_ID)

    assert touched > {NSG_ID.text}


# Sweeping ----------------------------------------------------------------------------------------


def test_a_sweep_looks_at_every_judged_resource_and_skips_none() -> None:
    world = World(MemoryCloud(an_nsg(), a_bastion(), a_setting(), *a_spoke(public_ip=True)))

    world.handle(Message(sweep=AT))

    assert {NSG_ID.text, BASTION_ID.text, PIP_ID.text} == targets(world)
    assert all(message.force and message.reason == "sweep" for message in world.waiting)


def test_a_sweep_closes_the_findings_of_what_has_vanished_without_an_event() -> None:
    cloud = MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke())
    world = World(cloud, a_baseline(mode="observe"))
    world.handle()
    world.cloud.remove(NSG_ID)
    world.queue.send(Message(sweep=AT))

    world.run()

    assert ["DriftProposed", "DriftResolved"] == world.announced


def test_a_sweep_of_a_group_stays_within_it() -> None:
    world = World(MemoryCloud(an_nsg(), a_bastion(), *a_spoke()))

    world.handle(Message(sweep=GROUP_ID.text))

    assert {NSG_ID.text} == targets(world)


def test_a_group_whose_name_only_begins_alike_is_not_swept_along() -> None:
    other = ResourceId.parse(NSG_ID.text.replace("rg-web", "rg-web-2"))
    world = World(MemoryCloud(an_nsg(identity=other, subnets=())))

    world.handle(Message(sweep=GROUP_ID.text))

    assert [] == world.waiting


def test_a_sweep_that_was_given_up_is_told_and_resolved_by_the_next_one() -> None:
    class Forbidding:
        def list(self, listing: Listing) -> None:
            raise ForbiddenError(f"HTTP 403 {listing.type}")

    world = estate()

    assert Ending.GAVE_UP is world.handle(Message(sweep=AT), cloud=Forbidding()).ending
    assert Ending.EXPANDED is world.handle(Message(sweep=AT)).ending

    assert ["GaveUp", "DriftResolved"] == world.announced


def test_a_sweep_of_another_subscription_is_refused() -> None:
    world = estate()

    assert Ending.REFUSED is world.handle(Message(sweep=f"/subscriptions/{FOREIGN}")).ending
    assert [] == world.cloud.reads
