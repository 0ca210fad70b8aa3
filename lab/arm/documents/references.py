"""Back references: what a resource shows about those that refer to it. The server alone keeps them.

An association is written on one side only (a subnet names its NSG); the other side (the NSG's
`subnets`) is derived here and never taken from a request. `ipConfigurations` and its kind are
absent, not empty, while nothing refers to the resource.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from lab.arm import ids
from lab.arm.documents.firewalls import of_firewalls
from lab.arm.documents.tree import Document, Reference, arranged, nodes, references

if TYPE_CHECKING:
    from collections.abc import Iterator

N = "microsoft.network/"
INSTANCE_NIC = "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces"
# member of the referring object -> (member of the object referred to, whether that one is a list)
FORWARD: dict[str, tuple[str, bool]] = {
    "subnet": ("ipConfigurations", True),
    "publicIPAddress": ("ipConfiguration", False),
    "publicIpAddresses": ("natGateway", False),
    "publicIpAddressesV6": ("natGateway", False),
    "publicIpPrefixes": ("natGateway", False),
    "publicIpPrefixesV6": ("natGateway", False),
    "natGateway": ("subnets", True),
    "routeTable": ("subnets", True),
    "serviceEndpointPolicies": ("subnets", True),
    "loadBalancerBackendAddressPools": ("backendIPConfigurations", True),
    "loadBalancerInboundNatRules": ("backendIPConfiguration", False),
    "applicationGatewayBackendAddressPools": ("backendIPConfigurations", True),
}
# What depends on who refers; these go before the above.
BY_HOLDER: dict[tuple[str, str], tuple[str, bool]] = {
    ("subnet", N + "privateendpoints"): ("privateEndpoints", True),
    ("subnet", N + "applicationgateways/gatewayipconfigurations"): (
        "applicationGatewayIPConfigurations",
        True,
    ),
    ("firewallPolicy", N + "azurefirewalls"): ("firewalls", True),
    ("virtualHub", N + "azurefirewalls"): ("azureFirewall", False),
    ("basePolicy", N + "firewallpolicies"): ("childPolicies", True),
    ("publicIPPrefix", N + "publicipaddresses"): ("publicIPAddresses", True),
    ("publicIPPrefix", N + "loadbalancers/frontendipconfigurations"): (
        "loadBalancerFrontendIpConfiguration",
        False,
    ),
    ("ddosProtectionPlan", N + "virtualnetworks"): ("virtualNetworks", True),
    ("targetResourceId", N + "networkwatchers/flowlogs"): ("flowLogs", True),
    ("networkSecurityGroup", N + "networkinterfaces"): ("networkInterfaces", True),
    ("networkSecurityGroup", INSTANCE_NIC): ("networkInterfaces", True),  # [?]
    ("networkSecurityGroup", N + "virtualnetworks/subnets"): ("subnets", True),
    ("frontendIPConfiguration", N + "loadbalancers/inboundnatrules"): ("inboundNatRules", True),
    ("frontendIPConfiguration", N + "loadbalancers/inboundnatpools"): ("inboundNatPools", True),
    ("frontendIPConfiguration", N + "loadbalancers/loadbalancingrules"): ("loadBalancingRules", True),
    ("frontendIPConfigurations", N + "loadbalancers/outboundrules"): ("outboundRules", True),
    ("backendAddressPool", N + "loadbalancers/loadbalancingrules"): ("loadBalancingRules", True),
    ("backendAddressPool", N + "loadbalancers/outboundrules"): ("outboundRules", True),
    ("backendAddressPool", N + "loadbalancers/inboundnatrules"): ("inboundNatRules", True),
    ("probe", N + "loadbalancers/loadbalancingrules"): ("loadBalancingRules", True),
}
REFERRING = frozenset({*FORWARD, *(member for member, _ in BY_HOLDER), "networkProfile"})
DERIVED: dict[str, frozenset[str]] = {
    N + "networksecuritygroups": frozenset({"networkInterfaces", "subnets", "flowLogs"}),
    N + "publicipprefixes": frozenset(
        {"publicIPAddresses", "loadBalancerFrontendIpConfiguration", "natGateway"}
    ),
    N + "ddosprotectionplans": frozenset({"virtualNetworks"}),
    N + "virtualnetworks": frozenset({"flowLogs"}),
    N + "publicipaddresses": frozenset({"ipConfiguration", "natGateway"}),
    N + "virtualnetworks/subnets": frozenset(
        {"ipConfigurations", "privateEndpoints", "applicationGatewayIPConfigurations"}
    ),
    N + "firewallpolicies": frozenset({"firewalls", "childPolicies", "ruleCollectionGroups"}),
    N + "ipgroups": frozenset({"firewalls", "firewallPolicies"}),
    N + "virtualhubs": frozenset({"azureFirewall"}),
    N + "applicationgateways/backendaddresspools": frozenset({"backendIPConfigurations"}),
    N + "routetables": frozenset({"subnets"}),
    N + "natgateways": frozenset({"subnets"}),
    N + "serviceendpointpolicies": frozenset({"subnets"}),
    N + "networkinterfaces": frozenset({"virtualMachine"}),
    N + "loadbalancers/frontendipconfigurations": frozenset(
        {"inboundNatRules", "inboundNatPools", "loadBalancingRules", "outboundRules"}
    ),
    N + "loadbalancers/backendaddresspools": frozenset(
        {"backendIPConfigurations", "loadBalancingRules", "outboundRules", "inboundNatRules"}
    ),
    N + "loadbalancers/inboundnatrules": frozenset({"backendIPConfiguration"}),
    N + "loadbalancers/probes": frozenset({"loadBalancingRules"}),
}
SINGULAR = frozenset(
    {"ipConfiguration", "natGateway", "backendIPConfiguration", "virtualMachine",
     "loadBalancerFrontendIpConfiguration", "azureFirewall"}
)  # fmt: skip
BACKEND = "loadBalancerBackendAddresses"
# Where a derived member stands among the others, as recorded.
ORDER: dict[str, tuple[str, ...]] = {
    N + "publicipaddresses": (
        "provisioningState", "resourceGuid", "ipAddress", "publicIPAddressVersion",
        "publicIPAllocationMethod", "idleTimeoutInMinutes", "dnsSettings", "ipTags",
        "ipConfiguration", "natGateway", "ddosSettings",
    ),
    N + "virtualnetworks/subnets": (
        "provisioningState", "addressPrefix", "addressPrefixes", "networkSecurityGroup", "routeTable",
        "natGateway", "ipConfigurations", "serviceEndpoints", "delegations",
    ),
}  # fmt: skip


def _targets(holder: Document) -> Iterator[tuple[str, str]]:
    properties = holder.get("properties") or {}
    if REFERRING.isdisjoint(properties):
        return
    kind = ids.node_type(holder["id"])
    if kind == "microsoft.compute/virtualmachines":
        for target in references((properties.get("networkProfile") or {}).get("networkInterfaces", [])):
            yield target, "virtualMachine"
    for member, value in properties.items():
        found = BY_HOLDER.get((member, kind)) or FORWARD.get(member)
        if found and member not in DERIVED.get(kind, ()):
            for target in [value] if isinstance(value, str) else references(value):
                yield target, found[0]


def outgoing(doc: Document) -> list[Reference]:
    """Everything a document refers to, by the objects inside it that do."""
    found = [
        Reference(target, member, holder["id"])
        for holder in nodes(doc)
        for target, member in _targets(holder)
    ]
    return found + list(of_firewalls(doc))


def declared(doc: Document) -> list[Reference]:
    """The back references a seeded document shows: they are true although their holders may be unknown."""
    found = []
    for node in nodes(doc):
        for member in DERIVED.get(ids.node_type(node["id"]), ()):
            value = (node.get("properties") or {}).get(member)
            found += [Reference(node["id"], member, holder) for holder in references(value or [])]
    return found


def undecorated(value: Any) -> Any:
    """A copy without derived members: what a request or a seed says about them is not stored."""
    if isinstance(value, list):
        return [undecorated(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: undecorated(item) for key, item in value.items()}
    if isinstance(copy.get("id"), str) and isinstance(copy.get("properties"), dict):
        hidden = DERIVED.get(ids.node_type(copy["id"]), frozenset())
        copy["properties"] = {key: item for key, item in copy["properties"].items() if key not in hidden}
    return copy


def _keyed(references: list[Reference]) -> dict[tuple[str, str, str], Reference]:
    return {(each.target.lower(), each.member, each.holder.lower()): each for each in references}


type Incoming = dict[str, dict[str, dict[str, str]]]


class ReferenceIndex:
    """Who refers to whom, kept by the document that refers (`owner`, a key)."""

    def __init__(self) -> None:
        self._by_owner: dict[str, list[Reference]] = {}
        self._incoming: defaultdict[str, Incoming] = defaultdict(dict)

    def replace(self, owner: str, now: list[Reference]) -> set[str]:
        """Set what `owner` refers to; returns the keys of documents that look different now."""
        before, after = _keyed(self._by_owner.pop(owner, [])), _keyed(now)
        if now:
            self._by_owner[owner] = now
        gone = [each for key, each in before.items() if key not in after]
        new = [each for key, each in after.items() if key not in before]
        for each in gone:
            shown = self._incoming[ids.root(each.target)].get(each.target.lower(), {}).get(each.member, {})
            shown.pop(each.holder.lower(), None)
        for each in new:
            node = self._incoming[ids.root(each.target)].setdefault(each.target.lower(), {})
            node.setdefault(each.member, {})[each.holder.lower()] = each.holder
        return {ids.root(each.target) for each in (*gone, *new)}

    def add(self, owner: str, more: list[Reference]) -> set[str]:
        return self.replace(owner, [*self._by_owner.get(owner, []), *more])

    def incoming(self, key: str) -> Incoming:
        """For a document: node id (lower case) -> member -> the holders."""
        return self._incoming.get(key, {})

    def holders(self, node_id: str, member: str) -> list[str]:
        """The ids that refer to one node under one member, oldest first."""
        return list(
            self._incoming.get(ids.root(node_id), {}).get(node_id.lower(), {}).get(member, {}).values()
        )


def _shown(member: str, holders: list[str]) -> Any:
    return {"id": holders[-1]} if member in SINGULAR else [{"id": holder} for holder in holders]


def decorated(value: Any, incoming: Incoming) -> Any:
    """A copy of a document that shows its back references."""
    if isinstance(value, list):
        return [decorated(item, incoming) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: decorated(item, incoming) for key, item in value.items()}
    own = incoming.get(str(copy.get("id", "")).lower())
    if own and isinstance(copy.get("properties"), dict):
        derived = {
            member: _shown(member, list(holders.values())) for member, holders in own.items() if holders
        }
        order = ORDER.get(ids.node_type(copy["id"]), ())
        copy["properties"] = arranged(copy["properties"] | derived, order)
    if isinstance(copy.get("properties"), dict) and BACKEND in copy["properties"]:
        copy["properties"] = copy["properties"] | {BACKEND: _backend(copy["properties"])}
    return copy


def _backend(pool: Document) -> list[Document]:
    """The addresses of a pool: those written into it, and one for each interface that joined it.

    The names of the latter are as users report them, the rest of their shape is the SDK's [?].
    """
    joined = {each["id"].lower(): each["id"] for each in pool.get("backendIPConfigurations", ())}
    kept = [each for each in pool[BACKEND] if _joining(each) in joined or _is_written(each)]
    listed = {_joining(each) for each in kept}
    return kept + [
        _joined(holder)
        for key, holder in joined.items()
        if key not in listed and key.startswith(ids.root(key) + "/ipconfigurations/")
    ]


def _is_written(address: Document) -> bool:
    """Whether an address says where it is: tools send back those of joined interfaces as mere names."""
    told = ("ipAddress", "loadBalancerFrontendIPConfiguration", "virtualNetwork", "subnet")
    return not _joining(address) and any((address.get("properties") or {}).get(each) for each in told)


def _joining(address: Document) -> str:
    """The key of the IP configuration an address of a pool stands for; empty if it was written there."""
    found = (address.get("properties") or {}).get("networkInterfaceIPConfiguration") or {}
    return str(found.get("id", "")).lower()


def _joined(holder: str) -> Document:
    path = ids.parse(holder)
    name = f"{path.group}_{''.join(path.names)}"
    return {"name": name, "properties": {"networkInterfaceIPConfiguration": {"id": holder}}}
