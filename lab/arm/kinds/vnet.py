"""Virtual networks and their subnets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import ids
from lab.arm.documents.references import DERIVED
from lab.arm.documents.tree import Document, present
from lab.arm.errors import ArmError
from lab.arm.facts.delegations import actions_of
from lab.arm.facts.endpoints import reached_from
from lab.arm.kinds import peering
from lab.arm.kinds.base import (
    Kind,
    Patch,
    Put,
    World,
    named_children,
    new_guid,
    others,
    reference,
    sub_put,
    top,
)
from lab.arm.refusals.bastion_flows import BASTION_SUBNET, check_for_subnet
from lab.arm.refusals.ranges import check_ranges, network_of

if TYPE_CHECKING:
    from lab.arm.documents.store import Record

VNET = "Microsoft.Network/virtualNetworks"
SUBNET = VNET + "/subnets"
VNET_TREATED = frozenset(
    [
        "provisioningState",
        "resourceGuid",
        "addressSpace",
        "privateEndpointVNetPolicies",
        "dhcpOptions",
        "subnets",
        "virtualNetworkPeerings",
        "enableDdosProtection",
        "enableVmProtection",
        "encryption",
        *DERIVED[VNET.lower()],
    ]
)
# What other services write into a subnet: no request changes it.
SERVICE_OWNED = ("serviceAssociationLinks", "resourceNavigationLinks", "ipConfigurationProfiles")
SUBNET_TREATED = frozenset(
    [
        "provisioningState",
        "addressPrefix",
        "addressPrefixes",
        "networkSecurityGroup",
        "routeTable",
        "natGateway",
        "serviceEndpoints",
        "delegations",
        "privateEndpointNetworkPolicies",
        "privateLinkServiceNetworkPolicies",
        "ipConfigurations",
        "purpose",
        *SERVICE_OWNED,
        *DERIVED[SUBNET.lower()],
    ]
)


def _endpoint(put: Put, sent: Document) -> Document:
    where = reached_from(put.location, str(sent.get("service")))
    return {
        "provisioningState": "Succeeded",
        "service": sent.get("service"),
        "locations": sent.get("locations") or where,
    }


def _delegation(put: Put) -> Document:
    service = put.sent.get("serviceName")
    properties = {
        "provisioningState": "Succeeded",
        "serviceName": service,
        "actions": actions_of(str(service)),
    }
    return top(put, "name id etag properties type", properties=properties)


def subnet_shape(put: Put) -> Document:
    sent = put.sent
    endpoints = sent.get("serviceEndpoints")
    properties = present(
        provisioningState="Succeeded",
        addressPrefix=sent.get("addressPrefix"),
        addressPrefixes=sent.get("addressPrefixes"),
        networkSecurityGroup=reference(sent.get("networkSecurityGroup")),
        routeTable=reference(sent.get("routeTable")),
        natGateway=reference(sent.get("natGateway")),
        serviceEndpoints=None if endpoints is None else [_endpoint(put, each) for each in endpoints],
        delegations=[
            _delegation(sub_put(put, "delegations", each)) for each in named_children(put, "delegations")
        ],
        privateEndpointNetworkPolicies=sent.get("privateEndpointNetworkPolicies", "Disabled"),
        privateLinkServiceNetworkPolicies=sent.get("privateLinkServiceNetworkPolicies", "Enabled"),
        **{member: put.before.get(member) for member in SERVICE_OWNED},
        **others(sent, SUBNET_TREATED),
    )
    return top(put, "name id etag properties type", properties=properties)


def _dhcp(sent: Document) -> Document | None:
    options = sent.get("dhcpOptions")
    return None if options is None else {"dnsServers": options.get("dnsServers") or []}


def _space(put: Put) -> Document:
    sent = put.sent.get("addressSpace") or {}
    return {**sent, "addressPrefixes": sent.get("addressPrefixes") or []}


def _peerings(put: Put) -> list[Document]:
    """Those sent, shaped; without the member those that are there stay."""
    if "virtualNetworkPeerings" not in put.sent:
        return list(put.before.get("virtualNetworkPeerings", []))
    items = named_children(put, "virtualNetworkPeerings")
    return [peering.shape(sub_put(put, "virtualNetworkPeerings", item)) for item in items]


def _subnets(put: Put) -> list[Document]:
    """Those sent, shaped; a request without the member leaves those that are there (documented)."""
    if "subnets" not in put.sent:
        return list(put.before.get("subnets", []))
    return [subnet_shape(sub_put(put, "subnets", item)) for item in named_children(put, "subnets")]


def _encryption(sent: Document) -> Document | None:
    asked = sent.get("encryption")
    return {"enforcement": "AllowUnencrypted"} | asked if isinstance(asked, dict) else None


def vnet_shape(put: Put) -> Document:
    sent = put.sent
    located = Put(
        put.world, put.id, put.name, put.kind_name, put.body, put.existing, {"location": put.location}
    )
    properties = present(
        provisioningState="Succeeded",
        resourceGuid=put.kept("resourceGuid", new_guid),
        addressSpace=_space(put),
        privateEndpointVNetPolicies=sent.get("privateEndpointVNetPolicies", "Disabled"),
        dhcpOptions=_dhcp(sent),
        subnets=_subnets(located),
        virtualNetworkPeerings=_peerings(put),
        enableDdosProtection=sent.get("enableDdosProtection", False),
        enableVmProtection=sent.get("enableVmProtection") or None,
        encryption=_encryption(sent),
        **others(sent, VNET_TREATED),
    )
    return top(put, "name id etag type location tags properties", properties=properties)


def check_subnet(put: Put, doc: Document) -> None:
    """An NSG that lacks what Bastion needs cannot be put on its subnet."""
    if put.parent is not None and "id" in put.parent:
        kept = [each for each in put.parent["properties"]["subnets"] if each["id"].lower() != put.id.lower()]
        check_ranges(put.parent, [*kept, doc], put.parent["properties"]["subnets"])
    attached = doc["properties"].get("networkSecurityGroup")
    before = reference(put.before.get("networkSecurityGroup"))
    if doc["name"].lower() != BASTION_SUBNET or attached is None or attached == before:
        return
    record = put.world.store.get(attached["id"])
    if record is not None:
        check_for_subnet(put.world.store, record.doc, doc["id"])


def check_vnet(put: Put, doc: Document) -> None:
    for prefix in doc["properties"]["addressSpace"]["addressPrefixes"]:
        network_of(prefix, doc["id"])
    check_ranges(doc, doc["properties"]["subnets"], put.before.get("subnets", []))
    kept = {subnet["name"].lower() for subnet in doc["properties"]["subnets"]}
    for subnet in put.before.get("subnets", ()):
        if subnet["name"].lower() not in kept:
            refuse_if_used(put.world, subnet)
    for subnet in doc["properties"]["subnets"]:
        check_subnet(sub_put(put, "subnets", subnet), subnet)


def refuse_if_used(world: World, subnet: Document) -> None:
    users = world.store.links.holders(subnet["id"], "ipConfigurations")
    if users:
        raise ArmError(
            400,
            "InUseSubnetCannotBeDeleted",
            f"Subnet {subnet['name']} is in use by {users[0]} and cannot be deleted. In order to "
            "delete the subnet, "
            "delete all the resources within the subnet. See aka.ms/deletesubnet.",
        )


def check_delete_vnet(world: World, record: Record, _: Document) -> None:
    for subnet in record.doc["properties"].get("subnets", ()):
        refuse_if_used(world, subnet)


def check_delete_subnet(world: World, _: Record, view: Document) -> None:
    refuse_if_used(world, view)


def linked_vnet(world: World, vnet_id: str) -> None:
    peering.resync(world, ids.root(vnet_id))


VNET_KIND = Kind(
    VNET,
    vnet_shape,
    check=check_vnet,
    check_delete=check_delete_vnet,
    linked=linked_vnet,
    patch=Patch.TAGS,
    steady=frozenset({"delegations", "serviceEndpoints", "virtualNetworkPeerings"}),
)
SUBNET_KIND = Kind(
    SUBNET,
    subnet_shape,
    check=check_subnet,
    check_delete=check_delete_subnet,
    steady=frozenset({"delegations", "serviceEndpoints"}),
)
