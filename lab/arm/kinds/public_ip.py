"""Public IP addresses."""

from __future__ import annotations

import hashlib
import ipaddress
from typing import TYPE_CHECKING, Any

from lab.arm.documents.references import DERIVED
from lab.arm.documents.tree import Document, present
from lab.arm.errors import ArmError
from lab.arm.kinds.base import Kind, Patch, Put, World, in_use, new_guid, others, reference, sku_of, top

if TYPE_CHECKING:
    from lab.arm.documents.store import Record

PUBLIC_IP = "Microsoft.Network/publicIPAddresses"
PREFIX = "Microsoft.Network/publicIPPrefixes"
TREATED = frozenset(
    [
        "provisioningState",
        "resourceGuid",
        "ipAddress",
        "publicIPAddressVersion",
        "publicIPAllocationMethod",
        "idleTimeoutInMinutes",
        "dnsSettings",
        "ipTags",
        "ddosSettings",
        "ipConfiguration",
        "natGateway",
        "publicIPPrefix",
    ]
)


def address_of(guid: str, version: str) -> str:
    """A public address that follows from the resource's guid: stable, and of Azure's own ranges in kind."""
    digest = hashlib.sha256(guid.encode()).digest()
    if version == "IPv6":
        return f"2603:1030:{digest[0]:x}{digest[1]:02x}:{digest[2]:x}::{digest[3]:x}{digest[4]:02x}"
    return f"20.{digest[0]}.{digest[1]}.{max(digest[2], 4)}"


def _dns(put: Put) -> Document | None:
    raw = put.sent.get("dnsSettings")
    sent: Document = raw if isinstance(raw, dict) else {}
    label = sent.get("domainNameLabel")
    if not label:
        return None
    scope = sent.get("domainNameLabelScope")
    if scope:
        token = hashlib.sha256(f"{put.id}{scope}".lower().encode()).hexdigest()[:16]
        fqdn = f"{label}.{token}.{put.location}.sysgen.cloudapp.azure.com"
    else:
        fqdn = f"{label}.{put.location}.cloudapp.azure.com"
    return present(
        domainNameLabel=label, domainNameLabelScope=scope, fqdn=fqdn, reverseFqdn=sent.get("reverseFqdn")
    )


def shape(put: Put) -> Document:
    """A Static address is missing from the create answer and there in the GET after it."""
    sent = put.sent
    sku = sku_of(put, "Basic")
    standard = sku["name"] != "Basic"
    properties = present(
        provisioningState="Succeeded",
        resourceGuid=put.kept("resourceGuid", new_guid),
        ipAddress=put.before.get("ipAddress"),
        publicIPAddressVersion=sent.get("publicIPAddressVersion", "IPv4"),
        publicIPAllocationMethod=sent.get("publicIPAllocationMethod", "Static" if standard else "Dynamic"),
        publicIPPrefix=reference(sent.get("publicIPPrefix")),
        idleTimeoutInMinutes=sent.get("idleTimeoutInMinutes", 4),
        dnsSettings=_dns(put),
        ipTags=sent.get("ipTags") or [],
        ddosSettings=(sent.get("ddosSettings") or {"protectionMode": "VirtualNetworkInherited"})
        if standard
        else None,
        **others(sent, TREATED),
    )
    return top(put, "name id etag location zones tags properties type sku", properties=properties, sku=sku)


def finish(_: World, doc: Document) -> Document:
    properties = doc["properties"]
    if properties["publicIPAllocationMethod"] != "Static" or "ipAddress" in properties:
        return doc
    address = address_of(properties["resourceGuid"], properties["publicIPAddressVersion"])
    first = {key: properties[key] for key in ("provisioningState", "resourceGuid")}
    return doc | {"properties": first | {"ipAddress": address} | properties}


def check_delete(_: World, record: Record, view: Document) -> None:
    properties = view["properties"]
    user = properties.get("ipConfiguration") or properties.get("natGateway")
    if user:
        raise ArmError(
            400,
            "PublicIPAddressCannotBeDeleted",
            f"Public IP address {record.doc['id']} can not be deleted since it is still allocated to "
            "resource "
            f"{user['id']}. In order to delete the public IP, disassociate/detach the Public IP "
            "address from the "
            "resource.  To learn how to do this, see aka.ms/deletepublicip.",
        )


def prefix_shape(put: Put) -> Document:
    """A public IP prefix [?: no recording shows one whole]."""
    sent = put.sent
    guid = put.kept("resourceGuid", new_guid)
    treated = {"provisioningState", "resourceGuid", *DERIVED[PREFIX.lower()]}
    version, length = sent.get("publicIPAddressVersion", "IPv4"), sent.get("prefixLength", 28)
    properties = {
        "provisioningState": "Succeeded",
        "resourceGuid": guid,
        "prefixLength": length,
        "publicIPAddressVersion": version,
        "ipPrefix": put.kept("ipPrefix", lambda: _network(address_of(guid, version), length)),
        "ipTags": sent.get("ipTags") or [],
    }
    properties = others(sent, treated) | properties
    keys = "name id etag type location zones tags properties sku"
    return top(put, keys, properties=properties, sku=sku_of(put, "Standard"))


def _network(address: str, length: int) -> str:
    """The prefix of that length around an address."""
    return str(ipaddress.ip_network(f"{address}/{length}", strict=False))


def check_delete_prefix(_: World, record: Record, view: Document) -> None:
    used = [
        each["id"]
        for member in sorted(DERIVED[PREFIX.lower()])
        for each in _listed(view["properties"].get(member))
    ]
    if used:
        raise in_use("InUsePublicIpPrefixCannotBeDeleted", "Public IP prefix", record.doc["id"], used)


def _listed(value: Any) -> list[Document]:
    return value if isinstance(value, list) else [value] if value else []


PREFIX_KIND = Kind(PREFIX, prefix_shape, check_delete=check_delete_prefix, patch=Patch.TAGS)
PUBLIC_IP_KIND = Kind(PUBLIC_IP, shape, finish=finish, check_delete=check_delete, patch=Patch.TAGS)
