"""Load balancers: NAT rules of both versions, NAT pools, and rules to pools by interface or by address.

A balancer keeps the caller's address. With floating IP packets arrive with the front's address as their
destination (load balancer, floating IP). A cross-region balancer leads to the fronts of regional ones.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from remediation.kinds import LOAD_BALANCER, NAT_RULE
from remediation.model import Resource, Unread
from remediation.resource_id import ResourceId
from remediation.rule import ids_at
from remediation.ways.balancing import Balancer, Forwarder, Frontend, Member, Pool, read
from remediation.ways.entries.public_addresses import sku_of, text_of, version_of
from remediation.ways.entries.unlisted import unlisted
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target
from remediation.ways.way import Hop, Stop

_POOLS = "properties.loadBalancerBackendAddressPools[].id"
_NAT_RULES = "properties.loadBalancerInboundNatRules[].id"
_NAT_POOLS = "properties.loadBalancerInboundNatPools[].id"
_HOP = "load balancer"


def leads(target: Target, around: Landscape) -> Iterator[Lead]:
    """Everything in front of an ip configuration that forwards to it."""
    yield from unlisted("lb-rule", LOAD_BALANCER, target, around)
    named = _Named.by(target)
    for balancer in _balancers(target, named, around):
        if isinstance(balancer, Lead):
            yield balancer
        else:
            yield from _through(balancer, target, named, around)


def leads_from(balancer: Balancer, target: Target, around: Landscape) -> Iterator[Lead]:
    """The leads of one balancer alone."""
    yield from _through(balancer, target, _Named.by(target), around)


@dataclass(frozen=True, slots=True)
class _Named:
    """What an ip configuration says of balancers: keys of its pools, and of its NAT rules and NAT pools."""

    pools: frozenset[str]
    forwarders: frozenset[str]
    ids: tuple[ResourceId, ...]

    @classmethod
    def by(cls, target: Target) -> "_Named":
        pools = tuple(ids_at(target.configuration, _POOLS))
        rules = (*ids_at(target.configuration, _NAT_RULES), *ids_at(target.configuration, _NAT_POOLS))
        return cls(frozenset(one.key for one in pools), frozenset(one.key for one in rules), (*pools, *rules))


class _Index:
    """Which balancers of a list speak of an ip configuration or an address, and of a regional front."""

    def __init__(self, balancers: Sequence[Resource]) -> None:
        self.by_id: dict[str, Balancer] = {}
        self.by_configuration: dict[str, list[Balancer]] = defaultdict(list)
        self.by_address: dict[str, list[Balancer]] = defaultdict(list)
        self.in_front: dict[str, list[tuple[Balancer, Forwarder]]] = defaultdict(list)
        for document in balancers:
            self._add(read(document))

    def _add(self, balancer: Balancer) -> None:
        self.by_id[balancer.id.key] = balancer
        for pool in balancer.pools.values():
            for configuration in pool.configurations:
                self.by_configuration[configuration].append(balancer)
            for member in pool.addresses:
                self.by_address[member.address].append(balancer)
        for forwarder in balancer.forwarders:
            if forwarder.configuration:
                self.by_configuration[forwarder.configuration].append(balancer)
            for key in forwarder.pools if balancer.crosses_regions else ():
                for front in balancer.pools[key].frontends if key in balancer.pools else ():
                    self.in_front[front].append((balancer, forwarder))


def _indexes(target: Target, around: Landscape) -> Sequence[_Index]:
    return around.indexes(LOAD_BALANCER, target.network, _Index)


def _balancers(target: Target, named: _Named, around: Landscape) -> Iterator[Balancer | Lead]:
    """The balancers that speak of a target, or that it speaks of; a lead in doubt for one not read."""
    known: dict[str, Balancer] = {}
    for index in _indexes(target, around):
        found = (
            index.by_configuration.get(target.id.key, ()),
            index.by_address.get(target.address or "", ()),
        )
        known |= {one.id.key: one for each in found for one in each}
    wanted = {one.key: one for each in named.ids if (one := each.up_to(LOAD_BALANCER)) is not None}
    for key, identity in wanted.items():
        if key not in known:
            read_now = _named_one(identity, target, around)
            if isinstance(read_now, Lead):
                yield read_now
            elif read_now is not None:
                known[key] = read_now
    for key, balancer in known.items():
        if balancer.understood:
            yield balancer
        elif key in wanted:
            yield _doubtful(
                balancer.id, target, f"load balancer {balancer.id.name} came without its properties"
            )


def _named_one(identity: ResourceId, target: Target, around: Landscape) -> Balancer | Lead | None:
    for index in _indexes(target, around):
        if identity.key in index.by_id:
            return index.by_id[identity.key]
    document = around.get(identity)
    if isinstance(document, Unread):
        return _doubtful(identity, target, document.reason)
    return None if document is None else around.once(("balancer", identity.key), partial(read, document))


def _doubtful(balancer: ResourceId, target: Target, reason: str) -> Lead:
    return Lead("lb-rule", balancer, None, target.family, doubt=reason, through=(Hop(_HOP, balancer),))


def _through(balancer: Balancer, target: Target, named: _Named, around: Landscape) -> Iterator[Lead]:
    for forwarder in balancer.forwarders:
        reached = _reaches(balancer, forwarder, target, named)
        if reached is not None:
            yield from _leads(balancer, forwarder, reached, target, around)
    known = {forwarder.id.key for forwarder in balancer.forwarders}
    for identity in named.ids:
        missing = identity.type == NAT_RULE and identity.key not in known
        if (
            missing
            and identity.up_to(LOAD_BALANCER) == balancer.id
            and not _of_a_nat_pool(identity, balancer)
        ):
            yield _doubtful(balancer.id, target, f"NAT rule {identity.name} is not in {balancer.id.name}")


def _of_a_nat_pool(nat_rule: ResourceId, balancer: Balancer) -> bool:
    """Whether a NAT rule is an instance's share of a NAT pool, named `POOL.INSTANCE` (load balancer)."""
    pool = nat_rule.name.rpartition(".")[0].lower()
    return any(one.kind == "lb-nat-pool" and one.id.name.lower() == pool for one in balancer.forwarders)


@dataclass(frozen=True, slots=True)
class _Reached:
    """How a forwarder comes to a target: `down` by a pool's member that is switched off, `doubt` perhaps."""

    down: str = ""
    doubt: str = ""


def _reaches(balancer: Balancer, forwarder: Forwarder, target: Target, named: _Named) -> _Reached | None:
    """Whether a forwarder leads to a target; None where it certainly does not."""
    if target.id.key == forwarder.configuration or forwarder.id.key in named.forwarders:
        return _Reached()
    if forwarder.kind == "lb-nat-pool" and any(
        identity.up_to(LOAD_BALANCER) == balancer.id
        and identity.type == NAT_RULE
        and identity.name.rpartition(".")[0].lower() == forwarder.id.name.lower()
        for identity in named.ids
    ):
        return _Reached()
    found = [_in_pool(balancer.pools.get(key), key, target, named) for key in forwarder.pools]
    reached = [one for one in found if one is not None]
    return min(reached, key=lambda one: (bool(one.down), bool(one.doubt)), default=None)


def _in_pool(pool: Pool | None, key: str, target: Target, named: _Named) -> _Reached | None:
    if key in named.pools or (pool is not None and target.id.key in pool.configurations):
        return _Reached()
    for member in pool.addresses if pool is not None else ():
        if member.address == target.address and pool is not None:
            found = _by_address(member, pool, target)
            if found is not None:
                return found
    return None


def _by_address(member: Member, pool: Pool, target: Target) -> _Reached | None:
    if target.network is not None and member.network and member.network != target.network.key:
        return None
    down = f"its address is set to Down in {pool.id.name}" if member.down else ""
    if target.network is None or not member.network:
        return _Reached(
            down, f"in which network address {member.address} of {pool.id.name} lies is not known"
        )
    return _Reached(down)


def _leads(
    balancer: Balancer, forwarder: Forwarder, reached: _Reached, target: Target, around: Landscape
) -> Iterator[Lead]:
    """The leads of one forwarder: from its own front, and from cross-region balancers before that."""
    front = balancer.fronts.get(forwarder.frontend)
    lead = Lead(
        forwarder.kind,
        balancer.id,
        None,
        target.family,
        floating=forwarder.floating,
        sku=sku_of(balancer.resource),
        doubt=reached.doubt,
        stop=Stop(balancer.id, forwarder.id.name) if reached.down else None,
        why=reached.down,
        through=(Hop(_HOP, balancer.id, forwarder.id.name),),
    )
    if front is None or (front.public is None and not front.internal):
        what = (
            "its frontend cannot be read" if front is None else "its frontend says neither public nor private"
        )
        yield replace(lead, doubt=f"{forwarder.id.name} of {balancer.id.name} cannot be judged: {what}")
        return
    if front.public is None:
        return
    if forwarder.translation is None:
        why = f"{forwarder.id.name} of {balancer.id.name} cannot be judged: its ports cannot be read"
        yield from _from(replace(lead, doubt=why), front, around)
        return
    lead = replace(lead, translation=forwarder.translation)
    yield from _from(lead, front, around)
    in_front = {
        (before.id.key, rule.id.key): (before, rule)
        for index in _indexes(target, around)
        for before, rule in index.in_front.get(front.id.key, ())
    }
    for before, rule in in_front.values():
        if _meets(rule, forwarder):
            yield from _across(lead, before, rule, around)


def _from(lead: Lead, front: Frontend, around: Landscape) -> Iterator[Lead]:
    """The lead from a public front; none from one of the other family, which balancers do not join."""
    assert front.public is not None
    document = around.get(front.public)
    hops = (Hop("public IP", front.public), *lead.through)
    if not isinstance(document, Resource):
        why = document.reason if isinstance(document, Unread) else "it is not there"
        doubt = f"of which family {front.public.name} is, in front of {front.id.name}, is not known: {why}"
        yield replace(lead, through=hops, doubt=lead.doubt or doubt)
    elif version_of(document) == lead.family:
        address = text_of(document)  # none of a prefix, of which one address is taken
        keeps = lead.floating and address is None
        doubt = f"the address of front {front.id.name} is not known" if keeps else ""
        yield replace(lead, address=address, through=hops, doubt=lead.doubt or doubt)


def _meets(rule: Forwarder, forwarder: Forwarder) -> bool:
    """Whether what a cross-region rule sends on arrives at the front port of a regional one."""
    if rule.translation is None or forwarder.translation is None:
        return True
    if not rule.translation.protocols & forwarder.translation.protocols:
        return False
    return forwarder.translation.front is None or rule.translation.back in (None, forwarder.translation.front)


def _across(lead: Lead, before: Balancer, rule: Forwarder, around: Landscape) -> Iterator[Lead]:
    """The lead from the front of a cross-region balancer."""
    front = before.fronts.get(rule.frontend)
    if front is None or rule.translation is None:
        why = f"{rule.id.name} of cross-region balancer {before.id.name} cannot be read"
        yield replace(lead, doubt=why, through=(Hop(_HOP, before.id, rule.id.name), *lead.through))
        return
    if front.public is None:
        return
    both = rule.translation.protocols & lead.translation.protocols
    passed = replace(lead.translation, protocols=both, front=rule.translation.front or lead.translation.front)
    through = (Hop(_HOP, before.id, rule.id.name), *lead.through)
    yield from _from(replace(lead, translation=passed, through=through), front, around)
