"""Whole landing zones for tests: a hub with its Bastion, spokes with a machine each, as ARM shows them.

A zone starts compliant; a test changes what it is about. Names follow one pattern: spoke `a` is network
vnet-a with subnet web-a, group nsg-a, interface nic-a and machine vm-a at 10.NUMBER.0.4.
"""

from collections.abc import Iterable
from typing import Any

from tests.builders import AT, SUBSCRIPTION, WORKSPACE, Document, a_group, a_setting
from tests.unit.scan.scanned import Answer, Desk

OK = {"provisioningState": "Succeeded"}
BASTION_PREFIX = "10.0.1.0/26"
NETWORK = "Microsoft.Network"
FROM_BASTION: Document = {"sourceAddressPrefix": BASTION_PREFIX, "destinationPortRanges": ["22", "3389"]}

type Told = tuple[str, str, str, str]


def network_id(kind: str, name: str, group: str = "rg-web", subscription: str = SUBSCRIPTION) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{NETWORK}/{kind}/{name}"


HUB = network_id("virtualNetworks", "vnet-hub", "rg-hub")
BASTION = network_id("bastionHosts", "bas", "rg-hub")
BASTION_SUBNET = f"{HUB}/subnets/AzureBastionSubnet"
BASTION_ADDRESS = network_id("publicIPAddresses", "pip-bas", "rg-hub")
BASTION_NSG = network_id("networkSecurityGroups", "nsg-bas", "rg-hub")
LOGS = f"{BASTION.lower()}/providers/microsoft.insights/diagnosticSettings/setByPolicy-LogAnalytics"


def named(identity: str, kind: str, properties: Document, **more: Any) -> Document:
    """A resource with that id and type."""
    return {
        "name": identity.rpartition("/")[2],
        "id": identity,
        "type": f"{NETWORK}/{kind}",
        "location": "westeurope",
        "properties": {**OK, **properties},
        **more,
    }


def a_rule(name: str, priority: int, access: str = "Allow", **properties: Any) -> Document:
    """A rule of an NSG: TCP inbound from anywhere to port 22, unless told otherwise."""
    plural = "destinationPortRanges" in properties
    return {
        "name": name,
        "properties": {
            "protocol": "Tcp",
            "sourcePortRange": "*",
            **({} if plural else {"destinationPortRange": "22"}),
            "sourceAddressPrefix": "*",
            "destinationAddressPrefix": "*",
            "access": access,
            "priority": priority,
            "direction": "Inbound",
            **properties,
        },
    }


def let_in(source: str = "Internet", **more: Any) -> Document:
    """The fault of most stories: SSH from somewhere public."""
    return a_rule("open", 500, sourceAddressPrefix=source, **more)


def only_bastion() -> list[Document]:
    """What a spoke's NSG should say about management ports."""
    return [
        a_rule("allow-bastion", 200, **FROM_BASTION),
        a_rule("deny-others", 4000, "Deny", protocol="*", destinationPortRanges=["22", "3389"]),
    ]


def bastions_own() -> list[Document]:
    """The rules that Azure documents for AzureBastionSubnet."""
    between: Document = {
        "protocol": "*",
        "sourceAddressPrefix": "VirtualNetwork",
        "destinationAddressPrefix": "VirtualNetwork",
        "destinationPortRanges": ["8080", "5701"],
    }

    def out(name: str, priority: int, to: str, *ports: str) -> Document:
        more: Document = {"destinationAddressPrefix": to, "destinationPortRanges": list(ports)}
        return a_rule(name, priority, direction="Outbound", protocol="*", **more)

    return [
        *(
            a_rule(source, priority, sourceAddressPrefix=source, destinationPortRange="443")
            for source, priority in (("Internet", 120), ("GatewayManager", 130), ("AzureLoadBalancer", 140))
        ),
        a_rule("between", 150, **between),
        out("machines", 100, "VirtualNetwork", "22", "3389"),
        out("logs", 110, "AzureCloud", "443"),
        a_rule("between-out", 120, direction="Outbound", **between),
        out("certificates", 130, "Internet", "80"),
    ]


def a_subnet(identity: str, prefix: str, nsg: str | None = None, *members: str, **more: Any) -> Document:
    """A subnet; `members` are the ids of the ip configurations in it."""
    properties: Document = {"addressPrefix": prefix, "ipConfigurations": [{"id": one} for one in members]}
    if nsg is not None:
        properties["networkSecurityGroup"] = {"id": nsg}
    return named(identity, "virtualNetworks/subnets", {**properties, **more})


def a_network(identity: str, prefix: str, *subnets: Document) -> Document:
    properties = {
        "addressSpace": {"addressPrefixes": [prefix]},
        "subnets": list(subnets),
        "virtualNetworkPeerings": [],
    }
    return named(identity, "virtualNetworks", properties)


def a_peering(name: str, remote: str, state: str = "Connected", **more: Any) -> Document:
    return {
        "name": name,
        "properties": {"peeringState": state, "remoteVirtualNetwork": {"id": remote}, **more},
    }


def an_nsg(identity: str, rules: Iterable[Document], *subnets: str) -> Document:
    attached = [{"id": subnet} for subnet in subnets]
    return named(identity, "networkSecurityGroups", {"securityRules": list(rules), "subnets": attached})


def a_nic(
    identity: str, subnet: str, address: str, machine: str | None = None, public: str | None = None
) -> Document:
    inner: Document = {"privateIPAddress": address, "subnet": {"id": subnet}}
    if public is not None:
        inner["publicIPAddress"] = {"id": public}
    configuration = {"name": "first", "id": f"{identity}/ipConfigurations/first", "properties": inner}
    properties: Document = {"ipConfigurations": [configuration]}
    if machine is not None:
        properties["virtualMachine"] = {"id": machine}
    return named(identity, "networkInterfaces", properties)


def an_address(identity: str, holder: str | None, sku: str = "Standard", **more: Any) -> Document:
    """A public IP; `holder` is the id of the ip configuration it belongs to."""
    properties: Document = {"publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4", **more}
    if holder is not None:
        properties["ipConfiguration"] = {"id": holder}
    return named(identity, "publicIPAddresses", properties, sku={"name": sku})


def a_bastion(
    sku: str | None = "Standard",
    *,
    identity: str = BASTION,
    subnet: str = BASTION_SUBNET,
    address: str | None = BASTION_ADDRESS,
    **more: Any,
) -> Document:
    inner: Document = {"subnet": {"id": subnet}}
    if address is not None:
        inner["publicIPAddress"] = {"id": address}
    configuration = {"name": "cfg", "id": f"{identity}/bastionHostIpConfigurations/cfg", "properties": inner}
    host = named(identity, "bastionHosts", {"scaleUnits": 2, "ipConfigurations": [configuration], **more})
    return host if sku is None else {**host, "sku": {"name": sku}}


def a_developer(name: str, network: str, *allowed: str, **more: Any) -> Document:
    """A Developer host that serves one network; `allowed` are the ranges people may come from."""
    properties = {
        "ipConfigurations": [],
        "virtualNetwork": {"id": network},
        "networkAcls": {"ipRules": [{"addressPrefix": each} for each in allowed]},
    }
    identity = network_id("bastionHosts", name)
    return named(identity, "bastionHosts", properties, sku={"name": "Developer"}, **more)


def a_hub(name: str, subscription: str = SUBSCRIPTION, *, firewall: bool = False) -> Document:
    """A hub of the Virtual WAN `wan`."""
    wan = network_id("virtualWans", "wan", "rg-wan", subscription)
    properties: Document = {"virtualWan": {"id": wan}}
    if firewall:
        properties["azureFirewall"] = {"id": network_id("azureFirewalls", "fw", "rg-wan", subscription)}
    return named(network_id("virtualHubs", name, "rg-wan", subscription), "virtualHubs", properties)


def a_connection(
    hub: str, name: str, network: str, subscription: str = SUBSCRIPTION, *, default_route: bool = False
) -> Document:
    identity = network_id("virtualHubs", hub, "rg-wan", subscription)
    return named(
        f"{identity}/hubVirtualNetworkConnections/{name}",
        "virtualHubs/hubVirtualNetworkConnections",
        {"remoteVirtualNetwork": {"id": network}, "enableInternetSecurity": default_route},
    )


def a_default_route(hub: str, subscription: str = SUBSCRIPTION) -> Document:
    """The default route table of a hub, which sends everything to its firewall."""
    identity = network_id("virtualHubs", hub, "rg-wan", subscription)
    route = {"name": "internet", "destinationType": "CIDR", "destinations": ["0.0.0.0/0"]}
    return named(
        f"{identity}/hubRouteTables/defaultRouteTable", "virtualHubs/hubRouteTables", {"routes": [route]}
    )


def to_a_hub() -> Document:
    """How Virtual WAN shows itself in a connected network."""
    remote = network_id("virtualNetworks", "HV_hub_1", "RG_hub", "99999999-0000-0000-0000-000000000000")
    return a_peering("RemoteVnetToHubPeering_1", remote, useRemoteGateways=True)


def a_zone_link(zone: str, network: str, subscription: str = SUBSCRIPTION) -> Document:
    identity = network_id("privateDnsZones", zone, "rg-dns", subscription)
    return named(
        f"{identity}/virtualNetworkLinks/link",
        "privateDnsZones/virtualNetworkLinks",
        {"virtualNetwork": {"id": network}},
    )


class Spoke:
    """The ids of one spoke."""

    def __init__(self, name: str, group: str) -> None:
        self.network = network_id("virtualNetworks", f"vnet-{name}", group)
        self.subnet = f"{self.network}/subnets/web-{name}"
        self.nsg = network_id("networkSecurityGroups", f"nsg-{name}", group)
        self.nic = network_id("networkInterfaces", f"nic-{name}", group)
        self.address = network_id("publicIPAddresses", f"pip-{name}", group)
        self.machine = f"{AT}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/vm-{name}"


class Zone:
    """A landing zone: its documents by id, to be changed and looked at."""

    def __init__(self, *, bastion: bool = True) -> None:
        self._documents: dict[str, Document] = {}
        self.add(a_network(HUB, "10.0.0.0/16"), *(a_group(f"rg-{name}") for name in ("hub", "web")))
        if bastion:
            configuration = f"{BASTION}/bastionHostIpConfigurations/cfg"
            subnets = self[HUB]["subnets"]
            subnets.append(a_subnet(BASTION_SUBNET, BASTION_PREFIX, BASTION_NSG, configuration))
            self.add(
                a_bastion(),
                an_address(BASTION_ADDRESS, configuration),
                an_nsg(BASTION_NSG, bastions_own(), BASTION_SUBNET),
                {**a_setting(), "id": LOGS},
            )

    def __getitem__(self, identity: str) -> Document:
        """The properties of a resource, to be changed in place."""
        found: Document = self._documents[identity]["properties"]
        return found

    def add(self, *documents: Document) -> None:
        """Add resources, or replace those with the same id."""
        self._documents |= {document["id"]: document for document in documents}

    def take_away(self, *identities: str) -> None:
        for identity in identities:
            del self._documents[identity]

    def document(self, identity: str) -> Document:
        return self._documents[identity]

    def documents(self) -> list[Document]:
        return list(self._documents.values())

    def subnet(self, network: str, position: int = 0) -> Document:
        """The properties of a network's subnet, to be changed in place."""
        found: Document = self[network]["subnets"][position]["properties"]
        return found

    def rules(self, nsg: str, *rules: Document) -> None:
        self[nsg]["securityRules"] = list(rules)

    def peer(self, name: str, network: str, state: str = "Connected") -> None:
        """Peer a network with the hub, both sides in the same state."""
        self[HUB]["virtualNetworkPeerings"].append(a_peering(f"to-{name}", network, state))
        self[network]["virtualNetworkPeerings"].append(a_peering("to-hub", HUB, state))

    def spoke(
        self,
        name: str,
        number: int,
        *extra: Document,
        group: str = "rg-web",
        public: str | None = None,
        nsg: bool = True,
        peered: bool = True,
        windows: bool = False,
    ) -> Spoke:
        """A spoke with one machine; `extra` rules join the right ones, `public` is the SKU of an address."""
        ids = Spoke(name, group)
        configuration, address = f"{ids.nic}/ipConfigurations/first", ids.address if public else None
        inside = a_subnet(ids.subnet, f"10.{number}.0.0/24", ids.nsg if nsg else None, configuration)
        self.add(
            a_network(ids.network, f"10.{number}.0.0/16", inside),
            a_nic(ids.nic, ids.subnet, f"10.{number}.0.4", ids.machine, address),
            a_machine(ids.machine, ids.nic, windows=windows),
        )
        if nsg:
            self.add(an_nsg(ids.nsg, [*only_bastion(), *extra], ids.subnet))
        if public:
            self.add(an_address(ids.address, configuration, public))
        if peered:
            self.peer(name, ids.network)
        return ids


def a_machine(identity: str, nic: str, *, windows: bool = False, password: bool = False) -> Document:
    system: Document = {"linuxConfiguration": {"disablePasswordAuthentication": not password}}
    properties = {
        "storageProfile": {"osDisk": {"osType": "Windows" if windows else "Linux"}},
        "osProfile": {"windowsConfiguration": {}} if windows else system,
        "networkProfile": {"networkInterfaces": [{"id": nic}]},
    }
    return {**named(identity, "", properties), "type": "Microsoft.Compute/virtualMachines"}


def a_lock(on: str, level: str) -> Document:
    identity = f"{on}/providers/Microsoft.Authorization/locks/l"
    return {"id": identity, "name": "l", "properties": {"level": level}}


def enforcing(**more: Any) -> Document:
    """A baseline that lets everything be repaired that may be by default, in production."""
    return {
        "version": 1,
        "mode": "enforce",
        "defaultEnvironment": "production",
        "centralWorkspaceId": WORKSPACE,
        **more,
    }


def told(answer: Answer) -> set[Told]:
    """Each finding as (rule, last name of its subject, severity, disposition)."""
    return {
        (one["rule"], one["resourceId"].rpartition("/")[2], one["severity"], one["disposition"])
        for one in answer.document["findings"]
    }


def look(desk: Desk, zone: Zone, *, baseline: Document | None = None) -> Answer:
    """Scan a zone, with everything enforced unless told otherwise."""
    return desk.scanned(zone.documents(), baseline=enforcing() if baseline is None else baseline)


def writes(answer: Answer, rule: str) -> list[Document]:
    """The writes of a rule's only finding."""
    found: list[Document] = answer.finding(rule)["fix"]["writes"]
    return found
