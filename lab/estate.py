"""A compliant hub-and-spoke estate, made from a seed: names, addresses and sizes vary, the shape does not.

    rg-...-hub         hub network with AzureBastionSubnet, its NSG, Bastion (Standard), public IP, logs
    rg-...-management  the central Log Analytics workspace
    rg-...-<spoke>     a network peered with the hub; NSGs, the first on two subnets; NICs and VMs

`requests` are PUT bodies in an order in which every reference exists; the lab's ARM makes from them what a
GET returns. Private ranges are used inside, public addresses are never documentation ranges.
"""

import ipaddress
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

from lab.estate_rules import bastion_rules, rule, workload_rules

type Body = dict[str, Any]

COMPANIES = ("fabrikam", "northwind", "tailspin", "adatum", "litware", "proseware", "wingtip", "woodgrove")
SPOKES = ("shop", "payments", "booking", "ledger", "search", "mail", "crm", "reports", "stock", "tickets")
REGIONS = {"westeurope": "weu", "northeurope": "neu", "swedencentral": "sdc", "germanywestcentral": "gwc"}
PEOPLE = ("Alice Berg", "Bruno Costa", "Chen Li", "Dana Novak", "Emeka Obi", "Freya Lund")
PUBLIC = ("20.50.0.0/16", "51.124.0.0/16", "4.180.0.0/16", "81.2.0.0/16", "93.184.0.0/16", "62.101.0.0/16")
SUBNETS_PER_NETWORK = 200


@dataclass(slots=True)
class Spoke:
    """One spoke's ids, for those who want to change something in it."""

    name: str
    environment: str
    group: str
    network: str
    nsgs: list[str] = field(default_factory=list)
    nics: list[str] = field(default_factory=list)
    machines: list[str] = field(default_factory=list)


class Estate:
    """The estate of a seed. `nsgs` adds that many further NSGs, each on a subnet of its own, for storms."""

    def __init__(self, seed: int = 1, *, spokes: int = 2, nsgs: int = 0) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.company = self.random.choice(COMPANIES)
        self.region = self.random.choice(sorted(REGIONS))
        self.subscription = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        self.requests: list[Body] = []
        self.spokes: list[Spoke] = []
        self.storm_nsgs: list[str] = []
        self._base = self.random.randrange(16, 200 - spokes)
        self._build(spokes, nsgs)

    @property
    def resources(self) -> list[str]:
        """Every resource's id, in the order of creation."""
        return [str(request["id"]) for request in self.requests]

    @property
    def shared_nsg(self) -> str:
        """The NSG that two subnets of the first spoke share."""
        return self.spokes[0].nsgs[0]

    def public_address(self, rng: random.Random | None = None) -> str:
        """A public IPv4 address out of ranges that are really in use, never a documentation one."""
        rng = rng or self.random
        network = ipaddress.IPv4Network(rng.choice(PUBLIC))
        return str(network[rng.randrange(256, network.num_addresses - 256)])

    def group(self, purpose: str) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/rg-{self.company}-{purpose}"

    def network_id(self, purpose: str, kind: str, name: str) -> str:
        return f"{self.group(purpose)}/providers/Microsoft.Network/{kind}/{name}"

    def name(self, prefix: str, purpose: str) -> str:
        return f"{prefix}-{purpose}-{REGIONS[self.region]}"

    def _build(self, spokes: int, nsgs: int) -> None:
        self._management()
        self._hub()
        names = self.random.sample(SPOKES, k=min(spokes, len(SPOKES)))
        names += [f"team{number}" for number in range(len(SPOKES), spokes)]
        for number, name in enumerate(names, start=1):
            self.spokes.append(self._spoke(name, number))
        self._storm(nsgs)

    def _put(self, resource_id: str, tags: dict[str, str] | None = None, **members: Any) -> str:
        body: Body = {"id": resource_id, "location": self.region, **members}
        if tags is not None:
            body["tags"] = tags
        self.requests.append(body)
        return resource_id

    def _tags(self, environment: str, purpose: str) -> dict[str, str]:
        return {"environment": environment, "service": purpose, "owner": self.random.choice(PEOPLE)}

    def _management(self) -> None:
        self._put(self.group("management"), self._tags("production", "management"))
        workspace = f"{self.group('management')}/providers/Microsoft.OperationalInsights/workspaces"
        self.workspace = self._put(
            f"{workspace}/{self.name('log', 'central')}",
            properties={"sku": {"name": "PerGB2018"}, "retentionInDays": 30},
        )

    def _hub(self) -> None:
        tags = self._tags("production", "hub")
        self._put(self.group("hub"), tags)
        space = ipaddress.IPv4Network(f"10.{self._base}.0.0/22")
        parts = list(space.subnets(new_prefix=26))
        self.bastion_prefix = str(parts[0])
        self.bastion_nsg = self._put(
            self.network_id("hub", "networkSecurityGroups", self.name("nsg", "bastion")),
            tags,
            properties={"securityRules": bastion_rules()},
        )
        shared = self._put(
            self.network_id("hub", "networkSecurityGroups", self.name("nsg", "shared")),
            tags,
            properties={"securityRules": workload_rules(self.bastion_prefix)},
        )
        self.hub = self._network("hub", tags, space, [
            _subnet("AzureBastionSubnet", parts[0], self.bastion_nsg),
            _subnet("GatewaySubnet", parts[1]),
            _subnet("snet-shared", parts[2], shared),
        ])  # fmt: skip
        self._bastion(tags)

    def _network(self, purpose: str, tags: dict[str, str], space: Any, subnets: list[Body]) -> str:
        return self._put(
            self.network_id(purpose, "virtualNetworks", self.name("vnet", purpose)),
            tags,
            properties={"addressSpace": {"addressPrefixes": [str(space)]}, "subnets": subnets},
        )

    def _bastion(self, tags: dict[str, str]) -> None:
        self.bastion_address = self._address("hub", "bastion", tags)
        self.bastion_subnet = f"{self.hub}/subnets/AzureBastionSubnet"
        place = {"publicIPAddress": {"id": self.bastion_address}, "subnet": {"id": self.bastion_subnet}}
        self.bastion = self._put(
            self.network_id("hub", "bastionHosts", self.name("bas", "hub")),
            tags,
            sku={"name": "Standard"},
            properties={
                "scaleUnits": self.random.choice([2, 2, 3, 4]),
                "enableTunneling": True,
                "enableIpConnect": self.random.random() < 0.5,
                "ipConfigurations": [{"name": "IpConf", "properties": place}],
            },
        )
        self.diagnostic_setting = self._diagnostics(self.bastion)

    def _diagnostics(self, resource: str) -> str:
        """The setting in the shape of the built-in policy, so that both would converge on it."""
        logs = [
            {"categoryGroup": "audit", "enabled": False},
            {"categoryGroup": "allLogs", "enabled": True},
        ]
        setting = f"{resource}/providers/Microsoft.Insights/diagnosticSettings/setByPolicy-LogAnalytics"
        properties = {"workspaceId": self.workspace, "logs": logs, "metrics": []}
        self.requests.append({"id": setting, "properties": properties})
        return setting

    def _address(self, purpose: str, name: str, tags: dict[str, str]) -> str:
        return self._put(
            self.network_id(purpose, "publicIPAddresses", self.name("pip", name)),
            tags,
            sku={"name": "Standard", "tier": "Regional"},
            properties={"publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4"},
        )

    def _spoke(self, name: str, number: int) -> Spoke:
        environment = "production" if number % 2 else self.random.choice(["test", "dev"])
        tags = self._tags(environment, name)
        group = self._put(self.group(name), tags)
        space = ipaddress.IPv4Network(f"10.{self._base + number}.0.0/20")
        web, app, data = list(space.subnets(new_prefix=24))[:3]
        public = ["443"] if self.random.random() < 0.5 else ["80", "443"]
        front = self._nsg(name, "web", tags, workload_rules(self.bastion_prefix, public=public))
        back = self._nsg(name, "data", tags, [
            *workload_rules(self.bastion_prefix),
            rule("allow-sql", 210, "Allow", ["1433"], source=[str(web), str(app)]),
        ])  # fmt: skip
        network = self._network(name, tags, space, [
            _subnet("snet-web", web, front),
            _subnet("snet-app", app, front),
            _subnet("snet-data", data, back),
        ])  # fmt: skip
        self._peer(network, name)
        spoke = Spoke(name, environment, group, network, [front, back])
        self._machine(spoke, tags, f"{network}/subnets/snet-web", str(web[4]), "Linux")
        self._machine(spoke, tags, f"{network}/subnets/snet-app", str(app[4]), "Windows")
        return spoke

    def _nsg(self, purpose: str, tier: str, tags: dict[str, str], rules: list[Body]) -> str:
        name = self.name("nsg", f"{purpose}-{tier}")
        return self._put(
            self.network_id(purpose, "networkSecurityGroups", name), tags, properties={"securityRules": rules}
        )

    def _peer(self, spoke: str, name: str) -> None:
        for mine, other, label in ((self.hub, spoke, f"to-{name}"), (spoke, self.hub, "to-hub")):
            self.requests.append({
                "id": f"{mine}/virtualNetworkPeerings/{label}",
                "properties": {
                    "remoteVirtualNetwork": {"id": other},
                    "allowVirtualNetworkAccess": True,
                    "allowForwardedTraffic": True,
                    "allowGatewayTransit": False,
                    "useRemoteGateways": False,
                },
            })  # fmt: skip

    def _machine(self, spoke: Spoke, tags: dict[str, str], subnet: str, address: str, system: str) -> None:
        name = f"vm-{spoke.name}-{len(spoke.machines) + 1:02d}"
        place = {"privateIPAddress": address, "privateIPAllocationMethod": "Static", "subnet": {"id": subnet}}
        nic = self._put(
            self.network_id(spoke.name, "networkInterfaces", f"nic-{name}"),
            tags,
            properties={
                "ipConfigurations": [{"name": "ipconfig1", "properties": {**place, "primary": True}}]
            },
        )
        machine = self._put(
            f"{spoke.group}/providers/Microsoft.Compute/virtualMachines/{name}",
            tags,
            properties=_machine(name, system, nic),
        )
        spoke.nics.append(nic)
        spoke.machines.append(machine)

    def _storm(self, count: int) -> None:
        """Networks full of subnets, each with an NSG of its own."""
        if not count:
            return
        tags = self._tags("production", "storm")
        self._put(self.group("storm"), tags)
        for start in range(0, count, SUBNETS_PER_NETWORK):
            numbers = range(start, min(start + SUBNETS_PER_NETWORK, count))
            space = ipaddress.IPv4Network(f"10.{216 + start // SUBNETS_PER_NETWORK}.0.0/16")
            nsgs = [
                self._nsg("storm", f"{n:04d}", tags, workload_rules(self.bastion_prefix)) for n in numbers
            ]
            subnets = zip(nsgs, space.subnets(new_prefix=24), strict=False)
            self._put(
                self.network_id("storm", "virtualNetworks", self.name("vnet", f"storm-{start}")),
                tags,
                properties={
                    "addressSpace": {"addressPrefixes": [str(space)]},
                    "subnets": [
                        _subnet(f"snet-{n}", prefix, nsg)
                        for n, (nsg, prefix) in zip(numbers, subnets, strict=True)
                    ],
                },
            )
            self.storm_nsgs += nsgs


def _subnet(name: str, prefix: Any, nsg: str | None = None) -> Body:
    properties: Body = {"addressPrefix": str(prefix)}
    if nsg is not None:
        properties["networkSecurityGroup"] = {"id": nsg}
    return {"name": name, "properties": properties}


def _machine(name: str, system: str, nic: str) -> Body:
    profile: Body = {"computerName": name, "adminUsername": "landing"}
    if system == "Linux":
        profile["linuxConfiguration"] = {"disablePasswordAuthentication": True}
    else:
        profile["windowsConfiguration"] = {"enableAutomaticUpdates": True}
    return {
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "storageProfile": {"osDisk": {"osType": system, "createOption": "FromImage"}},
        "osProfile": profile,
        "networkProfile": {"networkInterfaces": [{"id": nic, "properties": {"primary": True}}]},
    }


def baseline(estate: Estate, **changes: Any) -> Body:
    """The baseline under which the estate is compliant, in enforce mode; `changes` replace top-level keys."""
    return {
        "version": 1,
        "mode": "enforce",
        "environments": [
            {"name": "production", "match": {"tags": {"environment": ["prod", "production"]}}},
            {"name": "test", "match": {"tags": {"environment": ["test", "dev"]}}},
        ],
        "defaultEnvironment": "production",
        "centralWorkspaceId": estate.workspace,
        "managementPorts": [22, 3389],
        "allowedManagementSources": [],
        "bastion": {
            "allowedSkus": {"production": ["Standard", "Premium"], "test": ["Developer", "Basic", "Standard"]}
        },
        "limits": {"maxAttachments": 5, "maxWritesPerHour": 20, "flapCount": 3, "flapWindowHours": 24},
    } | changes
