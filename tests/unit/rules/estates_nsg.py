"""Spokes with rules, machines, Bastion and just-in-time requests, for the cases of the NSG rules."""

from datetime import UTC, datetime
from typing import Any

from remediation.resource_id import ResourceId
from tests.builders import (
    AT,
    HUB,
    SETTLED,
    SUBNET_ID,
    VM_ID,
    VNET_ID,
    WEB,
    Document,
    a_rule,
    a_subnet,
    a_vnet,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIVE, OVER = "2026-03-01T13:00:00.1234567Z", "2026-03-01T11:30:00Z"
JUST_OVER = "2026-03-01T11:50:00Z"
ASKED = "2026-03-01T11:00:00Z"
JIT_ALLOW = "SecurityCenter-JITRule--1173940218-6A8F52E1B8E24B0F9F8E0A6C0B1D2E3F"
JIT_DENY = "SecurityCenter-JITRule_-1173940218_6A8F52E1B8E24B0F9F8E0A6C0B1D2E3F"
POLICY_TYPE = "Microsoft.Security/locations/jitNetworkAccessPolicies"
POLICY_ID = (
    f"{AT}/resourceGroups/rg-web/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/p"
)
JIT_LIST = "microsoft.security/jitnetworkaccesspolicies"

TABLE_ID = f"{WEB}/routeTables/rt"
HUB_NET = ResourceId.parse(f"{HUB}/virtualNetworks/hub")
BASTION_PREFIX = "10.0.0.0/26"
BASTION = f"{HUB}/bastionHosts/bas-hub"
BASTION_SUBNET = HUB_NET.child("subnets", "AzureBastionSubnet")
BASTION_NSG = ResourceId.parse(f"{HUB}/networkSecurityGroups/bastion")
OWN_BASTION_SUBNET = VNET_ID.child("subnets", "AzureBastionSubnet")


def a_jit_allow(
    source: str = "45.60.12.7", port: str = "22", name: str = JIT_ALLOW, priority: int = 100, **more: Any
) -> Document:
    """A rule as just-in-time access writes it for a request: one machine, priority 100."""
    properties = {
        "sourceAddressPrefix": source,
        "destinationPortRange": port,
        "destinationAddressPrefix": "10.1.0.4",
    }
    return a_rule(name, priority, **{**properties, **more})


def a_jit_deny(priority: int = 1000) -> Document:
    """The rule that just-in-time access puts there when it is switched on for a machine."""
    return a_rule(
        JIT_DENY,
        priority,
        access="Deny",
        destinationPortRange="22",
        destinationAddressPrefix="10.1.0.4",
        protocol="*",
    )


def a_policy(
    source: str | list[str] | None = "45.60.12.7", port: Any = 22, end: str | None = LIVE,
    status: str = "Initiated", machine: str = VM_ID, start: str | None = ASKED, longest: Any = "PT3H",
    group: str = "rg-web", offers: Any = None,
) -> Document:  # fmt: skip
    """A policy with one request; `offers` is the port it lets people ask for, `longest` for how long."""
    asked = {"number": port, "endTimeUtc": end, "status": status}
    asked |= {
        "allowedSourceAddressPrefixes" if isinstance(source, list) else "allowedSourceAddressPrefix": source
    }
    request = {
        "virtualMachines": [{"id": machine, "ports": [asked]}],
        "startTimeUtc": start,
        "requestor": "alice@contoso.example",
    }
    offered = {
        "number": port if offers is None else offers,
        "protocol": "*",
        "maxRequestAccessDuration": longest,
    }
    machines = [{"id": machine, "ports": [{**offered, "allowedSourceAddressPrefix": "*"}]}]
    return {
        "id": POLICY_ID.replace("rg-web", group),
        "name": "p",
        "type": POLICY_TYPE,
        "kind": "Basic",
        "location": "westeurope",
        "properties": {**SETTLED, "virtualMachines": machines, "requests": [request]},
    }


def a_route_table(*prefixes: str, hop: str = "VirtualAppliance") -> Document:
    """A route table that sends these prefixes to one kind of next hop."""
    routes = [{"name": one, "properties": {"addressPrefix": one, "nextHopType": hop}} for one in prefixes]
    return {"id": TABLE_ID, "name": "rt", "properties": {**SETTLED, "routes": routes}}


def routed(subnet: Document, table: Document) -> Document:
    """The subnet with that route table."""
    return {**subnet, "properties": {**subnet["properties"], "routeTable": {"id": table["id"]}}}


def a_machine(system: str | None = "Linux", **profile: Any) -> Document:
    """A virtual machine; without a system its disk does not say what runs on it."""
    disk = {"osDisk": {"osType": system} if system else {}}
    properties: Document = {**SETTLED, "storageProfile": disk}
    if profile:
        properties["osProfile"] = profile
    return {
        "id": VM_ID,
        "name": "vm1",
        "type": "Microsoft.Compute/virtualMachines",
        "location": "westeurope",
        "properties": properties,
    }


def a_peering(remote: ResourceId, state: str = "Connected", space: str = "10.0.0.0/22") -> Document:
    return {
        "name": f"to-{remote.name}",
        "properties": {
            "peeringState": state,
            "remoteVirtualNetwork": {"id": remote.text},
            "remoteAddressSpace": {"addressPrefixes": [space]},
        },
    }


def a_network(
    *subnets: Document, peerings: tuple[Document, ...] = (), identity: ResourceId = VNET_ID
) -> Document:
    document = a_vnet(*subnets, identity=identity)
    document["properties"]["virtualNetworkPeerings"] = list(peerings)
    return document


def a_bastion_subnet(
    identity: ResourceId = BASTION_SUBNET,
    *,
    nsg: ResourceId | None = None,
    host: str | None = BASTION,
    prefix: str = BASTION_PREFIX,
) -> Document:
    document = a_subnet(identity, nsg=nsg, nics=())
    document["properties"]["addressPrefix"] = prefix
    if host is not None:
        document["properties"]["ipConfigurations"] = [{"id": f"{host}/bastionHostIpConfigurations/cfg"}]
    return document


def a_hub(*, host: str | None = BASTION, nsg: ResourceId | None = None) -> Document:
    """The hub network with Bastion's subnet, peered with the spoke."""
    back = a_peering(VNET_ID, space="10.1.0.0/16")
    return a_network(a_bastion_subnet(nsg=nsg, host=host), peerings=(back,), identity=HUB_NET)


def a_developer_host() -> Document:
    return {
        "id": f"{WEB}/bastionHosts/dev",
        "name": "dev",
        "type": "Microsoft.Network/bastionHosts",
        "location": "westeurope",
        "sku": {"name": "Developer"},
        "properties": {**SETTLED, "virtualNetwork": {"id": VNET_ID.text}},
    }


def a_frontend(name: str = "front", *, public: bool = True) -> Document:
    place = (
        {"publicIPAddress": {"id": f"{WEB}/publicIPAddresses/lb-ip"}}
        if public
        else {"subnet": {"id": SUBNET_ID.text}}
    )
    return {"name": name, "id": f"{LB_ID}/frontendIPConfigurations/{name}", "properties": place}


LB_ID = f"{WEB}/loadBalancers/lb"


def a_forwarder(
    backend: Any = 22, front: Any = 50022, name: str = "ssh", frontend: str = "front", **more: Any
) -> Document:
    return {
        "name": name,
        "id": f"{LB_ID}/inboundNatRules/{name}",
        "properties": {
            "frontendIPConfiguration": {"id": f"{LB_ID}/frontendIPConfigurations/{frontend}"},
            "frontendPort": front,
            "backendPort": backend,
            "protocol": "Tcp",
            **more,
        },
    }


def a_balancer(*frontends: Document, **forwarders: list[Document]) -> Document:
    return {
        "id": LB_ID,
        "name": "lb",
        "type": "Microsoft.Network/loadBalancers",
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "properties": {**SETTLED, "frontendIPConfigurations": list(frontends), **forwarders},
    }
