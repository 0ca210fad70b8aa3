"""Load balancers and everything inside them."""

from __future__ import annotations

from typing import Any

from lab.arm.documents.tree import Document, present
from lab.arm.kinds.base import (
    Kind,
    Patch,
    Pending,
    Put,
    named_children,
    new_guid,
    others,
    reference,
    reference_list,
    sku_of,
    sub_put,
    top,
)
from lab.arm.kinds.nic import private_address
from lab.arm.refusals.allocation import check_addresses

BALANCER = "Microsoft.Network/loadBalancers"
REFERENCES = ("frontendIPConfiguration", "backendAddressPool", "probe")
DERIVED = frozenset(
    [
        "provisioningState",
        "inboundNatRules",
        "inboundNatPools",
        "loadBalancingRules",
        "outboundRules",
        "backendIPConfigurations",
        "backendIPConfiguration",
    ]
)
FLOW: dict[str, Any] = {
    "enableFloatingIP": False,
    "idleTimeoutInMinutes": 4,
    "protocol": "Tcp",
    "enableDestinationServiceEndpoint": False,
    "enableTcpReset": False,
    "allowBackendPortConflict": False,
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "inboundNatRules": FLOW,
    "inboundNatPools": FLOW,
    "loadBalancingRules": FLOW | {"loadDistribution": "Default", "disableOutboundSnat": False},
    "outboundRules": {
        "allocatedOutboundPorts": 0,
        "protocol": "All",
        "enableTcpReset": False,
        "idleTimeoutInMinutes": 4,
    },
    "probes": {
        "intervalInSeconds": 15,
        "numberOfProbes": 2,
        "probeThreshold": 1,
        "noHealthyBackendsBehavior": "AllProbedDown",
    },
}


def _frontend(put: Put, used: set[str]) -> Document:
    """A private address shows only with a subnet; its version only with a subnet or a prefix."""
    sent = put.sent
    subnet, prefix = reference(sent.get("subnet")), reference(sent.get("publicIPPrefix"))
    address = private_address(put, used)
    used.add(address or "")
    properties = present(
        provisioningState="Succeeded",
        privateIPAddress=address,
        privateIPAllocationMethod=sent.get("privateIPAllocationMethod", "Dynamic"),
        publicIPAddress=reference(sent.get("publicIPAddress")),
        publicIPPrefix=prefix,
        subnet=subnet,
        privateIPAddressVersion=sent.get("privateIPAddressVersion", "IPv4") if subnet or prefix else None,
        gatewayLoadBalancer=reference(sent.get("gatewayLoadBalancer")),
    )
    return top(put, "name id etag type properties zones", properties=properties)


def pool_shape(put: Put) -> Document:
    sent = put.sent
    kept = others(sent, DERIVED | {"loadBalancerBackendAddresses"})
    addresses = sent.get("loadBalancerBackendAddresses") or []
    properties = {"provisioningState": "Succeeded", "loadBalancerBackendAddresses": addresses, **kept}
    return top(put, "name id etag properties type", properties=properties)


def part_shape(put: Put) -> Document:
    """A rule, probe or pool of ports: its references, then its settings with their defaults."""
    member = put.kind_name.rpartition("/")[2]
    sent = {key: value for key, value in put.sent.items() if key not in DERIVED and value is not None}
    links = {key: reference(sent.get(key)) for key in REFERENCES}
    if member == "loadBalancingRules" and links["backendAddressPool"]:
        sent.setdefault("backendAddressPools", [links["backendAddressPool"]])
    if member == "loadBalancingRules" and not links["backendAddressPool"]:
        pools = reference_list(sent.get("backendAddressPools"))
        links["backendAddressPool"] = pools[0] if pools else None
    if member == "outboundRules":
        sent["frontendIPConfigurations"] = reference_list(sent.get("frontendIPConfigurations")) or []
    properties = {"provisioningState": "Succeeded", **present(**links)}
    properties |= DEFAULTS.get(member, {}) | {
        key: value for key, value in sent.items() if key not in REFERENCES
    }
    if member == "inboundNatRules" and "frontendPortRangeStart" in properties:
        properties.setdefault("frontendPort", 0)  # in front of a pool stands the range
    return top(put, "name id etag type properties", properties=properties)


def _parts(put: Put, member: str) -> list[Document]:
    puts = [sub_put(put, member, item) for item in named_children(put, member)]
    if member == "frontendIPConfigurations":
        used = {str(each.sent["privateIPAddress"]) for each in puts if each.sent.get("privateIPAddress")}
        return [_frontend(each, used) for each in puts]
    return [(pool_shape if member == "backendAddressPools" else part_shape)(each) for each in puts]


MEMBERS = (
    "frontendIPConfigurations",
    "backendAddressPools",
    "loadBalancingRules",
    "probes",
    "inboundNatRules",
    "outboundRules",
    "inboundNatPools",
)


def shape(put: Put) -> Document:
    properties = {
        "provisioningState": "Succeeded",
        "resourceGuid": put.kept("resourceGuid", new_guid),
        **{member: _parts(put, member) for member in MEMBERS},
        **others(put.sent, {"provisioningState", "resourceGuid", *MEMBERS}),
    }
    keys = "name id etag type location tags properties sku"
    return top(put, keys, properties=properties, sku=sku_of(put, "Basic"))


def pending(put: Put, doc: Document) -> Pending:
    """Frontends in a subnet or on a prefix take time; public ones say Succeeded at once (as recorded).

    That members in the backend make it take time too is unconfirmed [?].
    """
    frontends = [each["properties"] for each in doc["properties"]["frontendIPConfigurations"]]
    slow = any("subnet" in each or "publicIPPrefix" in each for each in frontends)
    incoming = put.world.store.links.incoming(put.id.lower()).values()
    slow = slow or any(
        each.get("backendIPConfigurations") or each.get("backendIPConfiguration") for each in incoming
    )
    return Pending.UPDATING if slow else Pending.SETTLED


def check(put: Put, doc: Document) -> None:
    member = "frontendIPConfigurations"
    check_addresses(put.world.store, doc["properties"][member], put.before.get(member, []))


BALANCER_KIND = Kind(BALANCER, shape, pending=pending, check=check, patch=Patch.TAGS)
POOL_KIND = Kind(BALANCER + "/backendAddressPools", pool_shape)
NAT_RULE_KIND = Kind(BALANCER + "/inboundNatRules", part_shape)
