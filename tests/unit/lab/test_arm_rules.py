"""What the lab's ARM refuses, in ARM's words, and what it keeps by itself."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.unit.lab.plain_client import (
    BASTION_RULES,
    GROUP,
    NETWORK,
    SUBSCRIPTION,
    WHERE,
    Plain,
    a_bastion,
    a_lab,
    a_nic,
    a_rule,
    hub,
    named,
)

NSG = f"{NETWORK}/networkSecurityGroups/web"
SETTING = "providers/Microsoft.Insights/diagnosticSettings"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/Central"


def test_look_up_ignores_case_and_ids_keep_their_first_casing() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        assert azure.get(NSG.upper().replace("/SUBSCRIPTIONS", "/subscriptions")).body["id"] == NSG
        assert azure.put(NSG.lower(), WHERE).body["id"] == NSG


def test_an_nsg_has_the_six_default_rules_and_no_empty_associations() -> None:
    with a_lab() as (azure, _):
        properties = azure.made(NSG, WHERE)["properties"]
        shown = [
            (each["name"], each["properties"]["priority"]) for each in properties["defaultSecurityRules"]
        ]
        assert shown == [
            ("AllowVnetInBound", 65000),
            ("AllowAzureLoadBalancerInBound", 65001),
            ("DenyAllInBound", 65500),
            ("AllowVnetOutBound", 65000),
            ("AllowInternetOutBound", 65001),
            ("DenyAllOutBound", 65500),
        ]
        assert not {"subnets", "networkInterfaces"} & set(properties)


def test_a_put_replaces_rules_and_tags_and_keeps_what_others_attached() -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)
        body = WHERE | {"tags": {"a": "b"}, "properties": {"securityRules": BASTION_RULES[:-1]}}
        refused = azure.put(ids["nsg"], body)
        assert refused.code == "NetworkSecurityGroupNotCompliantForAzureBastionSubnet"
        azure.made(NSG, WHERE | {"tags": {"a": "b"}, "properties": {"securityRules": [named("x", a_rule())]}})
        azure.made(f"{ids['vnet']}/subnets/app", in_subnet("10.0.3.0/24", NSG))
        replaced = azure.made(NSG, WHERE | {"properties": {"securityRules": [named("y", a_rule(200))]}})
        assert [each["name"] for each in replaced["properties"]["securityRules"]] == ["y"]
        assert "tags" not in replaced
        assert replaced["properties"]["subnets"] == [{"id": f"{ids['vnet']}/subnets/app"}]


def in_subnet(prefix: str, nsg: str) -> dict[str, object]:
    return {"properties": {"addressPrefix": prefix, "networkSecurityGroup": {"id": nsg}}}


def test_two_rules_of_one_direction_cannot_share_a_priority() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE | {"properties": {"securityRules": [named("a", a_rule())]}})
        refused = azure.put(f"{NSG}/securityRules/b", a_rule())
        assert (refused.status, refused.code) == (400, "SecurityRuleConflict")
        assert refused.error["message"].startswith("Security rule b conflicts with rule a. Rules cannot have")
        assert azure.get(f"{NSG}/securityRules/b").code == "NotFound"
        assert azure.put(f"{NSG}/securityRules/b", a_rule(direction="Outbound")).status == 201


@pytest.mark.parametrize("priority", [99, 4097, 0, -5])
def test_a_priority_out_of_range_is_refused(priority: int) -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        refused = azure.put(f"{NSG}/securityRules/a", a_rule(priority))
        assert (refused.status, refused.code) == (400, "SecurityRuleInvalidPriority")


@pytest.mark.parametrize("missing", [each["name"] for each in BASTION_RULES])
def test_a_bastions_subnet_takes_no_nsg_that_lacks_a_needed_rule(missing: str) -> None:
    """Default rules that would let the same traffic through do not satisfy it."""
    with a_lab() as (azure, _):
        rules = [each for each in BASTION_RULES if each["name"] != missing]
        azure.made(NSG, WHERE | {"properties": {"securityRules": rules}})
        vnet = f"{NETWORK}/virtualNetworks/hub"
        azure.made(vnet, WHERE | {"properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}})
        refused = azure.put(f"{vnet}/subnets/AzureBastionSubnet", in_subnet("10.0.0.0/26", NSG))
        assert (refused.status, refused.code) == (
            400,
            "NetworkSecurityGroupNotCompliantForAzureBastionSubnet",
        )
        assert azure.put(f"{vnet}/subnets/other", in_subnet("10.0.1.0/26", NSG)).status == 201


def test_an_attached_nsg_may_lose_a_needed_rule_only_when_the_setting_says_so() -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)
        deny = a_rule(100, access="Deny")
        refused = azure.put(f"{ids['nsg']}/securityRules/shut", deny)
        assert refused.code == "NetworkSecurityGroupNotCompliantForAzureBastionSubnet"
        azure.lab("POST", "settings", {"bastion_nsg_checked_on_update": False})
        assert azure.put(f"{ids['nsg']}/securityRules/shut", deny).status == 201


def test_back_references_appear_and_go_with_the_reference() -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)
        configuration = f"{ids['bastion']}/bastionHostIpConfigurations/ip"
        assert azure.get(ids["address"]).body["properties"]["ipConfiguration"] == {"id": configuration}
        assert azure.get(ids["bastion subnet"]).body["properties"]["ipConfigurations"] == [
            {"id": configuration}
        ]
        assert azure.get(ids["nsg"]).body["properties"]["subnets"] == [{"id": ids["bastion subnet"]}]
        azure.finish(azure.delete(ids["bastion"]))
        assert "ipConfiguration" not in azure.get(ids["address"]).body["properties"]
        assert "ipConfigurations" not in azure.get(ids["bastion subnet"]).body["properties"]


def test_an_address_on_a_nat_gateway_shows_the_gateway_and_no_ip_configuration() -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)
        address, gateway = f"{NETWORK}/publicIPAddresses/out", f"{NETWORK}/natGateways/out"
        azure.made(address, WHERE | {"sku": {"name": "Standard"}})
        azure.made(gateway, WHERE | {"properties": {"publicIpAddresses": [{"id": address}]}})
        properties = azure.get(address).body["properties"]
        assert properties["natGateway"] == {"id": gateway}
        assert "ipConfiguration" not in properties
        azure.made(
            ids["web subnet"], {"properties": {"addressPrefix": "10.0.1.0/24", "natGateway": {"id": gateway}}}
        )
        assert azure.get(gateway).body["properties"]["subnets"] == [{"id": ids["web subnet"]}]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("nsg", "InUseNetworkSecurityGroupCannotBeDeleted"),
        ("address", "PublicIPAddressCannotBeDeleted"),
        ("bastion subnet", "InUseSubnetCannotBeDeleted"),
        ("vnet", "InUseSubnetCannotBeDeleted"),
    ],
)
def test_what_is_in_use_cannot_be_deleted(what: str, code: str) -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)
        refused = azure.delete(ids[what])
        assert (refused.status, refused.code, refused.error["details"]) == (400, code, [])
        assert "x-ms-failure-cause" not in refused.headers


def test_a_nic_of_a_machine_cannot_be_deleted() -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)
        machine = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web"
        profile = {"networkProfile": {"networkInterfaces": [{"id": ids["nic"]}]}}
        azure.put(machine, WHERE | {"properties": profile})
        assert azure.get(ids["nic"]).body["properties"]["virtualMachine"] == {"id": machine}
        assert azure.delete(ids["nic"]).code == "NicInUse"
        assert azure.delete(machine).status == 200
        assert azure.delete(ids["nic"]).status == 202


def test_two_halves_of_a_peering_connect_and_part_together() -> None:
    def state(azure: Plain, path: str) -> str:
        return str(azure.get(path).body["properties"]["peeringState"])

    with a_lab() as (azure, _):
        one, two = f"{NETWORK}/virtualNetworks/one", f"{NETWORK}/virtualNetworks/two"
        for number, vnet in enumerate((one, two)):
            azure.made(
                vnet, WHERE | {"properties": {"addressSpace": {"addressPrefixes": [f"10.{number}.0.0/16"]}}}
            )
        there, back = f"{one}/virtualNetworkPeerings/there", f"{two}/virtualNetworkPeerings/back"
        azure.made(there, {"properties": {"remoteVirtualNetwork": {"id": two}}})
        assert state(azure, there) == "Initiated"
        azure.made(back, {"properties": {"remoteVirtualNetwork": {"id": one}}})
        assert (state(azure, there), state(azure, back)) == ("Connected", "Connected")
        azure.finish(azure.delete(back))
        assert state(azure, there) == "Disconnected"


def test_diagnostic_settings_are_synchronous_lower_cased_and_full_of_nulls() -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)
        path = f"{ids['bastion']}/{SETTING}/To-Central"
        logs = [{"categoryGroup": "allLogs", "enabled": True}]
        answer = azure.put(path, {"properties": {"workspaceId": WORKSPACE, "logs": logs}})
        assert (answer.status, answer.body["location"]) == (200, None)
        assert "azure-asyncoperation" not in answer.headers
        resource = ids["bastion"].lower()
        assert answer.body["id"] == f"{resource}/providers/microsoft.insights/diagnosticSettings/To-Central"
        assert answer.body["properties"] == {
            "storageAccountId": None,
            "serviceBusRuleId": None,
            "workspaceId": WORKSPACE,
            "eventHubAuthorizationRuleId": None,
            "eventHubName": None,
            "metrics": [],
            "logs": [
                {
                    "category": None,
                    "categoryGroup": "allLogs",
                    "enabled": True,
                    "retentionPolicy": {"enabled": False, "days": 0},
                }
            ],
            "logAnalyticsDestinationType": None,
        }
        assert azure.get(path).body["location"] == "westeurope"
        assert azure.get(f"{ids['bastion']}/{SETTING}").body == {"value": [azure.get(path).body]}
        gone = azure.delete(path)
        assert (gone.status, gone.body) == (200, "")
        assert azure.get(path).body["code"] == "ResourceNotFound"


def test_one_sink_takes_a_category_from_one_setting_only_and_says_so_unwrapped() -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)
        audit = {"workspaceId": WORKSPACE, "logs": [{"category": "BastionAuditLogs", "enabled": True}]}
        every = {"workspaceId": WORKSPACE.lower(), "logs": [{"categoryGroup": "allLogs", "enabled": True}]}
        azure.put(f"{ids['bastion']}/{SETTING}/first", {"properties": audit})
        refused = azure.put(f"{ids['bastion']}/{SETTING}/second", {"properties": every})
        assert (refused.status, refused.body["code"]) == (409, "Conflict")
        assert "is already used in diagnostic setting 'first'" in refused.body["message"]
        assert azure.put(f"{ids['bastion']}/{SETTING}/first", {"properties": every}).status == 200


def test_a_sixth_setting_and_a_foreign_category_are_refused() -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)
        for number in range(5):
            assert azure.put(f"{ids['bastion']}/{SETTING}/s{number}", {"properties": {}}).status == 200
        assert azure.put(f"{ids['bastion']}/{SETTING}/s5", {"properties": {}}).status == 400
        foreign = {"logs": [{"category": "NetworkSecurityGroupEvent", "enabled": True}]}
        refused = azure.put(f"{ids['bastion']}/{SETTING}/s0", {"properties": foreign})
        assert refused.body == {
            "code": "BadRequest",
            "message": "Category 'NetworkSecurityGroupEvent' is not supported.",
        }


def test_a_setting_survives_its_resource() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        azure.put(f"{NSG}/{SETTING}/kept", {"properties": {"workspaceId": WORKSPACE}})
        azure.finish(azure.delete(NSG))
        azure.made(NSG, WHERE)
        assert [each["name"] for each in azure.get(f"{NSG}/{SETTING}").body["value"]] == ["kept"]


@pytest.mark.parametrize(("level", "put", "delete"), [("CanNotDelete", 201, 409), ("ReadOnly", 409, 409)])
@pytest.mark.parametrize("scope", [SUBSCRIPTION, GROUP, NSG])
def test_a_lock_holds_below_its_scope(scope: str, level: str, put: int, delete: int) -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        lock = f"{scope}/providers/Microsoft.Authorization/locks/stop"
        assert azure.put(lock, {"properties": {"level": level}}).status == 201
        written = azure.put(f"{NSG}/securityRules/a", a_rule())
        deleted = azure.delete(NSG)
        assert (written.status, deleted.status, deleted.code) == (put, delete, "ScopeLocked")
        assert f"following scope(s) are locked: '{scope}'" in deleted.error["message"]
        assert azure.delete(lock).status == 200
        assert azure.delete(NSG).status == 202


def test_role_assignments_answer_201_always_and_a_delete_returns_the_body() -> None:
    with a_lab() as (azure, _):
        name = "11111111-0000-0000-0000-000000000001"
        path = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{name}"
        body = {
            "properties": {"roleDefinitionId": "/role", "principalId": "22222222-0000-0000-0000-000000000002"}
        }
        assert [azure.put(path, body).status for _ in range(2)] == [201, 201]
        assert azure.put(path, body).body["properties"]["createdBy"] is None
        assert azure.get(path).body["properties"]["createdBy"]
        other = path.replace(name, "11111111-0000-0000-0000-000000000003")
        assert azure.put(other, body).code == "RoleAssignmentExists"
        gone = azure.delete(path)
        assert (gone.status, gone.body["name"]) == (200, name)


def test_tags_are_written_by_patch_and_by_the_tags_api() -> None:
    with a_lab() as (azure, _):
        before = azure.made(NSG, WHERE)
        patched = azure.send("PATCH", NSG, {"tags": {"team": "net"}})
        assert (patched.status, patched.state, patched.body["tags"]) == (200, "Succeeded", {"team": "net"})
        assert patched.body["etag"] != before["etag"]
        tags = f"{NSG}/providers/Microsoft.Resources/tags/default"
        azure.send("PATCH", tags, {"operation": "Merge", "properties": {"tags": {"env": "prod"}}})
        assert azure.get(NSG).body["tags"] == {"team": "net", "env": "prod"}
        azure.put(tags, {"properties": {"tags": {}}})
        assert azure.get(NSG).body["tags"] == {}


def test_if_match_is_honoured_where_the_setting_says_so() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        foreign = {"If-Match": 'W/"other"'}
        assert azure.send("PUT", NSG, WHERE, headers=foreign).status == 200
        azure.lab("POST", "settings", {"if_match": {"Microsoft.Network/networkSecurityGroups": True}})
        refused = azure.send("PUT", NSG, WHERE, headers=foreign)
        assert (refused.status, refused.code) == (412, "PreconditionFailed")
        assert refused.error["details"][0]["code"] == "PreconditionFailedEtagMismatch"
        current = {"If-Match": azure.get(NSG).body["etag"]}
        assert azure.send("PUT", NSG, WHERE, headers=current).status == 200


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (
            f"{SUBSCRIPTION}/resourceGroups/none/providers/Microsoft.Network/networkSecurityGroups",
            "ResourceGroupNotFound",
        ),
        (f"{SUBSCRIPTION}/resourceGroups/none", "ResourceGroupNotFound"),
        (NSG, "ResourceNotFound"),
        (f"{NETWORK}/unheardOf/x", "InvalidResourceType"),
        (f"{GROUP}/providers/Microsoft.Compute/virtualMachines/none", "ResourceNotFound"),
    ],
)
def test_what_is_not_there_is_told_by_the_gateway(path: str, code: str) -> None:
    with a_lab() as (azure, _):
        answer = azure.get(path)
        assert (answer.status, answer.code) == (404, code)
        assert answer.headers["x-ms-failure-cause"] == "gateway"
        assert "details" not in answer.error


def test_the_front_door_knows_no_path_with_two_resources_in_it() -> None:
    with a_lab() as (azure, _):
        answer = azure.get(NSG + NSG)
        assert (answer.status, answer.headers["content-type"].split(";")[0]) == (404, "text/html")


def test_a_request_needs_a_version_and_a_caller() -> None:
    with a_lab() as (azure, _):
        assert azure.send("GET", f"{GROUP}?x=api-version=").code == "MissingApiVersionParameter"
        assert azure.send("GET", f"{GROUP}?api-version=latest").code == "InvalidApiVersionParameter"
        with closing(Plain(azure.url, caller="")) as nobody:
            assert nobody.get(GROUP).status == 401


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"properties": []}', b'{"properties": "x"}'])
def test_a_body_that_is_no_document_is_refused(body: bytes) -> None:
    with a_lab() as (azure, _):
        answer = azure.put(NSG, body)
        assert (answer.status, answer.code) == (400, "InvalidRequestContent")


def test_lists_are_paged_by_absolute_links_when_the_setting_says_so() -> None:
    with a_lab(page_size=2) as (azure, _):
        for number in range(5):
            azure.made(f"{NETWORK}/networkSecurityGroups/n{number}", WHERE)
        link, names, pages = f"{SUBSCRIPTION}/providers/Microsoft.Network/networkSecurityGroups", [], 0
        while link:
            page = azure.get(link).body
            names += [each["name"] for each in page["value"]]
            link, pages = page.get("nextLink", ""), pages + 1
        assert (names, pages) == (["n0", "n1", "n2", "n3", "n4"], 3)


def test_other_types_are_documents_that_come_back_with_all_that_was_sent() -> None:
    with a_lab() as (azure, _):
        policy = f"{GROUP}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default"
        sent = {"virtualMachines": [{"id": "/vm", "ports": []}]}
        body = {"kind": "Basic", "properties": sent}
        assert azure.put(policy, body).status == 201
        listed = azure.get(f"{SUBSCRIPTION}/providers/Microsoft.Security/jitNetworkAccessPolicies").body[
            "value"
        ]
        (properties,) = [each["properties"] for each in listed]
        assert {name: properties[name] for name in sent} == sent
        hub_id = f"{NETWORK}/virtualHubs/hub"
        azure.made(hub_id, WHERE)
        connection = {"properties": {"remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/spoke"}}}
        azure.made(f"{hub_id}/hubVirtualNetworkConnections/spoke", connection)
        connections = azure.get(f"{hub_id}/hubVirtualNetworkConnections").body["value"]
        assert [each["name"] for each in connections] == ["spoke"]


def test_a_nic_gets_the_next_free_address_of_its_subnet() -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)
        path = f"{NETWORK}/networkInterfaces/second"
        first = azure.get(ids["nic"]).body["properties"]["ipConfigurations"][0]["properties"]
        answer = azure.put(path, a_nic(ids["web subnet"]))
        second = answer.body["properties"]["ipConfigurations"][0]["properties"]
        assert (first["privateIPAddress"], second["privateIPAddress"]) == ("10.0.1.4", "10.0.1.5")
        assert (answer.status, answer.state, "azure-asyncoperation" in answer.headers) == (
            201,
            "Succeeded",
            False,
        )


def test_shareable_links_are_made_by_a_long_action_and_raise_an_event() -> None:
    with a_lab() as (azure, arm):
        ids = hub(azure)
        machine = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web"
        seen: list[str] = []
        arm.changes.subscribe(lambda change: seen.append(f"{change.operation_name} {change.resource_id}"))
        answer = azure.send(
            "POST", f"{ids['bastion']}/createShareableLinks", {"vms": [{"vm": {"id": machine}}]}
        )
        assert (answer.status, azure.finish(answer)) == (202, "Succeeded")
        assert azure.get(answer.headers["location"]).body["value"][0]["vm"] == {"id": machine}
        listed = azure.send("POST", f"{ids['bastion']}/getShareableLinks", {})
        assert [each["vm"]["id"] for each in listed.body["value"]] == [machine]
        assert seen[0] == f"Microsoft.Network/bastionHosts/createShareableLinks/action {ids['bastion']}"


def test_a_bastion_shows_only_the_switches_that_were_sent() -> None:
    with a_lab(polls_all=1) as (azure, _):
        ids = hub(azure)
        assert "enableTunneling" not in azure.get(ids["bastion"]).body["properties"]
        changed = azure.made(ids["bastion"], a_bastion(ids, enableTunneling=True, scaleUnits=6))["properties"]
        assert (changed["enableTunneling"], changed["scaleUnits"]) == (True, 6)
        assert changed["publicUri"] == ids["address"]
