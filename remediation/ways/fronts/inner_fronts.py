"""Load balancers behind another entry: which of their fronts lead to an ip configuration, and on which ports.

A firewall may translate to the front of an internal load balancer, and a Private Link service stands on one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.kinds import LOAD_BALANCER
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at
from remediation.ways.balancing import Balancer, Forwarder, Pool, read
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Target, Translation


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
        for document in balancers:
            self._add(read(document))

    def leading_to(self, target: Target) -> Iterator[InnerFront]:
        yield from self._by_configuration.get(target.id.key, ())
        for pool in ids_at(target.configuration, "properties.loadBalancerBackendAddressPools[].id"):
            yield from self._by_pool.get(pool.key, ())
        for front in self._by_address.get(target.address or "", ()):
            if target.network is not None and front.network in ("", target.network.key):
                yield front

    def _add(self, balancer: Balancer) -> None:
        for forwarder in balancer.forwarders:
            if forwarder.kind == "lb-nat-pool" or not forwarder.frontend:
                continue
            front = _front(balancer, forwarder)
            if forwarder.configuration:
                self._by_configuration[forwarder.configuration].append(front)
            for key in forwarder.pools:
                self._of_pool(key, balancer.pools.get(key), front)

    def _of_pool(self, key: str, pool: Pool | None, front: InnerFront) -> None:
        self._by_pool[key].append(front)
        for configuration in pool.configurations if pool is not None else ():
            self._by_configuration[configuration].append(front)
        for member in pool.addresses if pool is not None else ():
            self._by_address[member.address].append(front)


def _front(balancer: Balancer, forwarder: Forwarder) -> InnerFront:
    front = balancer.fronts.get(forwarder.frontend)
    public = None if front is None or (front.public is None and not front.internal) else bool(front.public)
    return InnerFront(
        balancer=balancer.id,
        rule=forwarder.id.name,
        frontend=forwarder.frontend,
        address=front.address if front is not None else "",
        network=front.network if front is not None else "",
        translation=forwarder.translation,
        floating=forwarder.floating,
        public=public,
    )
