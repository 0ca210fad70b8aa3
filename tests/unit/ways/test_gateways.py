"""Application Gateway as an entry: layer-4 listeners, their pools, and the group of the gateway's subnet."""

from typing import Any

import pytest

from remediation.kinds import APPLICATION_GATEWAY
from remediation.nsg.spaces.addresses import PUBLIC_V4, PUBLIC_V6, ranges_of
from remediation.nsg.spaces.sets import subtract
from remediation.ways.entries.gateways import leads
from remediation.ways.lead import Lead
from tests.unit.ways.estate_of_entries import (
    APPS,
    HUB,
    NET,
    PUBLIC,
    SPOKE,
    Document,
    a_hub,
    a_network,
    a_nic,
    a_subnet,
    an_address,
    around,
    named,
    reference,
    target_of,
)

GATEWAY = f"{NET}/applicationGateways/agw"
EDGE = f"{SPOKE}/subnets/edge"
GROUP = f"{NET}/networkSecurityGroups/edge"
POOL = f"{GATEWAY}/backendAddressPools/pool"
OFFICE = ranges_of("20.1.2.0/24")


def part(array: str, name: str, **properties: Any) -> Document:
    return named(f"{GATEWAY}/{array}/{name}", properties)


def at(array: str, name: str) -> Document:
    return reference(f"{GATEWAY}/{array}/{name}")


def a_pool(*addresses: Document, **more: Any) -> Document:
    return part("backendAddressPools", "pool", backendAddresses=list(addresses), **more)


def a_gateway(
    pool: Document | None = None,
    *,
    protocol: str | None = "Tcp",
    front: Document | None = None,
    subnet: str = EDGE,
    **changes: Any,
) -> Document:
    public = front or {"publicIPAddress": reference(f"{NET}/publicIPAddresses/pip")}
    spoken = {} if protocol is None else {"protocol": protocol}
    listener = part(
        "listeners",
        "l",
        frontendIPConfiguration=at("frontendIPConfigurations", "f"),
        frontendPort=at("frontendPorts", "p"),
        **spoken,
    )
    route = part(
        "routingRules",
        "r",
        listener=at("listeners", "l"),
        backendAddressPool=reference(POOL),
        backendSettings=at("backendSettingsCollection", "s"),
    )
    return named(
        GATEWAY,
        {
            "gatewayIPConfigurations": [part("gatewayIPConfigurations", "g", subnet=reference(subnet))],
            "frontendIPConfigurations": [part("frontendIPConfigurations", "f", **public)],
            "frontendPorts": [part("frontendPorts", "p", port=2222)],
            "backendSettingsCollection": [part("backendSettingsCollection", "s", protocol="Tcp", port=22)],
            "backendAddressPools": [a_pool({"ipAddress": "10.1.0.4"}) if pool is None else pool],
            "listeners": [listener],
            "routingRules": [route],
            **changes,
        },
    )


def a_network_with_an_edge(group: bool = False) -> Document:
    guarded = {"networkSecurityGroup": reference(GROUP)} if group else {}
    return a_network(SPOKE, a_subnet(APPS, "10.1.0.0/24"), a_subnet(EDGE, "10.1.8.0/24", **guarded))


def a_group_for(source: str) -> Document:
    rule = {
        "protocol": "Tcp",
        "access": "Allow",
        "direction": "Inbound",
        "priority": 200,
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "2222",
    }
    return named(GROUP, {"securityRules": [{"name": "in", "properties": rule}], "defaultSecurityRules": []})


def found(*documents: Document, nic: Document | None = None, group: bool = False, **more: Any) -> list[Lead]:
    machine = nic or a_nic()
    near = (a_network_with_an_edge(group), an_address("pip"), machine)
    return list(leads(target_of(machine), around(*documents, *near, **more)))


@pytest.mark.parametrize("protocol", ["Tcp", "Tls"])
def test_a_layer_4_listener_leads_to_the_port_of_its_settings(protocol: str) -> None:
    (lead,) = found(a_gateway(protocol=protocol))

    assert (GATEWAY, PUBLIC, "") == (lead.entry.text, lead.address, lead.doubt)
    assert 2222 == lead.translation.front_of(22, "tcp")
    assert lead.translation.front_of(22, "udp") is None
    assert (PUBLIC_V4, ("10.1.8.0/24",)) == (lead.sources, lead.seen_as)
    assert [("public IP", ""), ("gateway", "l")] == [(hop.kind, hop.rule) for hop in lead.through]


@pytest.mark.parametrize("protocol", ["Http", "Https"])
def test_a_listener_of_the_web_is_no_way(protocol: str) -> None:
    assert [] == found(a_gateway(protocol=protocol))


def test_a_listener_of_no_known_protocol_may_be_one() -> None:
    (lead,) = found(a_gateway(protocol=None))

    assert "its protocol of listener l of agw cannot be read" in lead.doubt


def test_a_private_front_brings_nobody_in() -> None:
    assert [] == found(a_gateway(front={"privateIPAddress": "10.1.8.10", "subnet": reference(EDGE)}))


def test_a_front_that_says_neither_may_be_public() -> None:
    (lead,) = found(a_gateway(front={"unknown": True}))

    assert "its front of listener l" in lead.doubt


def test_a_pool_of_other_machines_leads_elsewhere() -> None:
    assert [] == found(a_gateway(a_pool({"ipAddress": "10.1.0.9"})))


def test_a_name_in_the_pool_may_be_this_machine() -> None:
    (lead,) = found(a_gateway(a_pool({"fqdn": "box.contoso.example"})))

    assert "box.contoso.example in its pool may be this machine" in lead.doubt


def test_a_pool_may_name_the_interface_or_the_interface_the_pool() -> None:
    by_pool = a_pool(backendIPConfigurations=[reference(f"{NET}/networkInterfaces/vm/ipConfigurations/c")])
    member = a_nic(applicationGatewayBackendAddressPools=[reference(POOL)])

    assert [""] == [lead.doubt for lead in found(a_gateway(by_pool))]
    assert [""] == [lead.doubt for lead in found(a_gateway(a_pool()), nic=member)]


def test_the_same_address_in_a_network_that_is_not_joined_is_another_machine() -> None:
    elsewhere = a_gateway(subnet=f"{HUB}/subnets/AzureFirewallSubnet")

    assert [] == found(elsewhere, a_hub())


def test_a_listener_without_a_rule_leads_nowhere() -> None:
    assert [] == found(a_gateway(routingRules=[]))


def test_a_rule_whose_listener_is_missing_may_lead_here() -> None:
    (lead,) = found(a_gateway(listeners=[]))

    assert "the listener of rule r is not in the document of agw" in lead.doubt
    assert "export" in lead.doubt


@pytest.mark.parametrize(
    ("array", "what"),
    [
        ("frontendPorts", "its port"),
        ("backendSettingsCollection", "its backend settings"),
        ("backendAddressPools", "the pool of listener l cannot be read"),
    ],
)
def test_a_part_that_is_missing_leaves_it_open(array: str, what: str) -> None:
    gateway = a_gateway()
    gateway["properties"][array] = []

    (lead,) = found(gateway)

    assert what in lead.doubt


def test_a_mere_reference_to_a_gateway_may_lead_here_where_it_may_be_joined() -> None:
    (lead,) = found(reference(GATEWAY))

    assert "gateway agw came without its properties" in lead.doubt


def test_gateways_that_were_not_listed_may_lead_here() -> None:
    (lead,) = found(unread=frozenset({APPLICATION_GATEWAY}))

    assert "was not listed" in lead.doubt


def test_the_group_of_the_gateways_subnet_sifts_who_comes_to_the_listener() -> None:
    (everybody,) = found(a_gateway(), a_group_for("*"), group=True)
    (office,) = found(a_gateway(), a_group_for("20.1.2.0/24"), group=True)

    assert (PUBLIC_V4, (), "") == (everybody.sources, everybody.unsure, everybody.why)
    assert (OFFICE, subtract(PUBLIC_V4, OFFICE)) == (office.sources, office.unsure)
    assert "group edge of the gateway's subnet" in office.why


def test_a_group_of_the_gateways_subnet_that_was_not_read_may_let_anybody_in() -> None:
    (lead,) = found(a_gateway(), group=True)

    assert ((), PUBLIC_V4) == (lead.sources, lead.unsure)
    assert "was not read" in lead.why


def test_callers_of_an_ipv6_front_are_of_ipv6() -> None:
    machine = a_nic()
    address = an_address("pip", "2603:1020::1", publicIPAddressVersion="IPv6")

    (lead,) = leads(target_of(machine), around(a_network_with_an_edge(), address, machine, a_gateway()))

    assert (PUBLIC_V6, "ipv4") == (lead.sources, lead.family)


def test_a_public_address_that_was_not_read_leaves_the_way_as_it_is() -> None:
    machine = a_nic()

    (lead,) = leads(target_of(machine), around(a_network_with_an_edge(), machine, a_gateway()))

    assert (None, "") == (lead.address, lead.doubt)
