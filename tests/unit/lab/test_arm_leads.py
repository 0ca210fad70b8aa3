"""What a way in leads through, as the lab shows it: firewalls, gateways, fleets, effective admin rules."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest

from tests.unit.lab.plain_client import GROUP, NETWORK, WHERE, Plain, a_lab, named
from tests.unit.lab.sdk_client import misfits, models, network_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azure.mgmt.network._utils.model_base import Model

VNET = f"{NETWORK}/virtualNetworks/hub"
OTHER = f"{NETWORK}/virtualNetworks/other"
PIP = f"{NETWORK}/publicIPAddresses/front"
FIREWALL = f"{NETWORK}/azureFirewalls/fw"
POLICY = f"{NETWORK}/firewallPolicies/base"
COLLECTIONS = f"{POLICY}/ruleCollectionGroups/dnat"
OFFICE = f"{NETWORK}/ipGroups/office"
GATEWAY = f"{NETWORK}/applicationGateways/agw"
BALANCER = f"{NETWORK}/loadBalancers/lb"
SERVICE = f"{NETWORK}/privateLinkServices/pls"
NIC = f"{NETWORK}/networkInterfaces/web"
FLEET = f"{GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/fleet"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks"
MANAGER = f"{NETWORK}/networkManagers/avnm"
RULES = f"{MANAGER}/securityAdminConfigurations/c/ruleCollections/rc"


def told(**properties: Any) -> dict[str, Any]:
    return WHERE | {"properties": properties}


def at(resource: str) -> dict[str, str]:
    return {"id": resource}


def a_network(azure: Plain) -> None:
    names = ("AzureFirewallSubnet", "gateway", "web")
    subnets = [
        named(each, {"properties": {"addressPrefix": f"10.0.{number}.0/24"}})
        for number, each in enumerate(names)
    ]
    azure.made(VNET, told(addressSpace={"addressPrefixes": ["10.0.0.0/16"]}, subnets=subnets))
    azure.made(PIP, WHERE | {"sku": {"name": "Standard"}})


def a_dnat_rule() -> dict[str, Any]:
    return {
        "ruleType": "NatRule",
        "name": "ssh",
        "ipProtocols": ["TCP"],
        "sourceIpGroups": [OFFICE],
        "destinationAddresses": ["20.1.1.1"],
        "destinationPorts": ["50022"],
        "translatedAddress": "10.0.2.4",
        "translatedPort": "22",
    }


def a_firewall(azure: Plain) -> None:
    azure.made(OFFICE, told(ipAddresses=["203.0.113.0/24"]))
    azure.made(POLICY, told())
    collection = {
        "ruleCollectionType": "FirewallPolicyNatRuleCollection",
        "name": "in",
        "priority": 100,
        "action": {"type": "DNAT"},
        "rules": [a_dnat_rule()],
    }
    azure.made(COLLECTIONS, {"properties": {"priority": 200, "ruleCollections": [collection]}})
    outside = {"subnet": at(f"{VNET}/subnets/AzureFirewallSubnet"), "publicIPAddress": at(PIP)}
    azure.made(
        FIREWALL,
        told(firewallPolicy=at(POLICY), ipConfigurations=[named("c", {"properties": outside})]),
    )


def a_gateway(azure: Plain) -> None:
    part = GATEWAY + "/{}/{}"
    listener = {
        "frontendIPConfiguration": at(part.format("frontendIPConfigurations", "f")),
        "frontendPort": at(part.format("frontendPorts", "p")),
        "protocol": "Tcp",
    }
    azure.made(
        GATEWAY,
        told(
            sku={"name": "Standard_v2", "tier": "Standard_v2", "capacity": 1},
            gatewayIPConfigurations=[named("g", {"properties": {"subnet": at(f"{VNET}/subnets/gateway")}})],
            frontendIPConfigurations=[named("f", {"properties": {"publicIPAddress": at(PIP)}})],
            frontendPorts=[named("p", {"properties": {"port": 2222}})],
            backendAddressPools=[named("pool", {})],
            backendSettingsCollection=[named("ssh", {"properties": {"port": 22, "protocol": "Tcp"}})],
            listeners=[named("l", {"properties": listener})],
        ),
    )


def a_scale_set(azure: Plain, capacity: int = 2) -> dict[str, Any]:
    configuration = {
        "subnet": at(f"{VNET}/subnets/web"),
        "publicIPAddressConfiguration": {"name": "pub", "properties": {"idleTimeoutInMinutes": 10}},
        "loadBalancerBackendAddressPools": [at(f"{BALANCER}/backendAddressPools/pool")],
    }
    interface = {"primary": True, "ipConfigurations": [named("ip", {"properties": configuration})]}
    profile = {"networkInterfaceConfigurations": [named("nic", {"properties": interface})]}
    return azure.made(
        FLEET,
        told(virtualMachineProfile={"networkProfile": profile})
        | {"sku": {"name": "Standard_B1s", "capacity": capacity}},
    )


def a_balancer(azure: Plain) -> None:
    azure.made(
        BALANCER,
        told(
            frontendIPConfigurations=[
                named("f", {"properties": {"subnet": at(f"{VNET}/subnets/web")}}),
            ],
            backendAddressPools=[named("pool", {})],
        ),
    )


@pytest.fixture
def azure() -> Iterator[Plain]:
    with a_lab() as (client, _):
        a_network(client)
        yield client


def shown(azure: Plain, resource: str) -> dict[str, Any]:
    found = azure.get(resource).body["properties"]
    assert isinstance(found, dict)
    return found


# Firewalls ---------------------------------------------------------------------------------------


def test_a_policy_shows_its_groups_and_firewalls_and_an_ip_group_who_names_it(azure: Plain) -> None:
    a_firewall(azure)
    assert shown(azure, POLICY)["ruleCollectionGroups"] == [at(COLLECTIONS)]
    assert shown(azure, POLICY)["firewalls"] == [at(FIREWALL)]
    assert shown(azure, OFFICE)["firewallPolicies"] == [at(POLICY)]
    assert shown(azure, PIP)["ipConfiguration"] == at(f"{FIREWALL}/azureFirewallIpConfigurations/c")


def test_groups_of_rules_are_listed_on_their_policy_and_not_held_by_it(azure: Plain) -> None:
    a_firewall(azure)
    listed = azure.get(f"{POLICY}/ruleCollectionGroups").body["value"]
    assert [each["id"] for each in listed] == [COLLECTIONS]
    assert listed[0]["properties"]["ruleCollections"][0]["rules"] == [a_dnat_rule()]
    azure.finish(azure.delete(COLLECTIONS))
    assert shown(azure, POLICY)["ruleCollectionGroups"] == []


def test_what_a_firewall_uses_cannot_be_deleted(azure: Plain) -> None:
    a_firewall(azure)
    assert azure.delete(POLICY).code == "InUseFirewallPolicyCannotBeDeleted"
    assert azure.delete(OFFICE).code == "IpGroupsHasFirewallPolicyReferences"
    azure.finish(azure.delete(FIREWALL))
    assert azure.finish(azure.delete(POLICY)) == "Succeeded"
    assert azure.finish(azure.delete(OFFICE)) == "Succeeded"


@pytest.mark.parametrize("priority", [None, 99, 65001])
def test_a_group_of_rules_needs_a_priority(azure: Plain, priority: int | None) -> None:
    azure.made(POLICY, told())
    refused = azure.put(COLLECTIONS, {"properties": {"priority": priority}})
    assert refused.status == 400
    assert azure.get(COLLECTIONS).status == 404


def test_a_firewall_has_its_rules_in_itself_or_in_a_policy(azure: Plain) -> None:
    azure.made(POLICY, told())
    collection = named("in", {"properties": {"priority": 100, "action": {"type": "Dnat"}, "rules": []}})
    classic = azure.made(FIREWALL, told(natRuleCollections=[collection]))
    assert classic["properties"]["natRuleCollections"][0]["id"] == f"{FIREWALL}/natRuleCollections/in"
    both = told(natRuleCollections=[collection], firewallPolicy=at(POLICY))
    assert azure.put(FIREWALL, both).status == 400


def test_a_classic_firewall_shows_in_the_ip_groups_its_rules_name(azure: Plain) -> None:
    azure.made(OFFICE, told())
    rules = {"priority": 100, "rules": [{"name": "ssh", "sourceIpGroups": [OFFICE]}]}
    azure.made(FIREWALL, told(natRuleCollections=[named("in", {"properties": rules})]))
    assert shown(azure, OFFICE)["firewalls"] == [at(FIREWALL)]
    assert azure.delete(OFFICE).code == "IpGroupsHasFirewallReferences"


# Gateways, balancers and private links -----------------------------------------------------------


def test_a_gateways_pool_shows_the_interfaces_that_joined_it(azure: Plain) -> None:
    a_gateway(azure)
    pool = f"{GATEWAY}/backendAddressPools/pool"
    joined = {"subnet": at(f"{VNET}/subnets/web"), "applicationGatewayBackendAddressPools": [at(pool)]}
    azure.made(NIC, told(ipConfigurations=[named("c", {"properties": joined})]))
    (found,) = shown(azure, GATEWAY)["backendAddressPools"]
    assert found["properties"]["backendIPConfigurations"] == [at(f"{NIC}/ipConfigurations/c")]


def test_a_gateways_subnet_shows_it_as_a_gateways(azure: Plain) -> None:
    a_gateway(azure)
    found = shown(azure, f"{VNET}/subnets/gateway")
    assert found["applicationGatewayIPConfigurations"] == [at(f"{GATEWAY}/gatewayIPConfigurations/g")]
    assert shown(azure, PIP)["ipConfiguration"] == at(f"{GATEWAY}/frontendIPConfigurations/f")


def test_a_private_link_service_approves_nobody_until_it_is_told_to(azure: Plain) -> None:
    a_balancer(azure)
    frontends = [at(f"{BALANCER}/frontendIPConfigurations/f")]
    inside = [named("c", {"properties": {"subnet": at(f"{VNET}/subnets/web")}})]
    made = azure.made(SERVICE, told(loadBalancerFrontendIpConfigurations=frontends, ipConfigurations=inside))
    assert made["properties"]["autoApproval"] == {"subscriptions": []}
    alias = made["properties"]["alias"]
    again = azure.made(SERVICE, told(autoApproval={"subscriptions": ["*"]}, ipConfigurations=inside))
    assert again["properties"]["autoApproval"] == {"subscriptions": ["*"]}
    assert (alias, again["properties"]["alias"]) == (alias, alias)


# Fleets ------------------------------------------------------------------------------------------


def test_a_scale_set_makes_its_instances_with_interfaces_and_addresses(azure: Plain) -> None:
    a_balancer(azure)
    a_scale_set(azure)
    machines, interfaces, addresses = (
        azure.get(f"{FLEET}/{each}").body["value"]
        for each in ("virtualMachines", "networkInterfaces", "publicipaddresses")
    )
    assert [each["instanceId"] for each in machines] == ["0", "1"]
    assert [each["id"] for each in interfaces] == [
        f"{FLEET}/virtualMachines/{number}/networkInterfaces/nic" for number in (0, 1)
    ]
    assert ["type" in each for each in interfaces + addresses] == [False] * 4
    configuration = interfaces[0]["properties"]["ipConfigurations"][0]
    assert configuration["properties"]["publicIPAddress"] == at(addresses[0]["id"])
    assert addresses[0]["properties"]["ipConfiguration"] == at(configuration["id"])
    pool = shown(azure, BALANCER)["backendAddressPools"][0]
    assert len(pool["properties"]["backendIPConfigurations"]) == 2
    used = {
        each["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] for each in interfaces
    }
    assert len(used) == 2


def test_a_scale_set_that_shrinks_loses_its_last_instances(azure: Plain) -> None:
    a_balancer(azure)
    a_scale_set(azure, 3)
    first = azure.get(f"{FLEET}/publicipaddresses").body["value"][0]["properties"]["ipAddress"]
    a_scale_set(azure, 1)
    (left,) = azure.get(f"{FLEET}/publicipaddresses").body["value"]
    assert left["properties"]["ipAddress"] == first
    assert azure.delete(FLEET).status == 200
    assert azure.get(f"{FLEET}/networkInterfaces").status == 404


def test_one_instance_lists_its_own_interfaces(azure: Plain) -> None:
    a_balancer(azure)
    a_scale_set(azure)
    listed = azure.get(f"{FLEET}/virtualMachines/1/networkInterfaces").body["value"]
    assert [each["id"] for each in listed] == [f"{FLEET}/virtualMachines/1/networkInterfaces/nic"]


def test_a_clusters_pools_show_in_it_however_they_were_written(azure: Plain) -> None:
    system = {"name": "system", "mode": "System"}
    made = azure.made(CLUSTER, told(agentPoolProfiles=[system]))
    assert made["properties"]["agentPoolProfiles"][0]["enableNodePublicIP"] is False
    assert made["properties"]["nodeResourceGroup"] == "MC_rg-hub_aks_westeurope"
    azure.made(f"{CLUSTER}/agentPools/edge", {"properties": {"enableNodePublicIP": True}})
    pools = {each["name"]: each["enableNodePublicIP"] for each in shown(azure, CLUSTER)["agentPoolProfiles"]}
    assert pools == {"system": False, "edge": True}
    azure.delete(f"{CLUSTER}/agentPools/edge")
    assert [each["name"] for each in shown(azure, CLUSTER)["agentPoolProfiles"]] == ["system"]


# What governs a network --------------------------------------------------------------------------


def an_admin_rule(priority: int) -> dict[str, Any]:
    return {
        "kind": "Custom",
        "properties": {
            "access": "AlwaysAllow", "direction": "Inbound", "protocol": "Tcp", "priority": priority,
            "sources": [{"addressPrefix": "Internet", "addressPrefixType": "ServiceTag"}],
            "destinations": [], "sourcePortRanges": ["0-65535"], "destinationPortRanges": ["22"],
        },
    }  # fmt: skip


def governed(azure: Plain) -> None:
    group = f"{MANAGER}/networkGroups/g"
    azure.made(MANAGER, told(networkManagerScopes={"subscriptions": [NETWORK.partition("/resourceG")[0]]}))
    azure.made(group, {"properties": {"memberType": "VirtualNetwork"}})
    azure.made(f"{group}/staticMembers/m", {"properties": {"resourceId": VNET}})
    azure.made(f"{MANAGER}/securityAdminConfigurations/c", {"properties": {"description": "landing zone"}})
    azure.made(RULES, {"properties": {"appliesToGroups": [{"networkGroupId": group}]}})
    for number in range(3):
        azure.made(f"{RULES}/rules/r{number}", an_admin_rule(number + 1))


def effective(client: Any, network: str = "hub", **query: Any) -> Model:
    found = client.list_network_manager_effective_security_admin_rules("rg-hub", network, query)
    assert isinstance(found, models.NetworkManagerEffectiveSecurityAdminRulesListResult)
    return found


def test_the_sdk_reads_which_admin_rules_govern_a_network(azure: Plain) -> None:
    governed(azure)
    azure.made(OTHER, told(addressSpace={"addressPrefixes": ["10.9.0.0/16"]}))
    with network_client(azure.url) as client:
        found = effective(client)
        assert [rule.priority for rule in found["value"]] == [1, 2, 3]
        (first, *_) = (models.EffectiveSecurityAdminRule(each) for each in found["value"])
        assert (first.access, first.sources[0].address_prefix) == ("AlwaysAllow", "Internet")
        assert first.id == f"{RULES}/rules/r0"
        assert first.configuration_description == "landing zone"
        assert misfits(first) == []
        assert effective(client, "other")["value"] == []
        with pytest.raises(ResourceNotFoundError):
            effective(client, "gone")


def test_the_answer_comes_in_pages_named_by_a_token() -> None:
    with a_lab(page_size=2) as (azure, _), network_client(azure.url) as client:
        a_network(azure)
        governed(azure)
        first = effective(client)
        assert len(first["value"]) == 2
        last = effective(client, skipToken=first["skipToken"])
        assert [rule.priority for rule in last["value"]] == [3]
        assert "skipToken" not in last


def test_asking_what_governs_a_network_needs_the_action() -> None:
    reads = ["Microsoft.Network/virtualNetworks/read"]
    with a_lab(roles={"bob": reads}) as (azure, _), closing(Plain(azure.url, "bob")) as bob:
        a_network(azure)
        refused = bob.send("POST", f"{VNET}/listNetworkManagerEffectiveSecurityAdminRules", {})
        assert (refused.status, refused.code) == (403, "AuthorizationFailed")
        needed = "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action"
        assert f"'{needed}'" in refused.error["message"]


# By Microsoft's own client -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("AzureFirewall", FIREWALL),
        ("FirewallPolicy", POLICY),
        ("FirewallPolicyRuleCollectionGroup", COLLECTIONS),
        ("IpGroup", OFFICE),
        ("ApplicationGateway", GATEWAY),
        ("PrivateLinkService", SERVICE),
        ("NetworkManager", MANAGER),
    ],
)
def test_an_answer_fits_the_sdks_model_of_its_type(azure: Plain, model: str, path: str) -> None:
    a_firewall(azure)
    governed(azure)
    a_gateway(azure)
    azure.made(SERVICE, told())
    assert misfits(getattr(models, model)(azure.get(path).body)) == []


def test_the_sdk_writes_waits_reads_lists_and_deletes_a_firewall(azure: Plain) -> None:
    with network_client(azure.url) as client:
        policies, groups = client.firewall_policies, client.firewall_policy_rule_collection_groups
        policies.begin_create_or_update("rg-hub", "base", {"location": "westeurope"}).result()
        made = groups.begin_create_or_update("rg-hub", "base", "dnat", {"properties": {"priority": 100}})
        assert made.result().provisioning_state == "Succeeded"
        assert [each.name for each in groups.list("rg-hub", "base")] == ["dnat"]
        firewall = {"location": "westeurope", "properties": {"firewallPolicy": at(POLICY)}}
        client.azure_firewalls.begin_create_or_update("rg-hub", "fw", firewall).result()
        assert [each.name for each in client.azure_firewalls.list_all()] == ["fw"]
        with pytest.raises(HttpResponseError):
            policies.begin_delete("rg-hub", "base").result()
        client.azure_firewalls.begin_delete("rg-hub", "fw").result()
        policies.begin_delete("rg-hub", "base").result()
        assert list(policies.list_all()) == []


def test_the_sdk_lists_what_the_instances_of_a_scale_set_have(azure: Plain) -> None:
    a_balancer(azure)
    a_scale_set(azure)
    with network_client(azure.url) as client:
        interfaces = client.network_interfaces
        every = list(interfaces.list_virtual_machine_scale_set_network_interfaces("rg-hub", "fleet"))
        assert [each.name for each in every] == ["nic", "nic"]
        own = interfaces.list_virtual_machine_scale_set_vm_network_interfaces("rg-hub", "fleet", "1")
        assert [each.id for each in own] == [every[1].id]
        addresses = client.public_ip_addresses
        found = list(addresses.list_virtual_machine_scale_set_public_ip_addresses("rg-hub", "fleet"))
        assert all(each.ip_address for each in found)
        response = client.send_request(HttpRequest("GET", f"{CLUSTER}?api-version=2025-08-01"))
        assert response.status_code == 404


def test_unknown_members_survive_a_get_and_a_put(azure: Plain) -> None:
    for path in (FIREWALL, POLICY, GATEWAY, SERVICE, FLEET, CLUSTER):
        azure.made(path, told(unheardOf={"a": 1}))
        assert azure.made(path, azure.get(path).body)["properties"]["unheardOf"] == {"a": 1}
