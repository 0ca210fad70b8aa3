"""Back references that an estate's documents lack, made from the forward ones.

ARM's server shows on a subnet which ip configurations lie in it, on an NSG what it is attached to, on a
public IP who holds it. Infrastructure code, some exports and hand-made files have only the forward half.
What a document says already is kept; only what is missing is added.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from remediation.errors import InvalidResourceId
from remediation.kinds import (
    API_MANAGEMENT,
    APPLICATION_GATEWAY,
    AZURE_FIREWALL,
    BASTION,
    FIREWALL_POLICY,
    LOAD_BALANCER,
    NAT_GATEWAY,
    NIC,
    RULE_COLLECTION_GROUP,
    SCALE_SET_NIC,
    SCALE_SET_PUBLIC_IP,
    SUBNET,
    VIRTUAL_MACHINE,
)
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import values_at

type Finder = Callable[[ResourceId], Resource | None]
type Document = dict[str, Any]


class Back(NamedTuple):
    """A back reference: member `field` of `target`, a list of references or (`many` false) just one."""

    target: str
    field: str
    many: bool = True


# type -> forward reference under `properties` -> its back reference
_FORWARD: Mapping[str, Mapping[str, tuple[str, bool]]] = {
    NIC: {"networkSecurityGroup.id": ("networkInterfaces", True)},
    SCALE_SET_NIC: {"networkSecurityGroup.id": ("networkInterfaces", True)},
    SUBNET: {
        "networkSecurityGroup.id": ("subnets", True),
        "routeTable.id": ("subnets", True),
        "natGateway.id": ("subnets", True),
    },
    NAT_GATEWAY: {"publicIpAddresses[].id": ("natGateway", False)},
    VIRTUAL_MACHINE: {"networkProfile.networkInterfaces[].id": ("virtualMachine", False)},
    API_MANAGEMENT: {"virtualNetworkConfiguration.subnetResourceId": ("resourceNavigationLinks", True)},
    AZURE_FIREWALL: {
        "firewallPolicy.id": ("firewalls", True),
        "virtualHub.id": ("azureFirewall", False),
        "natRuleCollections[].properties.rules[].sourceIpGroups[]": ("firewalls", True),
    },
    FIREWALL_POLICY: {"basePolicy.id": ("childPolicies", True)},
}
# What the id of a resource says of the one it lies in: the member of its own that names it.
_OF_PARENT = {SCALE_SET_NIC: "virtualMachine", SCALE_SET_PUBLIC_IP: "ipConfiguration"}
# The same for the ip configurations that many types have.
_OF_CONFIGURATION = (
    ("properties.subnet.id", "ipConfigurations", True),
    ("properties.publicIPAddress.id", "ipConfiguration", False),
    ("properties.loadBalancerBackendAddressPools[].id", "backendIPConfigurations", True),
    ("properties.loadBalancerInboundNatRules[].id", "backendIPConfiguration", False),
    ("properties.applicationGatewayBackendAddressPools[].id", "backendIPConfigurations", True),
)
_OF_GATEWAY = (("properties.subnet.id", "applicationGatewayIPConfigurations", True),)
_ARRAYS = {
    "ipConfigurations": _OF_CONFIGURATION,
    "frontendIPConfigurations": _OF_CONFIGURATION,
    "gatewayIPConfigurations": (*_OF_CONFIGURATION, *_OF_GATEWAY),
}
# Where the path segment of an ip configuration is not the name of its array.
_SEGMENTS = {
    BASTION: "bastionHostIpConfigurations",
    AZURE_FIREWALL: "azureFirewallIpConfigurations",
}
# Whose parts ip configurations refer to: pools and rules, which no document holds by itself.
_WITH_PARTS = (LOAD_BALANCER, APPLICATION_GATEWAY)


def link(resources: Iterable[Resource], find: Finder) -> None:
    """Add to documents, in place, the back references they lack; `find` gives a document by its id."""
    wanted: dict[Back, list[str]] = defaultdict(list)
    for resource in resources:
        for back, source in _backs(resource):
            wanted[back].append(source)
    for back, sources in wanted.items():
        properties = _properties(back.target, find)
        if properties is not None:
            _add(properties, back, sources)


def _backs(resource: Resource) -> Iterator[tuple[Back, str]]:
    properties = resource.properties()
    for path, (field, many) in _FORWARD.get(resource.id.type, {}).items():
        for target in _texts(properties, path):
            yield Back(target.lower(), field, many), resource.id.text
    yield from _of_place(resource.id)
    if resource.id.type == SUBNET:
        return
    for array, forward in _ARRAYS.items() if isinstance(properties, Mapping) else ():
        for item in values_at(properties, f"{array}[]") if array in properties else ():
            own = _id_of(item, resource.id, array)
            for path, field, many in forward:
                for target in _texts(item, path):
                    yield Back(target.lower(), field, many), own


def _of_place(identity: ResourceId) -> Iterator[tuple[Back, str]]:
    """What the place of a resource says of it and of the one it lies in."""
    parent = identity.parent
    if parent is not None and identity.type in _OF_PARENT:
        yield Back(identity.key, _OF_PARENT[identity.type], many=False), parent.text
    if parent is not None and identity.type == RULE_COLLECTION_GROUP:
        yield Back(parent.key, "ruleCollectionGroups"), identity.text


def _texts(value: Any, path: str) -> Iterator[str]:
    return (found for found in values_at(value, path) if isinstance(found, str))


def _id_of(configuration: Any, owner: ResourceId, array: str) -> str:
    """An ip configuration's id; made from its name where a file leaves it out."""
    named = configuration if isinstance(configuration, Mapping) else {}
    identity = named.get("id")
    segment = _SEGMENTS.get(owner.type, array)
    return (
        identity if isinstance(identity, str) else f"{owner.text}/{segment}/{named.get('name') or 'default'}"
    )


def _properties(target: str, find: Finder) -> Document | None:
    """The properties of a resource, or of a part of a load balancer or gateway; None when it is not there."""
    try:
        identity = ResourceId.parse(target)
    except InvalidResourceId:
        return None
    whole = next((found for kind in _WITH_PARTS if (found := identity.up_to(kind))), identity)
    holder = find(whole)
    document = None if holder is None else holder.body
    if holder is not None and holder.id != identity:
        document = _part(holder, identity)
    properties = document.get("properties") if isinstance(document, Mapping) else None
    return properties if isinstance(properties, dict) else None


def _part(holder: Resource, part: ResourceId) -> Document | None:
    """A balancer's or gateway's pool or rule, by the last two segments of its id."""
    array = part.type.rpartition("/")[2]
    for field, items in (holder.properties() or {}).items():
        if field.lower() == array and isinstance(items, list):
            for item in items:
                if isinstance(item, dict) and str(item.get("name")).lower() == part.name.lower():
                    return item
    return None


def _add(properties: Document, back: Back, sources: list[str]) -> None:
    there = properties.get(back.field)
    if not back.many:
        if there is None:
            properties[back.field] = {"id": sources[0]}
        return
    if there is None:
        there = properties[back.field] = []
    if not isinstance(there, list):
        return
    known = {identity.lower() for identity in _texts({"there": there}, "there[].id")}
    for source in sources:
        if source.lower() not in known:
            known.add(source.lower())
            there.append({"id": source})
