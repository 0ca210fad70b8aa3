"""Load balancers behind another entry: which of their fronts lead to an ip configuration, and on which ports.

A firewall may translate to the front of an internal load balancer, and a Private Link service stands on one.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remediation.kinds import LOAD_BALANCER, VNET
from remediation.landing_zone.balancers import NAT_POOLS, forwarders, is_public
from remediation.model import Resource
from remediation.nsg.fields import parse_ports
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Target, Translation

_PROTOCOLS = {"tcp": frozenset({"tcp"}), "udp": frozenset({"udp"})}
_BOTH = frozenset({"tcp", "udp"})
_POOLS = ("properties.backendAddressPool.id", "properties.backendAddressPools[].id")


@dataclass(frozen=True, slots=True)
class InnerFront:
    """A front that forwards: `address` is its private one, "" where it has none or none that is known.

    `translation` is None where its ports cannot be read, `public` where the front says neither.
    """

    balancer: ResourceId
    rule: str
    frontend: str
    address: str
    network: str
    translation: Translation | None
    floating: bool
    public: bool | None


def inner_fronts(target: Target, around: Landscape) -> tuple[InnerFront, ...]:
    """Every front of a load balancer that leads to an ip configuration, public ones too."""
    found: dict[tuple[str, str], InnerFront] = {}
    for index in around.indexes(LOAD_BALANCER, target.network, _Index):
        for front in index.leading_to(target):
            found[front.balancer.key, front.rule] = front
    return tuple(found.values())


def composed(first: Translation, then: Translation | None) -> Translation | None:
    """Two translations in a row; None where what leaves the first does not meet the second."""
    if then is None:
        return None
    both = first.protocols & then.protocols
    if not both or (None not in (first.back, then.front) and first.back != then.front):
        return None
    return Translation(both, first.front, first.back if then.back is None else then.back)


class _Index:
    """What leads where, in a list of load balancers: by pool, by ip configuration, by address in a pool."""

    def __init__(self, balancers: Sequence[Resource]) -> None:
        self._by_pool: dict[str, list[InnerFront]] = defaultdict(list)
        self._by_configuration: dict[str, list[InnerFront]] = defaultdict(list)
        self._by_address: dict[str, list[InnerFront]] = defaultdict(list)
        for balancer in balancers:
            self._add(balancer)

    def leading_to(self, target: Target) -> Iterator[InnerFront]:
        yield from self._by_configuration.get(target.id.key, ())
        for pool in ids_at(target.configuration, "properties.loadBalancerBackendAddressPools[].id"):
            yield from self._by_pool.get(pool.key, ())
        for front in self._by_address.get(target.address or "", ()):
            if target.network is not None and front.network in ("", target.network.key):
                yield front

    def _add(self, balancer: Resource) -> None:
        fronts = dict(_named(balancer, "frontendIPConfigurations"))
        pools = dict(_named(balancer, "backendAddressPools"))
        for array, forwarder in forwarders(balancer):
            frontend = next(ids_at(forwarder, "properties.frontendIPConfiguration.id"), None)
            if array == NAT_POOLS or frontend is None:
                continue
            front = _front(balancer, forwarder, frontend, fronts.get(frontend.key, {}))
            for configuration in ids_at(forwarder, "properties.backendIPConfiguration.id"):
                self._by_configuration[configuration.key].append(front)
            for pool in (found for path in _POOLS for found in ids_at(forwarder, path)):
                self._of_pool(pool, pools.get(pool.key, {}), front)

    def _of_pool(self, pool: ResourceId, part: Mapping[str, Any], front: InnerFront) -> None:
        self._by_pool[pool.key].append(front)
        for configuration in ids_at(part, "properties.backendIPConfigurations[].id"):
            self._by_configuration[configuration.key].append(front)
        for address in values_at(part, "properties.loadBalancerBackendAddresses[].properties.ipAddress"):
            self._by_address[str(address)].append(front)


def _named(balancer: Resource, array: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The parts of a balancer by their ids, which a name stands for where a document leaves them out."""
    for part in values_at(balancer.body, f"properties.{array}[]"):
        name = part.get("name") if isinstance(part, Mapping) else None
        identity = next(ids_at(part, "id"), None)
        if identity is None and isinstance(name, str) and name:
            identity = balancer.id.child(array, name)
        if identity is not None:
            yield identity.key, part


def _front(
    balancer: Resource, forwarder: Mapping[str, Any], frontend: ResourceId, part: Mapping[str, Any]
) -> InnerFront:
    subnet = next(ids_at(part, "properties.subnet.id"), None)
    network = subnet.up_to(VNET) if subnet is not None else None
    return InnerFront(
        balancer=balancer.id,
        rule=str(forwarder.get("name") or ""),
        frontend=frontend.key,
        address=str(next(values_at(part, "properties.privateIPAddress"), "")),
        network=network.key if network is not None else "",
        translation=_translation(forwarder),
        floating=next(values_at(forwarder, "properties.enableFloatingIP"), None) is True,
        public=is_public(balancer, forwarder),
    )


def _translation(forwarder: Mapping[str, Any]) -> Translation | None:
    protocols = _PROTOCOLS.get(str(next(values_at(forwarder, "properties.protocol"), "all")).lower(), _BOTH)
    front, back = (_port(forwarder, side) for side in ("frontendPort", "backendPort"))
    if front is None or back is None:
        return None
    return Translation(protocols) if back == 0 else Translation(protocols, front, back)


def _port(forwarder: Mapping[str, Any], side: str) -> int | None:
    span = parse_ports(str(next(values_at(forwarder, f"properties.{side}"), "")))
    return span[0] if span is not None and span[1] - span[0] == 1 else None
