"""Machines that forward packets: they may lead to any machine near them, once the internet reaches them."""

from typing import Any

from remediation.kinds import NIC
from remediation.ways.entries.appliances import leads
from remediation.ways.lead import Lead
from tests.unit.ways.estate_of_entries import (
    APPS,
    COMPUTE,
    FIREWALLS,
    GROUP,
    HUB,
    NET,
    PUBLIC,
    SPOKE,
    Document,
    a_hub,
    a_nic,
    a_peering,
    a_spoke,
    an_address,
    around,
    named,
    reference,
    target_of,
)

ADDRESS: dict[str, Any] = {"publicIPAddress": reference(f"{NET}/publicIPAddresses/pip")}
BALANCER = f"{NET}/loadBalancers/outer"
POOL = f"{BALANCER}/backendAddressPools/p"


def an_appliance(name: str = "nva", **more: Any) -> Document:
    return a_nic(name, "10.1.0.9", **{"forwarding": True, **ADDRESS, **more})


def found(*documents: Document, to: Document | None = None) -> list[Lead]:
    machine = to or a_nic()
    return list(leads(target_of(machine), around(a_spoke(), an_address("pip"), machine, *documents)))


def test_an_appliance_with_a_public_address_may_lead_to_every_machine_of_its_network() -> None:
    lead, _ = found(an_appliance())

    assert (f"{COMPUTE}/virtualMachines/nva", PUBLIC) == (lead.entry.text, lead.address)
    assert "appliance nva forwards packets and can be reached at pip" in lead.doubt
    assert ["public IP", "appliance"] == [hop.kind for hop in lead.through]


def test_an_appliance_may_put_its_own_address_in_or_leave_the_callers() -> None:
    assert [("10.1.0.9",), ()] == [lead.seen_as for lead in found(an_appliance())]


def test_an_appliance_without_a_public_front_brings_nobody_in() -> None:
    assert [] == found(a_nic("nva", "10.1.0.9", forwarding=True))


def test_a_machine_with_a_public_address_that_does_not_forward_is_no_appliance() -> None:
    assert [] == found(an_appliance(forwarding=False))


def test_an_interface_of_no_machine_is_no_appliance() -> None:
    assert [] == found(an_appliance(machine=False))


def test_an_appliance_is_no_way_to_itself() -> None:
    appliance = an_appliance()

    assert [] == found(to=appliance)


def test_an_appliances_public_address_may_be_on_another_of_its_interfaces() -> None:
    outside = a_nic("outside", "10.1.0.8", **ADDRESS)
    inside = a_nic("nva", "10.1.0.9", forwarding=True)
    outside["properties"]["virtualMachine"] = inside["properties"]["virtualMachine"]

    lead, _ = found(outside, inside)

    assert PUBLIC == lead.address


def test_an_appliance_may_have_an_address_that_was_not_read() -> None:
    elsewhere: dict[str, Any] = {"publicIPAddress": reference(f"{NET}/publicIPAddresses/elsewhere")}

    lead, _ = found(an_appliance(**elsewhere))

    assert lead.address is None


def a_balancer(public: bool = True) -> Document:
    frontend = f"{BALANCER}/frontendIPConfigurations/f"
    front = ADDRESS if public else {"privateIPAddress": "10.1.0.100", "subnet": reference(APPS)}
    forward = {
        "frontendIPConfiguration": reference(frontend),
        "backendAddressPool": reference(POOL),
        "protocol": "All",
        "frontendPort": 0,
        "backendPort": 0,
    }
    return named(
        BALANCER,
        {
            "frontendIPConfigurations": [named(frontend, front)],
            "backendAddressPools": [named(POOL, {})],
            "loadBalancingRules": [{"name": "ha", "properties": forward}],
        },
    )


def in_a_pool() -> Document:
    return a_nic("nva", "10.1.0.9", forwarding=True, loadBalancerBackendAddressPools=[reference(POOL)])


def test_a_public_load_balancer_is_a_front_of_the_appliances_behind_it() -> None:
    lead, _ = found(in_a_pool(), a_balancer())

    assert ["load balancer", "appliance"] == [hop.kind for hop in lead.through]


def test_an_internal_load_balancer_is_no_front() -> None:
    assert [] == found(in_a_pool(), a_balancer(public=False))


def test_a_load_balancer_that_was_not_read_may_be_a_front() -> None:
    lead, _ = found(in_a_pool())

    assert "can be reached at outer" in lead.doubt


def test_a_pool_may_name_an_appliance_by_its_address() -> None:
    balancer = a_balancer()
    member = {"name": "m", "properties": {"ipAddress": "10.1.0.9"}}
    balancer["properties"]["backendAddressPools"][0]["properties"] = {
        "loadBalancerBackendAddresses": [member]
    }

    lead, _ = found(a_nic("nva", "10.1.0.9", forwarding=True), balancer)

    assert "outer" == lead.through[0].id.name


def in_the_hub() -> Document:
    return an_appliance(subnet=FIREWALLS)


def test_an_appliance_of_a_hub_may_lead_to_the_spokes() -> None:
    machine = a_nic()
    documents = (a_spoke(a_peering(HUB)), a_hub(a_peering(SPOKE)), an_address("pip"), machine, in_the_hub())

    lead, _ = leads(target_of(machine), around(*documents))

    assert "nva" == lead.entry.name


def test_an_appliance_of_a_network_that_is_not_joined_leads_nowhere() -> None:
    assert [] == found(in_the_hub(), a_hub())


def test_whether_its_network_is_joined_may_not_be_known() -> None:
    machine = a_nic()

    lead, _ = leads(
        target_of(machine), around(a_spoke(a_peering(HUB)), an_address("pip"), machine, in_the_hub())
    )

    assert "whether it is joined to hub is not known" in lead.doubt


def a_node(scale_set: str) -> Document:
    identity = f"{scale_set}/virtualMachines/0/networkInterfaces/nic"
    properties = an_appliance()["properties"]
    del properties["virtualMachine"]
    return named(identity, properties)


def test_nodes_of_an_aks_cluster_forward_for_their_pods_alone() -> None:
    of_a_cluster = GROUP.replace("rg", "MC_rg_aks_westeurope")
    by_group = f"{of_a_cluster}/providers/Microsoft.Compute/virtualMachineScaleSets/nodes"
    by_tag = f"{COMPUTE}/virtualMachineScaleSets/nodes"

    assert [] == found(a_node(by_group))
    assert [] == found(a_node(by_tag), named(by_tag, {}, tags={"aks-managed-poolName": "system"}))


def test_an_instance_of_a_scale_set_may_be_an_appliance() -> None:
    lead, _ = found(a_node(f"{COMPUTE}/virtualMachineScaleSets/firewalls"))

    assert "appliance 0 forwards packets" in lead.doubt


def test_interfaces_that_were_not_listed_may_be_an_appliances() -> None:
    machine = a_nic()

    (lead,) = leads(target_of(machine), around(a_spoke(), unread=frozenset({NIC})))

    assert "was not listed" in lead.doubt
