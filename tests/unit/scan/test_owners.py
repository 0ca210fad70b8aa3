"""What somebody else keeps: never written to, and no command to type that its owner would undo."""

import json
from typing import Any

import pytest

from tests.builders import AT, NIC_ID, PIP_ID, Document, a_group, a_nic, a_public_ip, a_subnet, a_vnet, an_nsg
from tests.unit.rules.estates_nsg import a_balancer, a_forwarder, a_frontend
from tests.unit.scan.scanned import Desk, an_estate

OPEN = "nsg-mgmt-open-to-internet"
CLUSTER = f"{AT}/resourceGroups/rg-app/providers/Microsoft.ContainerService/managedClusters/aks-01"
WORKSPACE = f"{AT}/resourceGroups/rg-app/providers/Microsoft.Databricks/workspaces/analytics"


def test_a_list_of_groups_of_rules_alone_ends_in_a_proposal_that_says_why(desk: Desk) -> None:
    """Who keeps a group of rules is shown by its resource group, which such a list lacks."""
    alone = [an_nsg(allow_ssh_from="*", subnets=())]

    held, free = (desk.scanned(documents).finding(OPEN) for documents in (alone, [*alone, a_group()]))

    assert (held["disposition"], free["disposition"]) == ("propose", "fix")
    assert held["evidence"]["guards"] == ["owner_unknown"]
    assert "who keeps it is not known" in held["evidence"]["heldBackBy"][0]
    assert held["fix"]["writes"] == free["fix"]["writes"]


@pytest.mark.parametrize(
    ("more", "through"),
    [
        ({"managedBy": CLUSTER}, "AKS cluster"),
        ({"managedBy": f"{AT}/resourceGroups/rg-app/providers/Contoso.Cache/rings/r"}, "/subscriptions"),
        ({"tags": {"aks-managed-cluster-name": "aks-01"}}, "AKS cluster"),
        ({"tags": {"databricks-environment": "true"}}, "Databricks workspace"),
        ({"tags": {"ManagedBy": WORKSPACE}}, "Databricks workspace (analytics)"),
        ({"tags": {"managedBy": "platform-service"}}, "platform-service"),
    ],
)
def test_a_group_of_rules_that_names_its_keeper_is_only_told_of(
    desk: Desk, more: Document, through: str
) -> None:
    found = desk.scanned([{**an_nsg(allow_ssh_from="*", subnets=()), **more}, a_group()]).finding(OPEN)

    assert (found["disposition"], found["fix"]) == ("alert", None)
    assert f"Change it through {through}" in found["evidence"]["notFixable"].replace("the ", "")


def test_a_name_that_aks_gives_says_who_keeps_it_and_one_like_it_does_not(desk: Desk) -> None:
    def disposition(name: str) -> Any:
        identity = NIC_ID.parse(f"{NIC_ID.text.split('/networkInterfaces')[0]}/networkSecurityGroups/{name}")
        nsg = an_nsg(allow_ssh_from="*", identity=identity, subnets=())
        return desk.scanned([nsg, a_group()]).finding(OPEN)["disposition"]

    assert disposition("aks-agentpool-12345678-nsg") == "alert"
    assert disposition("nsg-aks-admins") == "fix"


def test_infrastructure_as_code_is_no_keeper_and_gets_a_proposal(desk: Desk) -> None:
    nsg = {**an_nsg(allow_ssh_from="*", subnets=()), "tags": {"managedBy": "Terraform (platform)"}}

    found = desk.scanned([nsg, a_group()]).finding(OPEN)

    assert found["disposition"] == "propose"
    assert found["evidence"]["guards"] == ["owned_by_code"]


def test_a_subnet_under_a_network_intent_policy_is_never_tightened(desk: Desk) -> None:
    documents = an_estate()
    kept = {"networkIntentPolicies": [{"id": f"{AT}/resourceGroups/rg/providers/Microsoft.Network/x/y"}]}
    documents[1]["properties"]["subnets"][0]["properties"] |= kept

    found = desk.scanned(documents).finding(OPEN)

    assert found["disposition"] == "alert"
    assert "network intent policy" in found["evidence"]["notFixable"]


@pytest.mark.parametrize(
    ("permission", "disposition"),
    [
        ({"actions": ["*"], "notActions": ["*/read"]}, "alert"),
        ({"actions": ["Microsoft.Network/networkSecurityGroups/*"], "notActions": []}, "alert"),
        ({"actions": ["*"], "notActions": ["*/read", "Microsoft.Network/*"]}, "fix"),
        ({"actions": ["Microsoft.Compute/*"]}, "fix"),
    ],
)
def test_what_a_deny_assignment_forbids_is_not_offered(
    desk: Desk, permission: Document, disposition: str
) -> None:
    assignment = {
        "id": f"{AT}/resourceGroups/rg-web/providers/Microsoft.Authorization/denyAssignments/d",
        "name": "d",
        "properties": {"denyAssignmentName": "kept by the service", "permissions": [permission]},
    }

    found = desk.scanned([an_nsg(allow_ssh_from="*", subnets=()), a_group(), assignment]).finding(OPEN)

    assert found["disposition"] == disposition
    assert ("kept by the service" in str(found["evidence"].get("notFixable"))) is (disposition == "alert")


@pytest.mark.parametrize(("keeper", "typed"), [(CLUSTER, False), (None, True)])
def test_a_balancer_of_a_cluster_is_told_without_a_command(
    desk: Desk, keeper: str | None, typed: bool
) -> None:
    balancer = a_balancer(a_frontend(), loadBalancingRules=[a_forwarder()])
    path = desk.file([balancer, a_group(managed_by=keeper)])

    shown = desk.scan("--estate", path, form="table").text
    found = desk.scan("--estate", path).finding("lb-nat-mgmt-port")

    assert ("az network lb rule delete" in shown) is typed
    assert ("notFixable" in found["evidence"]) is not typed


def test_the_balancer_that_a_cluster_makes_is_known_by_its_name(desk: Desk) -> None:
    mine = a_balancer(a_frontend(), loadBalancingRules=[a_forwarder()])
    theirs = json.loads(json.dumps(mine).replace("loadBalancers/lb", "loadBalancers/kubernetes"))

    shown = desk.scan("--estate", desk.file([theirs]), form="table").text

    assert "az network lb" not in shown


@pytest.mark.parametrize("kept", ["the address", "the interface"])
def test_no_command_takes_an_address_off_what_a_service_keeps(desk: Desk, kept: str) -> None:
    nic, address = a_nic(public_ip=PIP_ID), a_public_ip(attached_to=f"{NIC_ID}/ipConfigurations/ipconfig1")
    (nic if kept == "the interface" else address)["tags"] = {"databricks-environment": "true"}
    path = desk.file([address, nic, a_vnet(a_subnet()), an_nsg(), a_group()])

    shown = desk.scan("--estate", path, form="table").text
    found = desk.scan("--estate", path).finding("pip-attached-to-vm-nic")

    assert "az network nic" not in shown
    assert "the Databricks workspace" in found["evidence"]["notFixable"]


def test_a_network_that_a_service_keeps_gets_no_command_for_its_bare_subnet(desk: Desk) -> None:
    path = desk.file([a_vnet(a_subnet(nsg=None, nics=())), a_group(managed_by=WORKSPACE)])

    shown = desk.scan("--estate", path, form="table").text
    found = desk.scan("--estate", path).finding("subnet-without-nsg")

    assert "az network vnet" not in shown
    assert "the Databricks workspace (analytics)" in found["evidence"]["notFixable"]


def test_which_ports_are_open_is_never_an_empty_list_while_it_is_not_known(desk: Desk) -> None:
    """AzureCloud may hold anybody; what it holds is not known."""
    documents = an_estate(ssh_from="AzureCloud")

    evidence = desk.scanned(documents).finding("pip-attached-to-vm-nic")["evidence"]

    assert "openPorts" not in evidence
    assert "AzureCloud" in evidence["openPortsUnknown"]


def test_an_address_of_the_second_standard_is_closed_without_a_group(desk: Desk) -> None:
    address = {
        **a_public_ip(attached_to=f"{NIC_ID}/ipConfigurations/ipconfig1"),
        "sku": {"name": "StandardV2"},
    }
    documents = [address, a_nic(public_ip=PIP_ID), a_vnet(a_subnet(nsg=None)), a_group()]

    found = desk.scanned(documents).finding("pip-attached-to-vm-nic")

    assert found["severity"] == "high"
    assert found["evidence"]["openPorts"] == []
    assert "openPortsUnknown" not in found["evidence"]
