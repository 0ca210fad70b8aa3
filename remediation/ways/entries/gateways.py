"""Application Gateway: a layer-4 listener passes a public port on to machines of its pool.

The machine sees an address of the gateway's subnet (proxy protocol header: the gateway puts its own source
in). Who comes to the listener at all is sifted before that, see `listening`.
"""

from collections.abc import Iterator, Sequence

from remediation.kinds import APPLICATION_GATEWAY
from remediation.model import Resource
from remediation.rule import ids_at
from remediation.ways.entries.public_addresses import text_of
from remediation.ways.entries.unlisted import unlisted
from remediation.ways.fronts.gateway import Listener, listeners, without_a_listener
from remediation.ways.fronts.listening import SUBNETS, let_in
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target, Translation
from remediation.ways.networks.joined import Disputed, Joined, joined, place_in
from remediation.ways.networks.subnets import prefixes_seen
from remediation.ways.way import Hop, Kind

_KIND: Kind = "appgw-listener"
_HOP = "gateway"
_TCP = frozenset({"tcp"})
_POOLS = "properties.applicationGatewayBackendAddressPools[].id"
_REFUSED = (
    "group {} of the gateway's subnet does not let them in on port {}, if it is asked for a public front"
)


def leads(target: Target, around: Landscape) -> Iterator[Lead]:
    """The layer-4 listeners whose pools hold a target, by its address or by its interface."""
    yield from unlisted(_KIND, APPLICATION_GATEWAY, target, around)
    for index in around.indexes(APPLICATION_GATEWAY, target.network, _Index):
        for gateway, why in index.unread:
            if _joined(gateway, target, around) is not False:
                yield _doubtful(gateway, target, why)
        named = {one.key for one in ids_at(target.configuration, _POOLS)} if index.listeners else set()
        for gateway, listener in index.listeners:
            reached = _reaches(gateway, listener, target, named, around)
            if reached is not None:
                yield from _from(gateway, listener, reached, target, around)


class _Index:
    """The listeners of the gateways of a list, and gateways of which not all listeners are known."""

    def __init__(self, gateways: Sequence[Resource]) -> None:
        self.listeners = [(gateway, one) for gateway in gateways for one in listeners(gateway)]
        self.unread = [
            (gateway, f"gateway {gateway.id.name} came without its properties")
            for gateway in gateways
            if gateway.properties() is None
        ]
        self.unread += [(gateway, why) for gateway in gateways for why in without_a_listener(gateway)]


def _joined(gateway: Resource, target: Target, around: Landscape) -> Joined:
    return joined(place_in(ids_at(gateway.body, SUBNETS), around), target, around)


def _doubtful(gateway: Resource, target: Target, why: str) -> Lead:
    hops = (Hop(_HOP, gateway.id),)
    how = "export it with its listeners, rules, settings and pools"
    return Lead(_KIND, gateway.id, None, target.family, doubt=f"{why}; {how}", through=hops)


def _reaches(
    gateway: Resource, listener: Listener, target: Target, named: set[str], around: Landscape
) -> str | None:
    """Whether a listener leads to a target: "" where it does, a doubt, None where it certainly does not.

    `named` are the keys of the pools that the target's interface names.
    """
    pool = listener.pool
    if pool is not None and (pool.key in named or target.id.key in pool.configurations):
        return ""
    by_address = pool is not None and target.address is not None and target.address in pool.addresses
    if not by_address and pool is not None and not pool.names:
        return None
    way = _joined(gateway, target, around)
    if way is False:
        return None
    if isinstance(way, str):
        return way
    if by_address:
        return ""
    if pool is None:
        return f"the pool of listener {listener.name} cannot be read"
    return f"{pool.names[0]} in its pool may be this machine; which address it stands for is in no document"


def _from(
    gateway: Resource, listener: Listener, doubt: str, target: Target, around: Landscape
) -> Iterator[Lead]:
    seen_as, unseen = prefixes_seen(ids_at(gateway.body, SUBNETS), target.family, around)
    hop = Hop(_HOP, gateway.id, listener.name)
    for identity in listener.public or (None,):
        public = None if identity is None else around.get(identity)
        hops = (hop,) if identity is None else (Hop("public IP", identity), hop)
        passed = let_in(gateway, listener, public, around)
        yield Lead(
            kind=_KIND,
            entry=gateway.id,
            address=text_of(public) if isinstance(public, Resource) else None,
            family=target.family,
            translation=Translation(_TCP, "?" if listener.port is None else listener.port, listener.back),
            sources=passed.sources,
            unsure=passed.unsure,
            seen_as=seen_as,
            sku="standard",
            doubt=doubt or listener.doubt or unseen,
            apart=isinstance(doubt, Disputed),
            why=passed.why,
            through=hops,
        )
