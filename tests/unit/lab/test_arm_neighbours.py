"""What a resource shows of those that refer to it, and what follows from it."""

from __future__ import annotations

from typing import Any

from tests.unit.lab.plain_client import GROUP, NETWORK, SUBSCRIPTION, Plain, a_lab, a_rule, named

HERE = {"location": "westeurope"}
VNET = f"{NETWORK}/virtualNetworks/hub"
SUBNET = f"{VNET}/subnets/web"
NSG = f"{NETWORK}/networkSecurityGroups/web"
NIC = f"{NETWORK}/networkInterfaces/n"
BALANCER = f"{NETWORK}/loadBalancers/lb"
POOL = f"{BALANCER}/backendAddressPools/pool"
PREFIX = f"{NETWORK}/publicIPPrefixes/range"


def with_properties(**properties: Any) -> dict[str, Any]:
    return HERE | {"properties": properties}


def a_network(azure: Plain, **more: Any) -> dict[str, Any]:
    subnet = named("web", {"properties": {"addressPrefix": "10.0.1.0/24"}})
    told = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [subnet]} | more
    return azure.made(VNET, with_properties(**told))


def an_interface(azure: Plain, **configuration: Any) -> None:
    first = named("c", {"properties": {"subnet": {"id": SUBNET}} | configuration})
    azure.made(NIC, with_properties(ipConfigurations=[first]))


def shown(azure: Plain, resource: str) -> dict[str, Any]:
    found = azure.get(resource).body["properties"]
    assert isinstance(found, dict)
    return found


def test_a_prefix_shows_what_was_taken_from_it() -> None:
    with a_lab() as (azure, _):
        azure.made(PREFIX, HERE)
        address, gateway = f"{NETWORK}/publicIPAddresses/a", f"{NETWORK}/natGateways/g"
        azure.made(address, with_properties(publicIPPrefix={"id": PREFIX}))
        azure.made(gateway, with_properties(publicIpPrefixes=[{"id": PREFIX}]))
        frontend = named("f", {"properties": {"publicIPPrefix": {"id": PREFIX}}})
        azure.made(BALANCER, with_properties(frontendIPConfigurations=[frontend]))
        found = shown(azure, PREFIX)
        assert found["publicIPAddresses"] == [{"id": address}]
        assert found["natGateway"] == {"id": gateway}
        frontend_id = f"{BALANCER}/frontendIPConfigurations/f"
        assert found["loadBalancerFrontendIpConfiguration"] == {"id": frontend_id}


def test_a_flow_log_shows_on_what_it_watches_and_survives_a_put() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, HERE)
        log = f"{NETWORK}/networkWatchers/w/flowLogs/l"
        azure.made(f"{NETWORK}/networkWatchers/w", HERE)
        azure.made(log, with_properties(targetResourceId=NSG))
        azure.made(NSG, azure.get(NSG).body)
        assert shown(azure, NSG)["flowLogs"] == [{"id": log}]
        azure.finish(azure.delete(log))
        assert "flowLogs" not in shown(azure, NSG)


def test_a_protection_plan_shows_its_networks() -> None:
    with a_lab() as (azure, _):
        plan = f"{NETWORK}/ddosProtectionPlans/p"
        azure.made(plan, HERE)
        a_network(azure, ddosProtectionPlan={"id": plan}, enableDdosProtection=True)
        assert shown(azure, plan)["virtualNetworks"] == [{"id": VNET}]


def test_a_private_endpoint_is_no_ip_configuration_of_its_subnet() -> None:
    with a_lab() as (azure, _):
        a_network(azure)
        endpoint = f"{NETWORK}/privateEndpoints/e"
        azure.made(endpoint, with_properties(subnet={"id": SUBNET}))
        found = shown(azure, SUBNET)
        assert found["privateEndpoints"] == [{"id": endpoint}]
        assert "ipConfigurations" not in found


def test_a_pool_lists_an_interface_that_joined_and_forgets_it_when_it_left() -> None:
    with a_lab() as (azure, _):
        a_network(azure)
        written = named("x", {"properties": {"ipAddress": "10.0.1.200"}})
        pool = named("pool", {"properties": {"loadBalancerBackendAddresses": [written]}})
        azure.made(BALANCER, with_properties(backendAddressPools=[pool]))
        an_interface(azure, loadBalancerBackendAddressPools=[{"id": POOL}])
        azure.made(BALANCER, azure.get(BALANCER).body)
        members = shown(azure, POOL)["loadBalancerBackendAddresses"]
        assert [each["name"] for each in members] == ["x", "rg-hub_nc"]
        an_interface(azure)
        azure.made(BALANCER, with_properties(backendAddressPools=[named("pool", {"properties": {
            "loadBalancerBackendAddresses": members}})]))  # fmt: skip
        assert shown(azure, POOL)["loadBalancerBackendAddresses"] == [written]


def test_what_looks_different_has_another_etag_and_what_does_not_keeps_it() -> None:
    with a_lab() as (azure, _):
        a_network(azure)
        azure.made(NSG, HERE)
        network, group = azure.get(VNET).body["etag"], azure.get(NSG).body["etag"]
        an_interface(azure)
        assert azure.get(VNET).body["etag"] != network
        assert azure.get(NSG).body["etag"] == group
        network = azure.get(VNET).body["etag"]
        azure.made(NIC, azure.get(NIC).body)
        assert azure.get(VNET).body["etag"] == network


def test_a_network_put_without_subnets_keeps_them() -> None:
    with a_lab() as (azure, _):
        before = a_network(azure)
        space = {"addressPrefixes": ["10.0.0.0/16", "10.1.0.0/16"]}
        after = azure.made(VNET, with_properties(addressSpace=space))
        names = [[each["name"] for each in doc["properties"]["subnets"]] for doc in (before, after)]
        assert names == [["web"], ["web"]]
        emptied = azure.made(VNET, with_properties(addressSpace=space, subnets=[]))
        assert emptied["properties"]["subnets"] == []


def test_a_peering_tells_of_the_other_networks_encryption() -> None:
    with a_lab() as (azure, _):
        a_network(azure, encryption={"enabled": True})
        spoke = f"{NETWORK}/virtualNetworks/spoke"
        azure.made(spoke, with_properties(addressSpace={"addressPrefixes": ["10.9.0.0/16"]}))
        told = {"properties": {"remoteVirtualNetwork": {"id": VNET}}}
        peering = azure.made(f"{spoke}/virtualNetworkPeerings/p", told)
        encryption = {"enabled": True, "enforcement": "AllowUnencrypted"}
        assert peering["properties"]["remoteVirtualNetworkEncryption"] == encryption


def test_a_sku_left_out_is_the_one_there_is() -> None:
    with a_lab() as (azure, _):
        address = f"{NETWORK}/publicIPAddresses/a"
        azure.made(address, HERE | {"sku": {"name": "StandardV2"}})
        assert azure.made(address, HERE)["sku"] == {"name": "StandardV2", "tier": "Regional"}
        assert {"ipAddress", "ddosSettings"} <= set(shown(azure, address))


def test_an_interface_tells_its_effective_rules_and_routes_in_time() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, with_properties(securityRules=[named("r", a_rule(destinationPortRange="22"))]))
        a_network(azure)
        an_interface(azure)
        azure.made(
            SUBNET, {"properties": {"addressPrefix": "10.0.1.0/24", "networkSecurityGroup": {"id": NSG}}}
        )
        asked = azure.send("POST", f"{NIC}/effectiveNetworkSecurityGroups")
        assert asked.status == 202
        assert azure.finish(asked) == "Succeeded"
        group = azure.get(asked.headers["location"]).body["value"][0]
        assert group["association"] == {"subnet": {"id": SUBNET}}
        first = group["effectiveSecurityRules"][0]
        assert (first["name"], first["destinationPortRange"]) == ("securityRules/r", "22-22")
        asked = azure.send("POST", f"{NIC}/effectiveRouteTable")
        azure.finish(asked)
        routes = azure.get(asked.headers["location"]).body["value"]
        assert [each["nextHopType"] for each in routes[:2]] == ["VnetLocal", "Internet"]
        assert routes[0]["addressPrefix"] == ["10.0.0.0/16"]


def test_resources_and_groups_are_filtered_by_type_name_and_tag() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, HERE | {"tags": {"Stage": "one"}})
        a_network(azure)
        azure.put(f"{NSG}/providers/Microsoft.Insights/diagnosticSettings/d", {"properties": {}})

        def names(where: str, clause: str) -> list[str]:
            return [each["name"] for each in azure.get(where, f"&$filter={clause}").body["value"]]

        everything = f"{SUBSCRIPTION}/resources"
        assert names(everything, "") == ["web", "hub"]
        kind = "Microsoft.Network/virtualNetworks"
        assert names(everything, f"resourceType%20eq%20'{kind}'") == ["hub"]
        assert names(everything, "tagName%20eq%20'stage'%20and%20tagValue%20eq%20'one'") == ["web"]
        assert names(f"{GROUP}/resources", "name%20eq%20'hub'") == ["hub"]
        assert names(f"{SUBSCRIPTION}/resourcegroups", "tagName%20eq%20'stage'") == []


def test_a_subscriptions_setting_has_no_slash_before_its_id() -> None:
    with a_lab() as (azure, _):
        setting = f"{SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings/all"
        logs = [{"category": "Administrative", "enabled": True}]
        assert azure.put(setting, {"location": "global", "properties": {"logs": logs}}).status == 200
        found = azure.get(setting).body["id"]
        assert found == f"{SUBSCRIPTION}/providers/microsoft.insights/diagnosticSettings/all"[1:]
        listed = azure.get(setting.rpartition("/")[0]).body["value"]
        assert [each["id"] for each in listed] == [found]
        assert azure.delete(setting).status == 200


def test_a_host_as_an_old_api_version_shows_it_can_be_put_back() -> None:
    with a_lab() as (azure, _):
        host, old = f"{NETWORK}/bastionHosts/b?api-version=2020-07-01", "bastionShareableLinks"
        a_network(azure)
        azure.made(f"{VNET}/subnets/AzureBastionSubnet", {"properties": {"addressPrefix": "10.0.2.0/26"}})
        first = named("c", {"properties": {"subnet": {"id": f"{VNET}/subnets/AzureBastionSubnet"}}})
        made = azure.put(host, with_properties(ipConfigurations=[first]))
        azure.finish(made)
        again = azure.put(host, made.body)
        assert (again.status, again.body["properties"][old]) == (200, {})


def test_what_stands_in_no_subscription_counts_against_the_tenant() -> None:
    with a_lab() as (azure, _):
        group = "/providers/Microsoft.Management/managementGroups/all"
        found = azure.get(f"{group}/providers/Microsoft.Authorization/roleAssignments")
        assert found.headers["x-ms-ratelimit-remaining-tenant-reads"] == "249"


def test_categories_name_their_groups_where_the_api_version_knows_groups() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, HERE)
        path = f"{NSG}/providers/Microsoft.Insights/diagnosticSettingsCategories?api-version="
        old, new = azure.get(f"{path}2017-05-01-preview"), azure.get(f"{path}2021-05-01-preview")
        assert all("categoryGroups" not in each["properties"] for each in old.body["value"])
        assert all("allLogs" in each["properties"]["categoryGroups"] for each in new.body["value"])
