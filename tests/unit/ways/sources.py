"""Which sources and source ports to try: one for every stretch between boundaries that anything mentions."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from tests.unit.nsg.oracle import NOT_PUBLIC, PUBLIC_V6, Address, is_public, span_of

_MENTIONED = ("address", "source", "prefix")
_LAST_PORT = 65535


def public_sources(documents: Sequence[dict[str, Any]], approved: Sequence[str] = ()) -> list[Address]:
    """The first public address of every stretch of both families."""
    texts = {text for document in documents for text in _texts(document)} | set(approved)
    found = []
    for version in (4, 6):
        edges = sorted({edge for text in texts for edge in _edges(text) if edge.version == version})
        edges.insert(0, ip_address("0.0.0.0") if version == 4 else ip_address("::"))  # noqa: S104
        for first, end in zip(edges, [*edges[1:], None], strict=True):
            start = _first_public(first)
            if start is not None and (end is None or int(start) < int(end)):
                found.append(start)
    return found


def _texts(value: Any, key: str = "") -> Iterator[str]:
    """Texts under keys that may hold addresses."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, key)
    elif isinstance(value, str) and any(word in key.lower() for word in _MENTIONED):
        yield value


@lru_cache(maxsize=10_000)
def _edges(text: str) -> tuple[Address, ...]:
    span = span_of(text)
    if span is None:
        return ()
    first, last = span
    return (first,) if int(last) == 2**last.max_prefixlen - 1 else (first, last + 1)


@lru_cache(maxsize=10_000)
def _first_public(address: Address) -> Address | None:
    if is_public(address):
        return address
    starts = [one[-1] + 1 for one in NOT_PUBLIC if int(one[-1]) < 2**one.max_prefixlen - 1]
    starts.append(PUBLIC_V6[0])
    later = [
        one for one in starts if one.version == address.version and int(one) > int(address) and is_public(one)
    ]
    return min(later, key=int, default=None)


def source_ports(groups: Sequence[dict[str, Any]]) -> list[int]:
    """One source port for every stretch that the groups tell apart."""
    found = {0}
    for group in groups:
        for rule in group["properties"]["securityRules"]:
            body = rule["properties"]
            for text in [body.get("sourcePortRange"), *(body.get("sourcePortRanges") or [])]:
                if text and text != "*":
                    first, _, last = text.partition("-")
                    found |= {int(first), int(last or first) + 1}
    return sorted(port for port in found if port <= _LAST_PORT)
