"""From which prefixes something in a subnet sends, where it puts its own address in."""

from collections.abc import Iterable, Mapping

from remediation.landing_zone.subnets import subnet_prefixes
from remediation.model import Resource, Unread
from remediation.nsg.spaces.addresses import FAMILIES, Family, parse_addresses
from remediation.nsg.spaces.sets import intersect
from remediation.resource_id import ResourceId
from remediation.ways.landscape import Landscape

ANY_PRIVATE: Mapping[Family, tuple[str, ...]] = {
    "ipv4": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    "ipv6": ("fc00::/7",),
}
"""Stands for an address of a network of which more is not known: a lead with it is in doubt."""


def prefixes_seen(
    subnets: Iterable[ResourceId], family: Family, around: Landscape
) -> tuple[tuple[str, ...], str]:
    """The prefixes of some subnets in a family, and why they are not known; "" where they are.

    Where they are not, any private address stands for them.
    """
    found: list[str] = []
    for identity in subnets:
        document = around.get(identity)
        if isinstance(document, Resource):
            found += subnet_prefixes(document)
        elif isinstance(document, Unread):
            return ANY_PRIVATE[
                family
            ], f"the prefixes of subnet {identity.name} are not known: {document.reason}"
    inside = of_family(found, family)
    if inside:
        return inside, ""
    return ANY_PRIVATE[family], "from which addresses it sends is not known"


def of_family(prefixes: Iterable[str], family: Family) -> tuple[str, ...]:
    """Those of some prefixes that can be read and belong to a family."""
    spans = ((text, parse_addresses(text.strip())) for text in prefixes)
    return tuple(text for text, span in spans if span is not None and intersect(span, FAMILIES[family]))
