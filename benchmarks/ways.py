"""How long all ways in of an estate take to work out, how much memory, and how long one changed group takes.

    python benchmarks/ways.py [--machines 5000] [--groups 1000] [--seed 1]

An estate of that many machines behind that many groups is made once: a hub with a firewall that translates
ports, spokes with balancers, public addresses and ASGs, an admin rule. Prints `seconds` (all ways to SSH and
RDP of every machine, from documents in memory), `peak_mb` (resident memory of the process at its most),
`machines`, `ways`, and `group_ms_p50`, `group_ms_p99`: to judge the ways through one group again when
everything around it was read before.
"""

import argparse
import random
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from remediation import baseline
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.estates.ways_in import report
from remediation.judging.gathering import gather
from remediation.kinds import NSG
from remediation.rules import registry

SUBSCRIPTION = "5ba5e000-1a2b-4c3d-8e4f-0123456789ab"
SUBNETS_PER_SPOKE = 10
GROUPS_MEASURED = 200
RULE = "nsg-mgmt-open-to-internet"

type Document = dict[str, Any]


def at(group: str, kind: str, name: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.{kind}/{name}"


class Generator:
    """Makes an estate's documents; the same seed, the same estate."""

    def __init__(self, machines: int, groups: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._machines_per_group = max(1, machines // groups)
        self._groups = groups
        self._translations: list[Document] = []
        self.documents: list[Document] = []

    def estate(self) -> list[Document]:
        spokes = range(-(-self._groups // SUBNETS_PER_SPOKE))
        for number in spokes:
            self._spoke(number)
        self._hub(len(spokes))
        return self.documents

    def _add(self, identity: str, properties: Document, **members: Any) -> str:
        body = {"provisioningState": "Succeeded", **properties}
        self.documents.append(
            {"id": identity, "name": identity.rpartition("/")[2], **members, "properties": body}
        )
        return identity

    def _hub(self, spokes: int) -> None:
        network = at("hub", "Network", "virtualNetworks/hub")
        subnet = f"{network}/subnets/AzureFirewallSubnet"
        address = self._add(
            at("hub", "Network", "publicIPAddresses/fw"), {"ipAddress": "20.50.0.1"}, sku={"name": "Standard"}
        )
        place = {
            "subnet": {"id": subnet},
            "publicIPAddress": {"id": address},
            "privateIPAddress": "10.255.0.4",
        }
        policy = at("hub", "Network", "firewallPolicies/policy")
        self._add(policy, {"ruleCollectionGroups": [{"id": f"{policy}/ruleCollectionGroups/in"}]})
        rules = {"name": "dnat", "priority": 100, "ruleCollectionType": "FirewallPolicyNatRuleCollection"}
        collection = {**rules, "action": {"type": "DNAT"}, "rules": self._translations}
        self._add(f"{policy}/ruleCollectionGroups/in", {"priority": 100, "ruleCollections": [collection]})
        firewall = {
            "ipConfigurations": [{"name": "c", "properties": place}],
            "firewallPolicy": {"id": policy},
        }
        self._add(at("hub", "Network", "azureFirewalls/fw"), firewall, sku={"name": "AZFW_VNet"})
        peerings = [_peering(network, self._network(number), self._space(number)) for number in range(spokes)]
        subnets = [
            {"id": subnet, "name": "AzureFirewallSubnet", "properties": {"addressPrefix": "10.255.0.0/26"}}
        ]
        self._add(network, _network(["10.255.0.0/16"], subnets, peerings))

    @staticmethod
    def _network(number: int) -> str:
        return at(f"spoke{number}", "Network", f"virtualNetworks/spoke{number}")

    @staticmethod
    def _space(number: int) -> str:
        return f"10.{number % 250}.0.0/16"

    def _spoke(self, number: int) -> None:
        group, network = f"spoke{number}", self._network(number)
        subnets = [self._subnet(group, number, part) for part in range(SUBNETS_PER_SPOKE)]
        hub = at("hub", "Network", "virtualNetworks/hub")
        peerings = [_peering(network, hub, "10.255.0.0/16")]
        self._add(network, _network([self._space(number)], subnets, peerings))
        for part in range(SUBNETS_PER_SPOKE):
            for position in range(self._machines_per_group):
                self._machine(group, number, part, position)
        self._balancer(group)

    def _subnet(self, group: str, number: int, part: int) -> Document:
        nsg = at(group, "Network", f"networkSecurityGroups/nsg{part}")
        rules = [_rule("web", 300, "*", ["443"]), _rule("bastion", 310, "10.255.1.0/26", ["22", "3389"])]
        if self._random.random() < 0.2:
            rules.append(_rule("oops", 200, self._random.choice(("*", "Internet", "20.1.0.0/16")), ["22"]))
        if self._random.random() < 0.2:
            rules.append(_rule("first-only", 210, "*", ["3389"], f"10.{number % 250}.{part}.5"))
        self._add(nsg, {"securityRules": rules, "defaultSecurityRules": []})
        identity = f"{self._network(number)}/subnets/s{part}"
        body = {"addressPrefix": f"10.{number % 250}.{part}.0/24", "networkSecurityGroup": {"id": nsg}}
        return {"id": identity, "name": f"s{part}", "properties": body}

    def _machine(self, group: str, number: int, part: int, position: int) -> None:
        name, address = f"vm{part}-{position}", f"10.{number % 250}.{part}.{position + 4}"
        nic = at(group, "Network", f"networkInterfaces/{name}")
        place: Document = {
            "privateIPAddress": address,
            "subnet": {"id": f"{self._network(number)}/subnets/s{part}"},
        }
        chance = self._random.random()
        if chance < 0.2:
            place["publicIPAddress"] = {"id": self._address(group, name)}
        elif chance < 0.5:
            balancer = at(group, "Network", "loadBalancers/lb")
            place["loadBalancerBackendAddressPools"] = [{"id": f"{balancer}/backendAddressPools/pool"}]
        elif chance < 0.55:
            self._translations.append(_translation(f"to-{group}-{name}", address, len(self._translations)))
        machine = at(group, "Compute", f"virtualMachines/{name}")
        self._add(machine, {"networkProfile": {"networkInterfaces": [{"id": nic}]}})
        configuration = {"name": "c", "id": f"{nic}/ipConfigurations/c", "properties": place}
        self._add(nic, {"ipConfigurations": [configuration], "virtualMachine": {"id": machine}})

    def _address(self, group: str, name: str) -> str:
        text = ".".join(str(self._random.randrange(1, 250)) for _ in range(2))
        address = {"ipAddress": f"20.60.{text}"}
        return self._add(at(group, "Network", f"publicIPAddresses/{name}"), address, sku={"name": "Standard"})

    def _balancer(self, group: str) -> None:
        balancer = at(group, "Network", "loadBalancers/lb")
        front = f"{balancer}/frontendIPConfigurations/front"
        rule = {
            "frontendIPConfiguration": {"id": front}, "protocol": "Tcp", "frontendPort": 2222,
            "backendPort": 22, "backendAddressPool": {"id": f"{balancer}/backendAddressPools/pool"},
        }  # fmt: skip
        public = {"publicIPAddress": {"id": self._address(group, "lb")}}
        properties = {
            "frontendIPConfigurations": [{"name": "front", "id": front, "properties": public}],
            "backendAddressPools": [{"name": "pool", "properties": {}}],
            "loadBalancingRules": [{"name": "ssh", "properties": rule}],
        }
        self._add(balancer, properties, sku={"name": "Standard"})


def _network(space: list[str], subnets: list[Document], peerings: list[Document]) -> Document:
    inside = {"subnets": subnets, "virtualNetworkPeerings": peerings}
    return {"addressSpace": {"addressPrefixes": space}, **inside}


def _peering(network: str, to: str, space: str) -> Document:
    name = f"to-{to.rpartition('/')[2]}"
    properties = {
        "peeringState": "Connected", "allowVirtualNetworkAccess": True, "remoteVirtualNetwork": {"id": to},
        "remoteAddressSpace": {"addressPrefixes": [space]}, "peeringSyncLevel": "FullyInSync",
    }  # fmt: skip
    return {"id": f"{network}/virtualNetworkPeerings/{name}", "name": name, "properties": properties}


def _translation(name: str, address: str, number: int) -> Document:
    return {
        "name": name, "ruleType": "NatRule", "sourceAddresses": ["*"], "destinationAddresses": ["20.50.0.1"],
        "destinationPorts": [str(10000 + number)], "ipProtocols": ["TCP"], "translatedAddress": address,
        "translatedPort": "22",
    }  # fmt: skip


def _rule(name: str, priority: int, source: str, ports: list[str], to: str = "*") -> Document:
    properties = {
        "priority": priority, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
        "sourceAddressPrefix": source, "sourcePortRange": "*", "destinationAddressPrefix": to,
        "destinationPortRanges": ports,
    }  # fmt: skip
    return {"name": name, "properties": properties}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=5000)
    parser.add_argument("--groups", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    documents = Generator(args.machines, args.groups, args.seed).estate()
    started = time.perf_counter()
    estate = Estate([EstateFile("made", documents)])
    found = report(estate, baseline.NOTHING)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"seconds: {seconds:.2f}")
    print(f"peak_mb: {peak:.0f}")
    print(f"machines: {len(found.machines)}")
    print(f"ways: {sum(len(machine.ways) for machine in found.machines)}")
    times = sorted(_judged_again(estate))
    print(f"group_ms_p50: {statistics.median(times):.1f}")
    print(f"group_ms_p99: {times[int(len(times) * 0.99) - 1]:.1f}")


def _judged_again(estate: Estate) -> list[float]:
    """Milliseconds to gather and judge one group, for those that are asked about closely."""
    rule = registry()[RULE]
    times = []
    for subject in list(estate.subjects([NSG]))[:GROUPS_MEASURED]:
        started = time.perf_counter()
        snapshot = gather(estate, subject.resource, [rule], baseline.NOTHING)
        list(rule.verdicts(snapshot, baseline.NOTHING))
        times.append((time.perf_counter() - started) * 1000)
    return times


if __name__ == "__main__":
    main()
