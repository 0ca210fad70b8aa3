"""A load balancer's document, read once: its fronts, its pools, and what forwards from one to the other.

Outbound rules let nothing in and are not read. Parts are known by the balancer's id, the array and the name,
lower-cased, as references spell them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from remediation.kinds import VNET
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at
from remediation.ways.lead import Translation
from remediation.ways.way import Kind

NAT_RULES, NAT_POOLS, RULES = "inboundNatRules", "inboundNatPools", "loadBalancingRules"
_KINDS: Mapping[str, Kind] = {NAT_RULES: "lb-nat-rule", NAT_POOLS: "lb-nat-pool", RULES: "lb-rule"}
_PROTOCOLS = {"tcp": frozenset({"tcp"}), "udp": frozenset({"udp"}), "all": frozenset({"tcp", "udp"})}
_EVERYTHING = Translation()


@dataclass(frozen=True, slots=True)
class Frontend:
    """A front: `public` is its address, or the prefix that is from; `internal`: it has a private one.

    `address` is the private one and `network` the key of the network it lies in, "" where not known.
    """

    id: ResourceId
    public: ResourceId | None
    internal: bool
    address: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """An address in a pool; `network` is the key of the network it lies in, "" where none is named."""

    address: str
    network: str
    down: bool


@dataclass(frozen=True, slots=True)
class Pool:
    """Who is in a pool: keys of ip configurations, addresses, and (cross-region) keys of regional fronts."""

    id: ResourceId
    configurations: frozenset[str] = frozenset()
    addresses: tuple[Member, ...] = ()
    frontends: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Forwarder:
    """A NAT rule, NAT pool or rule: from a front to pools, or to one ip configuration.

    `translation` is None where its ports or its protocol cannot be read.
    """

    kind: Kind
    id: ResourceId
    frontend: str
    translation: Translation | None
    floating: bool
    pools: frozenset[str]
    configuration: str

    @property
    def front_port(self) -> int | str | None:
        return None if self.translation is None else self.translation.front


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer as far as ways lead through it."""

    resource: Resource
    fronts: Mapping[str, Frontend]
    pools: Mapping[str, Pool]
    forwarders: tuple[Forwarder, ...]
    array_of: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> ResourceId:
        return self.resource.id

    @property
    def understood(self) -> bool:
        """Whether the document came with its properties."""
        return isinstance(self.resource.properties(), Mapping)

    @property
    def crosses_regions(self) -> bool:
        return str(self.resource.at("sku", "tier")).lower() == "global"


def read(balancer: Resource) -> Balancer:
    """What a balancer's document says."""
    fronts = {one.id.key: one for one in _fronts(balancer)}
    pools = {one.id.key: one for one in _pools(balancer)}
    return Balancer(balancer, fronts, pools, tuple(_forwarders(balancer)))


def _parts(balancer: Resource, array: str) -> Iterator[tuple[ResourceId, Mapping[str, Any]]]:
    """The elements of an array, each with its id; one with neither name nor id cannot be referred to."""
    for part in values_at(balancer.body, f"properties.{array}[]"):
        if not isinstance(part, Mapping):
            continue
        name = part.get("name")
        named = balancer.id.child(array, name) if isinstance(name, str) and name else None
        identity = named or next(ids_at(part, "id"), None)
        if identity is not None:
            yield identity, part


def _fronts(balancer: Resource) -> Iterator[Frontend]:
    for identity, part in _parts(balancer, "frontendIPConfigurations"):
        public = next(
            (
                found
                for name in ("publicIPAddress", "publicIPPrefix")
                for found in ids_at(part, f"properties.{name}.id")
            ),
            None,
        )
        subnet = next(ids_at(part, "properties.subnet.id"), None)
        network = subnet.up_to(VNET) if subnet is not None else None
        address = str(next(values_at(part, "properties.privateIPAddress"), ""))
        internal = subnet is not None or bool(address)
        yield Frontend(identity, public, internal, address, network.key if network else "")


def _pools(balancer: Resource) -> Iterator[Pool]:
    for identity, part in _parts(balancer, "backendAddressPools"):
        whole = next(ids_at(part, "properties.virtualNetwork.id"), None)
        configurations = {one.key for one in ids_at(part, "properties.backendIPConfigurations[].id")}
        addresses, frontends = [], set()
        for entry in values_at(part, "properties.loadBalancerBackendAddresses[].properties"):
            configurations |= {one.key for one in ids_at(entry, "networkInterfaceIPConfiguration.id")}
            frontends |= {one.key for one in ids_at(entry, "loadBalancerFrontendIPConfiguration.id")}
            member = _member(entry, whole)
            if member is not None:
                addresses.append(member)
        yield Pool(identity, frozenset(configurations), tuple(addresses), frozenset(frontends))


def _member(entry: Any, whole: ResourceId | None) -> Member | None:
    address = next(values_at(entry, "ipAddress"), None)
    if not isinstance(address, str) or not address:
        return None
    subnet = next(ids_at(entry, "subnet.id"), None)
    network = next(ids_at(entry, "virtualNetwork.id"), None) or (subnet.parent if subnet else None) or whole
    down = str(next(values_at(entry, "adminState"), "")).lower() == "down"
    return Member(address, network.key if network else "", down)


def _forwarders(balancer: Resource) -> Iterator[Forwarder]:
    for array, kind in _KINDS.items():
        for identity, part in _parts(balancer, array):
            pools = [
                *ids_at(part, "properties.backendAddressPool.id"),
                *ids_at(part, "properties.backendAddressPools[].id"),
            ]
            front = next(ids_at(part, "properties.frontendIPConfiguration.id"), None)
            leads_to = next(ids_at(part, "properties.backendIPConfiguration.id"), None)
            yield Forwarder(
                kind=kind,
                id=identity,
                frontend=front.key if front else "",
                translation=_translation(part),
                floating=next(values_at(part, "properties.enableFloatingIP"), None) is True,
                pools=frozenset(pool.key for pool in pools),
                configuration=leads_to.key if leads_to else "",
            )


def _translation(part: Mapping[str, Any]) -> Translation | None:
    protocols = _PROTOCOLS.get(str(next(values_at(part, "properties.protocol"), "all")).lower())
    back = _number(next(values_at(part, "properties.backendPort"), None))
    if protocols is None or back is None:
        return None
    if back == 0:  # every port (HA ports), which only the protocol All can have
        return Translation(protocols)
    front = _front(part)
    return None if front is None else Translation(protocols, front, back)


def _front(part: Mapping[str, Any]) -> int | str | None:
    """The port in front; of a rule for a pool the range that its machines share."""
    start = _number(next(values_at(part, "properties.frontendPortRangeStart"), None))
    end = _number(next(values_at(part, "properties.frontendPortRangeEnd"), None))
    if start and end:
        return f"{start}-{end}"
    return _number(next(values_at(part, "properties.frontendPort"), None))


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if type(value) is int else None
