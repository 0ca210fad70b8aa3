"""What the effect of a difference is judged from, beside what the rules about the resource read.

Of a resource that stands on people's ways: the machines that it leads to or guards, with everything on the
ways to them, whichever rules of the guidance are on. Both sides are followed, what is there and what was
declared: a group that somebody took off an interface stands in the declaration alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from remediation.baseline import Baseline
from remediation.declared.holding import Drifted
from remediation.declared.rule import DECLARED_DRIFT
from remediation.judging.gathering import Reads, gather
from remediation.kinds import (
    AZURE_FIREWALL,
    BASTION,
    FIREWALL_POLICY,
    LOAD_BALANCER,
    NIC,
    NSG,
    PUBLIC_IP,
    ROUTE_TABLE,
    RULE_COLLECTION_GROUP,
    SCALE_SET_NIC,
    SUBNET,
    VNET,
)
from remediation.model import Resource, Snapshot
from remediation.rule import Above, Follow, Listed, Need
from remediation.ways.needs import TO_NIC

_MACHINE = (Follow("properties.virtualMachine.id"), *TO_NIC)
_CONFIGURATIONS = "properties.ipConfigurations[].id"
_IN_SUBNET: tuple[Need, ...] = (
    Follow(_CONFIGURATIONS, to=NIC, then=_MACHINE),
    Follow(_CONFIGURATIONS, to=SCALE_SET_NIC, then=_MACHINE),
)
_IN_NETWORK = Follow("properties.subnets[].id", then=_IN_SUBNET)
_POOLS = "properties.backendAddressPools[].properties"
# A firewall leads to the machines of its own network and of those that are peered with that.
_BEHIND = (
    _IN_NETWORK,
    Follow("properties.virtualNetworkPeerings[].properties.remoteVirtualNetwork.id", then=(_IN_NETWORK,)),
)
_FIREWALL = Follow(
    "properties.firewalls[].id",
    to=AZURE_FIREWALL,
    then=(
        Follow("properties.ipConfigurations[].properties.publicIPAddress.id"),
        Follow("properties.ipConfigurations[].properties.subnet.id", to=VNET, then=_BEHIND),
    ),
)

# Any host may have links that lead past every address: whether one is near a machine has to be known.
_HOSTS = Listed(BASTION, "subscription")

_AROUND: Mapping[str, tuple[Need, ...]] = {
    NIC: _MACHINE,
    SUBNET: (
        Follow("properties.networkSecurityGroup.id", to=NSG),
        Follow("properties.routeTable.id", to=ROUTE_TABLE),
        *_IN_SUBNET,
    ),
    PUBLIC_IP: (Follow("properties.ipConfiguration.id", to=NIC, then=_MACHINE),),
    LOAD_BALANCER: (
        Follow("properties.frontendIPConfigurations[].properties.publicIPAddress.id"),
        Follow(f"{_POOLS}.backendIPConfigurations[].id", to=NIC, then=_MACHINE),
        Follow(f"{_POOLS}.loadBalancerBackendAddresses[].properties.virtualNetwork.id", then=(_IN_NETWORK,)),
        Follow("properties.inboundNatRules[].properties.backendIPConfiguration.id", to=NIC, then=_MACHINE),
    ),
    ROUTE_TABLE: (Follow("properties.subnets[].id", then=_IN_SUBNET),),
    RULE_COLLECTION_GROUP: (Above(FIREWALL_POLICY, then=(_FIREWALL,)),),
}


def around(
    snapshot: Snapshot, drifted: Iterable[Drifted], cloud: Reads, baseline: Baseline, now: datetime
) -> Snapshot:
    """A snapshot with what stands around each resource that differs. Raises TransientError."""
    for one in drifted:
        needs = _AROUND.get(one.declaration.id.type, ())
        for side in _sides(one) if needs else ():
            read = gather(cloud, side, [replace(DECLARED_DRIFT, needs=(*needs, _HOSTS))], baseline, now)
            snapshot = with_more(snapshot, read)
    return snapshot


def with_more(snapshot: Snapshot, more: Snapshot) -> Snapshot:
    """A snapshot with what another one has read; the subject stays as it is."""
    return replace(
        snapshot,
        resources={**snapshot.resources, **more.resources},
        lists={**snapshot.lists, **more.lists},
    )


def _sides(one: Drifted) -> Sequence[Resource]:
    return (one.declared,) if one.live is None else (one.live, one.declared)
