"""Address ranges of networks and subnets: which are no ranges, lie outside, or overlap.

The codes and texts are those users report; only ranges a request changes are judged.
"""

from __future__ import annotations

import ipaddress
from itertools import product
from typing import TYPE_CHECKING

from lab.arm.errors import ArmError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lab.arm.documents.tree import Document

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def prefixes_of(subnet: Document) -> list[str]:
    """The ranges of a subnet, whichever member says them."""
    properties = subnet["properties"]
    single = properties.get("addressPrefix")
    return [*([single] if single else []), *(properties.get("addressPrefixes") or ())]


def network_of(prefix: str, resource_id: str) -> Network:
    """A range taken apart. Raises ArmError if it is none."""
    try:
        loose = ipaddress.ip_network(str(prefix), strict=False)
    except ValueError as problem:
        raise ArmError(
            400,
            "InvalidAddressPrefixFormat",
            f"Address prefix {prefix} of resource {resource_id} is not formatted correctly. It should "
            "follow CIDR notation, for example 10.0.0.0/24.",
        ) from problem
    if str(loose.network_address) != str(ipaddress.ip_address(str(prefix).partition("/")[0])):
        raise ArmError(
            400,
            "InvalidCIDRNotation",
            f"The address prefix {prefix} in resource {resource_id} has an invalid CIDR notation. For the "
            f"given prefix length, the address prefix should be {loose}.",
        )
    return loose


def overlap(some: Iterable[Network], others: Iterable[Network]) -> list[Network]:
    """Those of the first that share an address with one of the second."""
    pairs = product(some, list(others))
    return list(dict.fromkeys(a for a, b in pairs if a.version == b.version and a.overlaps(b)))


def _within(inner: Network, spaces: Iterable[Network]) -> bool:
    return any(inner.version == each.version and inner.subnet_of(each) for each in spaces)  # type: ignore[arg-type]


def known_networks(prefixes: Iterable[str]) -> list[Network]:
    """Ranges that stand in a document already: they were judged when they came."""
    return [ipaddress.ip_network(str(each), strict=False) for each in prefixes]


def check_ranges(vnet: Document, subnets: list[Document], before: list[Document]) -> None:
    """Refuse the subnets among `subnets` whose ranges differ from `before` and do not fit the network."""
    spaces = known_networks((vnet["properties"].get("addressSpace") or {}).get("addressPrefixes") or ())
    held = {each["name"].lower(): prefixes_of(each) for each in before}
    for subnet in subnets:
        if prefixes_of(subnet) != held.get(subnet["name"].lower()):
            _check_subnet(vnet, spaces, subnet, [each for each in subnets if each is not subnet])


def _check_subnet(vnet: Document, spaces: list[Network], subnet: Document, others: list[Document]) -> None:
    own = [network_of(each, subnet["id"]) for each in prefixes_of(subnet)]
    start = f"Subnet '{subnet['name']}' is not valid because its IP address range"
    if spaces and not all(_within(each, spaces) for each in own):
        text = f"{start} is outside the IP address range of virtual network '{vnet['name']}'."
        raise ArmError(400, "NetcfgSubnetRangeOutsideVnet", text)
    if overlap(own, known_networks(prefix for each in others for prefix in prefixes_of(each))):
        text = f"{start} overlaps with that of an existing subnet in virtual network '{vnet['name']}'."
        raise ArmError(400, "NetcfgSubnetRangesOverlap", text)
