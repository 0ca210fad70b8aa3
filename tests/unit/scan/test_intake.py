"""What people have, at the door: read as ARM would have told it, or refused with what to run instead."""

import gzip
import json
from typing import Any

import pytest

from tests.builders import (
    NSG_ID,
    PIP_ID,
    SUBNET_ID,
    VNET_ID,
    WEB,
    Document,
    a_bastion,
    a_nic,
    a_public_ip,
    a_rule,
    a_subnet,
    a_vnet,
    an_nsg,
)
from tests.unit.scan.scanned import Answer, Desk, an_estate, as_the_cli_prints, flattened

OPEN = "nsg-mgmt-open-to-internet"
BALANCER = f"{WEB}/loadBalancers/lb"


def ssh_rule(**members: Any) -> Document:
    return a_rule("allow-ssh", destinationPortRange="22", **members)


def capitals(value: Any) -> Any:
    """Every name with a capital, as PowerShell's objects have them."""
    if isinstance(value, list):
        return [capitals(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key[:1].upper() + key[1:]: capitals(inner) for key, inner in value.items()}


def as_powershell_prints(value: Any) -> Any:
    """As `Get-Az...` of the network module with ConvertTo-Json: flattened, one port as a list of one."""
    if isinstance(value, list):
        return [as_powershell_prints(item) for item in value]
    if not isinstance(value, dict):
        return value
    flat = {key: inner for key, inner in value.items() if key not in {"properties", "type"}}
    shown: Document = {}
    for key, inner in {**flat, **(value.get("properties") or {})}.items():
        one = key.endswith(("Prefix", "PortRange"))
        many = key in {"sourcePortRanges", "destinationPortRanges", "sourceAddressPrefixes"}
        if not many and key != "destinationAddressPrefixes":
            name = key[:1].upper() + key[1:].replace("IPAddress", "IpAddress")
            shown[name] = [inner] if one and inner else as_powershell_prints(inner)
            if isinstance(inner, list):
                shown[f"{name}Text"] = json.dumps(inner)
    return shown


def verdict(answer: Answer) -> Any:
    return answer.found, {rule for rule, _ in answer.unknown}


# Read as ARM tells it ----------------------------------------------------------------------------

SAME = {
    "the Azure CLI's lists": flattened,
    "capitals": capitals,
    "PowerShell's objects": as_powershell_prints,
    "lines of JSON": lambda documents: "\n".join(map(json.dumps, documents)),
    "pages one behind the other": lambda documents: "".join(
        json.dumps({"value": [one]}) for one in documents
    ),
    "a list of pages": lambda documents: [{"value": documents[:2]}, {"value": documents[2:]}],
    "lists of lists": lambda documents: [documents[:3], documents[3:]],
    "a mark in front": lambda documents: b"\xef\xbb\xbf" + json.dumps(documents).encode(),
    "what PowerShell 5 writes to a file": lambda documents: json.dumps(documents, indent=4).encode("utf-16"),
    "rows of Resource Graph": lambda documents: {
        "count": len(documents),
        "data": [{**one, "subscriptionId": "x", "tenantId": "y", "managedBy": ""} for one in documents],
        "total_records": len(documents),
    },
}


@pytest.mark.parametrize("shape", SAME.values(), ids=SAME.keys())
def test_an_estate_is_the_same_in_every_shape(desk: Desk, shape: Any) -> None:
    documents = an_estate(sku="Basic", logs=False)
    assert verdict(desk.scanned(shape(documents))) == verdict(desk.scanned(documents))


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("securityRules", "SecurityRules"), ("securityRules", "securityrules"), ("properties", "PROPERTIES")],
)
def test_names_compare_without_case(desk: Desk, name: str, spelled: str) -> None:
    text = json.dumps([an_nsg(allow_ssh_from="*"), a_vnet(a_subnet())]).replace(f'"{name}"', f'"{spelled}"')
    assert (OPEN, "web") in desk.scanned(text).found


def test_numbers_may_be_text(desk: Desk) -> None:
    text = json.dumps([an_nsg(allow_ssh_from="*")]).replace('"priority": 300', '"priority": "300"')
    answer = desk.scanned(text)
    assert (OPEN, "web") in answer.found
    assert '"priority": "300"' not in answer.text


def test_the_spelling_of_tags_is_their_owners(desk: Desk) -> None:
    documents = [an_nsg(allow_ssh_from="*", tags={"SecurityRules": "mine"})]
    assert desk.scanned(documents).found == desk.scanned(capitals(documents)).found


# Children ----------------------------------------------------------------------------------------


def test_a_rule_named_after_its_group_as_in_templates_is_the_group_s(desk: Desk) -> None:
    assert (OPEN, "web") in desk.scanned([an_nsg(), {**ssh_rule(), "name": "web/allow-ssh"}]).found


def test_what_stands_alone_was_deployed_last(desk: Desk) -> None:
    closed = ssh_rule(access="Deny")
    answer = desk.scanned([an_nsg(allow_ssh_from="*"), closed])
    assert OPEN not in {rule for rule, _ in answer.found}


def test_a_subnet_that_stands_alone_keeps_who_lies_in_it(desk: Desk) -> None:
    alone = a_subnet(nics=())
    alone["properties"].pop("ipConfigurations", None)
    documents = [an_nsg(allow_ssh_from="*"), a_vnet(a_subnet()), a_nic(public_ip=PIP_ID), alone]
    assert (OPEN, "web") in desk.scanned(documents).found


@pytest.mark.parametrize("shape", [list, flattened, capitals])
def test_a_list_of_rules_alone_says_nothing_of_their_group(desk: Desk, shape: Any) -> None:
    answer = desk.scanned(shape([ssh_rule()]))
    assert (answer.status, answer.found, answer.document["evaluated"]) == (3, set(), 0)
    assert (OPEN, "web") in answer.unknown


def test_one_rule_alone_is_no_more(desk: Desk) -> None:
    assert (OPEN, "web") in desk.scanned(as_the_cli_prints(ssh_rule())).unknown


LONE = {
    "NAT rules": (f"{BALANCER}/inboundNatRules/ssh", {"backendPort": 22, "frontendPort": 50022}),
    "balancing rules": (f"{BALANCER}/loadBalancingRules/ssh", {"backendPort": 22, "frontendPort": 22}),
    "pools": (f"{BALANCER}/backendAddressPools/all", {"backendIPConfigurations": []}),
}


@pytest.mark.parametrize(("identity", "properties"), LONE.values(), ids=LONE.keys())
def test_parts_of_a_balancer_alone_are_unknown(desk: Desk, identity: str, properties: Document) -> None:
    answer = desk.scanned([{"id": identity, "name": "ssh", **properties}])
    assert ("lb-nat-mgmt-port", "lb") in answer.unknown
    assert answer.status == 3


def test_routes_alone_are_unknown(desk: Desk) -> None:
    route = {"id": f"{WEB}/routeTables/rt/routes/all", "addressPrefix": "0.0.0.0/0", "nextHopType": "None"}
    answer = desk.scanned([route])
    assert ("vm-route-breaks-bastion", "rt") in answer.unknown


def test_peerings_alone_are_unknown_about_their_network(desk: Desk) -> None:
    peering = {
        "id": f"{VNET_ID}/virtualNetworkPeerings/hub",
        "peeringState": "Connected",
        "remoteVirtualNetwork": {"id": f"{WEB}/virtualNetworks/hub"},
    }
    answer = desk.scanned([peering])
    assert ("bastion-coverage-gap", VNET_ID.name) in answer.unknown


def test_subnets_alone_are_judged_and_their_network_is_not(desk: Desk) -> None:
    answer = desk.scanned(flattened([a_subnet(nsg=None)]))
    assert ("subnet-without-nsg", SUBNET_ID.name) in answer.found
    assert ("bastion-coverage-gap", VNET_ID.name) in answer.unknown


# Half --------------------------------------------------------------------------------------------

HALF = {
    "a group without rules": (NSG_ID.text, OPEN, {"resourceGuid": "x"}),
    "a network without subnets": (VNET_ID.text, "subnet-without-nsg", {"addressSpace": {}}),
    "a route table without routes": (f"{WEB}/routeTables/rt", "vm-route-breaks-bastion", {"subnets": []}),
}


@pytest.mark.parametrize(("identity", "rule", "properties"), HALF.values(), ids=HALF.keys())
def test_half_a_document_is_unknown_and_says_what_shows_all_of_it(
    desk: Desk, identity: str, rule: str, properties: Document
) -> None:
    answer = desk.scanned([{"id": identity, "properties": properties}])
    reasons = {one["reason"] for one in answer.document["unknown"] if one["rule"] == rule}
    assert len(reasons) == 1
    assert "az network" in reasons.pop()
    assert answer.status == 3


@pytest.mark.parametrize("shape", [list, capitals])
def test_references_of_a_list_of_all_resources_are_unknown(desk: Desk, shape: Any) -> None:
    bare: list[Document] = [{"id": NSG_ID.text, "name": "web", "properties": None, "tags": {}}]
    assert (OPEN, "web") in desk.scanned(shape(bare)).unknown


@pytest.mark.parametrize("empty", ["[]", '{"value": []}', '{"data": [], "count": 0}'])
def test_nothing_is_never_green(desk: Desk, empty: str) -> None:
    assert desk.scanned(empty).status == 3


def test_resources_that_no_rule_is_about_are_nothing_judged(desk: Desk) -> None:
    disk = {"id": f"{WEB}/disks/d", "properties": {"diskState": "Attached"}}
    answer = desk.scanned([disk])
    assert (answer.status, answer.document["evaluated"]) == (3, 0)


def test_rows_that_were_cut_off_leave_everything_open(desk: Desk) -> None:
    page = {"count": 1, "total_records": 250, "data": [a_bastion()]}
    assert "1 of 250 rows" in desk.scanned(page).errors


# Refused -----------------------------------------------------------------------------------------

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/"
RESOURCE = {"type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2024-05-01", "name": "[x]"}
FLOW = {"name": "securityRules/ssh", "access": "Allow", "direction": "Inbound"}
REFUSED: dict[str, tuple[Any, str]] = {
    "a template": ({"$schema": f"{SCHEMA}deploymentTemplate.json#", "resources": []}, "template"),
    "a template of symbols": (
        {"$schema": f"{SCHEMA}deploymentTemplate.json#", "resources": {"nsg": RESOURCE}},
        "preflight --template",
    ),
    "a subscription's template": (
        {"$schema": f"{SCHEMA}subscriptionDeploymentTemplate.json#", "resources": []},
        "template",
    ),
    "resources of one": ([RESOURCE], "template"),
    "resources of one with names": ([{**RESOURCE, "name": "web"}], "template"),
    "parameters": ({"$schema": f"{SCHEMA}deploymentParameters.json#", "parameters": {}}, "--parameters"),
    "a snapshot": ({"predictedResources": [], "diagnostics": []}, "preflight --snapshot"),
    "a what-if": ({"changes": [{"changeType": "Create", "resourceId": "x"}]}, "preflight --what-if"),
    "a what-if of ARM's": (
        {"status": "Succeeded", "properties": {"changes": [{"changeType": "NoChange"}]}},
        "preflight --what-if",
    ),
    "a plan": ({"format_version": "1.2", "planned_values": {}}, "preflight --terraform-plan"),
    "a state": ({"format_version": "1.0", "values": {}}, "Terraform state"),
    "a state's file": ({"version": 4, "terraform_version": "1.9", "serial": 1}, "Terraform state"),
    "effective rules": ({"value": [{"effectiveSecurityRules": [FLOW]}]}, "effective"),
    "effective rules alone": ([{"EffectiveSecurityRules": [FLOW]}], "effective"),
    "effective rules of ARM's own": ({"effectiveNetworkSecurityGroups": []}, "effective"),
    "effective routes": ({"value": [{"nextHopType": "Internet", "source": "Default"}]}, "effective routes"),
    "rules without ids": ([{"name": "ssh", "access": "Allow", "direction": "Inbound"}], "az network nsg"),
    "chosen columns": ([{"Name": "web", "Group": "rg"}], "nothing in it has an id"),
    "an error": ({"error": {"code": "AuthorizationFailed", "message": "no"}}, "AuthorizationFailed"),
    "events": ([{"id": "1", "eventType": "x", "eventTime": "t", "data": {}}], "replay --file"),
    "a log": ([{"id": "1", "operationName": {}, "eventTimestamp": "t"}], "replay --file"),
    "PowerShell cut short": (
        [{"Id": NSG_ID.text, "SecurityRules": ["Microsoft.Azure.Commands.Network.Models.PSSecurityRule"]}],
        "-Depth 20",
    ),
    "PowerShell cut shorter": (
        [{"ResourceId": NSG_ID.text, "Properties": "@{securityRules=System.Object[]}"}],
        "-Depth 20",
    ),
    "packed": (gzip.compress(b"[]"), "gzip"),
    "another code page": ('["é"]'.encode("cp1252"), "Out-File"),
    "broken off": (json.dumps([an_nsg()])[:-20], "breaks off"),
    "Bicep": ("param location string = 'x'\nresource a 'b' = {}", "preflight --bicepparam"),
    "Terraform's language": ('resource "azurerm_network_security_group" "a" {\n}', "--terraform-plan"),
    "YAML": ("id: /subscriptions/x\nname: web", "YAML"),
    "a table": ("Name    ResourceGroup\n----    ----\nweb     rg", "table"),
    "a sheet": ('"NAME","TYPE"\n"web","nsg"', "CSV"),
    "colours": ("\x1b[37m[\n", "colours"),
    "a page": ("<!DOCTYPE html><html>", "page"),
}


@pytest.mark.parametrize(("content", "instead"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_estate_is_named_with_what_to_run_instead(desk: Desk, content: Any, instead: str) -> None:
    answer = desk.scanned(content)
    assert (answer.status, answer.text, len(answer.errors.splitlines())) == (2, "", 1)
    assert instead in answer.errors


def test_a_public_address_is_read_under_every_spelling(desk: Desk) -> None:
    """`publicIpAllocationMethod` stands in a template of Microsoft's own."""
    address = a_public_ip()
    spelled = json.loads(json.dumps(address).replace("publicIPAllocationMethod", "publicIpAllocationMethod"))
    assert desk.scanned([spelled, a_bastion()]).document == desk.scanned([address, a_bastion()]).document
