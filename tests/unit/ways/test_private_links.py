"""Private Link services as an entry: who is approved unasked, and which machines stand behind them."""

from typing import Any

from remediation.kinds import PRIVATE_LINK_SERVICE
from remediation.ways.entries.private_links import leads
from remediation.ways.lead import Lead
from tests.unit.ways.estate_of_entries import (
    APPS,
    NET,
    SPOKE,
    Document,
    a_network,
    a_nic,
    a_subnet,
    around,
    named,
    reference,
    target_of,
)

SERVICE = f"{NET}/privateLinkServices/pls"
NAT = f"{SPOKE}/subnets/nat"
BALANCER = f"{NET}/loadBalancers/inner"
FRONT = f"{BALANCER}/frontendIPConfigurations/f"
POOL = f"{BALANCER}/backendAddressPools/p"
ANYBODY = {"autoApproval": {"subscriptions": ["*"]}, "visibility": {"subscriptions": ["*"]}}


def a_service(**more: Any) -> Document:
    return named(
        SERVICE,
        {
            "loadBalancerFrontendIpConfigurations": [reference(FRONT)],
            "ipConfigurations": [{"name": "c", "properties": {"subnet": reference(NAT)}}],
            **ANYBODY,
            **more,
        },
    )


def a_balancer(**more: Any) -> Document:
    forward = {
        "frontendIPConfiguration": reference(FRONT),
        "backendAddressPool": reference(POOL),
        "protocol": "Tcp",
        "frontendPort": 2222,
        "backendPort": 22,
        **more,
    }
    return named(
        BALANCER,
        {
            "frontendIPConfigurations": [named(FRONT, {"subnet": reference(APPS)})],
            "backendAddressPools": [named(POOL, {})],
            "loadBalancingRules": [{"name": "ssh", "properties": forward}],
        },
    )


def found(*documents: Document, pools: bool = True, **more: Any) -> list[Lead]:
    machine = a_nic(loadBalancerBackendAddressPools=[reference(POOL)] if pools else [])
    network = a_network(SPOKE, a_subnet(APPS, "10.1.0.0/24"), a_subnet(NAT, "10.1.5.0/24"))
    return list(leads(target_of(machine), around(network, machine, *documents, **more)))


def test_a_service_that_approves_anybody_leads_to_the_machines_behind_its_front() -> None:
    (lead,) = found(a_service(), a_balancer())

    assert (SERVICE, None, "", None) == (lead.entry.text, lead.address, lead.doubt, lead.stop)
    assert ((), ("10.1.5.0/24",)) == (lead.sources, lead.seen_as)
    assert 2222 == lead.translation.front_of(22, "tcp")
    assert ["private link service", "load balancer"] == [hop.kind for hop in lead.through]


def test_a_service_that_asks_first_is_closed() -> None:
    (lead,) = found(a_service(autoApproval={"subscriptions": []}), a_balancer())

    assert lead.stop is not None
    assert "each connection has to be approved" in lead.why


def test_a_service_that_only_named_subscriptions_see_is_closed() -> None:
    (lead,) = found(a_service(visibility={"subscriptions": ["1111"]}), a_balancer())

    assert "only named subscriptions" in lead.why


def test_a_service_in_front_of_others_leads_elsewhere() -> None:
    assert [] == found(a_service(), a_balancer(), pools=False)


def test_ports_that_cannot_be_read_may_be_any() -> None:
    (lead,) = found(a_service(), a_balancer(backendPort="ssh"))

    assert "the ports of ssh cannot be read" in lead.doubt


def test_a_service_may_lead_to_an_address_without_a_balancer() -> None:
    (lead,) = found(a_service(destinationIPAddress="10.1.0.4"), pools=False)

    assert 3389 == lead.translation.front_of(3389, "tcp")


def test_a_mere_reference_to_a_service_may_lead_here() -> None:
    (lead,) = found(reference(SERVICE))

    assert "came without its properties" in lead.doubt


def test_services_that_were_not_listed_may_lead_here() -> None:
    (lead,) = found(unread=frozenset({PRIVATE_LINK_SERVICE}))

    assert "was not listed" in lead.doubt
