"""A second opinion: one packet at a time, straight from the JSON, sharing no code with the engine.

Slow and plain on purpose. Each rule is asked whether it certainly and whether it possibly matches a packet;
the verdict follows the text of the specification rule by rule. Sets are never built: `samples` gives the
first member of every stretch of addresses or ports between two boundaries that occur anywhere, so that what
holds for all samples holds everywhere.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NOT_PUBLIC = [
    ipaddress.ip_network(text)
    for text in [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001:2::/48",
        "2001:db8::/32",
        "3fff::/20",
    ]
]
PUBLIC_V6 = ipaddress.ip_network("2000::/3")
PROBE = ipaddress.ip_address("168.63.129.16")
PORTLESS = ("icmp", "esp", "ah")
DEFAULTS = {
    "inbound": [
        (65000, "allow", "VirtualNetwork", "VirtualNetwork"),
        (65001, "allow", "AzureLoadBalancer", "*"),
        (65500, "deny", "*", "*"),
    ],
    "outbound": [
        (65000, "allow", "VirtualNetwork", "VirtualNetwork"),
        (65001, "allow", "*", "Internet"),
        (65500, "deny", "*", "*"),
    ],
}


@dataclass(frozen=True)
class Packet:
    """`remote_in` and `local_in`: lower-case tags and ASG ids the end is a member of. `known` says that these
    are all there is; otherwise tags of unknown content may or may not hold the remote end, as the
    specification's three-valued reading has it, while ASG memberships of the local end are as given."""

    remote: Address
    local: Address
    port: int
    source_port: int = 50000
    protocol: str = "tcp"
    direction: str = "inbound"
    remote_in: frozenset[str] = frozenset()
    local_in: frozenset[str] = frozenset()
    known: bool = False
    default_route: bool = False
    left_out: bool = False  # leave the unconfirmed ICMP, ESP and AH effect out


@lru_cache(maxsize=10_000)
def is_public(address: Address) -> bool:
    if address.version == 6 and address not in PUBLIC_V6:
        return False
    return not any(address in network for network in NOT_PUBLIC if network.version == address.version)


def verdict(document: dict[str, Any], packet: Packet) -> str:
    """`allow`, `deny` or `unknown` for one NSG."""
    custom: dict[int, list[dict[str, Any]]] = {}
    for rule in document["properties"].get("securityRules") or []:
        custom.setdefault(_place(rule["properties"]), []).append(rule)
    defaults = {default[0]: default[1:] for default in DEFAULTS[packet.direction]}
    perhaps: set[str] = set()
    for place in sorted({*custom, *defaults}):
        rows = [row for rule in custom.get(place, ()) for row in _row(rule, packet)]
        if place in defaults:
            access, source, destination = defaults[place]
            rows.append(({access}, *_default_match(packet, source, destination)))
        perhaps.update(*(accesses for accesses, _, may in rows if may))
        if any(must for _, must, _ in rows):  # nobody knows the order of rules of the same priority
            return next(iter(perhaps)) if len(perhaps) == 1 else "unknown"
    raise AssertionError("the last default rule matches everything")


def _place(body: dict[str, Any]) -> int:
    """A rule whose priority cannot be read may come at any place: it casts its doubt on all of them."""
    priority = body.get("priority")
    return priority if isinstance(priority, int) else -1


def together(documents: Iterable[dict[str, Any]], packet: Packet) -> str:
    """The verdict of several NSGs in a row."""
    found = {verdict(document, packet) for document in documents}
    if "deny" in found:
        return "deny"
    return "unknown" if "unknown" in found else "allow"


def _row(rule: dict[str, Any], packet: Packet) -> list[tuple[set[str], bool, bool]]:
    body = rule["properties"]
    direction = _lower(body.get("direction"))
    if direction in {"inbound", "outbound"} and direction != packet.direction:
        return []
    access = _lower(body.get("access"))
    accesses = {access} if access in {"allow", "deny"} else {"allow", "deny"}
    conditions = []
    for condition in _conditions(body, packet):
        if condition == (False, False):
            return []
        conditions.append(condition)
    if accesses == {"deny"} and _incomplete(body):
        return []  # an incomplete Deny matches nothing
    pairs = [(True, True) if condition is None else condition for condition in conditions]
    must, may = all(pair[0] for pair in pairs), all(pair[1] for pair in pairs)
    if _place(body) < 0 or direction not in {"inbound", "outbound"} or len(accesses) == 2:
        must = False
    return [(accesses, must, may)]


def _incomplete(body: dict[str, Any]) -> bool:
    """Whether a whole field is missing, whatever the packet is; only ICMP, ESP and AH do without ports."""
    protocol = _lower(body.get("protocol"))
    sides = [
        _texts(body, f"{side}AddressPrefix", f"{side}AddressPrefixes")
        or body.get(f"{side}ApplicationSecurityGroups")
        for side in ("source", "destination")
    ]
    ports = protocol in PORTLESS or _texts(body, "destinationPortRange", "destinationPortRanges")
    return not (protocol and all(sides) and ports)


type _Condition = tuple[bool, bool] | None  # certainly, possibly; None = the field is missing


def _conditions(body: dict[str, Any], packet: Packet) -> Iterator[_Condition]:
    near, far = ("destination", "source") if packet.direction == "inbound" else ("source", "destination")
    yield _protocol(body, packet)
    if packet.protocol not in PORTLESS:
        yield _port(body, "destination", packet.port)
        yield _port(body, "source", packet.source_port) or (True, True)
    yield _side(body, far, packet)
    yield _side(body, near, packet)


def _protocol(body: dict[str, Any], packet: Packet) -> _Condition:
    text = _lower(body.get("protocol"))
    if text == packet.protocol:
        return True, True
    if text in {"", "*"}:
        if packet.protocol in PORTLESS and not (_any_port(body, "source") and _any_port(body, "destination")):
            return (False, False) if packet.left_out else (False, True)
        return (True, True) if text else None
    if text in {"tcp", "udp", *PORTLESS}:
        return False, False
    return False, True


def _any_port(body: dict[str, Any], side: str) -> bool:
    texts = _texts(body, f"{side}PortRange", f"{side}PortRanges")
    if not texts:
        return side == "source"
    return all(any(_in_port(text, port) for text in texts) for port in (0, 21, 22, 23, 3389, 40000, 65535))


def _port(body: dict[str, Any], side: str, port: int) -> _Condition:
    texts = _texts(body, f"{side}PortRange", f"{side}PortRanges")
    if not texts:
        return None
    answers = [_in_port(text, port) for text in texts]
    return True in answers, True in answers or None in answers


@lru_cache(maxsize=10_000)
def _in_port(text: str, port: int) -> bool | None:
    """None when the text cannot be read."""
    if text == "*":
        return True
    ends = [part.strip() for part in text.split("-")]
    if len(ends) > 2 or not all(end.isdigit() and int(end) < 65536 for end in ends):
        return None
    if int(ends[0]) > int(ends[-1]):
        return None
    return int(ends[0]) <= port <= int(ends[-1])


def _side(body: dict[str, Any], side: str, packet: Packet) -> _Condition:
    local = (side == "destination") == (packet.direction == "inbound")
    texts = _texts(body, f"{side}AddressPrefix", f"{side}AddressPrefixes")
    groups = [_lower(group["id"]) for group in body.get(f"{side}ApplicationSecurityGroups") or []]
    if not texts and not groups:
        return None
    answers = [_token(text, packet, local=local) for text in texts]
    answers += [_group(group, packet, local=local) for group in groups]
    return any(answer[0] for answer in answers), any(answer[1] for answer in answers)


def _group(group: str, packet: Packet, *, local: bool) -> tuple[bool, bool]:
    if local or packet.known:
        inside = group in (packet.local_in if local else packet.remote_in)
        return inside, inside
    return False, not is_public(packet.remote)


def _token(text: str, packet: Packet, *, local: bool) -> tuple[bool, bool]:
    address = packet.local if local else packet.remote
    members = packet.local_in if local else packet.remote_in
    lowered = text.lower()
    if text == "*" or (local and lowered == "virtualnetwork"):
        return True, True
    if lowered == "internet":
        return is_public(address), is_public(address)
    if lowered == "azureloadbalancer":
        return address == PROBE, address == PROBE
    spans = _span(text)
    if spans:
        inside = spans[0].version == address.version and spans[0] <= address <= spans[1]
        return inside, inside
    if packet.known:
        return lowered in members, lowered in members
    if lowered == "virtualnetwork":
        return False, packet.default_route or (not is_public(address) and address != PROBE)
    return False, True


@lru_cache(maxsize=10_000)
def _span(text: str) -> tuple[Any, Any] | None:
    if "-" in text:
        first, _, last = text.partition("-")
        low, high = _span(first.strip()), _span(last.strip())
        return (low[0], high[1]) if low and high and low[0] <= high[1] else None
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return network[0], network[-1]


def _default_match(packet: Packet, source: str, destination: str) -> tuple[bool, bool]:
    inbound = packet.direction == "inbound"
    from_must, from_may = _token(source, packet, local=not inbound)
    to_must, to_may = _token(destination, packet, local=inbound)
    return from_must and to_must, from_may and to_may


def _texts(body: dict[str, Any], singular: str, plural: str) -> list[str]:
    values = [body.get(singular), *(body.get(plural) or [])]
    return [str(value).strip() for value in values if value is not None and str(value).strip()]


def _lower(value: Any) -> str:
    return value.strip().lower() if isinstance(value, str) else "" if value is None else "?"


# Samples: one address or port for each stretch between boundaries


def remote_samples(documents: Iterable[dict[str, Any]], *, public: bool | None = None) -> list[Address]:
    """First addresses of all stretches that rules or the public space cut out; `public` filters."""
    edges = set(_edges(documents))
    for network in (*NOT_PUBLIC, PUBLIC_V6):
        edges |= _around(network[0], network[-1])
    return sorted((edge for edge in edges if public in (None, is_public(edge))), key=_order)


def local_samples(documents: Iterable[dict[str, Any]]) -> list[Address]:
    return sorted(_edges(documents), key=_order)


def _order(address: Address) -> tuple[int, int]:
    return address.version, int(address)


def _edges(documents: Iterable[dict[str, Any]]) -> Iterator[Address]:
    yield ipaddress.ip_address("0.0.0.0")  # noqa: S104  an address to judge, not one to listen on
    yield ipaddress.ip_address("::")
    for body in _bodies(documents):
        for side in ("source", "destination"):
            for text in _texts(body, f"{side}AddressPrefix", f"{side}AddressPrefixes"):
                span = _span(text)
                if span:
                    yield from _around(*span)
                if text.lower() == "azureloadbalancer":
                    yield from _around(PROBE, PROBE)


def _around(first: Address, last: Address) -> set[Address]:
    return {first} if last == type(last)(2**last.max_prefixlen - 1) else {first, last + 1}


def port_samples(documents: Iterable[dict[str, Any]], side: str) -> list[int]:
    found = {0}
    for body in _bodies(documents):
        for text in _texts(body, f"{side}PortRange", f"{side}PortRanges"):
            if _in_port(text, 0) is not None and text != "*":
                ends = [int(end) for end in text.split("-")]
                found |= {ends[0], ends[-1] + 1}
    return sorted(port for port in found if port < 65536)


def groups_of(documents: Iterable[dict[str, Any]], side: str) -> list[str]:
    found = {
        _lower(group["id"])
        for body in _bodies(documents)
        for group in body.get(f"{side}ApplicationSecurityGroups") or []
    }
    return sorted(found)


def tags_of(documents: Iterable[dict[str, Any]], side: str) -> list[str]:
    """Lower-case names of everything whose content only a membership can tell."""
    known = {"*", "internet", "azureloadbalancer"}
    found = {
        text.lower()
        for body in _bodies(documents)
        for text in _texts(body, f"{side}AddressPrefix", f"{side}AddressPrefixes")
        if text.lower() not in known and _span(text) is None
    }
    return sorted(found)


def alike[P](documents: Iterable[dict[str, Any]], packets: Iterable[tuple[P, Packet]]) -> dict[P, list[P]]:
    """Names of packets in groups of which every rule says the same: the first name -> all names."""
    bodies = list(_bodies(documents))
    found: dict[object, list[P]] = {}
    for name, packet in packets:
        says = tuple(condition for body in bodies for condition in _conditions(body, packet))
        found.setdefault((is_public(packet.remote), packet.remote == PROBE, says), []).append(name)
    return {names[0]: names for names in found.values()}


def rules_about(document: dict[str, Any], packet: Packet, *, any_source_port: bool = False) -> dict[str, Any]:
    """The NSG with only those rules that may match such a packet by direction, protocol and ports."""
    kept = []
    for rule in document["properties"].get("securityRules") or []:
        body = rule["properties"]
        direction = _lower(body.get("direction"))
        ports = 1 if packet.protocol in PORTLESS else 2 if any_source_port else 3
        conditions = list(_conditions(body, packet))[:ports]
        if direction in {"inbound", "outbound"} and direction != packet.direction:
            continue
        if (False, False) not in conditions and not (_denies(body) and _incomplete(body)):
            kept.append(rule)
    return {"properties": {"securityRules": kept}}


def _denies(body: dict[str, Any]) -> bool:
    return _lower(body.get("access")) == "deny"


def _bodies(documents: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for document in documents:
        for rule in document["properties"].get("securityRules") or []:
            yield rule["properties"]
