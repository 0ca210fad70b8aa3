"""What the lab refuses as Azure does: codes and texts that clients decide by."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lab.plain_client import GROUP, NETWORK, SUBSCRIPTION, Plain, a_lab, a_rule, named

NSG = f"{NETWORK}/networkSecurityGroups/web"
VNET = f"{NETWORK}/virtualNetworks/hub"
NIC = f"{NETWORK}/networkInterfaces"
ADDRESS = f"{NETWORK}/publicIPAddresses/entry"
HERE = {"location": "westeurope"}
A_NETWORK = HERE | {
    "properties": {
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "subnets": [{"name": "web", "properties": {"addressPrefix": "10.0.1.0/24"}}],
    }
}


def in_range(prefix: object) -> dict[str, Any]:
    return {"properties": {"addressPrefix": prefix}}


def an_interface(**configuration: Any) -> dict[str, Any]:
    told = {"subnet": {"id": f"{VNET}/subnets/web"}} | configuration
    return HERE | {"properties": {"ipConfigurations": [{"name": "first", "properties": told}]}}


def made_network(azure: Plain) -> None:
    azure.made(VNET, A_NETWORK)


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"sourceAddressPrefix": "any"}, "SecurityRuleInvalidAddressPrefix", "Value provided: any"),
        ({"sourceAddressPrefix": "10.0.0.1/8"}, "SecurityRuleInvalidAddressPrefix", "10.0.0.1/8"),
        ({"destinationPortRange": "80,443"}, "SecurityRuleInvalidPortRange", "Value provided: 80,443."),
        ({"destinationPortRange": "90-80"}, "SecurityRuleInvalidPortRange", "90-80"),
        ({"destinationPortRange": None}, "SecurityRuleParameterNotSpecified", "DestinationPortRange"),
        (
            {"sourceAddressPrefix": None},
            "SecurityRuleParameterNotSpecified",
            "SourceApplicationSecurityGroups",
        ),
        ({"protocol": "Gre"}, "InvalidRequestFormat", "Cannot parse the request."),
    ],
)
def test_a_rule_azure_would_not_take_is_refused(changes: dict[str, Any], code: str, text: str) -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, HERE)
        refused = azure.put(f"{NSG}/securityRules/r", a_rule(**changes))
        assert (refused.status, refused.code) == (400, code)
        assert text in refused.error["message"]
        inline = HERE | {"properties": {"securityRules": [named("r", a_rule(**changes))]}}
        assert azure.put(NSG, inline).code == code
        assert azure.get(NSG).body["properties"]["securityRules"] == []


@pytest.mark.parametrize(
    "prefix", ["10.0.0.4", "10.0.0.0/8", "fd00::/8", "AzureCloud.WestEurope", "789", "*"]
)
def test_what_azure_takes_for_an_address_is_taken(prefix: str) -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, HERE)
        assert azure.put(f"{NSG}/securityRules/r", a_rule(sourceAddressPrefix=prefix)).status == 201


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        ("10.0.1.128/25", "NetcfgSubnetRangesOverlap"),
        ("10.1.0.0/24", "NetcfgSubnetRangeOutsideVnet"),
        ("10.0.2.1/24", "InvalidCIDRNotation"),
        ("everything", "InvalidAddressPrefixFormat"),
        (True, "InvalidAddressPrefixFormat"),
    ],
)
def test_a_subnet_that_does_not_fit_its_network_is_refused(prefix: object, code: str) -> None:
    with a_lab() as (azure, _):
        made_network(azure)
        refused = azure.put(f"{VNET}/subnets/more", in_range(prefix))
        assert (refused.status, refused.code) == (400, code)
        assert azure.get(f"{VNET}/subnets/more").status == 404


def test_a_subnet_keeps_its_range_when_it_is_put_again() -> None:
    with a_lab() as (azure, _):
        made_network(azure)
        assert azure.put(f"{VNET}/subnets/web", in_range("10.0.1.0/24")).status == 200


def test_networks_whose_addresses_overlap_are_not_peered() -> None:
    with a_lab() as (azure, _):
        made_network(azure)
        other = f"{NETWORK}/virtualNetworks/other"
        azure.made(other, A_NETWORK)
        refused = azure.put(
            f"{VNET}/virtualNetworkPeerings/p", {"properties": {"remoteVirtualNetwork": {"id": other}}}
        )
        assert (refused.status, refused.code) == (400, "VnetAddressSpacesOverlap")
        assert refused.error["message"].endswith("Overlapping address prefixes: 10.0.0.0/16.")


def test_an_address_another_interface_holds_is_refused() -> None:
    with a_lab() as (azure, _):
        made_network(azure)
        azure.made(ADDRESS, HERE)
        static = {"privateIPAddress": "10.0.1.9", "privateIPAllocationMethod": "Static"}
        azure.made(f"{NIC}/a", an_interface(**static, publicIPAddress={"id": ADDRESS}))
        private = azure.put(f"{NIC}/b", an_interface(**static))
        public = azure.put(f"{NIC}/b", an_interface(publicIPAddress={"id": ADDRESS}))
        elsewhere = azure.put(f"{NIC}/b", an_interface(**static | {"privateIPAddress": "10.9.9.9"}))
        codes = [private.code, public.code, elsewhere.code]
        assert codes == ["PrivateIPAddressIsAllocated", "PublicIPAddressInUse", "PrivateIPAddressNotInSubnet"]
        assert f"{NIC}/a/ipConfigurations/first" in private.error["message"]


def test_an_interface_may_say_its_own_addresses_again() -> None:
    with a_lab() as (azure, _):
        made_network(azure)
        azure.made(ADDRESS, HERE)
        body = an_interface(publicIPAddress={"id": ADDRESS})
        azure.made(f"{NIC}/a", body)
        assert azure.put(f"{NIC}/a", azure.get(f"{NIC}/a").body).status == 200


def test_a_resource_needs_a_location_and_keeps_it() -> None:
    with a_lab() as (azure, _):
        assert azure.put(NSG, {}).code == "LocationRequired"
        azure.made(NSG, HERE)
        moved = azure.put(NSG, {"location": "North Europe"})
        assert (moved.status, moved.code) == (409, "InvalidResourceLocation")
        assert "in location 'westeurope' in resource group 'rg-hub'" in moved.error["message"]
        assert azure.put(NSG, {"location": "West Europe"}).status == 200


@pytest.mark.parametrize(
    ("held", "holder", "code"),
    [
        (
            f"{NETWORK}/routeTables/t",
            (f"{VNET}/subnets/x", "routeTable"),
            "InUseRouteTableCannotBeDeleted",
        ),
        (f"{NETWORK}/natGateways/t", (f"{VNET}/subnets/x", "natGateway"), "InUseNatGatewayCannotBeDeleted"),
        (f"{NETWORK}/publicIPPrefixes/t", (ADDRESS, "publicIPPrefix"), "InUsePublicIpPrefixCannotBeDeleted"),
    ],
)
def test_what_is_in_use_is_not_deleted(held: str, holder: tuple[str, str], code: str) -> None:
    with a_lab() as (azure, _):
        made_network(azure)
        azure.made(held, HERE)
        user, member = holder
        azure.made(user, HERE | {"properties": {"addressPrefix": "10.0.7.0/24", member: {"id": held}}})
        refused = azure.delete(held)
        assert (refused.status, refused.code) == (400, code)
        azure.finish(azure.delete(user))
        assert azure.delete(held).status == 202


def test_every_lock_in_the_way_is_named_as_it_was_written() -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, HERE)
        lock = {"properties": {"level": "CanNotDelete"}}
        for scope in (SUBSCRIPTION, GROUP):
            azure.put(f"{scope}/providers/Microsoft.Authorization/locks/keep", lock)
        refused = azure.delete(NSG)
        assert (refused.status, refused.code) == (409, "ScopeLocked")
        assert f"are locked: '{SUBSCRIPTION},{GROUP}'. Please" in refused.error["message"]
        below = f"{NSG}/providers/Microsoft.Authorization/locks/keep"
        azure.put(below, lock)
        assert f"{NSG}'. Please" in azure.delete(GROUP).error["message"]


def test_an_assignment_is_not_given_to_somebody_else() -> None:
    with a_lab() as (azure, _):
        path = (
            f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-0000-0000-0000000000a1"
        )
        role = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/r"
        told = {"roleDefinitionId": role, "principalId": "one", "principalType": "Group"}
        assert azure.put(path, {"properties": told}).status == 201
        other = azure.put(path, {"properties": told | {"principalId": "two"}})
        assert (other.status, other.code) == (400, "RoleAssignmentUpdateNotPermitted")
        described = azure.put(
            path, {"properties": {"roleDefinitionId": role, "principalId": "one", "description": "x"}}
        )
        assert described.body["properties"]["principalType"] == "Group"
