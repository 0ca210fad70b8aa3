"""Bastion hosts and what lies around them, in ARM's shapes, as short as what they are about.

Everything is compliant unless a case says otherwise: host `bas` (Standard) in subnet AzureBastionSubnet of
network `hub`, which is peered with network `spoke`, where machine `vm1` stands.
"""

from typing import Any

from tests.builders import AT, HUB, WEB, Document

GROUP = "44444444-5555-6666-7777-888888888888"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CUSTOM_ROLE = "0000aaaa-1111-2222-3333-444444444444"
HOST = f"{HUB}/bastionHosts/bas"
NETWORK = f"{HUB}/virtualNetworks/hub"
BASTION_SUBNET = f"{NETWORK}/subnets/AzureBastionSubnet"
ADDRESS = f"{HUB}/publicIPAddresses/bas-ip"
SPOKE = f"{WEB}/virtualNetworks/spoke"
MACHINE = f"{AT}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm1"
NIC = f"{WEB}/networkInterfaces/vm1-nic"
ELSEWHERE = (
    "/subscriptions/22222222-0000-0000-0000-000000000000/resourceGroups/rg-x/providers/Microsoft.Network"
)
WAN_HUB = f"{HUB}/virtualHubs/weu"
OTHER_HUB = f"{HUB}/virtualHubs/neu"
WAN = f"{HUB}/virtualWans/wan"
GATEWAY = f"{HUB}/virtualNetworkGateways/vpn"
FIREWALL = f"{HUB}/azureFirewalls/fw"
DEFAULT_TABLE = f"{WAN_HUB}/hubRouteTables/defaultRouteTable"
IN_PRODUCTION = {"defaultEnvironment": "production"}
IN_SANDBOX = {"defaultEnvironment": "sandbox"}


def _document(identity: str, properties: Document, **top: Any) -> Document:
    return {
        "name": identity.rpartition("/")[2],
        "id": identity,
        "etag": 'W/"1"',
        "location": "westeurope",
        **top,
        "properties": {"provisioningState": "Succeeded", **properties},
    }


def a_host(
    sku: str | None = "Standard",
    *,
    identity: str = HOST,
    subnet: str = BASTION_SUBNET,
    address: str | None = ADDRESS,
    zones: list[str] | None = None,
    **properties: Any,
) -> Document:
    """A dedicated host."""
    place: Document = {"privateIPAllocationMethod": "Dynamic", "subnet": {"id": subnet}}
    if address is not None:
        place["publicIPAddress"] = {"id": address}
    inside = {
        "scaleUnits": 2,
        "dnsName": "bst-1.bastion.azure.com",
        "ipConfigurations": [
            {
                "name": "cfg",
                "id": f"{identity}/bastionHostIpConfigurations/cfg",
                "etag": 'W/"1"',
                "properties": {"provisioningState": "Succeeded", **place},
            }
        ],
        **properties,
    }
    top: Document = {} if sku is None else {"sku": {"name": sku}}
    return _document(identity, inside, **top, **({"zones": zones} if zones else {}))


def a_developer_host(*prefixes: str, network: str = NETWORK, **properties: Any) -> Document:
    """A host of the shared pool; `prefixes` are the ranges it may be used from."""
    rules = [{"addressPrefix": prefix} for prefix in prefixes]
    acls = {"networkAcls": {"ipRules": rules}} if prefixes else {}
    inside = {
        "virtualNetwork": {"id": network},
        "ipConfigurations": [],
        "scaleUnits": 2,
        **acls,
        **properties,
    }
    return _document(HOST, inside, sku={"name": "Developer"})


def an_address(**properties: Any) -> Document:
    """The host's public IP address; `sku` and `zones` go to the top of the document."""
    top: Document = {"sku": {"name": "Standard", "tier": "Regional"}}
    top |= {key: properties.pop(key) for key in ("sku", "zones") if key in properties}
    holder = {"ipConfiguration": {"id": f"{HOST}/bastionHostIpConfigurations/cfg"}}
    kind = {"publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4"}
    return _document(ADDRESS, {"ipAddress": "20.1.1.1", **kind, **holder, **properties}, **top)


def a_subnet(
    identity: str = BASTION_SUBNET, prefix: str = "10.0.0.0/26", *members: str, **more: Any
) -> Document:
    """A subnet; `members` are the ids of the ip configurations in it."""
    inside = {"addressPrefix": prefix, "ipConfigurations": [{"id": member} for member in members], **more}
    return _document(identity, inside)


def bastion_subnet(prefix: str = "10.0.0.0/26", **more: Any) -> Document:
    return a_subnet(BASTION_SUBNET, prefix, f"{HOST}/bastionHostIpConfigurations/cfg", **more)


def a_network(
    *subnets: Document,
    identity: str = NETWORK,
    peerings: tuple[Document, ...] = (),
    dns: list[str] | None = None,
    space: str = "10.0.0.0/16",
) -> Document:
    inside: Document = {
        "addressSpace": {"addressPrefixes": [space]},
        "subnets": list(subnets),
        "virtualNetworkPeerings": list(peerings),
    }
    if dns is not None:
        inside["dhcpOptions"] = {"dnsServers": dns}
    return _document(identity, inside)


def a_peering(to: str = SPOKE, state: str = "Connected", *, name: str = "to-other", **more: Any) -> Document:
    inside = {"peeringState": state, "remoteVirtualNetwork": {"id": to}, "useRemoteGateways": False, **more}
    return {"name": name, "properties": inside}


def the_hub(*peerings: Document, **more: Any) -> Document:
    """The network the host stands in, with its subnet."""
    return a_network(bastion_subnet(), peerings=peerings or (a_peering(),), **more)


def the_spoke(*peerings: Document, nics: tuple[str, ...] = (NIC,)) -> Document:
    """A network of machines, peered with the hub unless told otherwise."""
    members = [f"{nic}/ipConfigurations/ipconfig1" for nic in nics]
    subnet = a_subnet(f"{SPOKE}/subnets/web", "10.1.0.0/24", *members)
    return a_network(subnet, identity=SPOKE, peerings=peerings, space="10.1.0.0/16")


def a_lonely_spoke() -> Document:
    """The same without any peering."""
    return the_spoke()


def a_nic(*, machine: str | None = MACHINE, identity: str = NIC) -> Document:
    place = {"privateIPAddress": "10.1.0.4", "subnet": {"id": f"{SPOKE}/subnets/web"}}
    inside: Document = {"ipConfigurations": [{"name": "ipconfig1", "properties": place}]}
    if machine is not None:
        inside["virtualMachine"] = {"id": machine}
    return _document(identity, inside)


# Virtual WAN -------------------------------------------------------------------------------------


def a_wan_hub(identity: str = WAN_HUB, *, firewall: bool = False, wan: str = WAN, **more: Any) -> Document:
    inside: Document = {
        "virtualWan": {"id": wan},
        "addressPrefix": "10.100.0.0/23",
        "sku": "Standard",
        **more,
    }
    if firewall:
        inside["azureFirewall"] = {"id": FIREWALL}
    return _document(identity, inside)


def a_connection(
    to: str = NETWORK, *, hub: str = WAN_HUB, takes_default: object = False, table: str | None = ""
) -> Document:
    """A network's connection to a hub, with the hub's default table unless told otherwise.

    None leaves out the flag `takes_default`, or all that is said about routing.
    """
    inside: Document = {
        "remoteVirtualNetwork": {"id": to},
        "allowHubToRemoteVnetTransit": True,
        "allowRemoteVnetToUseHubVnetGateways": True,
        "routingConfiguration": {
            "associatedRouteTable": {"id": table or f"{hub}/hubRouteTables/defaultRouteTable"},
            "propagatedRouteTables": {"labels": ["default"], "ids": []},
            "vnetRoutes": {"staticRoutes": []},
        },
    }
    if table is None:
        del inside["routingConfiguration"]
    if takes_default is not None:
        inside["enableInternetSecurity"] = takes_default
    return _document(f"{hub}/hubVirtualNetworkConnections/{to.rpartition('/')[2]}", inside)


def a_route_table(*destinations: str, identity: str = DEFAULT_TABLE) -> Document:
    """A route table of the hub, with one static route."""
    route = {"name": "r", "destinationType": "CIDR", "destinations": list(destinations), "nextHop": FIREWALL}
    return _document(identity, {"routes": [route] if destinations else [], "labels": ["default"]})


def an_intent(*destinations: str) -> Document:
    policy = {"name": "policy", "destinations": list(destinations), "nextHop": FIREWALL}
    return _document(f"{WAN_HUB}/routingIntent/intent", {"routingPolicies": [policy]})


def a_peering_to_a_wan_hub() -> Document:
    """How a connection to a hub shows in the network itself: the other side belongs to Microsoft."""
    managed = "/subscriptions/33333333-0000-0000-0000-000000000000/resourceGroups/RG_weu/providers"
    name = "RemoteVnetToHubPeering_0f0f"
    remote = f"{managed}/Microsoft.Network/virtualNetworks/HV_weu_0f0f"
    return a_peering(remote, name=name, useRemoteGateways=True)


# Gateways, DNS, access ---------------------------------------------------------------------------


def a_gateway(default_site: str | None = None) -> Document:
    inside: Document = {"gatewayType": "Vpn", "enableBgp": False}
    if default_site is not None:
        inside["gatewayDefaultSite"] = {"id": default_site}
    return _document(GATEWAY, inside)


def a_gateway_subnet(network: str = NETWORK) -> Document:
    return a_subnet(f"{network}/subnets/GatewaySubnet", "10.0.1.0/27", f"{GATEWAY}/ipConfigurations/default")


def a_zone(name: str) -> Document:
    return _document(f"{HUB}/privateDnsZones/{name}", {"numberOfVirtualNetworkLinks": 1}, location="global")


def a_link(zone: str, to: str = NETWORK) -> Document:
    inside = {
        "virtualNetwork": {"id": to},
        "registrationEnabled": False,
        "virtualNetworkLinkState": "Completed",
    }
    return _document(f"{HUB}/privateDnsZones/{zone}/virtualNetworkLinks/link", inside, location="global")


def an_assignment(scope: str, *, role: str = READER, principal: str = GROUP, name: str = "a1") -> Document:
    identity = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    definition = f"{AT}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    inside = {
        "roleDefinitionId": definition,
        "principalId": principal,
        "principalType": "Group",
        "scope": scope,
    }
    return {
        "id": identity,
        "name": name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": inside,
    }
