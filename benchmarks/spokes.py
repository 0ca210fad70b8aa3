"""A landing zone of any size: a hub with Bastion and firewall, and spokes in the other subscriptions.

Each spoke is a network with two subnets, each with its group and route table, and machines with their NICs,
half of them in each subnet. All of it is compliant. Documents are as ARM returns them; `requests_of` gives a
spoke's in the order in which a deployment writes them.
"""

import ipaddress
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lab.estate_rules import bastion_rules, workload_rules

type Document = dict[str, Any]

REGION = "westeurope"
BASTION_PREFIX, FIREWALL_ADDRESS = "10.0.0.0/26", "10.0.0.132"
SETTLED = {"provisioningState": "Succeeded"}


def subscription(number: int) -> str:
    return f"{number + 1:08d}-2222-3333-4444-555555555555"


def _network(number: int, group: str) -> str:
    return f"/subscriptions/{subscription(number)}/resourceGroups/{group}/providers/Microsoft.Network"


HUB = f"{_network(0, 'rg-hub')}/virtualNetworks/vnet-hub"
_HUB_RG = f"/subscriptions/{subscription(0)}/resourceGroups/rg-hub"
BASTION = f"{_network(0, 'rg-hub')}/bastionHosts/bas-hub"
WORKSPACE = f"{_HUB_RG}/providers/Microsoft.OperationalInsights/workspaces/log"


def _guid(identity: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, identity))


def _document(identity: str, **members: Any) -> Document:
    properties = {**SETTLED, "resourceGuid": _guid(identity), **members.pop("properties", {})}
    return {"id": identity, "name": identity.rpartition("/")[2], "location": REGION, **members,
            "properties": properties}  # fmt: skip


def _rules(nsg: str, rules: list[Document]) -> Document:
    lists = (
        "sourcePortRanges",
        "destinationPortRanges",
        "sourceAddressPrefixes",
        "destinationAddressPrefixes",
    )
    whole = {**SETTLED, **{name: [] for name in lists}}
    named = [
        {**rule, "id": f"{nsg}/securityRules/{rule['name']}", "properties": whole | rule["properties"]}
        for rule in rules
    ]
    return _document(nsg, properties={"securityRules": named})


def _subnet(network: str, name: str, prefix: str, **refers: str) -> Document:
    properties: Document = {**SETTLED, "addressPrefix": prefix}
    properties |= {key: {"id": identity} for key, identity in refers.items()}
    return {"id": f"{network}/subnets/{name}", "name": name, "properties": properties}


def _peering(mine: str, name: str, other: str, space: str) -> Document:
    return {
        "id": f"{mine}/virtualNetworkPeerings/{name}",
        "name": name,
        "properties": {
            **SETTLED,
            "resourceGuid": _guid(f"{mine}/{name}"),
            "peeringState": "Connected",
            "peeringSyncLevel": "FullyInSync",
            "remoteVirtualNetwork": {"id": other},
            "remoteAddressSpace": {"addressPrefixes": [space]},
            "remoteVirtualNetworkAddressSpace": {"addressPrefixes": [space]},
            "allowVirtualNetworkAccess": True,
            "allowForwardedTraffic": True,
            "allowGatewayTransit": False,
            "useRemoteGateways": False,
        },
    }


@dataclass(frozen=True, slots=True)
class Spoke:
    """One spoke by its number; `subscriptions` are those that spokes stand in."""

    number: int
    machines: int
    subscriptions: int

    @property
    def at(self) -> int:
        return 1 + self.number % self.subscriptions

    @property
    def space(self) -> str:
        return str(ipaddress.ip_network((int(ipaddress.ip_address("10.4.0.0")) + 512 * self.number, 23)))

    @property
    def place(self) -> str:
        return _network(self.at, f"rg-spoke-{self.number:04d}")

    @property
    def network(self) -> str:
        return f"{self.place}/virtualNetworks/vnet-{self.number:04d}"

    def nsg(self, half: int) -> str:
        return f"{self.place}/networkSecurityGroups/nsg-{self.number:04d}-{half}"

    def table(self, half: int) -> str:
        return f"{self.place}/routeTables/rt-{self.number:04d}-{half}"

    def nic(self, machine: int) -> str:
        return f"{self.place}/networkInterfaces/nic-{self.number:04d}-{machine:02d}"

    def machine(self, machine: int) -> str:
        place = self.place.replace("Microsoft.Network", "Microsoft.Compute")
        return f"{place}/virtualMachines/vm-{self.number:04d}-{machine:02d}"

    def requests_of(self) -> Iterator[Document]:
        """Each document once, what is referred to before who refers to it; peerings are not among them."""
        group = self.place.partition("/providers/")[0]
        yield {"id": group, "name": group.rpartition("/")[2], "location": REGION, "properties": {**SETTLED}}
        halves = [str(one) for one in ipaddress.ip_network(self.space).subnets(new_prefix=24)]
        for half in range(2):
            route = {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance",
                     "nextHopIpAddress": FIREWALL_ADDRESS}  # fmt: skip
            name = {"id": f"{self.table(half)}/routes/default", "name": "default"}
            yield _document(self.table(half), properties={"routes": [{**name, "properties": route}]})
            yield _rules(self.nsg(half), workload_rules(BASTION_PREFIX))
        subnets = [
            _subnet(self.network, f"s{half}", prefix, networkSecurityGroup=self.nsg(half),
                    routeTable=self.table(half))
            for half, prefix in enumerate(halves)
        ]  # fmt: skip
        space = {"addressPrefixes": [self.space]}
        yield _document(self.network, properties={"addressSpace": space, "subnets": subnets})
        for machine in range(self.machines):
            yield self.nic_document(machine)
            yield _machine(self.machine(machine), self.nic(machine))

    def nic_document(self, machine: int) -> Document:
        half = list(ipaddress.IPv4Network(self.space).subnets(new_prefix=24))[machine % 2]
        place: Document = {
            "privateIPAddress": str(half[4 + machine]),
            "privateIPAllocationMethod": "Static",
            "primary": True,
            "subnet": {"id": f"{self.network}/subnets/s{machine % 2}"},
        }
        configuration = {"id": f"{self.nic(machine)}/ipConfigurations/ipconfig1", "name": "ipconfig1",
                         "properties": place}  # fmt: skip
        return _document(self.nic(machine), properties={"ipConfigurations": [configuration]})

    def peerings(self) -> tuple[Document, Document]:
        """The hub's side and the spoke's."""
        there = _peering(HUB, f"to-{self.number:04d}", self.network, self.space)
        return there, _peering(self.network, "to-hub", HUB, "10.0.0.0/22")


def _machine(identity: str, nic: str) -> Document:
    name = identity.rpartition("/")[2]
    linux = {"disablePasswordAuthentication": True}
    return _document(
        identity,
        properties={
            "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
            "storageProfile": {"osDisk": {"osType": "Linux", "createOption": "FromImage"}},
            "osProfile": {"computerName": name, "adminUsername": "landing", "linuxConfiguration": linux},
            "networkProfile": {"networkInterfaces": [{"id": nic, "properties": {"primary": True}}]},
        },
    )


def hub(spokes: list[Spoke]) -> Iterator[Document]:
    """The hub's documents, its network peered with the spokes."""
    place = _network(0, "rg-hub")
    group, policy = f"{place}/networkSecurityGroups/nsg-bastion", f"{place}/firewallPolicies/policy"
    yield _rules(group, bastion_rules())
    for name in ("pip-bastion", "pip-firewall"):
        yield _document(
            f"{place}/publicIPAddresses/{name}",
            sku={"name": "Standard", "tier": "Regional"},
            properties={"publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4",
                        "ipAddress": f"20.50.0.{len(name)}"},
        )  # fmt: skip
    subnets = [
        _subnet(HUB, "AzureBastionSubnet", BASTION_PREFIX, networkSecurityGroup=group),
        _subnet(HUB, "AzureFirewallSubnet", "10.0.0.128/26"),
    ]
    peerings = [spoke.peerings()[0] for spoke in spokes]
    space = {"addressPrefixes": ["10.0.0.0/22"]}
    yield _document(
        HUB, properties={"addressSpace": space, "subnets": subnets, "virtualNetworkPeerings": peerings}
    )
    yield _host(place)
    yield _document(policy, properties={"sku": {"tier": "Standard"}})
    firewall = {"subnet": {"id": f"{HUB}/subnets/AzureFirewallSubnet"}, "privateIPAddress": FIREWALL_ADDRESS,
                "publicIPAddress": {"id": f"{place}/publicIPAddresses/pip-firewall"}}  # fmt: skip
    configuration = f"{place}/azureFirewalls/afw/azureFirewallIpConfigurations/c"
    yield _document(
        f"{place}/azureFirewalls/afw",
        properties={"sku": {"name": "AZFW_VNet", "tier": "Standard"}, "firewallPolicy": {"id": policy},
                    "ipConfigurations": [{"name": "c", "id": configuration, "properties": firewall}]},
    )  # fmt: skip
    logs = [{"categoryGroup": "allLogs", "enabled": True}]
    yield {
        "id": f"{BASTION}/providers/Microsoft.Insights/diagnosticSettings/all",
        "name": "all",
        "properties": {"workspaceId": WORKSPACE, "logs": logs, "metrics": []},
    }


def _host(place: str) -> Document:
    front = {"publicIPAddress": {"id": f"{place}/publicIPAddresses/pip-bastion"},
             "subnet": {"id": f"{HUB}/subnets/AzureBastionSubnet"}}  # fmt: skip
    return _document(
        BASTION,
        sku={"name": "Standard"},
        properties={"scaleUnits": 2, "enableTunneling": True,
                    "ipConfigurations": [{"name": "c", "id": f"{BASTION}/bastionHostIpConfigurations/c",
                                          "properties": front}]},
    )  # fmt: skip


def estate(spokes: list[Spoke]) -> list[Document]:
    """Everything, as it is after all of it was deployed."""
    documents = list(hub(spokes))
    for spoke in spokes:
        for document in spoke.requests_of():
            if document["id"] == spoke.network:
                document["properties"]["virtualNetworkPeerings"] = [spoke.peerings()[1]]
            documents.append(document)
    return documents
