"""Whole estates: what `scan` says of machines, the rules in front of them and the internet."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import AT, Document, a_group
from tests.unit.scan.landing_zone import (
    Spoke,
    Zone,
    a_lock,
    a_rule,
    enforcing,
    let_in,
    look,
    named,
    network_id,
    only_bastion,
    told,
    writes,
)
from tests.unit.scan.scanned import Desk

OPEN = "nsg-mgmt-open-to-internet"
ADDRESS = "pip-attached-to-vm-nic"
FLOWS = "bastion-subnet-nsg-required-flows"
SOME_DAY, LONG_AGO = "2099-01-01T00:00:00Z", "2001-01-01T00:00:00Z"
GRANTED = "MicrosoftDefenderForCloud-JITRule-123456-0123456789ABCDEF0123456789ABCDEF"


def test_every_spoke_is_graded_by_its_own_way_to_the_internet(desk: Desk) -> None:
    zone = Zone()
    zone.spoke("a", 1)
    zone.spoke("b", 2, let_in(), public="Standard")
    zone.spoke("c", 3, nsg=False, public="Basic")
    zone.spoke("d", 4, let_in("45.60.12.0/24"), windows=True)

    answer = look(desk, zone)

    assert told(answer) == {
        (OPEN, "nsg-b", "critical", "fix"),
        (OPEN, "nsg-d", "low", "propose"),
        (ADDRESS, "pip-b", "critical", "alert"),
        (ADDRESS, "pip-c", "critical", "alert"),
        ("subnet-without-nsg", "web-c", "high", "alert"),
    }
    assert answer.unknown == set()


def test_each_guard_holds_back_its_own_spoke_and_no_other(desk: Desk) -> None:
    zone = Zone()
    ports: Document = {"destinationPortRanges": ["22", "443"]}
    code, read_only, no_delete, tag, taken, _, plain = (
        zone.spoke(name, number, let_in(**ports)) for number, name in enumerate("abcdefg", 1)
    )
    zone.document(code.nsg)["tags"] = {"managed-by": "terraform"}
    zone.document(tag.nsg)["tags"] = {"bastion-guard:exempt-until": SOME_DAY}
    zone.document(plain.nsg)["tags"] = {"bastion-guard:exempt-until": LONG_AGO}
    zone.add(a_lock(read_only.nsg, "ReadOnly"), a_lock(no_delete.nsg, "CanNotDelete"))
    service = {"name": "d", "properties": {"serviceName": "Microsoft.Databricks/workspaces"}}
    zone.subnet(taken.network)["delegations"] = [service]
    exempt = {"resource": "*/networkSecurityGroups/NSG-F", "rule": "*", "until": SOME_DAY, "reason": "move"}

    answer = look(desk, zone, baseline=enforcing(exemptions=[exempt]))

    assert told(answer) == {
        (OPEN, "nsg-a", "medium", "propose"),
        (OPEN, "nsg-b", "medium", "propose"),
        (OPEN, "nsg-c", "medium", "fix"),
        (OPEN, "nsg-d", "medium", "alert"),
        (OPEN, "nsg-e", "medium", "alert"),
        (OPEN, "nsg-f", "medium", "alert"),
        (OPEN, "nsg-g", "medium", "fix"),
    }


@pytest.mark.parametrize("group", ["MC_rg_aks_weu", "SFC_1f0c", "rg-managed"])
def test_a_group_of_rules_that_belongs_to_a_service_is_only_told_of(desk: Desk, group: str) -> None:
    zone = Zone()
    zone.spoke("a", 1, let_in(), group=group)
    zone.add(a_group(group, managed_by="somebody" if group == "rg-managed" else None))

    assert told(look(desk, zone)) == {(OPEN, "nsg-a", "medium", "alert")}


def _navigation_link(zone: Zone, spoke: Spoke) -> None:
    link = {"name": "l", "properties": {"linkedResourceType": "Microsoft.ApiManagement/service"}}
    zone.subnet(spoke.network)["resourceNavigationLinks"] = [link]


def _api_management(zone: Zone, spoke: Spoke) -> None:
    identity = f"{AT}/resourceGroups/rg-web/providers/Microsoft.ApiManagement/service/api"
    where = {"virtualNetworkConfiguration": {"subnetResourceId": spoke.subnet}}
    zone.add({"id": identity, "name": "api", "properties": where})


def _application_gateway(zone: Zone, spoke: Spoke) -> None:
    inner = {"name": "c", "properties": {"subnet": {"id": spoke.subnet}}}
    identity = network_id("applicationGateways", "agw")
    zone.add(named(identity, "applicationGateways", {"gatewayIPConfigurations": [inner]}))


@pytest.mark.parametrize("owned", [_navigation_link, _api_management, _application_gateway])
def test_the_rules_of_a_subnet_that_a_service_owns_are_never_tightened(
    desk: Desk, owned: Callable[[Zone, Spoke], None]
) -> None:
    zone = Zone()
    owned(zone, zone.spoke("a", 1, let_in()))

    assert told(look(desk, zone)) == {(OPEN, "nsg-a", "medium", "alert")}


FRONTENDS: Document = {
    "public": {"publicIPAddress": {"id": network_id("publicIPAddresses", "pip-lb")}},
    "prefix": {"publicIPPrefix": {"id": network_id("publicIPPrefixes", "prefix")}},
    "private": {"privateIPAddress": "10.1.0.9"},
}


def a_balancer(array: str, frontend: str, **more: Any) -> Document:
    """A load balancer with every kind of frontend and one rule, on one of them, for the pool `machines`."""
    identity = network_id("loadBalancers", "lb")
    frontends = [{"name": name, "properties": properties} for name, properties in FRONTENDS.items()]
    rule = {
        "frontendIPConfiguration": {"id": f"{identity}/frontendIPConfigurations/{frontend}"},
        "backendAddressPool": {"id": f"{identity}/backendAddressPools/machines"},
        "frontendPort": 2222,
        "backendPort": 22,
        "protocol": "Tcp",
    }
    return named(
        identity,
        "loadBalancers",
        {"frontendIPConfigurations": frontends, array: [{"name": "one", "properties": {**rule, **more}}]},
    )


OTHERS = {"id": network_id("loadBalancers", "lb") + "/backendAddressPools/others"}


@pytest.mark.parametrize(
    ("balancer", "severity"),
    [
        pytest.param(a_balancer("loadBalancingRules", "public"), "critical", id="a public rule"),
        pytest.param(a_balancer("loadBalancingRules", "prefix"), "critical", id="an address of a prefix"),
        pytest.param(a_balancer("inboundNatRules", "public"), "critical", id="a NAT rule for the pool"),
        pytest.param(a_balancer("loadBalancingRules", "gone"), "critical", id="a frontend nobody knows"),
        pytest.param(a_balancer("loadBalancingRules", "private"), "medium", id="a private rule"),
        pytest.param(
            a_balancer("loadBalancingRules", "public", backendPort=443), "medium", id="a rule for the web"
        ),
        pytest.param(a_balancer("outboundRules", "public"), "medium", id="only a way out"),
        pytest.param(
            a_balancer("loadBalancingRules", "public", backendAddressPool=OTHERS), "medium", id="another pool"
        ),
        pytest.param(None, "critical", id="a balancer nobody exported"),
    ],
)
def test_a_load_balancer_is_a_public_path_where_a_public_rule_leads_to_the_machine(
    desk: Desk, balancer: Document | None, severity: str
) -> None:
    zone = Zone()
    spoke = zone.spoke("a", 1, let_in())
    pool = {"id": network_id("loadBalancers", "lb") + "/backendAddressPools/machines"}
    zone[spoke.nic]["ipConfigurations"][0]["properties"]["loadBalancerBackendAddressPools"] = [pool]
    if balancer is not None:
        zone.add(balancer)

    assert (OPEN, "nsg-a", severity, "fix") in told(look(desk, zone))


def test_what_a_tag_may_take_out_of_the_internet_is_told_as_open_and_as_latent(desk: Desk) -> None:
    zone = Zone()
    deny = a_rule("deny-cloud", 300, "Deny", sourceAddressPrefix="AzureCloud")
    zone.spoke("a", 1, deny, let_in())
    zone.spoke("b", 2, deny, let_in(), public="Standard")

    answer = look(desk, zone)

    assert {one for one in told(answer) if one[0] == OPEN} == {
        (OPEN, "nsg-a", "medium", "alert"),
        (OPEN, "nsg-b", "critical", "alert"),
    }


def test_a_rule_for_an_application_group_opens_only_what_is_a_member_of_it(desk: Desk) -> None:
    zone = Zone()
    groups = [network_id("applicationSecurityGroups", name) for name in ("nobody", "jump")]
    fields: list[Document] = [
        {"destinationAddressPrefix": None, "destinationApplicationSecurityGroups": [{"id": each.upper()}]}
        for each in groups
    ]
    zone.spoke("a", 1, let_in(**fields[0]))
    member = zone.spoke("b", 2, let_in(**fields[1]))
    inner = zone[member.nic]["ipConfigurations"][0]["properties"]
    inner["applicationSecurityGroups"] = [{"id": groups[1]}]

    assert told(look(desk, zone)) == {(OPEN, "nsg-b", "medium", "fix")}


def test_just_in_time_access_counts_by_its_request_and_not_by_its_name(desk: Desk) -> None:
    zone = Zone()
    spokes = [zone.spoke(name, number) for number, name in enumerate("abcde", 1)]
    for number, spoke in enumerate(spokes, 1):
        grant = a_rule(
            GRANTED, 105, sourceAddressPrefix="45.60.1.1", destinationAddressPrefix=f"10.{number}.0.4"
        )
        zone.rules(spoke.nsg, grant, *only_bastion())
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    asked = [(22, soon, "Initiated"), (22, LONG_AGO, "Initiated"), (3389, soon, "Initiated")]
    asked += [(22, soon, "Revoked"), (22, SOME_DAY, "Initiated")]
    zone.add(a_policy(spokes, asked))

    answer = look(desk, zone)

    orphaned = "nsg-jit-rule-without-request"
    assert told(answer) == {
        one
        for name in ("nsg-b", "nsg-c", "nsg-d", "nsg-e")
        for one in ((orphaned, name, "high", "alert"), (OPEN, name, "low", "alert"))
    }


def a_policy(spokes: list[Spoke], asked: list[tuple[int, str, str]]) -> Document:
    """A policy with one request for each machine: port, end and state."""
    requests, begun = [], (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    for spoke, (number, ends, status) in zip(spokes, asked, strict=True):
        port = {"number": number, "endTimeUtc": ends, "status": status}
        port["allowedSourceAddressPrefix"] = "45.60.1.1"
        machines = [{"id": spoke.machine, "ports": [port]}]
        requests.append({"startTimeUtc": begun, "virtualMachines": machines})
    place = "providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default"
    offered = [{"number": number, "maxRequestAccessDuration": "PT3H"} for number in (22, 3389)]
    machines = [{"id": each.machine, "ports": offered} for each in spokes]
    properties = {"virtualMachines": machines, "requests": requests}
    return {"id": f"{AT}/resourceGroups/rg-web/{place}", "name": "default", "properties": properties}


def test_approved_sources_and_further_ports_come_from_the_baseline(desk: Desk) -> None:
    zone = Zone()
    winrm = {"destinationPortRange": "5986"}
    spoke = zone.spoke("a", 1)
    zone.rules(
        spoke.nsg,
        a_rule("bastion", 200, sourceAddressPrefix="10.0.1.0/26", destinationPortRange="22-5986"),
        a_rule("partners", 300, sourceAddressPrefixes=["45.60.12.0/24", "46.0.0.0/16"], **winrm),
        a_rule("nobody", 4000, "Deny", destinationPortRange="22-5986", protocol="*"),
    )
    zone[spoke.nsg]["securityRules"][1]["properties"]["sourceAddressPrefix"] = None
    ports = [22, 3389, 5986]
    baseline = enforcing(managementPorts=ports, allowedManagementSources=["45.60.12.0/24"])

    answer = look(desk, zone, baseline=baseline)

    assert told(answer) == {(OPEN, "nsg-a", "low", "propose")}
    (narrowed,) = writes(answer, OPEN)
    assert narrowed["body"]["properties"]["sourceAddressPrefixes"] == ["45.60.12.0/24"]
    assert told(look(desk, zone)) == set()


def an_admin_rule(access: str, **properties: Any) -> Document:
    collection = "/securityAdminConfigurations/base/ruleCollections/all"
    identity = network_id("networkManagers", "manager", "rg-hub", "99999999-0000-0000-0000-000000000000")
    fields: Document = {
        "access": access,
        "direction": "Inbound",
        "priority": 10,
        "protocol": "Tcp",
        "sources": [{"addressPrefix": "*", "addressPrefixType": "IPPrefix"}],
        "destinationPortRanges": ["20-25"],
        **properties,
    }
    kind = "networkManagers/securityAdminConfigurations/ruleCollections/rules"
    return named(f"{identity}{collection}/rules/keep-ssh", kind, fields)


@pytest.mark.parametrize(
    ("rule", "disposition"),
    [
        (an_admin_rule("AlwaysAllow"), "alert"),
        (an_admin_rule("alwaysallow", protocol="Any", destinationPortRanges=["0-65535"]), "alert"),
        (an_admin_rule("AlwaysAllow", sources=[{"addressPrefix": "Internet"}]), "alert"),
        (an_admin_rule("AlwaysAllow", sources=[{"addressPrefix": "10.0.0.0/8"}]), "fix"),
        (an_admin_rule("AlwaysAllow", destinationPortRanges=["443"]), "fix"),
        (an_admin_rule("AlwaysAllow", direction="Outbound"), "fix"),
        (an_admin_rule("AlwaysAllow", protocol="Icmp"), "fix"),
        (an_admin_rule("Allow"), "fix"),
    ],
)
def test_closing_an_nsg_is_futile_below_a_rule_that_always_allows(
    desk: Desk, rule: Document, disposition: str
) -> None:
    zone = Zone()
    zone.spoke("a", 1, let_in(), public="Standard")
    zone.add(rule)

    answer = look(desk, zone)

    assert (OPEN, "nsg-a", "critical", disposition) in told(answer)
    assert answer.unknown == set()


def test_an_opening_below_an_admin_rule_that_denies_is_latent(desk: Desk) -> None:
    zone = Zone()
    zone.spoke("a", 1, let_in(), public="Standard")
    zone.add(an_admin_rule("Deny"))

    assert (OPEN, "nsg-a", "medium", "fix") in told(look(desk, zone))


def test_admin_rules_that_were_not_exported_are_said_to_be_unread(desk: Desk) -> None:
    zone = Zone()
    zone.spoke("a", 1, let_in(), public="Standard")
    finding = look(desk, zone).finding(OPEN)
    assert (finding["disposition"], finding["evidence"]["adminRules"]) == ("fix", "not read")
