"""ARM documents in a few words, shaped as GET returns them; `fronts` has what stands in front of machines."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import Any

from tests.unit.nsg.notation import ASG_ID, rule

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-estate"
NETWORK = "Microsoft.Network/"
type Document = dict[str, Any]


def id_of(kind: str, name: str, *below: str) -> str:
    """The id of a network resource in the estate's group, or of something below it."""
    return "/".join([f"{GROUP}/providers/{NETWORK}{kind}/{name}", *below])


def machine_id(name: str) -> str:
    return f"{GROUP}/providers/Microsoft.Compute/virtualMachines/{name}"


def reference(identity: str) -> dict[str, str]:
    return {"id": identity}


def references(identities: Iterable[str]) -> list[dict[str, str]]:
    return [reference(identity) for identity in identities]


def document(kind: str, name: str, properties: dict[str, Any], **top: Any) -> Document:
    return {
        "id": id_of(kind, name),
        "name": name,
        "type": NETWORK + kind,
        "location": "westeurope",
        **top,
        "properties": {"provisioningState": "Succeeded", **properties},
    }


def part(parent: str, collection: str, name: str, **properties: Any) -> Document:
    """An element below a resource: a rule, a pool, an ip configuration."""
    return {"name": name, "id": f"{parent}/{collection}/{name}", "properties": properties}


def network(
    name: str, prefixes: Sequence[str], subnets: Sequence[Document], peerings: Sequence[Document] = ()
) -> Document:
    space = {"addressPrefixes": list(prefixes)}
    halves = list(peerings)
    return document(
        "virtualNetworks",
        name,
        {"addressSpace": space, "subnets": list(subnets), "virtualNetworkPeerings": halves},
    )


def subnet_id(of: str, name: str) -> str:
    return id_of("virtualNetworks", of, "subnets", name)


def subnet(
    of: str, name: str, prefixes: Sequence[str], *, group: str = "", routes: str = "", service: str = ""
) -> Document:
    properties: dict[str, Any] = {"addressPrefixes": list(prefixes), "delegations": []}
    if len(prefixes) == 1:
        properties = {"addressPrefix": prefixes[0], "delegations": []}
    if group:
        properties["networkSecurityGroup"] = reference(id_of("networkSecurityGroups", group))
    if routes:
        properties["routeTable"] = reference(id_of("routeTables", routes))
    if service:
        properties["delegations"] = [{"name": "to", "properties": {"serviceName": service}}]
    return part(id_of("virtualNetworks", of), "subnets", name, **properties)


def peering(of: str, to: str, remote: Sequence[str], **more: Any) -> Document:
    properties: dict[str, Any] = {
        "peeringState": "Connected",
        "peeringSyncLevel": "FullyInSync",
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": True,
        "remoteVirtualNetwork": reference(id_of("virtualNetworks", to)),
        "remoteAddressSpace": {"addressPrefixes": list(remote)},
    }
    return part(id_of("virtualNetworks", of), "virtualNetworkPeerings", f"to-{to}", **(properties | more))


def route_table(name: str, *routes: tuple[str, str]) -> Document:
    """Routes as (prefix, type of the next hop)."""
    found = [
        part(id_of("routeTables", name), "routes", f"r{index}", addressPrefix=prefix, nextHopType=hop)
        for index, (prefix, hop) in enumerate(routes)
    ]
    return document("routeTables", name, {"routes": found})


def group(name: str, text: str = "") -> Document:
    """A network security group; its rules in the specification's notation, named r0, r1 ..."""
    texts = [one.strip() for one in text.split(";") if one.strip()]
    rules = [_named(rule(one, f"r{index}"), id_of("networkSecurityGroups", name)) for index, one in
             enumerate(texts)]  # fmt: skip
    return document("networkSecurityGroups", name, {"securityRules": rules})


def _named(found: Document, parent: str) -> Document:
    return {"id": f"{parent}/securityRules/{found['name']}", **found}


def address(name: str, text: str | None, sku: str = "Standard", tier: str = "Regional") -> Document:
    """A public IP address; None where it has none just now."""
    family = "IPv6" if text and ":" in text else "IPv4"
    properties: dict[str, Any] = {"publicIPAddressVersion": family, "publicIPAllocationMethod": "Static"}
    if text:
        properties["ipAddress"] = text
    return document("publicIPAddresses", name, properties, sku={"name": sku, "tier": tier})


def configuration_id(nic: str, name: str = "c0") -> str:
    return id_of("networkInterfaces", nic, "ipConfigurations", name)


def configuration(
    nic: str,
    name: str,
    private: str,
    subnet: str,
    *,
    public: str = "",
    pools: Sequence[str] = (),
    nats: Sequence[str] = (),
    members: Sequence[str] = (),
    gateways: Sequence[str] = (),
) -> Document:
    """`members` are names of application security groups, the rest ids (`public` a name)."""
    properties: dict[str, Any] = {
        "privateIPAddress": private,
        "privateIPAddressVersion": f"IPv{ip_address(private).version}",
        "subnet": reference(subnet),
        "primary": name == "c0",
    }
    if public:
        properties["publicIPAddress"] = reference(id_of("publicIPAddresses", public))
    for key, found in {
        "loadBalancerBackendAddressPools": pools,
        "loadBalancerInboundNatRules": nats,
        "applicationSecurityGroups": [ASG_ID + member for member in members],
        "applicationGatewayBackendAddressPools": gateways,
    }.items():
        if found:
            properties[key] = references(found)
    return part(id_of("networkInterfaces", nic), "ipConfigurations", name, **properties)


def interface(
    name: str, *configurations: Document, machine: str = "", group: str = "", forwards: bool = False
) -> Document:
    properties: dict[str, Any] = {
        "ipConfigurations": list(configurations),
        "enableIPForwarding": forwards,
        "primary": True,
    }
    if machine:
        properties["virtualMachine"] = reference(machine_id(machine))
    if group:
        properties["networkSecurityGroup"] = reference(id_of("networkSecurityGroups", group))
    return document("networkInterfaces", name, properties)


def machine(name: str, *nics: str) -> Document:
    profile = {"networkInterfaces": references(id_of("networkInterfaces", nic) for nic in nics)}
    return {
        "id": machine_id(name),
        "name": name,
        "type": "Microsoft.Compute/virtualMachines",
        "location": "westeurope",
        "properties": {"provisioningState": "Succeeded", "networkProfile": profile},
    }


def members(name: str) -> Document:
    """An application security group."""
    return {
        "id": ASG_ID + name,
        "name": name,
        "type": NETWORK + "applicationSecurityGroups",
        "location": "westeurope",
        "properties": {"provisioningState": "Succeeded"},
    }


def admin_rule(
    name: str,
    priority: int,
    access: str,
    source: str,
    ports: Sequence[str],
    *,
    protocol: str = "Tcp",
    destination: str = "*",
) -> Document:
    """A security admin rule; a source that is a word is a service tag."""
    parent = f"{id_of('networkManagers', 'avnm')}/securityAdminConfigurations/guard/ruleCollections/base"
    tag = source.isalpha()
    properties = {
        "provisioningState": "Succeeded",
        "access": access,
        "direction": "Inbound",
        "priority": priority,
        "protocol": protocol,
        "sourcePortRanges": ["0-65535"],
        "destinationPortRanges": list(ports),
        "sources": [
            {"addressPrefix": one, "addressPrefixType": "ServiceTag" if tag else "IPPrefix"}
            for one in source.split(",")
        ],
        "destinations": [{"addressPrefix": destination, "addressPrefixType": "IPPrefix"}],
    }
    kind = NETWORK + "networkManagers/securityAdminConfigurations/ruleCollections/rules"
    return {
        "id": f"{parent}/rules/{name}",
        "name": name,
        "type": kind,
        "kind": "Custom",
        "properties": properties,
    }
