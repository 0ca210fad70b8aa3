"""The fields of one security rule, in every form ARM documents give them.

A side of a rule may be written in the singular (`sourceAddressPrefix`), in the plural
(`sourceAddressPrefixes`), as application security groups, or in several of these at once: the meaning is
their union. Absent, null, `""` and `[]` all say nothing. What cannot be read stays in `doubts`: such an
element may match and never certainly does, while the rest of its list keeps its meaning.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from remediation.nsg.spaces.addresses import EVERY_ADDRESS, V4_SPACE, V6_SPACE, parse_addresses
from remediation.nsg.spaces.sets import EMPTY, Ranges, contains, from_pairs

EVERY_PORT: Ranges = (0, 65536)
_HIGHEST_PORT = 65535
_LONGEST = len(str(_HIGHEST_PORT))
_LONGEST_SPAN = 2 * _LONGEST + 1
_PORT_KEYS = {side: (f"{side}PortRange", f"{side}PortRanges") for side in ("source", "destination")}
_ADDRESS_KEYS = {
    side: (f"{side}AddressPrefix", f"{side}AddressPrefixes", f"{side}ApplicationSecurityGroups")
    for side in ("source", "destination")
}
MEANINGFUL = (
    *("priority", "direction", "access", "protocol"),
    *(key for keys in (*_PORT_KEYS.values(), *_ADDRESS_KEYS.values()) for key in keys),
)
_ADDRESS_START = frozenset("0123456789:.")


class PortField(NamedTuple):
    """Ports that certainly match, and the texts that could not be read as ports."""

    known: Ranges
    doubts: tuple[str, ...] = ()
    missing: bool = False

    def may_hold(self, port: int) -> bool:
        """Whether a port certainly or possibly matches; a field that is missing may be any."""
        return bool(self.doubts) or self.missing or contains(self.known, port)


class AddressField(NamedTuple):
    """One side of a rule: literal addresses, tags as written, ids of ASGs, and unreadable texts."""

    known: Ranges
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    missing: bool = False


ANY_PORT = PortField(EVERY_PORT)
NO_PORT = PortField(EMPTY, missing=True)
ANY_ADDRESS = AddressField(EVERY_ADDRESS)
NO_ADDRESS = AddressField(EMPTY, missing=True)

# Spellings so common that reading them again for each rule would be most of the work.
_USUAL_ADDRESSES: dict[str, AddressField] = {
    "*": ANY_ADDRESS,
    "0.0.0.0/0": AddressField(V4_SPACE),
    "::/0": AddressField(V6_SPACE),
    "Internet": AddressField(EMPTY, ("Internet",)),
    "VirtualNetwork": AddressField(EMPTY, ("VirtualNetwork",)),
    "AzureLoadBalancer": AddressField(EMPTY, ("AzureLoadBalancer",)),
}

ONLY_NETWORK, ONLY_PROBES = _USUAL_ADDRESSES["VirtualNetwork"], _USUAL_ADDRESSES["AzureLoadBalancer"]


def read_ports(properties: Mapping[str, Any], side: str) -> PortField:
    """The `sourcePort…` or `destinationPort…` of a rule's properties; `side` is which."""
    singular, plural = _PORT_KEYS[side]
    one, many = properties.get(singular), properties.get(plural)
    field = _read_port(one) if type(one) is str and not many else None
    return _read_port_list(_texts(one, many)) if field is None else field


def _read_port(text: str) -> PortField | None:
    return _read_short_port(text) if len(text) <= _LONGEST_SPAN else None


@lru_cache(maxsize=256)
def _read_short_port(text: str) -> PortField | None:
    """One text: of those there are few, and it is the same few that stand in rule after rule."""
    if text == "*":
        return ANY_PORT
    span = parse_ports(text)
    return None if span is None else PortField(span)


def _read_port_list(texts: list[str | None]) -> PortField:
    if not texts:
        return NO_PORT
    spans: list[tuple[int, int]] = []
    doubts: list[str] = []
    for text in texts:
        span = None if text is None else parse_ports(text)
        if span is not None:
            spans.append(span)
        else:
            doubts.append("?" if text is None else text)
    return PortField(from_pairs(spans), tuple(doubts))


def parse_ports(text: str) -> tuple[int, int] | None:
    """`22`, `20-25` or `*` as a half-open pair; None when the text is none of them."""
    if text.isdigit():
        if text.isascii() and len(text) <= _LONGEST:
            port = int(text)
            return (port, port + 1) if port <= _HIGHEST_PORT else None
        return None
    first, dash, last = text.partition("-")
    first, last = first.strip(), last.strip()
    if not dash:
        return (0, _HIGHEST_PORT + 1) if first == "*" else _parse_port_span(first, first)
    return _parse_port_span(first, last)


def _parse_port_span(first: str, last: str) -> tuple[int, int] | None:
    if not (first.isdigit() and last.isdigit() and first.isascii() and last.isascii()):
        return None
    if len(first) > _LONGEST or len(last) > _LONGEST:
        return None
    low, high = int(first), int(last)
    return (low, high + 1) if low <= high <= _HIGHEST_PORT else None


def read_addresses(properties: Mapping[str, Any], side: str) -> AddressField:
    """The `source…` or `destination…` of a rule's properties: prefixes, tags and ASGs together."""
    singular, plural, asgs = _ADDRESS_KEYS[side]
    one, many, groups = properties.get(singular), properties.get(plural), properties.get(asgs)
    if not many and not groups and type(one) is str:
        usual = _USUAL_ADDRESSES.get(one)
        if usual is not None:
            return usual
        span = parse_addresses(one)
        if span is not None:
            return AddressField(span)
        if one and one == one.strip() and is_tag(one):
            return AddressField(EMPTY, (one,))
    spans: list[tuple[int, int]] = []
    others: list[Any] = []  # tags, blanks and what cannot be read
    if type(many) is not list:
        many = ([many],) if many else ()  # one text where a list belongs is as unreadable as for ports
    for element in many if one is None else (one, *many):
        span = parse_addresses(element) if type(element) is str else None
        if span is not None:
            spans.append(span)
        elif element is not None and element != "":
            others.append(element)
    if not others and not groups:
        return AddressField(from_pairs(spans)) if spans else NO_ADDRESS
    return _read_address_list(spans, others, list(_group_ids(groups)) if groups else [])


def _read_address_list(
    spans: list[tuple[int, int]], others: list[Any], ids: list[str | None]
) -> AddressField:
    tags: list[str] = []
    doubts: list[str] = []
    for text in _texts(None, others):
        if text is None:
            doubts.append("?")
        elif text == "*":
            spans += ((EVERY_ADDRESS[0], EVERY_ADDRESS[1]), (EVERY_ADDRESS[2], EVERY_ADDRESS[3]))
        elif is_tag(text):
            tags.append(text)
        elif (span := parse_addresses(text)) is not None:  # with blanks around it
            spans.append(span)
        else:
            doubts.append(text)
    if not (spans or tags or doubts or ids):
        return NO_ADDRESS
    known = tuple(group for group in ids if group is not None)
    doubts += ["?"] * (len(ids) - len(known))
    return AddressField(from_pairs(spans), tuple(tags), known, tuple(doubts))


def is_tag(text: str) -> bool:
    """Whether a text that is no address is the name of a tag; otherwise it is something nobody can read."""
    return not (text[0] in _ADDRESS_START or "/" in text or ":" in text)


def _texts(one: Any, many: Any) -> list[str | None]:
    """Trimmed texts of a singular and a plural form; None for what is not text."""
    listed = many if isinstance(many, list | tuple) else ()
    found: list[str | None] = []
    for element in listed if one is None else (one, *listed):
        if type(element) is int:  # some exporters write a single port as a number
            found.append(str(element))
        elif not isinstance(element, str):
            found += () if element is None else (None,)
        elif trimmed := element.strip():
            found.append(trimmed)
    if many and not isinstance(many, list | tuple):
        found.append(None)
    return found


def _group_ids(groups: Any) -> Iterator[str | None]:
    """Lower-cased ids of `[{id}]`; None for an element without one."""
    if groups is None or groups == "":
        return
    for group in groups if isinstance(groups, list | tuple) else [groups]:
        if group is None:
            continue
        identity = group.get("id") if isinstance(group, Mapping) else None
        yield identity.lower() if isinstance(identity, str) and identity else None
