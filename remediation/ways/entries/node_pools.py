"""Node pools of AKS whose nodes have public addresses of their own, in private clusters too.

The scale set behind a pool lies in the cluster's node group, which is seldom exported. Where it is there, its
documents decide, and the pool adds nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from remediation.kinds import SCALE_SET, SUBNET, VNET
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target
from remediation.ways.way import Hop, Kind

AGENT_POOL = "microsoft.containerservice/managedclusters/agentpools"
_KIND: Kind = "aks-node-ip"
_PUBLIC = "enableNodePublicIP"


def leads(target: Target, _around: Landscape) -> Iterator[Lead]:
    """The public address that every node of a pool gets."""
    if target.machine.type == AGENT_POOL and target.configuration.get(_PUBLIC) is True:
        hops = (Hop("public IP", target.machine),)
        sku = str(target.configuration.get("sku") or "")
        yield Lead(_KIND, target.machine, None, target.family, sku=sku, through=hops)


def pools_of(cluster: Resource) -> Iterator[Mapping[str, Any]]:
    """The node pools in a cluster's document."""
    found = values_at(cluster.body, "properties.agentPoolProfiles[]")
    return (pool for pool in found if isinstance(pool, Mapping))


def has_public_nodes(pool: Mapping[str, Any]) -> bool:
    return pool.get(_PUBLIC) is True


def pool_targets(cluster: Resource) -> Iterator[Target]:
    """Each node pool as one target, of whose interfaces only the subnet may be known."""
    group = str(cluster.properties("nodeResourceGroup") or "its node group")
    balancer = str(cluster.properties("networkProfile", "loadBalancerSku") or "").lower()
    for pool in pools_of(cluster):
        identity = cluster.id.child("agentPools", str(pool.get("name") or "default"))
        subnet = next(ids_at(pool, "vnetSubnetID"), None)
        subnet = None if subnet is None else subnet.up_to(SUBNET)
        yield Target(
            machine=identity,
            nic=None,
            configuration={**pool, "sku": balancer},
            id=identity,
            address=None,
            family="ipv4",
            subnet=subnet,
            network=None if subnet is None else subnet.up_to(VNET),
            doubt=f"which group stands before its nodes is not known: export resource group {group}",
        )


def unseen_pools(cluster: Resource, around: Landscape) -> Iterator[Target]:
    """The node pools whose scale set is not among those that were read."""
    seen = _pools_seen(cluster, around)
    return (target for target in pool_targets(cluster) if target.machine.name.lower() not in seen)


def _pools_seen(cluster: Resource, around: Landscape) -> frozenset[str]:
    """Names (lower case) of the pools whose scale sets were read: AKS tags them, and names them by it."""
    group = str(cluster.properties("nodeResourceGroup") or "").lower()
    scope = (f"/subscriptions/{cluster.id.subscription}",)
    own = [one for one in around.in_scopes(SCALE_SET, scope).resources if _group_of(one.id) == group]
    tagged = (one.tags.get("aks-managed-poolname", "") for one in own)
    by_name = (_pool_in(one.id.name) for one in own)
    return frozenset(name.lower() for name in (*tagged, *by_name) if name)


def _group_of(resource: ResourceId) -> str:
    return resource.resource_group.lower()


def _pool_in(scale_set: str) -> str:
    """The pool in a name such as ``aks-system-12345678-vmss``."""
    parts = scale_set.split("-")
    return parts[1] if len(parts) > 2 and parts[0].lower() == "aks" else ""
