"""Who may stay when a rule is closed to the internet, cut into parts that one rule can name.

A rule names one tag, or many addresses of one IP version: ARM answers a mixture of IPv4 and IPv6 with 400
ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies. The parts that a rewrite keeps are a tuple;
when narrowing, the rule itself takes the first part and companions take the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from remediation.nsg.context import VIRTUAL_NETWORK
from remediation.nsg.repairing.changes import Body
from remediation.nsg.repairing.forbidden import Forbidden, source_texts, texts_at
from remediation.nsg.rule import SecurityRule
from remediation.nsg.spaces.addresses import EVERY_ADDRESS, V4_SPACE, V6_SPACE, cidrs, parse_addresses
from remediation.nsg.spaces.sets import EMPTY, Ranges, covers, intersect, subtract, union

SOURCE_KEYS = ("sourceAddressPrefix", "sourceAddressPrefixes")
_ANYBODY = frozenset({"*", "0.0.0.0/0"})
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Part:
    """Sources that one rule can name. `suffix` says what they are, in the name of a companion."""

    suffix: str
    properties: Body
    text: str
    addresses: int = 1
    ranges: Ranges = EMPTY


type Parts = tuple[Part, ...]

NETWORK = Part("vnet", {SOURCE_KEYS[0]: "VirtualNetwork"}, "VirtualNetwork")


@dataclass(frozen=True, slots=True)
class Staying:
    """Who of a rule's sources may stay: addresses, and perhaps the tag VirtualNetwork.

    `anyone`: the rule names any source, so that VirtualNetwork stands for all private ones it meant. `named`:
    the part of the addresses that the rule names narrowly, and that no rewrite may drop.
    """

    addresses: Ranges
    network: bool
    anyone: bool
    groups: bool
    named: Ranges = EMPTY

    @property
    def nobody(self) -> bool:
        return not (self.addresses or self.network or self.groups)


def staying(rule: SecurityRule, f: Forbidden) -> Staying:
    """Who may stay of a rule's sources, as far as they can meet a destination of the rule."""
    context = f.context
    tags = [
        tag for tag in rule.source.tags if tag.lower() != VIRTUAL_NETWORK or tag.lower() in context.supplied
    ]
    named = union(rule.source.known, *(context.tag(tag)[0] for tag in tags))
    kept, families = _kept(rule, f), _families(rule)
    return Staying(
        addresses=intersect(union(subtract(named, f.sources), kept), families),
        network=len(tags) < len(rule.source.tags),
        anyone=names_anyone(rule),
        groups=bool(rule.source.groups),
        named=intersect(intersect(kept, f.narrow), families),
    )


def names_anyone(rule: SecurityRule) -> bool:
    """Whether the source is `*` or holds `0.0.0.0/0` as such."""
    return any(text.strip() in _ANYBODY for text in source_texts(rule))


def _kept(rule: SecurityRule, f: Forbidden) -> Ranges:
    """What the rule itself names narrowly; what it lets in by a broad prefix is not meant by name."""
    if not f.narrow:
        return EMPTY
    spans = (parse_addresses(text.strip()) for text in source_texts(rule))
    return union(*(span for span in spans if span is not None and not subtract(span, _near(f))))


def _near(f: Forbidden) -> Ranges:
    """Where a prefix that is named narrowly lies: what is kept, and what nobody forbids."""
    return union(f.narrow, subtract(EVERY_ADDRESS, f.sources))


def _families(rule: SecurityRule) -> Ranges:
    """The IP versions of the destinations: a packet has one, so sources of another can be left out."""
    there = rule.destination
    if there.tags or there.groups or there.doubts or there.missing:
        return EVERY_ADDRESS
    spaces = (space for space in (V4_SPACE, V6_SPACE) if intersect(there.known, space))
    return union(*spaces)


def choices(rule: SecurityRule, f: Forbidden, *, strip: bool) -> Iterator[tuple[Parts, bool]]:
    """Parts to keep, those that need the fewest rules first; with whether private sources may disappear.

    For a rule that names any source, VirtualNetwork stands for every private one; where the network may hold
    a default route the tag may be everybody, so that addresses are listed instead.
    """
    who, spaces = staying(rule, f), _explicit_families(rule)
    for parts, tolerant in _imaginable(who, f, strip=strip):
        listed = union(*(part.ranges for part in parts))
        if covers(listed, who.named) and covers(spaces, listed):
            yield parts, tolerant


def _explicit_families(rule: SecurityRule) -> Ranges:
    """The IP versions that a prefix of the source may have beside the prefixes of the destination."""
    keys = ("destinationAddressPrefix", "destinationAddressPrefixes")
    spans = [span for text in texts_at(rule, keys) if (span := parse_addresses(text.strip())) is not None]
    for own, other in ((V4_SPACE, V6_SPACE), (V6_SPACE, V4_SPACE)):
        if spans and not any(intersect(span, other) for span in spans):
            return own
    return EMPTY if spans else EVERY_ADDRESS


def _imaginable(who: Staying, f: Forbidden, *, strip: bool) -> Iterator[tuple[Parts, bool]]:
    if strip:
        yield (), who.anyone
    if who.anyone and not f.context.default_route:
        public = _listed(intersect(who.addresses, f.context.public), f)
        yield from ((parts, True) for parts in _fewest_first((NETWORK, *public)))
    exact = ((NETWORK,) if who.network else ()) + _listed(who.addresses, f)
    if who.groups and not strip:  # the rule keeps its groups beside the first part
        yield exact, False
    else:
        yield from ((parts, False) for parts in _fewest_first(exact))


def _fewest_first(parts: Parts) -> Iterator[Parts]:
    """Every choice among a few parts: what a rule elsewhere lets in already needs none of its own."""
    for count in range(1, len(parts) + 1):
        yield from combinations(parts, count)


def _listed(addresses: Ranges, f: Forbidden) -> Parts:
    """One part for each IP version, the one that needs the longer list first."""
    found = []
    for space, ending in ((V4_SPACE, ""), (V6_SPACE, "-ipv6")):
        own = intersect(addresses, space)
        if own:
            found.append(_part(own, f, ending))
    found.sort(key=lambda part: -part.addresses)
    if len(found) == 1:  # nothing to tell it from
        return (replace(found[0], suffix=found[0].suffix.removesuffix("-ipv6")),)
    return tuple(found)


def _part(addresses: Ranges, f: Forbidden, ending: str) -> Part:
    texts = cidrs(addresses)
    shown = ", ".join(texts[:_SHOWN]) + (f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else "")
    return Part(_word(addresses, f) + ending, {SOURCE_KEYS[1]: texts}, shown, len(texts), addresses)


def _word(addresses: Ranges, f: Forbidden) -> str:
    if not intersect(addresses, f.context.public):
        return "private"
    if not subtract(addresses, f.context.approved_ranges):
        return "approved"
    return "named" if not subtract(addresses, f.narrow) else "sources"
