"""Private addresses: which are free in a subnet, in the order Azure hands them out."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from lab.arm import ids
from lab.arm.store import Store, child
from lab.arm.tree import nodes

RESERVED = 4  # network, gateway and two for DNS


def prefix_of(store: Store, subnet_id: str) -> str | None:
    """The first prefix of a subnet; None if the lab does not hold it."""
    record = store.get(ids.root(subnet_id))
    subnet = child(record.doc, "subnets", ids.parse(subnet_id).name) if record else None
    properties = subnet["properties"] if subnet else {}
    return properties.get("addressPrefix") or next(iter(properties.get("addressPrefixes", ())), None)


def taken(store: Store, subnet_id: str) -> set[str]:
    """The private addresses of everything that refers to a subnet."""
    found = set()
    for holder in store.links.holders(subnet_id, "ipConfigurations"):
        record = store.get(ids.root(holder))
        for node in nodes(record.doc) if record else ():
            properties = node.get("properties") or {}
            if node["id"].lower() == holder.lower() and "privateIPAddress" in properties:
                found.add(str(properties["privateIPAddress"]))
    return found


def free(prefix: str, used: set[str]) -> Iterator[str]:
    """Free addresses of a prefix, lowest first; Azure keeps the first four and the last."""
    network = ipaddress.ip_network(prefix, strict=False)
    for offset in range(RESERVED, network.num_addresses - 1):
        text = str(network[offset])
        if text not in used:
            yield text


def next_free(store: Store, subnet_id: str, also_used: set[str]) -> str | None:
    prefix = prefix_of(store, subnet_id)
    return next(free(prefix, taken(store, subnet_id) | also_used), None) if prefix else None
