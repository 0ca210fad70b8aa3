"""Samples: one address or port for each stretch between boundaries; what holds for all holds everywhere."""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.unit.nsg.oracle import (
    NOT_PUBLIC,
    PROBE,
    PUBLIC_V6,
    Address,
    Packet,
    bodies_of,
    conditions_of,
    in_port,
    is_public,
    span_of,
    tags_of,
    texts_of,
)


def remote_samples(documents: Iterable[dict[str, Any]], *, public: bool | None = None) -> list[Address]:
    """First addresses of all stretches that rules or the public space cut out; `public` filters."""
    edges = {*_edges(documents), *_public_edges()}
    return sorted((edge for edge in edges if public in (None, is_public(edge))), key=_order)


def local_samples(documents: Sequence[dict[str, Any]]) -> list[Address]:
    """The same for the near side, where the public space matters to tags only."""
    tagged = tags_of(documents, "source") or tags_of(documents, "destination")
    return sorted({*_edges(documents), *(_public_edges() if tagged else ())}, key=_order)


def _public_edges() -> Iterator[Address]:
    for network in (*NOT_PUBLIC, PUBLIC_V6):
        yield from _around(network[0], network[-1])


def _order(address: Address) -> tuple[int, int]:
    return address.version, int(address)


def _edges(documents: Iterable[dict[str, Any]]) -> Iterator[Address]:
    yield ipaddress.ip_address("0.0.0.0")  # noqa: S104  an address to judge, not one to listen on
    yield ipaddress.ip_address("::")
    for body in bodies_of(documents):
        for side in ("source", "destination"):
            for text in texts_of(body, f"{side}AddressPrefix", f"{side}AddressPrefixes"):
                span = span_of(text)
                if span:
                    yield from _around(*span)
                if text.lower() == "azureloadbalancer":
                    yield from _around(PROBE, PROBE)


def _around(first: Address, last: Address) -> set[Address]:
    return {first} if last == type(last)(2**last.max_prefixlen - 1) else {first, last + 1}


def port_samples(documents: Iterable[dict[str, Any]], side: str) -> list[int]:
    found = {0}
    for body in bodies_of(documents):
        for text in texts_of(body, f"{side}PortRange", f"{side}PortRanges"):
            if in_port(text, 0) is not None and text != "*":
                ends = [int(end) for end in text.split("-")]
                found |= {ends[0], ends[-1] + 1}
    return sorted(port for port in found if port < 65536)


def alike[P](documents: Iterable[dict[str, Any]], packets: Iterable[tuple[P, Packet]]) -> dict[P, list[P]]:
    """Names of packets in groups of which every rule says the same: the first name -> all names."""
    every = list(bodies_of(documents))
    found: dict[object, list[P]] = {}
    for name, packet in packets:
        says = tuple(condition for body in every for condition in conditions_of(body, packet))
        kind = is_public(packet.remote), is_public(packet.local), packet.remote == PROBE
        versions = packet.remote.version, packet.local.version
        found.setdefault((kind, versions, says), []).append(name)
    return {names[0]: names for names in found.values()}
