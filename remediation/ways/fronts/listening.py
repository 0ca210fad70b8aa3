"""Who comes to a listener of an Application Gateway: whom the group of the gateway's subnet lets in.

Whom it refuses is taken for unsure: which destination a group sees for a public front is told in several ways
(application gateway infrastructure configuration, network security groups).
"""

from dataclasses import dataclass

from remediation.kinds import NSG
from remediation.model import Resource, Unread
from remediation.nsg import exposure, parse
from remediation.nsg.spaces.addresses import PUBLIC_V4, PUBLIC_V6
from remediation.nsg.spaces.sets import EMPTY, Ranges, intersect, subtract
from remediation.resource_id import ResourceId
from remediation.rule import ids_at
from remediation.ways.fronts.gateway import Listener
from remediation.ways.landscape import Landscape

SUBNETS = "properties.gatewayIPConfigurations[].properties.subnet.id"
_REFUSED = (
    "group {} of the gateway's subnet does not let them in on port {}, if it is asked for a public front"
)


@dataclass(frozen=True, slots=True)
class Passed:
    """Who comes to a listener, of whom that is not known, and why not; `unread`: a group was not read."""

    sources: Ranges
    unsure: Ranges = EMPTY
    why: str = ""
    unread: bool = False


def let_in(
    gateway: Resource, listener: Listener, public: Resource | Unread | None, around: Landscape
) -> Passed:
    """Whom the group of the gateway's subnet lets come to a public front."""
    space = PUBLIC_V6 if _is_v6(public) else PUBLIC_V4
    port = listener.port
    if port is None:
        return Passed(space)
    key = ("let in", gateway.id.key, port, space)
    return around.once(key, lambda: _sifted(gateway, port, space, around))


def _is_v6(public: Resource | Unread | None) -> bool:
    return isinstance(public, Resource) and str(public.properties("publicIPAddressVersion")).lower() == "ipv6"


def _sifted(gateway: Resource, port: int, space: Ranges, around: Landscape) -> Passed:
    passed = Passed(space)
    for group in _groups(gateway, around):
        document = around.get(group)
        if isinstance(document, Unread):
            why = f"group {group.name} of the gateway's subnet was not read: {document.reason}"
            return Passed(EMPTY, space, why, unread=True)
        if document is not None:
            sources = intersect(passed.sources, exposure(parse(document.body), port).sources)
            unsure = subtract(space, sources)
            passed = Passed(sources, unsure, _REFUSED.format(group.name, port) if unsure else "")
    return passed


def _groups(gateway: Resource, around: Landscape) -> tuple[ResourceId, ...]:
    subnets = [around.get(one) for one in ids_at(gateway.body, SUBNETS)]
    found = (
        group
        for subnet in subnets
        if isinstance(subnet, Resource)
        for group in ids_at(subnet.body, "properties.networkSecurityGroup.id")
    )
    return tuple(dict.fromkeys(group for group in found if group.type == NSG))
