"""Translations of a firewall that begin at a public address: whom each lets in, and to where.

An earlier DNAT rule takes its packets before a later one. Whether a network rule can refuse what was
translated is told both ways: deny rules override the implicit allow (rule processing, older), and translated
traffic is not processed by network rules any further (the same page today). So whoever an explicit deny
names is unsure.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from remediation.model import Resource, Unread
from remediation.nsg.fields import EVERY_PORT, parse_ports
from remediation.nsg.spaces.addresses import EVERY_ADDRESS, FAMILIES, PUBLIC, Family, parse_addresses
from remediation.nsg.spaces.sets import EMPTY, Ranges, intersect, pairs, subtract, union
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at
from remediation.ways.firewall.reading import DnatRule, NetworkRule, RuleSet, rules_of
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Translation

INHERITED = "it stands in the base policy, and Microsoft's documents disagree on whether such rules hold"
DENIED = (
    "network rule {} denies it, and Microsoft's documents disagree on whether network rules are asked "
    "after a translation"
)
EARLIER = "an earlier rule may take it"


@dataclass(frozen=True, slots=True)
class Front:
    """A public address of a firewall; `text` is None where it is not known, and `doubt` says why."""

    id: ResourceId
    text: str | None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """One translation at one front.

    sources  those of the public space who certainly come in
    unsure   those of whom that is not known, and `why` it is not
    doubt    why it is not known whether it is a door at all; "" where it is
    """

    rule: DnatRule
    front: Front
    translation: Translation
    sources: Ranges
    unsure: Ranges
    why: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Doors:
    """The doors of a firewall; `doubts` say why there may be others."""

    doors: tuple[Door, ...] = ()
    doubts: tuple[str, ...] = ()


def doors_of(firewall: Resource, around: Landscape) -> Doors:
    """Every translation of a firewall that begins, or may begin, at one of its public addresses."""
    # The document is kept beside its doors, so that its identity cannot come back as another's.
    key = ("doors", firewall.id.key, id(firewall))
    return around.once(key, lambda: around.recalled(key, lambda seen: (firewall, _read(firewall, seen)))[1])


def _read(firewall: Resource, around: Landscape) -> Doors:
    rules = rules_of(firewall, around)
    return Doors(tuple(_doors(rules, tuple(fronts_of(firewall, around)))), rules.doubts)


def fronts_of(firewall: Resource, around: Landscape) -> list[Front]:
    """The public addresses of a firewall, in a network or in a hub."""
    fronts = []
    for identity in ids_at(firewall.body, "properties.ipConfigurations[].properties.publicIPAddress.id"):
        address = around.get(identity)
        if isinstance(address, Unread):
            fronts.append(
                Front(identity, None, f"public address {identity.name} was not read: {address.reason}")
            )
        elif address is not None:
            text = str(address.properties("ipAddress") or "")
            fronts.append(
                Front(identity, text or None, "" if text else f"{identity.name} does not say its address")
            )
    at_hub = values_at(firewall.body, "properties.hubIPAddresses.publicIPs.addresses[].address")
    fronts += [Front(firewall.id, str(text)) for text in at_hub]
    if not fronts and any(ids_at(firewall.body, "properties.virtualHub.id")):
        untold = f"firewall {firewall.id.name} came without its public addresses (hubIPAddresses)"
        fronts.append(Front(firewall.id, None, untold))
    return fronts


def _doors(rules: RuleSet, fronts: Sequence[Front]) -> Iterator[Door]:
    cuts = sorted({edge for rule in rules.dnat for edge in rule.takes.ports.must})
    for position, rule in enumerate(rules.dnat):
        before = rules.dnat[:position]
        for front, destination in _fronts_taken(rule, fronts):
            for protocols, ports, translation in _translations(rule, cuts):
                yield from _door(
                    rule, front, destination, protocols, ports, translation, before, rules.network
                )


def _fronts_taken(rule: DnatRule, fronts: Sequence[Front]) -> Iterator[tuple[Front, Ranges]]:
    """The fronts a rule names, certainly or possibly, each with its address as a set."""
    for front in fronts:
        span = None if front.text is None else parse_addresses(front.text)
        if span is None:
            if rule.takes.destinations.may:
                yield front, EMPTY
        elif intersect(rule.takes.destinations.may, span):
            yield front, span


def _translations(rule: DnatRule, cuts: Sequence[int]) -> Iterator[tuple[str, Ranges, Translation]]:
    """For each protocol, the ports in front and what they become; a whole range may lead to one port.

    Ranges are told as they are written, cut where another rule begins or ends, which may come first there.
    """
    for protocol in sorted(rule.takes.protocols):
        alone = frozenset({protocol})
        for low, high in _pieces(rule, cuts):
            front = low if high - low == 1 else f"{low}-{high - 1}"
            yield protocol, (low, high), Translation(alone, front, rule.port)
        if rule.takes.ports.doubts:
            yield protocol, EMPTY, Translation(alone, "?", rule.port)


def _pieces(rule: DnatRule, cuts: Sequence[int]) -> Iterator[tuple[int, int]]:
    written = dict.fromkeys(span for text in rule.ports if (span := parse_ports(text)) is not None)
    for low, high in written or pairs(rule.takes.ports.must):
        yield from pairwise((low, *cuts[bisect_right(cuts, low) : bisect_left(cuts, high)], high))


def _door(
    rule: DnatRule,
    front: Front,
    destination: Ranges,
    protocol: str,
    ports: Ranges,
    translation: Translation,
    before: Sequence[DnatRule],
    network: Sequence[NetworkRule],
) -> Iterator[Door]:
    certain, possible = _left(rule, destination, protocol, ports, before)
    denied, by = _denied(rule, possible, protocol, network)
    why = DENIED.format(by) if denied else next(iter(rule.takes.sources.doubts), EARLIER)
    callers = PUBLIC if front.text is None else intersect(PUBLIC, FAMILIES[_family(front.text)])
    sure = intersect(subtract(certain, denied), callers)
    unsure = subtract(intersect(possible, callers), sure)
    if sure or unsure:
        doubt = next(_doubts(rule, front, destination), "")
        yield Door(rule, front, translation, sure, unsure, why if unsure else "", doubt)


def _family(address: str) -> Family:
    return "ipv6" if ":" in address else "ipv4"


def _left(
    rule: DnatRule, destination: Ranges, protocol: str, ports: Ranges, before: Sequence[DnatRule]
) -> tuple[Ranges, Ranges]:
    """Whom a rule certainly and possibly takes once the rules before it have had their packets."""
    certain, possible = rule.takes.sources.must, rule.takes.sources.may
    for earlier in before if ports and destination else ():
        taken = earlier.takes.takes_some(destination, ports, protocol)
        if taken:
            certain = subtract(certain, taken)
            if not earlier.inherited:
                possible = subtract(possible, earlier.takes.takes_all(destination, ports, protocol))
    return certain, possible


def _denied(
    rule: DnatRule, sources: Ranges, protocol: str, network: Sequence[NetworkRule]
) -> tuple[Ranges, str]:
    """Whom an explicit network rule refuses, or may refuse, what was translated, and that rule's name."""
    span = parse_addresses(rule.address) if rule.address else None
    ports = EVERY_PORT if rule.port is None else (rule.port, rule.port + 1)
    refused, left, by = EMPTY, sources, ""
    for one in network:
        if one.denies:
            taken = intersect(left, one.takes.takes_some(span or EVERY_ADDRESS, ports, protocol))
            by = by or (one.name if taken else "")
            refused = union(refused, taken)
        elif span is not None:
            left = subtract(left, one.takes.takes_all(span, ports, protocol))
    return refused, by


def _doubts(rule: DnatRule, front: Front, destination: Ranges) -> Iterator[str]:
    if not destination:
        yield front.doubt or f"address {front.text} of {front.id.name} cannot be read"
    elif not intersect(rule.takes.destinations.must, destination):
        yield rule.takes.destinations.doubts[0]
    yield from rule.takes.ports.doubts
    if rule.port is None:
        yield "its translated port cannot be read"
    if rule.inherited:
        yield INHERITED


def by_address(doors: Sequence[Door]) -> Mapping[str, tuple[Door, ...]]:
    """Doors by the address they lead to, and under "" those that lead to a name or to what cannot be read."""
    found: dict[str, list[Door]] = {}
    for door in doors:
        known = door.rule.address if parse_addresses(door.rule.address) is not None else ""
        found.setdefault(known, []).append(door)
    return {address: tuple(each) for address, each in found.items()}
