"""NAT gateways, route tables, application security groups, and every other network type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lab.arm.documents.references import DERIVED
from lab.arm.documents.tree import Document, present
from lab.arm.errors import ArmError
from lab.arm.facts.documented import documented
from lab.arm.kinds.base import (
    Kind,
    Patch,
    Put,
    World,
    in_use,
    named_children,
    new_guid,
    others,
    reference_list,
    sku_of,
    sub_put,
    top,
)

if TYPE_CHECKING:
    from lab.arm.documents.store import Record

N = "Microsoft.Network/"
TOP = frozenset(["name", "id", "etag", "type", "location", "tags", "properties"])
COMMON = frozenset({"provisioningState", "resourceGuid"})


def nat_gateway_shape(put: Put) -> Document:
    sent = put.sent
    properties = present(
        provisioningState="Succeeded",
        resourceGuid=put.kept("resourceGuid", new_guid),
        idleTimeoutInMinutes=sent.get("idleTimeoutInMinutes", 4),
        publicIpAddresses=reference_list(sent.get("publicIpAddresses")),
        publicIpPrefixes=reference_list(sent.get("publicIpPrefixes")),
        **others(sent, COMMON | {"idleTimeoutInMinutes", "publicIpAddresses", "publicIpPrefixes", "subnets"}),
    )
    keys = "name id etag type location tags zones properties sku"
    return top(put, keys, properties=properties, sku=sku_of(put, "Standard"))


def check_delete_nat_gateway(_: World, record: Record, view: Document) -> None:
    used = [each["id"] for each in view["properties"].get("subnets", ())]
    if used:
        raise in_use("InUseNatGatewayCannotBeDeleted", "Nat gateway", record.doc["id"], used)


def check_delete_route_table(_: World, record: Record, view: Document) -> None:
    if view["properties"].get("subnets"):  # [?] reported by users
        name = record.doc["name"]
        text = f"Route table {name} is in use and cannot be deleted."
        raise ArmError(400, "InUseRouteTableCannotBeDeleted", text)


def route_shape(put: Put) -> Document:
    sent = others(put.sent, {"provisioningState", "hasBgpOverride"})
    properties = {"provisioningState": "Succeeded", **sent, "hasBgpOverride": False}
    return top(put, "name id etag properties type", properties=properties)


def route_table_shape(put: Put) -> Document:
    properties = {
        "provisioningState": "Succeeded",
        "resourceGuid": put.kept("resourceGuid", new_guid),
        "disableBgpRoutePropagation": put.sent.get("disableBgpRoutePropagation", False),
        "routes": [route_shape(sub_put(put, "routes", item)) for item in named_children(put, "routes")],
    }
    return top(put, "name id etag type location tags properties", properties=properties)


def security_group_tag_shape(put: Put) -> Document:
    """An application security group is a name and nothing else."""
    return top(
        put, "name id etag type location tags properties", properties={"provisioningState": "Succeeded"}
    )


def network_shape(put: Put) -> Document:
    """[?] Any other network type: what was sent, with the members all of them have.

    A child says where it is only if it was told, and has no guid of its own.
    """
    if put.kind_name.count("/") > 1:
        return _child_shape(put)
    properties = {
        "provisioningState": "Succeeded",
        "resourceGuid": put.kept("resourceGuid", new_guid),
        **documented(put.kind_name),
        **others(put.sent, COMMON | DERIVED.get(put.kind_name.lower(), frozenset())),
    }
    doc = top(put, "name id etag type location tags properties", properties=properties)
    return doc | others(put.body, TOP)


def _child_shape(put: Put) -> Document:
    properties = {
        "provisioningState": "Succeeded",
        **documented(put.kind_name),
        **others(put.sent, {"provisioningState"} | DERIVED.get(put.kind_name.lower(), frozenset())),
    }
    where = "location tags" if put.body.get("location") else "tags"
    doc = top(put, f"name id etag type {where} properties", properties=properties)
    return doc | others(put.body, TOP)


def endpoint_policy_shape(put: Put) -> Document:
    """A policy of service end points, its definitions inside."""
    member = "serviceEndpointPolicyDefinitions"
    definitions = [_child_shape(sub_put(put, member, item)) for item in named_children(put, member)]
    sent = {key: value for key, value in put.sent.items() if key != member}
    doc = network_shape(replace(put, body=put.body | {"properties": sent}))
    return doc | {"properties": doc["properties"] | {member: definitions}}


def plain_shape(put: Put) -> Document:
    """A type of another provider: the document as sent, under its id."""
    doc = top(put, "id name type location tags") | others(put.body, TOP - {"properties"})
    added = documented(put.kind_name)
    return doc | {"properties": added | put.sent} if added else doc


NAT_GATEWAY_KIND = Kind(
    N + "natGateways", nat_gateway_shape, check_delete=check_delete_nat_gateway, patch=Patch.TAGS
)
ROUTE_TABLE_KIND = Kind(
    N + "routeTables", route_table_shape, check_delete=check_delete_route_table, patch=Patch.TAGS
)
ROUTE_KIND = Kind(N + "routeTables/routes", route_shape)
ENDPOINT_POLICY_KIND = Kind(N + "serviceEndpointPolicies", endpoint_policy_shape, patch=Patch.TAGS)
SECURITY_TAG_KIND = Kind(N + "applicationSecurityGroups", security_group_tag_shape, patch=Patch.TAGS)
