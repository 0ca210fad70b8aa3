"""Private Link services that approve anybody: a customer of Azure comes in through an endpoint of his own.

Such callers have no public address: `sources` stays empty, and the machine sees the addresses of the
service's own subnet. Where a connection has to be approved first the way is closed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from remediation.kinds import PRIVATE_LINK_SERVICE, VNET
from remediation.model import Resource
from remediation.nsg.spaces.sets import EMPTY
from remediation.ways.entries.unlisted import unlisted
from remediation.ways.fronts.inner_fronts import inner_fronts
from remediation.ways.fronts.private_link import asks_first, destination_of, fronts_of, subnets_of
from remediation.ways.landscape import Landscape
from remediation.ways.lead import UNCHANGED, Lead, Target
from remediation.ways.networks.subnets import prefixes_seen
from remediation.ways.way import Hop, Kind, Stop

_KIND: Kind = "private-link"
_HOP = "private link service"


def leads(target: Target, around: Landscape) -> Iterator[Lead]:
    """The Private Link services whose fronts, or whose destination, lead to a target."""
    yield from unlisted(_KIND, PRIVATE_LINK_SERVICE, target, around)
    for index in around.indexes(PRIVATE_LINK_SERVICE, target.network, _Index):
        for front in inner_fronts(target, around) if index.by_front else ():
            for service in index.by_front.get(front.frontend, ()):
                lead = _lead(service, target, around)
                hop = Hop("load balancer", front.balancer, front.rule)
                unread = "" if front.translation else f"the ports of {front.rule} cannot be read"
                yield replace(
                    lead,
                    translation=front.translation or UNCHANGED,
                    floating=front.floating,
                    through=(*lead.through, hop),
                    doubt=lead.doubt or unread,
                )
        for service in index.by_address.get(target.address or "", ()) if target.address else ():
            if target.network in {subnet.up_to(VNET) for subnet in subnets_of(service)}:
                yield _lead(service, target, around)
        for service in index.bare:
            why = f"private link service {service.id.name} came without its properties"
            yield Lead(_KIND, service.id, None, target.family, sources=EMPTY, doubt=why)


class _Index:
    """The services of a list by the fronts and the addresses that they lead to."""

    def __init__(self, services: Sequence[Resource]) -> None:
        self.by_front: dict[str, list[Resource]] = {}
        self.by_address: dict[str, list[Resource]] = {}
        self.bare = [service for service in services if service.properties() is None]
        for service in services:
            for front in fronts_of(service):
                self.by_front.setdefault(front, []).append(service)
            if address := destination_of(service):
                self.by_address.setdefault(address, []).append(service)


def _lead(service: Resource, target: Target, around: Landscape) -> Lead:
    seen_as, unseen = prefixes_seen(subnets_of(service), target.family, around)
    why = asks_first(service)
    return Lead(
        kind=_KIND,
        entry=service.id,
        address=None,
        family=target.family,
        sources=EMPTY,
        seen_as=seen_as,
        sku="standard",
        doubt="" if why else unseen,
        stop=Stop(service.id) if why else None,
        why=why,
        through=(Hop(_HOP, service.id),),
    )
