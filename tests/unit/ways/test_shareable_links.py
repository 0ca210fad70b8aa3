"""Shareable links of Bastion: a way without an account, of which no document says whether it is there."""

from typing import Any

import pytest

from remediation.kinds import BASTION
from remediation.ways.entries.shareable_links import leads
from remediation.ways.lead import Lead
from tests.unit.ways.estate_of_entries import (
    HUB,
    NET,
    PUBLIC,
    SPOKE,
    Document,
    a_network,
    a_nic,
    a_peering,
    a_spoke,
    a_subnet,
    an_address,
    around,
    named,
    reference,
    target_of,
)

HOST = f"{NET}/bastionHosts/bas"
SUBNET = f"{HUB}/subnets/AzureBastionSubnet"


def a_host(sku: str = "Standard", **more: Any) -> Document:
    configuration = {
        "subnet": reference(SUBNET),
        "publicIPAddress": reference(f"{NET}/publicIPAddresses/pip"),
    }
    properties = {
        "ipConfigurations": [{"name": "c", "properties": configuration}],
        "enableShareableLink": True,
        **more,
    }
    return named(HOST, properties, sku={"name": sku})


def found(host: Document, *peerings: Document, nic: Document | None = None, **more: Any) -> list[Lead]:
    machine = nic or a_nic()
    hub = a_network(HUB, a_subnet(SUBNET, "10.9.1.0/26"), peerings=[a_peering(SPOKE)])
    documents = (a_spoke(*peerings), hub, an_address("pip"), machine, host)
    return list(leads(target_of(machine), around(*documents, **more)))


def test_whether_a_link_exists_no_document_shows() -> None:
    (lead,) = found(a_host(), a_peering(HUB))

    assert (HOST, PUBLIC, ("10.9.1.0/26",)) == (lead.entry.text, lead.address, lead.seen_as)
    assert "whether a shareable link of bas leads to it no document shows" in lead.doubt
    assert 443 == lead.translation.front_of(22, "tcp")


def test_a_host_that_does_not_offer_links_gives_none() -> None:
    assert [] == found(a_host(enableShareableLink=False), a_peering(HUB))


@pytest.mark.parametrize(("sku", "offers"), [("Basic", False), ("Premium", True), ("Luxury", True)])
def test_a_sku_offers_links_certainly_not_or_perhaps(sku: str, offers: bool) -> None:
    assert offers is bool(found(a_host(sku), a_peering(HUB)))


def test_a_host_of_a_network_that_is_not_joined_reaches_nobody() -> None:
    assert [] == found(a_host())


def test_bastion_reaches_machines_over_ipv4_alone() -> None:
    assert [] == found(a_host(), a_peering(HUB), nic=a_nic(address="fd00::4", privateIPAddressVersion="IPv6"))


def test_a_host_in_a_network_that_was_not_read_may_reach_it() -> None:
    machine = a_nic()
    documents = (a_spoke(a_peering(HUB)), machine, a_host())

    (lead,) = leads(target_of(machine), around(*documents))

    assert "whether it is joined to hub is not known" in lead.doubt


def test_hosts_that_were_not_listed_may_offer_links() -> None:
    (lead,) = found(a_host(), a_peering(HUB), unread=frozenset({BASTION}))

    assert "was not listed" in lead.doubt
