"""Network interfaces."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lab.arm.documents.addresses import next_free
from lab.arm.documents.tree import Document, present
from lab.arm.errors import ArmError
from lab.arm.kinds.base import (
    Kind,
    Patch,
    Pending,
    Put,
    World,
    named_children,
    new_guid,
    others,
    reference,
    reference_list,
    sub_put,
    top,
)
from lab.arm.refusals.allocation import check_addresses

if TYPE_CHECKING:
    from lab.arm.documents.store import Record

NIC = "Microsoft.Network/networkInterfaces"
MEMBERSHIPS = (
    "loadBalancerBackendAddressPools",
    "loadBalancerInboundNatRules",
    "applicationGatewayBackendAddressPools",
)
CONFIGURATION = frozenset(
    [
        "provisioningState",
        "privateIPAddress",
        "privateIPAllocationMethod",
        "publicIPAddress",
        "subnet",
        "primary",
        "privateIPAddressVersion",
        "loadBalancerBackendAddressPools",
        "loadBalancerInboundNatRules",
    ]
)
DEFAULTS: dict[str, object] = {
    "enableAcceleratedNetworking": False,
    "vnetEncryptionSupported": False,
    "enableIPForwarding": False,
    "disableTcpStateTracking": False,
    "hostedWorkloads": [],
    "tapConfigurations": [],
    "nicType": "Standard",
    "allowPort25Out": True,
    "auxiliaryMode": "None",
    "auxiliarySku": "None",
    "defaultOutboundConnectivityEnabled": False,
}
TREATED = frozenset(
    {"provisioningState", "resourceGuid", "ipConfigurations", "dnsSettings", "macAddress", "primary",
     "networkSecurityGroup", "virtualMachine", *DEFAULTS}
)  # fmt: skip


def private_address(put: Put, used: set[str]) -> str | None:
    """The address sent, the one held already, or the next free one of the subnet."""
    sent, subnet = put.sent, reference(put.sent.get("subnet"))
    if sent.get("privateIPAddress") and subnet:
        return str(sent["privateIPAddress"])
    held = put.before.get("privateIPAddress")
    if held and subnet == reference(put.before.get("subnet")):
        return str(held)
    version = str(sent.get("privateIPAddressVersion", "IPv4"))
    return next_free(put.world.store, subnet["id"], used, version) if subnet else None


def _configuration(put: Put, used: set[str], *, primary: bool) -> Document:
    sent = put.sent
    address = private_address(put, used)
    used.add(address or "")
    properties = present(
        provisioningState="Succeeded",
        privateIPAddress=address,
        privateIPAllocationMethod=sent.get("privateIPAllocationMethod", "Dynamic"),
        publicIPAddress=reference(sent.get("publicIPAddress")),
        subnet=reference(sent.get("subnet")),
        primary=primary,
        privateIPAddressVersion=sent.get("privateIPAddressVersion", "IPv4"),
        loadBalancerBackendAddressPools=reference_list(sent.get("loadBalancerBackendAddressPools")),
        loadBalancerInboundNatRules=reference_list(sent.get("loadBalancerInboundNatRules")),
        **others(sent, CONFIGURATION),
    )
    return top(put, "name id etag type properties", properties=properties)


def _configurations(put: Put) -> list[Document]:
    """The primary one first, as recorded; without any marked, the first is primary."""
    puts = [sub_put(put, "ipConfigurations", item) for item in named_children(put, "ipConfigurations")]
    marked = next((each for each in puts if each.sent.get("primary")), puts[0] if puts else None)
    used: set[str] = {
        str(each.sent["privateIPAddress"]) for each in puts if each.sent.get("privateIPAddress")
    }
    made = [_configuration(each, used, primary=each is marked) for each in puts]
    return sorted(made, key=lambda each: not each["properties"]["primary"])


def _dns(put: Put) -> Document:
    raw = put.sent.get("dnsSettings")
    sent: Document = raw if isinstance(raw, dict) else {}
    held = (put.before.get("dnsSettings") or {}).get("internalDomainNameSuffix")
    suffix = held or f"{hashlib.sha256(put.id.lower().encode()).hexdigest()[:26]}.bx.internal.cloudapp.net"
    label = sent.get("internalDnsNameLabel")
    return present(
        dnsServers=sent.get("dnsServers") or [],
        appliedDnsServers=[],
        internalDnsNameLabel=label,
        internalFqdn=f"{label}.{suffix}" if label else None,
        internalDomainNameSuffix=suffix,
    )


def shape(put: Put) -> Document:
    sent = put.sent
    properties = present(
        provisioningState="Succeeded",
        resourceGuid=put.kept("resourceGuid", new_guid),
        ipConfigurations=_configurations(put),
        dnsSettings=_dns(put),
        macAddress=put.before.get("macAddress"),
        networkSecurityGroup=reference(sent.get("networkSecurityGroup")),
        primary=put.before.get("primary"),
        **{key: default if sent.get(key) is None else sent[key] for key, default in _defaults(put)},
        **others(sent, TREATED),
    )
    kind = put.body.get("kind") or "Regular"
    return top(put, "name id etag tags properties type location kind", properties=properties, kind=kind)


def _defaults(put: Put) -> list[tuple[str, object]]:
    """Switches fall back to their defaults on every PUT; what only the platform sets is kept."""
    platform = {"allowPort25Out", "hostedWorkloads", "tapConfigurations", "vnetEncryptionSupported"}
    return [
        (key, put.before.get(key, value) if key in platform else value) for key, value in DEFAULTS.items()
    ]


def _memberships(properties: Document) -> set[str]:
    return {
        each["id"].lower()
        for configuration in properties.get("ipConfigurations", ())
        for member in MEMBERSHIPS
        for each in configuration["properties"].get(member) or ()
    }


def pending(put: Put, doc: Document) -> Pending:
    """Only what a load balancer or a running machine must be told of takes an operation.

    A change of membership is recorded; that a member's other changes are told too is unconfirmed [?].
    """
    tells_balancer = bool(_memberships(put.before) | _memberships(doc["properties"]))
    on_machine = bool(put.world.store.links.holders(put.id, "virtualMachine"))
    return Pending.UPDATING if tells_balancer or on_machine else Pending.NONE


def check_delete(_: World, record: Record, view: Document) -> None:
    machine = view["properties"].get("virtualMachine")
    if machine:
        raise ArmError(
            400,
            "NicInUse",
            f"Network Interface {record.doc['id']} is used by existing resource {machine['id']}. In "
            "order to delete "
            "the network interface, it must be dissociated from the resource. To learn more, see "
            "aka.ms/deletenic.",
        )


def check(put: Put, doc: Document) -> None:
    check_addresses(
        put.world.store, doc["properties"]["ipConfigurations"], put.before.get("ipConfigurations", [])
    )


NIC_KIND = Kind(NIC, shape, pending=pending, check=check, check_delete=check_delete, patch=Patch.TAGS)
