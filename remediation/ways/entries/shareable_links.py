"""Shareable links of Bastion: whoever holds one reaches a machine without an account in Azure.

Whether a link exists to a machine no document shows, so that such a way is in doubt.
"""

from collections.abc import Iterator

from remediation.kinds import BASTION
from remediation.landing_zone.bastion.host import PUBLIC_IPS, SUBNETS, is_on, network_id, sku_of
from remediation.landing_zone.facts import BASTION_SWITCHES
from remediation.landing_zone.joining.carrying import Place
from remediation.model import Resource, UndecidedError
from remediation.rule import ids_at
from remediation.ways.entries.public_addresses import text_of
from remediation.ways.entries.unlisted import unlisted
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target, Translation
from remediation.ways.networks.joined import joined, place_in
from remediation.ways.networks.subnets import prefixes_seen
from remediation.ways.way import Hop, Kind

_KIND: Kind = "shareable-link"
_SWITCH = "enableShareableLink"
_HTTPS = 443
_THROUGH_THE_PORTAL = Translation(frozenset({"tcp"}), _HTTPS, None)
_UNTOLD = "whether a shareable link of {} leads to it no document shows: look at the host's shareable links"


def leads(target: Target, around: Landscape) -> Iterator[Lead]:
    """The hosts with shareable links from which a target's network is reached."""
    if target.family != "ipv4":  # Bastion reaches machines over IPv4
        return
    yield from unlisted(_KIND, BASTION, target, around)
    for host in around.all_of(BASTION, target.network).resources:
        if is_on(host, _SWITCH) and _may_offer(host):
            way = joined(_place_of(host, around), target, around)
            if way is not False:
                yield _lead(host, target, around, way if isinstance(way, str) else "")


def _may_offer(host: Resource) -> bool:
    """Whether its SKU offers shareable links; one that is not known may."""
    try:
        return sku_of(host) in BASTION_SWITCHES[_SWITCH]
    except UndecidedError:
        return True


def _place_of(host: Resource, around: Landscape) -> Place | None:
    """Where a host stands; one of the shared pool is as good as in the network that it serves."""
    network = network_id(host)
    return place_in(ids_at(host.body, SUBNETS), around) or (Place(network) if network is not None else None)


def _lead(host: Resource, target: Target, around: Landscape, doubt: str) -> Lead:
    seen_as, _ = prefixes_seen(ids_at(host.body, SUBNETS), target.family, around)
    public = next(ids_at(host.body, PUBLIC_IPS), None)
    address = None if public is None else around.get(public)
    told = _UNTOLD.format(host.id.name)
    return Lead(
        kind=_KIND,
        entry=host.id,
        address=text_of(address) if isinstance(address, Resource) else None,
        family=target.family,
        translation=_THROUGH_THE_PORTAL,
        seen_as=seen_as,
        sku="standard",
        doubt=f"{told}; {doubt}" if doubt else told,
        through=(Hop("Bastion", host.id),),
    )
