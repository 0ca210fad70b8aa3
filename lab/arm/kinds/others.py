"""NAT gateways, route tables, application security groups, and every other network type."""

from __future__ import annotations

from lab.arm.kinds.base import (
    Kind,
    Patch,
    Put,
    named_children,
    new_guid,
    others,
    reference_list,
    sub_put,
    top,
)
from lab.arm.kinds.documented import documented
from lab.arm.tree import Document, present

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
    sku = {"name": "Standard", "tier": "Regional"} | (put.body.get("sku") or {})
    return top(put, "name id etag type location tags zones properties sku", properties=properties, sku=sku)


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
    """[?] Any other network type: what was sent, with the members all of them have."""
    properties = {
        "provisioningState": "Succeeded",
        "resourceGuid": put.kept("resourceGuid", new_guid),
        **documented(put.kind_name),
        **others(put.sent, COMMON),
    }
    doc = top(put, "name id etag type location tags properties", properties=properties)
    return doc | others(put.body, TOP)


def plain_shape(put: Put) -> Document:
    """A type of another provider: the document as sent, under its id."""
    doc = top(put, "id name type location tags") | others(put.body, TOP - {"properties"})
    added = documented(put.kind_name)
    return doc | {"properties": added | put.sent} if added else doc


NAT_GATEWAY_KIND = Kind(N + "natGateways", nat_gateway_shape, patch=Patch.TAGS)
ROUTE_TABLE_KIND = Kind(N + "routeTables", route_table_shape, patch=Patch.TAGS)
ROUTE_KIND = Kind(N + "routeTables/routes", route_shape)
SECURITY_TAG_KIND = Kind(N + "applicationSecurityGroups", security_group_tag_shape, patch=Patch.TAGS)
