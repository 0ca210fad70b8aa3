"""Whole estates: what `scan` says of Bastion hosts and of the networks they stand in."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import AT, FOREIGN, WORKSPACE, Document
from tests.unit.scan.landing_zone import (
    BASTION,
    BASTION_ADDRESS,
    BASTION_NSG,
    BASTION_SUBNET,
    HUB,
    LOGS,
    Zone,
    a_bastion,
    a_connection,
    a_default_route,
    a_developer,
    a_hub,
    a_network,
    a_peering,
    a_subnet,
    a_zone_link,
    an_address,
    an_nsg,
    bastions_own,
    enforcing,
    let_in,
    look,
    named,
    network_id,
    to_a_hub,
    told,
    writes,
)
from tests.unit.scan.scanned import Desk

OPEN = "nsg-mgmt-open-to-internet"
ADDRESS = "pip-attached-to-vm-nic"
FLOWS = "bastion-subnet-nsg-required-flows"


def test_the_environment_decides_per_host_and_without_one_nothing_is_certain(desk: Desk) -> None:
    zone = Zone()
    zone.add(a_bastion("Basic") | {"tags": {"Environment": "PROD"}})
    spoke = zone.spoke("a", 1, peered=False)
    zone.add(
        a_developer("dev-sandbox", spoke.network, tags={"environment": "sbx"}),
        a_developer("dev-prod", spoke.network, "20.0.0.0/24", tags={"environment": "prod"}),
        a_developer("dev-nowhere", spoke.network, "20.0.0.0/24"),
    )
    known = [("production", "prod"), ("sandbox", "sbx")]
    environments = [{"name": name, "match": {"tags": {"environment": [tag]}}} for name, tag in known]

    answer = look(desk, zone, baseline=enforcing(defaultEnvironment=None, environments=environments))

    assert told(answer) == {
        ("bastion-sku-tier", "bas", "medium", "propose"),
        ("bastion-dev-network-acls-empty", "dev-sandbox", "low", "alert"),
        ("bastion-sku-tier", "dev-prod", "high", "alert"),
        ("bastion-developer-in-production", "dev-prod", "high", "alert"),
        ("vm-nsg-blocks-bastion", "nsg-a", "medium", "propose"),
    }
    assert answer.unknown == {
        ("bastion-sku-tier", "dev-nowhere"),
        ("bastion-developer-in-production", "dev-nowhere"),
    }


def test_a_host_of_its_own_must_be_let_in_by_the_spoke_and_not_the_one_in_the_hub(desk: Desk) -> None:
    zone = Zone()
    spoke = zone.spoke("a", 1)
    subnet, host = f"{spoke.network}/subnets/AzureBastionSubnet", network_id("bastionHosts", "bas-a")
    configuration, nsg = f"{host}/bastionHostIpConfigurations/cfg", network_id("networkSecurityGroups", "own")
    address = network_id("publicIPAddresses", "pip-own")
    zone[spoke.network]["subnets"].append(a_subnet(subnet, "10.1.9.0/26", nsg, configuration))
    zone.add(
        a_bastion(identity=host, subnet=subnet, address=address),
        an_address(address, configuration),
        an_nsg(nsg, bastions_own(), subnet),
    )

    answer = look(desk, zone)

    assert told(answer) == {
        ("vm-nsg-blocks-bastion", "nsg-a", "medium", "propose"),
        ("bastion-diagnostics", "bas-a", "medium", "fix"),
    }
    (allow,) = writes(answer, "vm-nsg-blocks-bastion")
    assert allow["body"]["properties"]["sourceAddressPrefixes"] == ["10.1.9.0/26"]


def test_without_any_bastion_every_network_with_machines_is_a_gap(desk: Desk) -> None:
    zone = Zone(bastion=False)
    zone.spoke("a", 1)
    zone.spoke("b", 2, public="Standard", peered=False)
    zone.add(a_network(network_id("virtualNetworks", "vnet-empty"), "10.9.0.0/16"))

    assert told(look(desk, zone)) == {
        ("bastion-coverage-gap", "vnet-a", "info", "alert"),
        ("bastion-coverage-gap", "vnet-b", "info", "alert"),
        (ADDRESS, "pip-b", "high", "alert"),
    }


def test_a_private_only_host_needs_no_address_and_no_internet(desk: Desk) -> None:
    zone = Zone()
    zone.spoke("a", 1)
    zone.take_away(BASTION_ADDRESS)
    private: Document = {"enablePrivateOnlyBastion": True, "enableSessionRecording": True}
    zone.add(a_bastion("Premium", address=None, **private))
    users, *others = bastions_own()
    users["properties"]["sourceAddressPrefix"] = "VirtualNetwork"
    zone.rules(BASTION_NSG, users, *others)

    answer = look(desk, zone)

    assert told(answer) == set()
    assert answer.unknown == set()


def test_a_bastion_group_without_rules_gets_all_of_them_since_azure_takes_no_fewer(desk: Desk) -> None:
    zone = Zone()
    zone.spoke("a", 1)
    zone.rules(BASTION_NSG)

    answer = look(desk, zone, baseline=enforcing(rules={FLOWS: {"action": "fix"}}))

    assert told(answer) == {(FLOWS, "nsg-bas", "high", "fix")}
    (write,) = writes(answer, FLOWS)
    rules = [rule["properties"] for rule in write["body"]["properties"]["securityRules"]]
    assert write["id"].endswith("/networkSecurityGroups/nsg-bas")
    assert len(rules) == len(bastions_own())
    assert "GatewayManager" in {rule["sourceAddressPrefix"] for rule in rules}


def test_a_far_network_that_nobody_exported_leaves_only_what_depends_on_it_unknown(desk: Desk) -> None:
    zone = Zone()
    zone.spoke("a", 1)
    far = network_id("virtualNetworks", "vnet-far", "rg-far", FOREIGN)
    zone[HUB]["virtualNetworkPeerings"].append(a_peering("to-far", far))

    answer = look(desk, zone)

    assert told(answer) == set()
    assert answer.unknown == {("bastion-peering-disconnected", "bas")}


def test_without_a_baseline_nothing_is_repaired_and_nothing_is_unknown_for_want_of_one(desk: Desk) -> None:
    zone = Zone()
    zone.spoke("a", 1, let_in())
    zone.take_away(LOGS)

    answer = desk.scanned(zone.documents(), baseline=None)

    assert told(answer) == {
        (OPEN, "nsg-a", "medium", "propose"),
        ("bastion-diagnostics", "bas", "medium", "alert"),
    }
    assert answer.unknown == set()


def test_without_environments_a_scan_says_once_which_rules_were_not_asked(desk: Desk) -> None:
    zone = Zone()
    zone.add(a_developer("dev", zone.spoke("a", 1).network, "20.0.0.0/24"))
    file = desk.file(zone.documents())

    table, document = (desk.scan("--estate", file, baseline=None, form=form) for form in ("table", "json"))

    note = "the baseline names no environments, by which bastion-developer-in-production and bastion-sku-tier"
    assert " ".join(table.text.split()).count(note) == 1
    assert document.document.keys() == {"findings", "unknown", "evaluated"}
    assert document.errors.count(note) == 1


def test_where_environments_are_named_a_scan_has_no_note_about_them(desk: Desk) -> None:
    answer = desk.scanned(Zone().documents())

    assert "environments" not in answer.errors


def test_a_host_made_minutes_ago_is_no_finding_yet(desk: Desk) -> None:
    zone = Zone()
    zone.take_away(LOGS)
    made = (datetime.now(UTC) - timedelta(minutes=3)).isoformat()
    zone.document(BASTION)["systemData"] = {"createdAt": made}

    answer = look(desk, zone)

    assert told(answer) == set()
    assert answer.unknown == set()


def test_settings_of_the_subscription_are_neither_the_hosts_nor_unreadable(desk: Desk) -> None:
    """ARM answers them beside the host's own, and without the leading slash of their ids."""
    zone = Zone()
    own = zone.document(LOGS)
    group = "providers/Microsoft.Management/managementGroups/mg"
    scopes = (AT.lstrip("/"), AT, group, f"/{group}")
    above = [
        {**own, "id": f"{scope}/providers/microsoft.insights/diagnosticSettings/activity"} for scope in scopes
    ]

    beside = desk.scanned([*zone.documents(), *above])
    zone.take_away(LOGS)
    alone = desk.scanned([*zone.documents(), *above])
    own["id"] = own["id"].lstrip("/")
    slashless = desk.scanned([*zone.documents(), own])

    assert told(beside) == told(slashless) == set()
    assert told(alone) == {("bastion-diagnostics", "bas", "medium", "fix")}
    assert {answer.errors for answer in (beside, alone, slashless)} == {""}
    assert beside.unknown | alone.unknown | slashless.unknown == set()


def test_a_virtual_wan_joins_its_hubs_and_leaves_out_who_is_not_connected(desk: Desk) -> None:
    zone = Zone()
    zone.add(a_bastion(enableIpConnect=True), a_hub("one"), a_hub("two"))
    a, b, _ = (zone.spoke(name, number, peered=False) for number, name in enumerate("abc", 1))
    zone.add(a_connection("one", "hub", HUB), a_connection("one", "a", a.network))
    zone.add(a_connection("two", "b", b.network))
    for network in (HUB, a.network, b.network):
        zone[network]["virtualNetworkPeerings"].append(to_a_hub())

    answer = look(desk, zone)

    assert told(answer) == {("bastion-coverage-gap", "vnet-c", "info", "alert")}
    assert answer.unknown == set()


def test_a_virtual_wan_of_another_subscription_counts_where_the_estate_holds_it(desk: Desk) -> None:
    zone = Zone()
    spoke = zone.spoke("a", 1, peered=False)
    zone.add(
        a_hub("one", FOREIGN, firewall=True),
        a_connection("one", "hub", HUB, FOREIGN, default_route=True),
        a_default_route("one", FOREIGN),
        a_connection("one", "a", spoke.network, FOREIGN),
    )

    without = told(look(desk, zone))
    zone.add(a_bastion(enableIpConnect=True))

    secured = ("bastion-vwan-default-route", "bas", "high", "alert")
    assert told(look(desk, zone)) == {secured}
    assert without == {
        secured,
        ("bastion-vwan-ip-connect", "bas", "medium", "propose"),
        ("bastion-coverage-gap", "vnet-a", "info", "alert"),
    }


def test_a_hub_that_only_its_peering_tells_of_is_unknown(desk: Desk) -> None:
    zone = Zone()
    zone[HUB]["virtualNetworkPeerings"].append(to_a_hub())

    answer = look(desk, zone)

    assert told(answer) == set()
    assert answer.unknown == {
        ("bastion-vwan-ip-connect", "bas"),
        ("bastion-vwan-default-route", "bas"),
        ("bastion-forced-tunnel", "bas"),
    }


@pytest.mark.parametrize("zone_name", ["vault.azure.net", "Management.Azure.com"])
@pytest.mark.parametrize("subscription", [None, FOREIGN])
def test_a_link_alone_tells_of_its_zone_in_whatever_subscription(
    desk: Desk, zone_name: str, subscription: str | None
) -> None:
    zone = Zone()
    link = a_zone_link(zone_name, HUB) if subscription is None else a_zone_link(zone_name, HUB, subscription)
    zone.add(link)

    assert told(look(desk, zone)) == {("bastion-private-dns-conflict", "bas", "high", "alert")}


def test_a_developer_host_beside_a_virtual_wan_hub_leaves_no_doubt(desk: Desk) -> None:
    zone = Zone(bastion=False)
    spoke = zone.spoke("a", 1, peered=False)
    zone[spoke.network]["virtualNetworkPeerings"].append(to_a_hub())
    zone.add(a_developer("dev", spoke.network, "20.0.0.0/24"))

    answer = look(desk, zone, baseline=enforcing(defaultEnvironment="sandbox"))

    assert "bastion-developer-with-peering" not in {rule for rule, _ in answer.unknown}


def test_the_default_site_of_a_gateway_counts_only_over_a_connected_peering(desk: Desk) -> None:
    zone = Zone()
    spoke = zone.spoke("a", 1)
    gateway = network_id("virtualNetworkGateways", "gw")
    inside = a_subnet(
        f"{spoke.network}/subnets/GatewaySubnet", "10.1.9.0/27", None, f"{gateway}/ipConfigurations/c"
    )
    zone[spoke.network]["subnets"].append(inside)
    zone.add(
        named(gateway, "virtualNetworkGateways", {"gatewayDefaultSite": {"id": f"{AT}/resourceGroups/x"}})
    )
    peering = zone[HUB]["virtualNetworkPeerings"][0]["properties"]
    peering["useRemoteGateways"] = True
    forced = ("bastion-forced-tunnel", "bas", "high", "alert")

    assert told(look(desk, zone)) == {forced}
    peering["peeringState"] = "Disconnected"
    assert forced not in told(look(desk, zone))


def test_a_reference_to_nothing_is_unknown_and_never_compliant(desk: Desk) -> None:
    zone = Zone()
    spoke = zone.spoke("a", 1, let_in())
    zone.take_away(spoke.network, BASTION_ADDRESS)

    answer = look(desk, zone)

    assert told(answer) == {(OPEN, "nsg-a", "critical", "alert")}
    assert {("bastion-public-ip", "bas"), ("bastion-peering-disconnected", "bas")} <= answer.unknown


def test_the_central_workspace_and_the_subnet_are_named_without_case(desk: Desk) -> None:
    zone = Zone()
    zone.spoke("a", 1)
    zone.document(LOGS)["properties"]["workspaceId"] = WORKSPACE.upper()
    zone[BASTION]["ipConfigurations"][0]["properties"]["subnet"]["id"] = BASTION_SUBNET.lower()

    assert told(look(desk, zone)) == set()


def test_the_group_of_a_bastion_subnet_that_nobody_exported_is_unknown(desk: Desk) -> None:
    zone = Zone()
    zone.take_away(BASTION_NSG)

    answer = look(desk, zone)

    assert told(answer) == set()
    assert (FLOWS, "nsg-bas") in answer.unknown
