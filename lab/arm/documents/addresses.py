"""Private addresses: which are free in a subnet, in the order Azure hands them out."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from lab.arm import ids
from lab.arm.documents.store import Store, child
from lab.arm.documents.tree import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

RESERVED = 4  # network, gateway and two for DNS


UNKNOWN = {"IPv4": "10.0.0.0/24", "IPv6": "fd00::/64"}  # of a subnet the lab does not hold


def prefix_of(store: Store, subnet_id: str, version: str = "IPv4") -> str:
    """The first prefix of that IP version; of an unknown subnet the one its members' addresses suggest."""
    record = store.get(ids.root(subnet_id))
    subnet = child(record.doc, "subnets", ids.parse(subnet_id).name) if record else None
    properties = subnet["properties"] if subnet else {}
    for prefix in (properties.get("addressPrefix"), *properties.get("addressPrefixes", ())):
        if prefix and f"IPv{ipaddress.ip_network(prefix, strict=False).version}" == version:
            return str(prefix)
    seen = [each for each in taken(store, subnet_id) if f"IPv{ipaddress.ip_address(each).version}" == version]
    length = "/24" if version == "IPv4" else "/64"
    return str(ipaddress.ip_network(min(seen) + length, strict=False)) if seen else UNKNOWN[version]


def occupied(store: Store, subnet_id: str) -> dict[str, str]:
    """The private addresses of everything that refers to a subnet, and the id of what has each."""
    found = {}
    for holder in store.links.holders(subnet_id, "ipConfigurations"):
        # The interfaces of a scale set's instances are documents of their own, below it.
        record = store.get(ids.parse(holder).parent) or store.get(ids.root(holder))
        for node in nodes(record.doc) if record else ():
            properties = node.get("properties") or {}
            if node["id"].lower() == holder.lower() and "privateIPAddress" in properties:
                found[str(properties["privateIPAddress"])] = holder
    return found


def taken(store: Store, subnet_id: str) -> set[str]:
    """The private addresses of everything that refers to a subnet."""
    return set(occupied(store, subnet_id))


def free(prefix: str, used: set[str]) -> Iterator[str]:
    """Free addresses of a prefix, lowest first; Azure keeps the first four and the last."""
    network = ipaddress.ip_network(prefix, strict=False)
    for offset in range(RESERVED, network.num_addresses - 1):
        text = str(network[offset])
        if text not in used:
            yield text


def next_free(store: Store, subnet_id: str, also_used: set[str], version: str = "IPv4") -> str | None:
    """The address Azure would hand out next; None if the subnet is full."""
    return next(free(prefix_of(store, subnet_id, version), taken(store, subnet_id) | also_used), None)
