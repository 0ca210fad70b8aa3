"""What is said of a route that turns answers away from Bastion, and what a person would type."""

from typing import Any

from remediation.model import Finding
from tests.builders import a_group
from tests.unit.rules.case import Case, Document, judged
from tests.unit.rules.cases.vm_route_breaks_bastion import TABLE, a_spoke, a_table
from tests.unit.rules.estates_bastion import a_nic, the_hub

DROPS = ("10.0.0.0/16", "None")


def found(table: Document, *others: Document) -> Finding:
    documents = (table, a_spoke(), the_hub(), a_nic(), *(others or (a_group(),)))
    (finding,) = judged("vm-route-breaks-bastion", Case("one", "speaks", TABLE, documents)).findings
    return finding


def test_the_message_names_the_subnet_bastions_prefix_and_the_route() -> None:
    dropped = found(a_table(DROPS))
    turned = found(a_table(("10.0.0.0/27", "VirtualAppliance")))

    assert dropped.message == (
        "rt drops what machines in subnet web answer to Bastion's 10.0.0.0/26 (route r0 to 10.0.0.0/16)"
    )
    assert turned.message == (
        "rt sends what machines in subnet web answer to part of Bastion's 10.0.0.0/26 to an appliance, "
        "which sees half a session (route r0 to 10.0.0.0/27)"
    )


def test_only_routes_that_decide_are_named_and_deleted() -> None:
    finding = found(a_table(("0.0.0.0/0", "VirtualAppliance"), DROPS, ("10.9.0.0/16", "None")))

    assert [route["name"] for route in finding.evidence["routes"]] == ["r1"]
    (command,) = finding.commands
    assert command.startswith(
        "az network route-table route delete --resource-group rg-web --route-table-name rt --name r1"
    )


def test_nothing_is_typed_for_a_table_that_a_service_keeps() -> None:
    for kept in (
        found(a_table(DROPS, tags={"aks-managed-cluster-name": "aks"})),
        found(a_table(DROPS), a_group(managed_by=f"{TABLE}-keeper")),
    ):
        assert kept.commands == ()
        assert kept.no_fix is not None


def test_a_route_that_names_its_appliance_is_told_with_its_address() -> None:
    table: dict[str, Any] = a_table(("10.0.0.0/16", "VirtualAppliance"))
    table["properties"]["routes"][0]["properties"]["nextHopIpAddress"] = "10.9.0.4"

    assert "to appliance 10.9.0.4, which sees half a session" in found(table).message
