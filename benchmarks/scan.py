"""How long a scan of a large estate file takes, and how much memory.

    python benchmarks/scan.py [--resources 10000] [--seed 1]

A file of that many resources, hub and spokes with NICs, machines, NSGs, public addresses and load balancers,
one in ten of them drifted, is written once and scanned by the command line in a process of its own. Prints
seconds (wall clock of the whole command, Python's start included) and peak_mb (its resident memory).
"""

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SUBSCRIPTION = "5ba5e000-1a2b-4c3d-8e4f-0123456789ab"
LOGS = "providers/Microsoft.OperationalInsights/workspaces/log"
WORKSPACE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-hub/{LOGS}"
MACHINES_PER_SPOKE = 24

type Document = dict[str, Any]


class Generator:
    """Makes an estate's documents; the same seed, the same estate."""

    def __init__(self, count: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._count = count
        self.documents: list[Document] = []
        self._of_hub: list[Document] = []

    def estate(self) -> list[Document]:
        self._hub()
        number = 0
        while len(self.documents) < self._count:
            number += 1
            self._spoke(number)
        return self.documents[: self._count]

    def _add(self, group: str, kind: str, name: str, properties: Document, **members: Any) -> str:
        identity = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{group}/providers/{kind}/{name}"
        body = {"provisioningState": "Succeeded", **properties}
        document = {"id": identity, "name": name, "type": kind, "location": "westeurope", "etag": 'W/"1"'}
        self.documents.append(
            {**document, "tags": {"environment": "production"}, **members, "properties": body}
        )
        return identity

    def _drifts(self) -> bool:
        return self._random.random() < 0.1

    def _hub(self) -> None:
        network = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network"
        address = self._add(
            "hub", "Microsoft.Network/publicIPAddresses", "pip-bastion", {}, sku={"name": "Standard"}
        )
        self.hub = f"{network}/virtualNetworks/vnet-hub"
        subnet = f"{self.hub}/subnets/AzureBastionSubnet"
        place = {"subnet": {"id": subnet}, "publicIPAddress": {"id": address}}
        self._add(
            "hub", "Microsoft.Network/bastionHosts", "bas-hub", sku={"name": "Standard"},
            properties={"scaleUnits": 2, "ipConfigurations": [{"name": "conf", "properties": place}]},
        )  # fmt: skip
        self._vnet("hub", "10.0.0.0/16", [self._subnet(subnet, "10.0.0.0/26", None)])

    def _vnet(self, name: str, space: str, subnets: list[Document]) -> None:
        here = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{name}/providers/Microsoft.Network"
        peering: Document = {
            "id": f"{here}/virtualNetworks/vnet-{name}/virtualNetworkPeerings/to-hub",
            "name": "to-hub",
            "properties": {
                "provisioningState": "Succeeded",
                "peeringState": "Connected",
                "remoteVirtualNetwork": {"id": self.hub},
            },
        }
        own = self._of_hub if name == "hub" else [peering]
        properties = {
            "addressSpace": {"addressPrefixes": [space]},
            "subnets": subnets,
            "virtualNetworkPeerings": own,
        }
        network = self._add(name, "Microsoft.Network/virtualNetworks", f"vnet-{name}", properties)
        if name != "hub":
            there = {**peering["properties"], "remoteVirtualNetwork": {"id": network}}
            identity = f"{self.hub}/virtualNetworkPeerings/to-{name}"
            self._of_hub.append({"id": identity, "name": f"to-{name}", "properties": there})

    def _subnet(self, identity: str, prefix: str, nsg: str | None) -> Document:
        properties: Document = {"provisioningState": "Succeeded", "addressPrefix": prefix}
        if nsg is not None:
            properties["networkSecurityGroup"] = {"id": nsg}
        return {"id": identity, "name": identity.rpartition("/")[2], "properties": properties}

    def _spoke(self, number: int) -> None:
        name = f"spoke{number:04d}"
        here = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{name}/providers/Microsoft.Network"
        subnets = []
        for part in range(4):
            nsg = None if self._drifts() else self._nsg(name, part)
            subnet = f"{here}/virtualNetworks/vnet-{name}/subnets/snet-{part}"
            subnets.append(self._subnet(subnet, f"10.{number % 256}.{part}.0/24", nsg))
        for machine in range(MACHINES_PER_SPOKE):
            self._machine(
                name, subnets[machine % 4]["id"], machine, f"10.{number % 256}.{machine % 4}.{machine + 4}"
            )
        self._balancer(name)
        self._vnet(name, f"10.{number % 256}.0.0/16", subnets)

    def _nsg(self, group: str, part: int) -> str:
        rules = [
            _rule("allow-web", 300, "*", ["443"]),
            _rule("allow-bastion", 310, "10.0.0.0/26", ["22", "3389"]),
        ]
        if self._drifts():
            rules.append(_rule("oops", 200, "Internet", ["22", "8080"]))
        return self._add(
            group, "Microsoft.Network/networkSecurityGroups", f"nsg-{part}",
            {"securityRules": rules, "defaultSecurityRules": []},
        )  # fmt: skip

    def _machine(self, group: str, subnet: str, number: int, address: str) -> None:
        place: Document = {"privateIPAddress": address, "subnet": {"id": subnet}}
        if self._drifts():
            kind, name = "Microsoft.Network/publicIPAddresses", f"pip-{number}"
            place["publicIPAddress"] = {"id": self._add(group, kind, name, {}, sku={"name": "Standard"})}
        configurations = [{"name": "ipconfig1", "properties": place}]
        nic = self._add(
            group,
            "Microsoft.Network/networkInterfaces",
            f"nic-{number}",
            {"ipConfigurations": configurations},
        )
        profile = {"linuxConfiguration": {"disablePasswordAuthentication": not self._drifts()}}
        self._add(
            group, "Microsoft.Compute/virtualMachines", f"vm-{number}",
            {"networkProfile": {"networkInterfaces": [{"id": nic}]}, "osProfile": profile,
             "storageProfile": {"osDisk": {"osType": "Linux"}}},
        )  # fmt: skip

    def _balancer(self, group: str) -> None:
        address = self._add(
            group, "Microsoft.Network/publicIPAddresses", "pip-lb", {}, sku={"name": "Standard"}
        )
        frontend = [{"name": "public", "properties": {"publicIPAddress": {"id": address}}}]
        rules = [
            {"name": "rdp", "properties": {"protocol": "Tcp", "frontendPort": 50001, "backendPort": 3389}}
        ]
        self._add(
            group, "Microsoft.Network/loadBalancers", "lb",
            {"frontendIPConfigurations": frontend, "inboundNatRules": rules if self._drifts() else []},
        )  # fmt: skip


def _rule(name: str, priority: int, source: str, ports: list[str]) -> Document:
    return {
        "name": name,
        "properties": {
            "priority": priority, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
            "sourcePortRange": "*", "sourceAddressPrefix": source, "destinationAddressPrefix": "*",
            "destinationPortRanges": ports,
        },
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--resources", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        estate, standard, found = (
            Path(folder, name) for name in ("estate.json", "baseline.json", "found.json")
        )
        estate.write_text(json.dumps(Generator(args.resources, args.seed).estate()))
        standard.write_text(json.dumps({"version": 1, "mode": "enforce", "centralWorkspaceId": WORKSPACE}))
        seconds = _scanned(estate, standard, found)
        result = json.loads(found.read_text())
    for name in ("findings", "unknown"):
        sys.stderr.write(f"{len(result[name])} {name}\n")
    print(f"seconds: {seconds:.3f}")
    print(f"peak_mb: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.1f}")
    return 0


def _scanned(estate: Path, standard: Path, found: Path) -> float:
    """Run the command in a process of its own, its output in a file; returns how long it took."""
    command = [sys.executable, "-m", "remediation", "scan", "--format", "json"]
    command += ["--estate", str(estate), "--baseline", str(standard)]
    started = time.perf_counter()
    with found.open("wb") as output:
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = os.posix_spawn(sys.executable, command, environment, file_actions=actions)
        _, status = os.waitpid(process, 0)
    if os.waitstatus_to_exitcode(status) not in {0, 1}:
        raise SystemExit("the scan failed")
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(main())
