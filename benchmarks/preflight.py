"""How long `preflight` of a large Terraform plan takes, and how much memory.

    python benchmarks/preflight.py [--resources 2000] [--seed 1]

A plan of that many resources, spokes with subnets, groups, rules, associations, addresses, interfaces and
machines made by loops, ids known after the apply only, one in ten of the rules open to everybody, is written
once and judged by the command line in a process of its own. Prints seconds (wall clock of the whole command,
Python's start included), cpu_s (its user and system time) and peak_mb (its resident memory).
"""

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SUBSCRIPTION = "5ba5e000-1a2b-4c3d-8e4f-0123456789ab"
MACHINES_PER_SPOKE = 20
# What each resource of a spoke's configuration refers to.
EXPRESSIONS: dict[str, dict[str, Any]] = {
    "azurerm_virtual_network": {},
    "azurerm_network_security_group": {},
    "azurerm_network_security_rule": {},
    "azurerm_subnet": {},
    "azurerm_subnet_network_security_group_association": {
        "subnet_id": {"references": ["azurerm_subnet.this", "each.key"]},
        "network_security_group_id": {"references": ["azurerm_network_security_group.this", "each.key"]},
    },
    "azurerm_public_ip": {},
    "azurerm_network_interface": {
        "ip_configuration": [
            {
                "subnet_id": {"references": ["azurerm_subnet.this", "each.value"]},
                "public_ip_address_id": {"references": ["azurerm_public_ip.this", "each.key"]},
            }
        ]
    },
    "azurerm_linux_virtual_machine": {
        "network_interface_ids": {"references": ["azurerm_network_interface.this", "each.key"]}
    },
}

type Document = dict[str, Any]


def plan(count: int, seed: int) -> Document:
    """A plan of `count` resources."""
    changes: list[Document] = []
    spokes = 0
    chance = random.Random(seed)
    while len(changes) < count:
        changes += _spoke(spokes, chance)
        spokes += 1
    resources = [
        {
            "address": f"{kind}.this",
            "mode": "managed",
            "type": kind,
            "name": "this",
            "expressions": expressions,
        }
        for kind, expressions in EXPRESSIONS.items()
    ]
    provider = {"name": "azurerm", "expressions": {"subscription_id": {"constant_value": SUBSCRIPTION}}}
    calls = {"spoke": {"source": "./spoke", "expressions": {}, "module": {"resources": resources}}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "resource_changes": changes[:count],
        "configuration": {"provider_config": {"azurerm": provider}, "root_module": {"module_calls": calls}},
    }


def _spoke(number: int, chance: random.Random) -> Iterator[Document]:
    module, group = f'module.spoke["{number:03}"]', f"rg-{number:03}"

    def made(kind: str, key: str, after: Document, unknown: Document) -> Document:
        told = {"name": key, "resource_group_name": group, "location": "westeurope", **after}
        change = {
            "actions": ["create"],
            "before": None,
            "after": told,
            "after_unknown": {"id": True, **unknown},
        }
        address = f'{module}.{kind}.this["{key}"]'
        return {
            "address": address, "module_address": module, "mode": "managed", "type": kind, "name": "this",
            "index": key, "provider_name": "registry.terraform.io/hashicorp/azurerm", "change": change,
        }  # fmt: skip

    yield made("azurerm_virtual_network", "net", {"address_space": [f"10.{number % 250}.0.0/16"]}, {})
    for part in range(4):
        yield made("azurerm_network_security_group", f"s{part}", {}, {"security_rule": True})
        source = "*" if chance.random() < 0.1 else "10.0.0.0/26"
        rule = {
            "network_security_group_name": f"s{part}", "priority": 200, "direction": "Inbound",
            "access": "Allow", "protocol": "Tcp", "source_port_range": "*", "source_address_prefix": source,
            "destination_address_prefix": "*", "destination_port_ranges": ["22", "443"],
        }  # fmt: skip
        yield made("azurerm_network_security_rule", f"r{part}", rule, {})
        prefixes = [f"10.{number % 250}.{part}.0/24"]
        yield made(
            "azurerm_subnet", f"s{part}", {"virtual_network_name": "net", "address_prefixes": prefixes}, {}
        )
        both = {"subnet_id": True, "network_security_group_id": True}
        yield made("azurerm_subnet_network_security_group_association", f"s{part}", {}, both)
    for machine in range(MACHINES_PER_SPOKE):
        key = f"m{machine:02}"
        yield made("azurerm_public_ip", key, {"sku": "Standard", "allocation_method": "Static"}, {})
        subnet = (
            f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Network"
            f"/virtualNetworks/net/subnets/s{machine % 4}"
        )
        place = {"name": "main", "private_ip_address_allocation": "Dynamic", "subnet_id": subnet}
        unknown = {"ip_configuration": [{"public_ip_address_id": True, "private_ip_address": True}]}
        yield made("azurerm_network_interface", key, {"ip_configuration": [place]}, unknown)
        yield made(
            "azurerm_linux_virtual_machine",
            key,
            {"disable_password_authentication": True},
            {"network_interface_ids": [True]},
        )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--resources", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, found = Path(folder, "plan.json"), Path(folder, "found.json")
        path.write_text(json.dumps(plan(args.resources, args.seed)))
        seconds = _judged(path, found)
        told = json.loads(found.read_text())
    sys.stderr.write(f"{len(told['findings'])} findings, {len(told['unknown'])} unknown\n")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"seconds: {seconds:.3f}")
    print(f"cpu_s: {used.ru_utime + used.ru_stime:.3f}")
    print(f"peak_mb: {used.ru_maxrss / 1024:.1f}")
    return 0


def _judged(path: Path, found: Path) -> float:
    """Run the command in a process of its own, its output in a file; returns how long it took."""
    command = [sys.executable, "-m", "remediation", "preflight", "--terraform-plan", str(path)]
    started = time.perf_counter()
    with found.open("wb") as output:
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = os.posix_spawn(
            sys.executable, [*command, "--format", "json"], environment, file_actions=actions
        )
        _, status = os.waitpid(process, 0)
    if os.waitstatus_to_exitcode(status) not in {0, 1}:
        raise SystemExit("the preflight failed")
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(main())
