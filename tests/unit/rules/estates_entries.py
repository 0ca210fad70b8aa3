"""Firewalls, gateways, scale sets, clusters and Private Link services, for the rules about entries."""

from typing import Any

from tests.builders import AT, HUB, SUBNET_ID, WEB, Document, a_group

FIREWALL = f"{HUB}/azureFirewalls/fw"
POLICY = f"{HUB}/firewallPolicies/policy"
COLLECTIONS = f"{POLICY}/ruleCollectionGroups/inbound"
OFFICE_GROUP = f"{HUB}/ipGroups/office"
ADDRESS = f"{HUB}/publicIPAddresses/fw-ip"
FRONT = "20.33.7.9"
RESOURCE_GROUPS = (a_group("rg-hub"), a_group("rg-web"))


def named(identity: str, properties: Document, **more: Any) -> Document:
    return {"id": identity, "name": identity.rpartition("/")[2], "properties": properties, **more}


def a_dnat_rule(name: str = "in-ssh", **parts: Any) -> Document:
    """A rule that translates port 2222 to SSH of a machine, for anybody."""
    return {
        "name": name,
        "sourceAddresses": ["*"],
        "destinationAddresses": [FRONT],
        "destinationPorts": ["2222"],
        "protocols": ["TCP"],
        "translatedAddress": "10.1.0.4",
        "translatedPort": "22",
        **parts,
    }


def a_firewall(*rules: Document, address: str = ADDRESS, **properties: Any) -> Document:
    collection = {"priority": 200, "action": {"type": "Dnat"}, "rules": list(rules)}
    configuration = {"name": "c", "properties": {"publicIPAddress": {"id": address}}}
    held = {
        "ipConfigurations": [configuration],
        "natRuleCollections": [{"name": "nat", "properties": collection}],
    }
    return named(FIREWALL, {**held, **properties})


def an_address(identity: str = ADDRESS, text: str = FRONT) -> Document:
    return named(identity, {"ipAddress": text}, sku={"name": "Standard"})


def a_collection_group(*rules: Document, kind: str = "FirewallPolicyNatRuleCollection") -> Document:
    collection = {
        "ruleCollectionType": kind,
        "name": "dnat",
        "priority": 100,
        "action": {"type": "DNAT"},
        "rules": [{"ruleType": "NatRule", **rule} for rule in rules],
    }
    return named(COLLECTIONS, {"priority": 300, "ruleCollections": [collection]})


def an_ip_group(*addresses: str) -> Document:
    return named(OFFICE_GROUP, {"ipAddresses": list(addresses)})


GATEWAY = f"{WEB}/applicationGateways/agw"
GATEWAY_GROUP = f"{WEB}/networkSecurityGroups/agw"
GATEWAY_NETWORK = f"{WEB}/virtualNetworks/edge"
GATEWAY_SUBNET = f"{GATEWAY_NETWORK}/subnets/agw"


def a_gateway(back: Any = 22, protocol: str = "Tcp", *, public: bool = True, **properties: Any) -> Document:
    """A gateway that passes port 2222 on to a port of its pool."""

    def part(array: str, name: str, **held: Any) -> Document:
        return named(f"{GATEWAY}/{array}/{name}", held)

    def at(array: str, name: str) -> Document:
        return {"id": f"{GATEWAY}/{array}/{name}"}

    front = {"publicIPAddress": {"id": ADDRESS}} if public else {"privateIPAddress": "10.1.8.10"}
    listener = {
        "frontendIPConfiguration": at("frontendIPConfigurations", "f"),
        "frontendPort": at("frontendPorts", "p"),
        "protocol": protocol,
    }
    route = {
        "listener": at("listeners", "l"),
        "backendAddressPool": at("backendAddressPools", "pool"),
        "backendSettings": at("backendSettingsCollection", "s"),
    }
    held = {
        "gatewayIPConfigurations": [part("gatewayIPConfigurations", "g", subnet={"id": GATEWAY_SUBNET})],
        "frontendIPConfigurations": [part("frontendIPConfigurations", "f", **front)],
        "frontendPorts": [part("frontendPorts", "p", port=2222)],
        "backendSettingsCollection": [part("backendSettingsCollection", "s", port=back)],
        "backendAddressPools": [part("backendAddressPools", "pool", backendAddresses=[])],
        "listeners": [part("listeners", "l", **listener)],
        "routingRules": [part("routingRules", "r", **route)],
    }
    return named(GATEWAY, {**held, **properties})


def around_the_gateway(source: str | None = None) -> tuple[Document, ...]:
    """The gateway's network; with a `source`, a group before it that lets that source in to port 2222."""
    guarded = {} if source is None else {"networkSecurityGroup": {"id": GATEWAY_GROUP}}
    subnet = named(GATEWAY_SUBNET, {"addressPrefix": "10.1.8.0/24", **guarded})
    network = named(GATEWAY_NETWORK, {"subnets": [subnet]})
    if source is None:
        return network, an_address(), *RESOURCE_GROUPS
    rule = {
        "protocol": "Tcp",
        "access": "Allow",
        "direction": "Inbound",
        "priority": 200,
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "2222",
    }
    rules = {"securityRules": [{"name": "in", "properties": rule}], "defaultSecurityRules": []}
    return network, an_address(), named(GATEWAY_GROUP, rules), *RESOURCE_GROUPS


SCALE_SET = f"{AT}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachineScaleSets/web"


def a_scale_set(*, public: bool = True, **properties: Any) -> Document:
    given = {"publicIPAddressConfiguration": {"name": "pub", "properties": {}}} if public else {}
    held = {"primary": True, "subnet": {"id": SUBNET_ID.text}, **given}
    interface = {"name": "nic", "properties": {"ipConfigurations": [{"name": "c", "properties": held}]}}
    profile = {"networkProfile": {"networkInterfaceConfigurations": [interface]}}
    return named(SCALE_SET, {"virtualMachineProfile": profile, **properties}, sku={"capacity": 3})


CLUSTER = f"{AT}/resourceGroups/rg-web/providers/Microsoft.ContainerService/managedClusters/aks"


def a_cluster(public: Any = True, **pool: Any) -> Document:
    described = {"name": "system", "count": 3, "osType": "Linux", "enableNodePublicIP": public, **pool}
    return named(CLUSTER, {"nodeResourceGroup": "MC_rg-web_aks", "agentPoolProfiles": [described]})


SERVICE = f"{WEB}/privateLinkServices/pls"
BALANCER = f"{WEB}/loadBalancers/inner"
INNER_FRONT = f"{BALANCER}/frontendIPConfigurations/f"


def a_service(approved: str = "*", visible: str = "*", **properties: Any) -> Document:
    held = {
        "loadBalancerFrontendIpConfigurations": [{"id": INNER_FRONT}],
        "autoApproval": {"subscriptions": [approved]},
        "visibility": {"subscriptions": [visible]},
    }
    return named(SERVICE, {**held, **properties})


def an_inner_balancer(back: Any = 22, front: str = INNER_FRONT) -> Document:
    rule = {
        "frontendIPConfiguration": {"id": front},
        "frontendPort": 2222,
        "backendPort": back,
        "protocol": "Tcp",
    }
    return named(BALANCER, {"loadBalancingRules": [{"name": "r", "properties": rule}]})
