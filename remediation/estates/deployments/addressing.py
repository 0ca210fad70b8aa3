"""The private addresses that new interfaces get, where it does not matter which one of their subnet it is.

Azure gives an interface with a dynamic address the next free one of its subnet. As long as no rule, route or
balancer names a part of that subnet, every address of it is judged alike, and one stands for all. Where
something does, the address stays unknown, and so does what rests on it.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

from remediation.estates.deployments.documents import Document, Documents, elements
from remediation.estates.deployments.templates.syntax import is_expression
from remediation.kinds import NIC, VNET
from remediation.nsg.spaces.addresses import parse_addresses

_MOST = 65_536
_RESERVED = 4  # the first addresses of a subnet are Azure's own
# Members whose texts say where networks lie, not what is done with a part of a subnet.
_PLACES = frozenset({"addressPrefix", "addressPrefixes", "addressSpace", "remoteAddressSpace"})
_OWN = "privateIPAddress"

type Span = tuple[int, int]
type Prefix = ipaddress.IPv4Network | ipaddress.IPv6Network


def give_addresses(new: Iterable[Document], after: Documents) -> None:
    """Give new interfaces an address of their subnet, in place."""
    waiting = [
        configuration
        for document in new
        if _is(document, NIC)
        for configuration in elements(document, "ipConfigurations")
        if _is_dynamic(configuration)
    ]
    if not waiting:
        return
    free = _Free(after)
    for configuration in waiting:
        properties = configuration["properties"]
        for prefix in _prefixes(after, properties):
            address = free.next(prefix)
            if address is not None:
                properties[_OWN] = address


class _Free:
    """The free addresses of subnets, handed out one after the other; none of a subnet that something cuts."""

    def __init__(self, after: Documents) -> None:
        self._named = set(_named(after))
        self._taken = set(_taken(after))
        self._left: dict[Prefix, Iterator[str]] = {}

    def next(self, prefix: Prefix) -> str | None:
        if prefix not in self._left:
            self._left[prefix] = iter(()) if self._is_cut(prefix) else self._of(prefix)
        return next(self._left[prefix], None)

    def _of(self, prefix: Prefix) -> Iterator[str]:
        last = prefix.num_addresses - 1
        every = (str(prefix[at]) for at in range(_RESERVED, min(last, _MOST)))
        return (address for address in every if address not in self._taken)

    def _is_cut(self, prefix: Prefix) -> bool:
        """Whether something names a part of a subnet and not all of it."""
        low, high = parse_addresses(str(prefix)) or (0, 0)
        return any(
            first < high and low < last and not (first <= low and high <= last) for first, last in self._named
        )


def _is(document: Document, kind: str) -> bool:
    parts = str(document.get("id")).lower().split("/providers/")[-1].split("/")
    return len(parts) == 3 and f"{parts[0]}/{parts[1]}" == kind.lower()


def _is_dynamic(configuration: Document) -> bool:
    properties = configuration.get("properties")
    if not isinstance(properties, dict):
        return False
    told = properties.get(_OWN)
    return told in (None, "") or (isinstance(told, str) and is_expression(told))


def _prefixes(after: Documents, properties: Document) -> Iterator[Prefix]:
    """The range of a configuration's subnet in its family: none, or one."""
    subnet = properties.get("subnet")
    document = after.find(str(subnet.get("id"))) if isinstance(subnet, dict) else None
    inside = document.get("properties") if document is not None else None
    if not isinstance(inside, dict):
        return
    many = inside.get("addressPrefixes")
    texts = many if isinstance(many, list) and many else [inside.get("addressPrefix")]
    version = 6 if str(properties.get("privateIPAddressVersion")).lower() == "ipv6" else 4
    for text in texts:
        try:
            prefix = ipaddress.ip_network(str(text), strict=False)
        except ValueError:
            continue
        if prefix.version == version and prefix.num_addresses > _RESERVED + 1:
            yield prefix
            return


def _named(after: Documents) -> Iterator[Span]:
    """Every range that a document names for another reason than to say where something lies."""
    for document in after:
        stack: list[Any] = [document.get("properties")]
        while stack:
            match stack.pop():
                case dict() as members:
                    aside = _PLACES | {_OWN} if _is(document, VNET) else {_OWN}
                    stack += [value for key, value in members.items() if key not in aside]
                case list() as items:
                    stack += items
                case str() as text if text[:1].isdigit() or ":" in text:
                    span = parse_addresses(text)
                    if span is not None:
                        yield span


def _taken(after: Documents) -> Iterator[str]:
    for document in after:
        for array in ("ipConfigurations", "frontendIPConfigurations"):
            for one in elements(document, array):
                inside = one.get("properties")
                told = inside.get(_OWN) if isinstance(inside, dict) else None
                if isinstance(told, str):
                    yield told
