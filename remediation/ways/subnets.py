"""From which prefixes something in a subnet sends, where it puts its own address in."""

from collections.abc import Iterable

from remediation.landing_zone.surroundings import subnet_prefixes
from remediation.model import Resource, Unread
from remediation.nsg.spaces.addresses import FAMILIES, Family, parse_addresses
from remediation.nsg.spaces.sets import intersect
from remediation.resource_id import ResourceId
from remediation.ways.landscape import Landscape


def prefixes_seen(
    subnets: Iterable[ResourceId], family: Family, around: Landscape
) -> tuple[tuple[str, ...], str]:
    """The prefixes of some subnets in a family, and why they are not known; "" where they are."""
    found: list[str] = []
    for identity in subnets:
        document = around.get(identity)
        if isinstance(document, Resource):
            found += subnet_prefixes(document)
        elif isinstance(document, Unread):
            return (), f"the prefixes of subnet {identity.name} are not known: {document.reason}"
    inside = of_family(found, family)
    return inside, "" if inside else "from which addresses it sends is not known"


def of_family(prefixes: Iterable[str], family: Family) -> tuple[str, ...]:
    """Those of some prefixes that can be read and belong to a family."""
    spans = ((text, parse_addresses(text.strip())) for text in prefixes)
    return tuple(text for text, span in spans if span is not None and intersect(span, FAMILIES[family]))
