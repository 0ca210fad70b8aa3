"""Ranges of ports in front of a pool, members of pools, and routes that take the place of others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lab.plain_client import NETWORK, WHERE, Plain, a_lab, a_nic, named
from tests.unit.lab.sdk_client import misfits, network_client

NSG = f"{NETWORK}/networkSecurityGroups/web"
VNET = f"{NETWORK}/virtualNetworks/hub"
SUBNET = f"{VNET}/subnets/web"
NIC = f"{NETWORK}/networkInterfaces/one"
BALANCER = f"{NETWORK}/loadBalancers/front"
POOL = f"{BALANCER}/backendAddressPools/pool"
TABLE = f"{NETWORK}/routeTables/to-firewall"
RANGE = {
    "frontendIPConfiguration": {"id": f"{BALANCER}/frontendIPConfigurations/fe"},
    "backendAddressPool": {"id": POOL},
    "frontendPortRangeStart": 50000,
    "frontendPortRangeEnd": 50099,
    "backendPort": 22,
    "protocol": "Tcp",
}


def a_network(azure: Plain) -> None:
    subnets = [named("web", {"properties": {"addressPrefix": "10.0.1.0/24"}})]
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets}
    azure.made(VNET, WHERE | {"properties": space})


def a_balancer(azure: Plain) -> None:
    frontend = named("fe", {"properties": {"publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/pip"}}})
    parts = {"frontendIPConfigurations": [frontend], "backendAddressPools": [{"name": "pool"}]}
    answer = azure.put(BALANCER, WHERE | {"sku": {"name": "Standard"}, "properties": parts})
    assert (answer.status, answer.state) == (201, "Succeeded")


def test_a_rule_for_a_pool_shows_its_range_and_no_port_and_is_shown_by_pool_and_frontend() -> None:
    with a_lab() as (azure, _):
        a_balancer(azure)
        rule = azure.made(f"{BALANCER}/inboundNatRules/many", {"properties": RANGE})
        shown = rule["properties"]
        assert {key: shown[key] for key in RANGE} == RANGE
        assert shown["frontendPort"] == 0
        assert (shown["enableFloatingIP"], shown["idleTimeoutInMinutes"]) == (False, 4)
        holder = {"id": rule["id"]}
        assert azure.get(POOL).body["properties"]["inboundNatRules"] == [holder]
        frontend = azure.get(BALANCER).body["properties"]["frontendIPConfigurations"][0]
        assert frontend["properties"]["inboundNatRules"] == [holder]


def test_what_was_answered_as_succeeded_does_not_hold_up_the_next_write() -> None:
    with a_lab() as (azure, _):
        a_balancer(azure)
        assert azure.put(f"{BALANCER}/inboundNatRules/many", {"properties": RANGE}).status == 201
        busy = azure.put(f"{BALANCER}/inboundNatRules/more", {"properties": RANGE})
        assert (busy.status, busy.code) == (409, "AnotherOperationInProgress")


def test_a_member_of_a_pool_is_told_the_port_that_leads_to_it() -> None:
    with a_lab() as (azure, _):
        a_network(azure)
        a_balancer(azure)
        addresses = [
            named(f"a{last}", {"properties": {"ipAddress": f"10.0.1.{last}", "virtualNetwork": {"id": VNET}}})
            for last in (4, 5)
        ]
        azure.made(POOL, {"properties": {"loadBalancerBackendAddresses": addresses}})
        azure.made(f"{BALANCER}/inboundNatRules/many", {"properties": RANGE})
        asked = azure.send("POST", f"{POOL}/queryInboundNatRulePortMapping", {"ipAddress": "10.0.1.5"})
        assert (asked.status, azure.finish(asked)) == (202, "Succeeded")
        assert azure.get(asked.headers["location"]).body == {
            "inboundNatRulePortMappings": [
                {"inboundNatRuleName": "many", "protocol": "Tcp", "frontendPort": 50001, "backendPort": 22}
            ]
        }


@pytest.mark.parametrize(
    ("member", "status"),
    [({"loadBalancerBackendAddressPools": [{"id": POOL}]}, "Updating"), ({}, "Succeeded")],
)
def test_a_member_of_a_pool_changes_in_an_operation_and_others_at_once(
    member: dict[str, Any], status: str
) -> None:
    with a_lab() as (azure, _):
        a_network(azure)
        a_balancer(azure)
        azure.made(NIC, a_nic(SUBNET, **member))
        changed = azure.put(NIC, a_nic(SUBNET, **member) | {"tags": {"a": "b"}})
        assert changed.state == status
        assert ("azure-asyncoperation" in changed.headers) == bool(member)


def test_a_route_of_the_table_takes_the_place_of_the_systems() -> None:
    with a_lab() as (azure, _):
        a_network(azure)
        azure.made(NIC, a_nic(SUBNET))
        route = {
            "addressPrefix": "0.0.0.0/0",
            "nextHopType": "VirtualAppliance",
            "nextHopIpAddress": "10.9.0.4",
        }
        azure.made(TABLE, WHERE | {"properties": {"routes": [named("all", {"properties": route})]}})
        azure.made(SUBNET, {"properties": {"addressPrefix": "10.0.1.0/24", "routeTable": {"id": TABLE}}})
        asked = azure.send("POST", f"{NIC}/effectiveRouteTable")
        azure.finish(asked)
        routes = azure.get(asked.headers["location"]).body["value"]
        default = [each for each in routes if each["addressPrefix"] == ["0.0.0.0/0"]]
        assert [(each["source"], each["state"], each["nextHopIpAddress"]) for each in default] == [
            ("Default", "Invalid", []),
            ("User", "Active", ["10.9.0.4"]),
        ]


def test_an_action_names_the_url_of_its_result_and_no_other() -> None:
    with a_lab() as (azure, _):
        a_network(azure)
        azure.made(NIC, a_nic(SUBNET))
        asked = azure.send("POST", f"{NIC}/effectiveRouteTable")
        assert "azure-asyncoperation" not in asked.headers
        assert "/operationResults/" in asked.headers["location"]


def test_a_service_is_reached_from_where_the_documents_say() -> None:
    with a_lab() as (azure, _):
        a_network(azure)
        services = [{"service": "Microsoft.Storage"}, {"service": "Microsoft.KeyVault"}]
        subnet = azure.made(
            SUBNET, {"properties": {"addressPrefix": "10.0.1.0/24", "serviceEndpoints": services}}
        )
        assert subnet["properties"]["serviceEndpoints"] == [
            {"provisioningState": "Succeeded", "service": "Microsoft.Storage",
             "locations": ["westeurope", "northeurope"]},
            {"provisioningState": "Succeeded", "service": "Microsoft.KeyVault", "locations": ["*"]},
        ]  # fmt: skip


def test_a_policy_of_service_end_points_holds_its_definitions_and_shows_its_subnets() -> None:
    with a_lab() as (azure, _):
        a_network(azure)
        policy = f"{NETWORK}/serviceEndpointPolicies/only-ours"
        azure.made(policy, WHERE)
        told = {"service": "Microsoft.Storage", "serviceResources": [NETWORK]}
        definition = azure.made(f"{policy}/serviceEndpointPolicyDefinitions/one", {"properties": told})
        assert "location" not in definition
        used = {"addressPrefix": "10.0.1.0/24", "serviceEndpointPolicies": [{"id": policy}]}
        azure.made(SUBNET, {"properties": used})
        shown = azure.get(policy).body["properties"]
        assert [each["name"] for each in shown["serviceEndpointPolicyDefinitions"]] == ["one"]
        assert shown["subnets"] == [{"id": SUBNET}]


def test_effective_answers_are_what_microsofts_models_declare() -> None:
    with a_lab() as (azure, _), network_client(azure.url) as client:
        a_network(azure)
        azure.made(NSG, WHERE)
        azure.made(
            SUBNET, {"properties": {"addressPrefix": "10.0.1.0/24", "networkSecurityGroup": {"id": NSG}}}
        )
        azure.made(NIC, a_nic(SUBNET))
        interfaces = client.network_interfaces
        routes = interfaces.begin_get_effective_route_table("rg-hub", "one").result()
        groups = interfaces.begin_list_effective_network_security_groups("rg-hub", "one").result()
        assert [each for item in (*routes.value, *groups.value) for each in misfits(item)] == []
        rules = {each.name: each for each in groups.value[0].effective_security_rules}
        inside = rules["defaultSecurityRules/AllowVnetInBound"].expanded_source_address_prefix
        assert inside == ["10.0.0.0/16", "168.63.129.16/32"]
