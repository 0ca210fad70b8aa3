"""Rule aks-node-public-ip."""

from collections.abc import Iterator, Mapping
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import MANAGED_CLUSTER
from remediation.landing_zone import commands
from remediation.landing_zone.owners import owner_of
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Doubts, Group, Verdict, rule, without_properties
from remediation.ways.entries.node_pools import has_public_nodes, pools_of

_LONGEST_LINUX, _LONGEST_WINDOWS = 12, 6  # names of node pools


def _any_public(cluster: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return any(map(has_public_nodes, pools_of(cluster)))


@rule(
    "aks-node-public-ip",
    title="AKS node pool gives every node a public IP address",
    applies_to=(MANAGED_CLUSTER,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "The nodes of such a pool stand on the internet by themselves, past Bastion; one "
        "rule opens them.",
    },
    guidance=("C0", "R13"),
    closer=(Group(),),
    suspects=_any_public,
    refuses=without_properties,
)
def nodes_have_addresses(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A node pool of an AKS cluster gives each of its nodes a public IP address of its own.

    What it finds: enableNodePublicIP on a node pool, in a private cluster too: that setting is about the
    cluster's API server alone. The scale set behind it lies in the node group, which is seldom exported.
    Why: nodes are machines with SSH; an address of their own bypasses Bastion and every control in it.
    Fix: none is applied. The setting stays as a pool was made, so that a person makes another pool and
    deletes this one; the commands are printed.
    Fix safety: ALERT. The pods of the pool move, and partners may have let its nodes' addresses in.
    Unknown: when the cluster came as a mere reference, or the setting is neither true nor false.
    References: C0, R13; use instance-level public IPs in AKS.
    """
    doubts = Doubts()
    found = []
    for pool in pools_of(subject):
        if has_public_nodes(pool):
            found.append(pool)
        elif pool.get("enableNodePublicIP") not in (None, False):
            doubts.add(f"enableNodePublicIP of pool {pool.get('name')} is neither true nor false")
    if found:
        yield _violation(subject, found, snapshot)
    else:
        yield from doubts


def _violation(cluster: Resource, found: list[Mapping[str, Any]], snapshot: Snapshot) -> Violation:
    names = [str(pool.get("name") or "") for pool in found]
    message = f"{cluster.id.name} gives the nodes of {', '.join(names)} public addresses of their own"
    evidence = {
        "pools": [
            {"name": pool.get("name"), "nodes": pool.get("count"), "subnet": pool.get("vnetSubnetID")}
            for pool in found
        ],
        "nodeResourceGroup": cluster.properties("nodeResourceGroup"),
        "blastRadius": "the pods of these pools, which move to other nodes",
    }
    owner = owner_of(cluster, snapshot)
    if owner is not None:
        return Violation(message, evidence, fix=owner.no_fix)
    return Violation(
        message, evidence, commands=tuple(line for pool in found for line in _commands(cluster, pool))
    )


def _commands(cluster: Resource, pool: Mapping[str, Any]) -> Iterator[str]:
    """Another pool like this one without the addresses, then this one away."""
    where = (
        "--resource-group", cluster.id.resource_group,
        "--cluster-name", cluster.id.name,
        "--subscription", cluster.id.subscription,
    )  # fmt: skip
    options = {
        "--node-count": pool.get("count"),
        "--node-vm-size": pool.get("vmSize"),
        "--mode": pool.get("mode"),
        "--os-type": pool.get("osType"),
        "--vnet-subnet-id": pool.get("vnetSubnetID"),
    }
    told = [part for name, value in options.items() if value for part in (name, str(value))]
    yield commands.words("az aks nodepool add", *where, "--name", _another_name(pool), *told)
    yield commands.words("az aks nodepool delete", *where, "--name", str(pool.get("name") or ""))


def _another_name(pool: Mapping[str, Any]) -> str:
    """A name for the pool that takes its place."""
    windows = str(pool.get("osType")).lower() == "windows"
    longest = _LONGEST_WINDOWS if windows else _LONGEST_LINUX
    return f"{str(pool.get('name') or '')[: longest - 1]}2"
