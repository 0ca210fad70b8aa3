"""What a rule of a firewall takes: certainly, and possibly where a part of it cannot be read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from remediation.model import Resource, Unread
from remediation.nsg.fields import EVERY_PORT, parse_ports
from remediation.nsg.spaces.addresses import EVERY_ADDRESS, parse_addresses
from remediation.nsg.spaces.sets import EMPTY, Ranges, covers, from_pairs, intersect
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at

type Get = Callable[[ResourceId], Resource | Unread | None]

BOTH = frozenset({"tcp", "udp"})


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a rule: the numbers it certainly holds, those it may hold, and what leaves that open."""

    must: Ranges
    may: Ranges
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matcher:
    """What a rule takes: sources, destinations, destination ports, and protocols (of `tcp` and `udp`)."""

    sources: Part
    destinations: Part
    ports: Part
    protocols: frozenset[str]

    def takes_all(self, destination: Ranges, ports: Ranges, protocol: str) -> Ranges:
        """The sources from which it certainly takes every packet to a destination on some ports."""
        whole = covers(self.destinations.must, destination) and covers(self.ports.must, ports)
        return self.sources.must if whole and protocol in self.protocols else EMPTY

    def takes_some(self, destination: Ranges, ports: Ranges, protocol: str) -> Ranges:
        """The sources from which it may take some of those packets."""
        may = self.ports.may
        if protocol not in self.protocols or may[-1] <= ports[0] or ports[-1] <= may[0]:
            return EMPTY  # most rules of a firewall are about other ports
        meets = intersect(may, ports) and intersect(self.destinations.may, destination)
        return self.sources.may if meets else EMPTY


def matcher_of(rule: Mapping[str, Any], get: Get) -> Matcher:
    """What a DNAT rule or a network rule takes, classic or of a policy; `get` reads IP groups."""
    return Matcher(
        sources=_addresses(rule, "source", get),
        destinations=_addresses(rule, "destination", get),
        ports=_ports(rule),
        protocols=_protocols(rule),
    )


def _addresses(rule: Mapping[str, Any], side: str, get: Get) -> Part:
    """One side of a rule; FQDNs, service tags and places hide which addresses they stand for."""
    texts = [str(text).strip() for text in values_at(rule, f"{side}Addresses[]")]
    groups = _listed(rule, f"{side}IpGroups")
    doubts: list[str] = []
    found = list(_spans(texts, doubts))
    for group in groups:
        found += _members(group, get, doubts)
    hidden = [str(one) for key in ("Fqdns", "GeoLocations") for one in _listed(rule, f"{side}{key}")]
    doubts += [f"which addresses {text} stands for is not known" for text in hidden]
    if not (texts or groups or hidden):
        doubts.append(f"it names no {side}")
    must = from_pairs(found) if found else EMPTY
    return Part(must, EVERY_ADDRESS if doubts else must, tuple(doubts))


def _spans(texts: Iterable[str], doubts: list[str]) -> Iterator[tuple[int, int]]:
    for text in texts:
        if text == "*":
            yield from zip(EVERY_ADDRESS[::2], EVERY_ADDRESS[1::2], strict=True)
            continue
        span = parse_addresses(text)
        if span is None:
            doubts.append(f"which addresses {text} stands for is not known")
        else:
            yield span


def _members(group: Any, get: Get, doubts: list[str]) -> list[tuple[int, int]]:
    identity = next(ids_at({"id": group}, "id"), None)
    if identity is None:
        doubts.append(f"IP group {group} is no id that could be read")
        return []
    document = get(identity)
    if isinstance(document, Resource) and isinstance(document.properties("ipAddresses"), list):
        return list(_spans(map(str, document.properties("ipAddresses")), doubts))
    why = document.reason if isinstance(document, Unread) else "it is not there, or came without addresses"
    doubts.append(f"IP group {identity.name} was not read: {why}")
    return []


def _ports(rule: Mapping[str, Any]) -> Part:
    spans: list[tuple[int, int]] = []
    doubts: list[str] = []
    for text in map(str, _listed(rule, "destinationPorts")):
        span = parse_ports(text.strip())
        if span is None:
            doubts.append(f"port {text} cannot be read")
        else:
            spans.append(span)
    if not (spans or doubts):
        doubts.append("it names no ports")
    must = from_pairs(spans) if spans else EMPTY
    return Part(must, EVERY_PORT if doubts else must, tuple(doubts))


def _protocols(rule: Mapping[str, Any]) -> frozenset[str]:
    """Protocols of a rule; one that names none may take both."""
    named = {str(one).lower() for key in ("protocols", "ipProtocols") for one in _listed(rule, key)}
    return BOTH if not named or "any" in named else frozenset(named & BOTH)


def _listed(rule: Mapping[str, Any], key: str) -> list[Any]:
    found = rule.get(key)
    return found if isinstance(found, list) else []
