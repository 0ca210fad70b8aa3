"""ARM documents of what stands in front of machines: balancers, firewalls with their policies, gateways."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.unit.ways.documents import NETWORK, Document, document, id_of, part, reference, references


def balancer(
    name: str,
    sku: str,
    fronts: Mapping[str, str],
    parts: Mapping[str, Sequence[Document]],
    tier: str = "Regional",
) -> Document:
    """`fronts` are public addresses by frontend's name; "" is a private frontend. `parts` are collections."""
    parent = id_of("loadBalancers", name)
    found = [_front(parent, front, public) for front, public in fronts.items()]
    empty = ("backendAddressPools", "loadBalancingRules", "inboundNatRules", "inboundNatPools")
    collections = {key: list(parts.get(key, ())) for key in (*empty, "outboundRules", "probes")}
    return document(
        "loadBalancers",
        name,
        {"frontendIPConfigurations": found, **collections},
        sku={"name": sku, "tier": tier},
    )


def _front(parent: str, name: str, public: str) -> Document:
    if public:
        return part(
            parent, "frontendIPConfigurations", name,
            publicIPAddress=reference(id_of("publicIPAddresses", public)),
        )  # fmt: skip
    return part(parent, "frontendIPConfigurations", name, privateIPAddress="10.0.1.200")


def pool_id(balancer: str, name: str) -> str:
    return id_of("loadBalancers", balancer, "backendAddressPools", name)


def pool(balancer: str, name: str, *addresses: tuple[str, str], regional: str = "") -> Document:
    """A pool; `addresses` are (address, network), `regional` the id of another balancer's frontend."""
    found: list[Document] = [
        {
            "name": f"a{index}",
            "properties": {
                "ipAddress": address,
                "virtualNetwork": reference(id_of("virtualNetworks", network)),
            },
        }
        for index, (address, network) in enumerate(addresses)
    ]
    if regional:
        front = {"loadBalancerFrontendIPConfiguration": reference(regional)}
        found.append({"name": "regional", "properties": front})
    properties = {"loadBalancerBackendAddresses": found} if found else {}
    return part(id_of("loadBalancers", balancer), "backendAddressPools", name, **properties)


def balancing_rule(
    balancer: str,
    name: str,
    front: str,
    pool: str,
    ports: tuple[int, int],
    *,
    protocol: str = "Tcp",
    floating: bool = False,
) -> Document:
    """`ports` are in front and behind; (0, 0) with protocol All are all ports."""
    parent = id_of("loadBalancers", balancer)
    to = reference(pool_id(balancer, pool))
    return part(
        parent, "loadBalancingRules", name,
        frontendIPConfiguration=reference(f"{parent}/frontendIPConfigurations/{front}"),
        backendAddressPool=to, backendAddressPools=[to],
        frontendPort=ports[0], backendPort=ports[1], protocol=protocol, enableFloatingIP=floating,
    )  # fmt: skip


def nat_rule_id(balancer: str, name: str) -> str:
    return id_of("loadBalancers", balancer, "inboundNatRules", name)


def nat_rule(
    balancer: str,
    name: str,
    front: str,
    ports: tuple[int | tuple[int, int], int],
    *,
    pool: str = "",
    protocol: str = "Tcp",
    floating: bool = False,
) -> Document:
    """Of version 1 without a pool, of version 2 with one; the port in front is then a range."""
    parent = id_of("loadBalancers", balancer)
    properties: dict[str, Any] = {
        "frontendIPConfiguration": reference(f"{parent}/frontendIPConfigurations/{front}"),
        "backendPort": ports[1],
        "protocol": protocol,
        "enableFloatingIP": floating,
    }
    if isinstance(ports[0], tuple):
        first, last = ports[0]
        properties |= {"frontendPort": 0, "frontendPortRangeStart": first, "frontendPortRangeEnd": last}
        properties["backendAddressPool"] = reference(pool_id(balancer, pool))
    else:
        properties["frontendPort"] = ports[0]
    return part(parent, "inboundNatRules", name, **properties)


def outbound_rule(balancer: str, name: str, front: str, pool: str) -> Document:
    parent = id_of("loadBalancers", balancer)
    return part(
        parent, "outboundRules", name,
        frontendIPConfigurations=references([f"{parent}/frontendIPConfigurations/{front}"]),
        backendAddressPool=reference(pool_id(balancer, pool)), protocol="All",
    )  # fmt: skip


def firewall(
    name: str,
    subnet: str,
    publics: Sequence[str],
    *,
    policy: str = "",
    nat: Sequence[Document] = (),
    network: Sequence[Document] = (),
) -> Document:
    """A firewall in a network, with classic collections or with a policy."""
    parent = id_of("azureFirewalls", name)
    configurations = [
        part(
            parent,
            "azureFirewallIpConfigurations",
            f"c{index}",
            publicIPAddress=reference(id_of("publicIPAddresses", public)),
            **({"subnet": reference(subnet), "privateIPAddress": "10.0.9.4"} if index == 0 else {}),
        )
        for index, public in enumerate(publics)
    ]
    properties: dict[str, Any] = {
        "sku": {"name": "AZFW_VNet", "tier": "Standard"},
        "ipConfigurations": configurations,
        "natRuleCollections": list(nat),
        "networkRuleCollections": list(network),
        "applicationRuleCollections": [],
    }
    if policy:
        properties["firewallPolicy"] = reference(id_of("firewallPolicies", policy))
    return document("azureFirewalls", name, properties)


def classic(
    firewall: str, kind: str, name: str, priority: int, action: str, rules: Sequence[Document]
) -> Document:
    """A classic collection; kind is `natRuleCollections` or `networkRuleCollections`."""
    parent = id_of("azureFirewalls", firewall)
    found = [_classic_rule(rule) for rule in rules]
    return part(parent, kind, name, priority=priority, action={"type": action}, rules=found)


def _classic_rule(rule: Document) -> Document:
    body = {key: value for key, value in rule.items() if key not in {"ipProtocols", "ruleType"}}
    return body | {"protocols": rule["ipProtocols"]}


def policy(name: str, *groups: str, base: str = "") -> Document:
    below = references(id_of("firewallPolicies", name, "ruleCollectionGroups", one) for one in groups)
    properties: dict[str, Any] = {"sku": {"tier": "Standard"}, "ruleCollectionGroups": below}
    if base:
        properties["basePolicy"] = reference(id_of("firewallPolicies", base))
    return document("firewallPolicies", name, properties)


def collection_group(policy: str, name: str, priority: int, *collections: Document) -> Document:
    found = {"priority": priority, "ruleCollections": list(collections)}
    whole = document("firewallPolicies", policy, found)
    return whole | {
        "id": id_of("firewallPolicies", policy, "ruleCollectionGroups", name),
        "name": name,
        "type": f"{NETWORK}firewallPolicies/ruleCollectionGroups",
    }


def collection(name: str, priority: int, action: str, *rules: Document) -> Document:
    """A policy's collection of NAT rules (action DNAT) or of network rules."""
    kind = "FirewallPolicyNatRuleCollection" if action == "DNAT" else "FirewallPolicyFilterRuleCollection"
    return {
        "ruleCollectionType": kind,
        "name": name,
        "priority": priority,
        "action": {"type": action},
        "rules": list(rules),
    }


def dnat(
    name: str,
    sources: Sequence[str],
    front: str,
    ports: Sequence[str],
    to: tuple[str, int],
    *,
    protocols: Sequence[str] = ("TCP",),
    groups: Sequence[str] = (),
) -> Document:
    """A NAT rule; `groups` are names of IP groups its sources may be in."""
    return {
        "ruleType": "NatRule",
        "name": name,
        "ipProtocols": list(protocols),
        "sourceAddresses": list(sources),
        "sourceIpGroups": [id_of("ipGroups", one) for one in groups],
        "destinationAddresses": [front],
        "destinationPorts": list(ports),
        "translatedAddress": to[0],
        "translatedPort": str(to[1]),
    }


def filter_rule(
    name: str,
    sources: Sequence[str],
    destinations: Sequence[str],
    ports: Sequence[str],
    *,
    protocols: Sequence[str] = ("TCP",),
    groups: Sequence[str] = (),
) -> Document:
    """A network rule of a firewall."""
    return {
        "ruleType": "NetworkRule",
        "name": name,
        "ipProtocols": list(protocols),
        "sourceAddresses": list(sources),
        "sourceIpGroups": [id_of("ipGroups", one) for one in groups],
        "destinationAddresses": list(destinations),
        "destinationPorts": list(ports),
    }


def ip_group(name: str, *addresses: str) -> Document:
    return document("ipGroups", name, {"ipAddresses": list(addresses)})


def gateway_pool_id(gateway: str, name: str = "machines") -> str:
    return id_of("applicationGateways", gateway, "backendAddressPools", name)


def gateway(
    name: str, subnet: str, public: str, ports: tuple[int, int], addresses: Sequence[str] = ()
) -> Document:
    """An application gateway with one TCP listener; without `public` it listens on a private address."""
    parent = id_of("applicationGateways", name)
    inner = (
        {"publicIPAddress": reference(id_of("publicIPAddresses", public))}
        if public
        else {"privateIPAddress": "10.0.8.10", "subnet": reference(subnet)}
    )
    listed = [{"ipAddress": one} for one in addresses]
    return document(
        "applicationGateways",
        name,
        {
            "sku": {"name": "Standard_v2", "tier": "Standard_v2"},
            "gatewayIPConfigurations": [
                part(parent, "gatewayIPConfigurations", "gw", subnet=reference(subnet))
            ],
            "frontendIPConfigurations": [part(parent, "frontendIPConfigurations", "front", **inner)],
            "frontendPorts": [part(parent, "frontendPorts", "p", port=ports[0])],
            "backendAddressPools": [part(parent, "backendAddressPools", "machines", backendAddresses=listed)],
            "listeners": [
                part(
                    parent,
                    "listeners",
                    "l",
                    protocol="Tcp",
                    frontendIPConfiguration=reference(f"{parent}/frontendIPConfigurations/front"),
                    frontendPort=reference(f"{parent}/frontendPorts/p"),
                )
            ],
            "backendSettingsCollection": [
                part(parent, "backendSettingsCollection", "s", protocol="Tcp", port=ports[1])
            ],
            "routingRules": [
                part(
                    parent,
                    "routingRules",
                    "r",
                    ruleType="Basic",
                    priority=10,
                    listener=reference(f"{parent}/listeners/l"),
                    backendAddressPool=reference(gateway_pool_id(name)),
                    backendSettings=reference(f"{parent}/backendSettingsCollection/s"),
                )
            ],
        },
    )
