"""What a subnet's route table sends where, and what of it the tag VirtualNetwork takes in.

The tag holds the prefixes of user-defined routes (service tags overview): a default route to an appliance or
a gateway makes it everybody. Whether the next hops Internet and None count is unproven; they are taken to,
and the reason says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from remediation.kinds import ROUTE_TABLE
from remediation.model import Resource, Unread, View
from remediation.nsg import BroadFrom
from remediation.nsg.spaces.addresses import GLOBAL_UNICAST_V6, PUBLIC, V4_SPACE, Family, parse_addresses
from remediation.nsg.spaces.sets import Ranges, covers, from_pairs, intersect, size
from remediation.resource_id import ResourceId
from remediation.rule import Follow, ids_at, values_at

ROUTES_OF = Follow("properties.routeTable.id", to=ROUTE_TABLE)

_APPLIANCE, _GATEWAY = "virtualappliance", "virtualnetworkgateway"
_PUBLIC_V4 = intersect(PUBLIC, V4_SPACE)
_FAMILIES: Mapping[Family, Ranges] = {"ipv4": _PUBLIC_V4, "ipv6": intersect(PUBLIC, GLOBAL_UNICAST_V6)}


def default_route_of(
    configuration: Mapping[str, Any], view: View, family: Family | None = None
) -> str | None:
    """Why VirtualNetwork may hold the internet for an ip configuration of a NIC, by the routes of its subnet.

    None where it certainly does not, in one family or (None) in either. What was not read may have any route.
    """
    subnets = ids_at(configuration, "properties.subnet.id")
    return next(_reasons(map(view.get, subnets), view, family), None)


def default_route_in(subnets: Iterable[Resource], view: View) -> str | None:
    """The same for whatever lies in some subnets."""
    return next(_reasons(subnets, view, None), None)


def _reasons(subnets: Iterable[Resource | Unread | None], view: View, family: Family | None) -> Iterator[str]:
    for subnet in subnets:
        if isinstance(subnet, Unread):
            yield f"its routes are not known: {subnet.reason}"
        elif subnet is not None:
            for identity in ids_at(subnet.body, "properties.routeTable.id"):
                reason = _of_table(identity, view.get(identity), family)
                if reason is not None:
                    yield reason


def _of_table(identity: ResourceId, table: Resource | Unread | None, family: Family | None) -> str | None:
    if isinstance(table, Unread):
        return f"its routes are not known: {table.reason}"
    if table is None:
        return None
    if not isinstance(table.properties(), Mapping):
        return f"its routes are not known: route table {identity.name} came without its properties"
    inside = _ranges(table, _APPLIANCE, _GATEWAY)
    if _is_broad(inside, family):
        return f"route table {identity.name} sends it to an appliance or a gateway"
    if _covers_a_family(_ranges(table), family):
        return (
            f"by the routes of {identity.name}, though it is unproven that next hops Internet and None count"
        )
    return None


def leads_to_firewall(subnet: Resource, view: View) -> bool | None:
    """Whether a subnet's IPv4 default route leads to an appliance; None where its table was not read."""
    for identity in ids_at(subnet.body, "properties.routeTable.id"):
        table = view.get(identity)
        if isinstance(table, Unread):
            return None
        if table is not None and covers(_ranges(table, _APPLIANCE), _PUBLIC_V4):
            return True
    return False


def _ranges(table: Resource, *hops: str) -> Ranges:
    """What the routes of a table name together, of those with certain next hops or of all."""
    found = []
    for route in values_at(table.body, "properties.routes[].properties"):
        prefix = next(values_at(route, "addressPrefix"), None)
        hop = str(next(values_at(route, "nextHopType"), "")).lower()
        pair = parse_addresses(prefix.strip()) if isinstance(prefix, str) else None
        if pair is not None and (not hops or hop in hops):
            found.append(pair)
    return from_pairs(found)


def _covers_a_family(ranges: Ranges, family: Family | None) -> bool:
    return any(covers(ranges, space) for name, space in _FAMILIES.items() if family in (None, name))


def _is_broad(ranges: Ranges, family: Family | None) -> bool:
    """Whether so much of the internet is in it that it is anybody; a partner's range is not."""
    broad = BroadFrom()
    least: Mapping[Family, int] = {"ipv4": broad.ipv4_addresses, "ipv6": broad.ipv6_addresses}
    return any(
        size(intersect(ranges, space)) >= least[name]
        for name, space in _FAMILIES.items()
        if family in (None, name)
    )
