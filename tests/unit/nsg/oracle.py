"""A second opinion: one packet at a time, straight from the JSON, sharing no code with the engine.

Slow and plain on purpose. Each rule is asked whether it certainly and whether it possibly matches a packet;
the verdict follows the text of the specification rule by rule. Sets are never built; what tags hold is tried
out, every set of memberships in turn.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, product
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
    """`remote_in` and `local_in`: lower-case tags and ASG ids the end is a member of.

    `known` says that these are all there is, texts that nobody can read included; `assumed` says so of tags
    and groups only. Otherwise tags of unknown content may or may not hold either end, and what cannot be read
    may or may not match, while ASG memberships of the local end are as given."""

    remote: Address
    local: Address
    port: int
    source_port: int = 50000
    protocol: str = "tcp"
    direction: str = "inbound"
    remote_in: frozenset[str] = frozenset()
    local_in: frozenset[str] = frozenset()
    known: bool = False
    assumed: bool = False
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


def together(documents: Sequence[dict[str, Any]], packet: Packet) -> str:
    """The verdict of several NSGs in a row, whatever tags hold: what all cases agree on."""
    assert packet.remote.version == packet.local.version, "no packet has two families"
    found = {_in_a_row(documents, one) for one in _every_membership(documents, packet)}
    return next(iter(found)) if len(found) == 1 else "unknown"


def _in_a_row(documents: Sequence[dict[str, Any]], packet: Packet) -> str:
    found = {verdict(document, packet) for document in documents}
    if "deny" in found:
        return "deny"
    return "unknown" if "unknown" in found else "allow"


def _every_membership(documents: Sequence[dict[str, Any]], packet: Packet) -> Iterator[Packet]:
    """The packet with every set of tags and groups that may hold its ends."""
    near, far = ("destination", "source") if packet.direction == "inbound" else ("source", "destination")
    about = [rules_about(document, packet) for document in documents]
    named = {"virtualnetwork", *tags_of(about, far), *groups_of(about, far)}  # default rules name the first
    remote = sorted(name for name in named if may_hold(name, packet))
    local = [name for name in tags_of(about, near) if not is_vnet(name) and is_public(packet.local)]
    remote, local = ([name for name in names if is_name(name)] for names in (remote, local))
    for outer, inner in product(_subsets(remote), _subsets(local)):
        yield replace(packet, remote_in=outer, local_in=packet.local_in | inner, assumed=True)


def _subsets(names: Sequence[str]) -> list[frozenset[str]]:
    return [frozenset(some) for count in range(len(names) + 1) for some in combinations(names, count)]


def is_vnet(name: str) -> bool:
    return name == "virtualnetwork"


def is_name(text: str) -> bool:
    """Whether a text is the name of a tag or group, not an address that nobody can read."""
    return text.startswith("/subscriptions/") or not (text[0] in "0123456789:." or "/" in text or ":" in text)


def may_hold(name: str, packet: Packet) -> bool:
    """Service tags hold public addresses, VirtualNetwork and groups private ones.

    Routes may make VirtualNetwork hold everything; the host's address always belongs to it.
    """
    public = is_public(packet.remote)
    if is_vnet(name):
        return packet.remote != PROBE and (packet.default_route or not public)
    return public != name.startswith("/") or not is_name(name)


def _row(rule: dict[str, Any], packet: Packet) -> list[tuple[set[str], bool, bool]]:
    body = rule["properties"]
    direction = _lower(body.get("direction"))
    if direction in {"inbound", "outbound"} and direction != packet.direction:
        return []
    access = _lower(body.get("access"))
    accesses = {access} if access in {"allow", "deny"} else {"allow", "deny"}
    conditions = []
    for condition in conditions_of(body, packet):
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
        texts_of(body, f"{side}AddressPrefix", f"{side}AddressPrefixes")
        or body.get(f"{side}ApplicationSecurityGroups")
        for side in ("source", "destination")
    ]
    ports = protocol in PORTLESS or texts_of(body, "destinationPortRange", "destinationPortRanges")
    return not (protocol and all(sides) and ports)


type _Condition = tuple[bool, bool] | None  # certainly, possibly; None = the field is missing


def conditions_of(body: dict[str, Any], packet: Packet) -> Iterator[_Condition]:
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
    texts = texts_of(body, f"{side}PortRange", f"{side}PortRanges")
    if not texts:
        return side == "source"
    return all(any(in_port(text, port) for text in texts) for port in (0, 21, 22, 23, 3389, 40000, 65535))


def _port(body: dict[str, Any], side: str, port: int) -> _Condition:
    texts = texts_of(body, f"{side}PortRange", f"{side}PortRanges")
    if not texts:
        return None
    answers = [in_port(text, port) for text in texts]
    return True in answers, True in answers or None in answers


@lru_cache(maxsize=10_000)
def in_port(text: str, port: int) -> bool | None:
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
    texts = texts_of(body, f"{side}AddressPrefix", f"{side}AddressPrefixes")
    groups = [_lower(group["id"]) for group in body.get(f"{side}ApplicationSecurityGroups") or []]
    if not texts and not groups:
        return None
    answers = [_token(text, packet, local=local) for text in texts]
    answers += [_group(group, packet, local=local) for group in groups]
    return any(answer[0] for answer in answers), any(answer[1] for answer in answers)


def _group(group: str, packet: Packet, *, local: bool) -> tuple[bool, bool]:
    if local or packet.known or packet.assumed:
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
    spans = span_of(text)
    if spans:
        inside = spans[0].version == address.version and spans[0] <= address <= spans[1]
        return inside, inside
    if is_vnet(lowered) and address == PROBE:
        return True, True
    if packet.known or (packet.assumed and is_name(lowered)):
        return lowered in members, lowered in members
    if local:
        return False, is_public(address) or not is_name(lowered)
    return False, may_hold(lowered, packet)


@lru_cache(maxsize=10_000)
def span_of(text: str) -> tuple[Any, Any] | None:
    if "-" in text:
        first, _, last = text.partition("-")
        low, high = span_of(first.strip()), span_of(last.strip())
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


def texts_of(body: dict[str, Any], singular: str, plural: str) -> list[str]:
    values = [body.get(singular), *(body.get(plural) or [])]
    return [str(value).strip() for value in values if value is not None and str(value).strip()]


def _lower(value: Any) -> str:
    return value.strip().lower() if isinstance(value, str) else "" if value is None else "?"


def groups_of(documents: Iterable[dict[str, Any]], side: str) -> list[str]:
    found = {
        _lower(group["id"])
        for body in bodies_of(documents)
        for group in body.get(f"{side}ApplicationSecurityGroups") or []
    }
    return sorted(found)


def tags_of(documents: Iterable[dict[str, Any]], side: str) -> list[str]:
    """Lower-case names of everything whose content only a membership can tell."""
    known = {"*", "internet", "azureloadbalancer"}
    found = {
        text.lower()
        for body in bodies_of(documents)
        for text in texts_of(body, f"{side}AddressPrefix", f"{side}AddressPrefixes")
        if text.lower() not in known and span_of(text) is None
    }
    return sorted(found)


def rules_about(document: dict[str, Any], packet: Packet, *, any_source_port: bool = False) -> dict[str, Any]:
    """The NSG with only those rules that may match such a packet by direction, protocol and ports."""
    kept = []
    for rule in document["properties"].get("securityRules") or []:
        body = rule["properties"]
        direction = _lower(body.get("direction"))
        ports = 1 if packet.protocol in PORTLESS else 2 if any_source_port else 3
        conditions = list(conditions_of(body, packet))[:ports]
        if direction in {"inbound", "outbound"} and direction != packet.direction:
            continue
        if (False, False) not in conditions and not (_denies(body) and _incomplete(body)):
            kept.append(rule)
    return {"properties": {"securityRules": kept}}


def _denies(body: dict[str, Any]) -> bool:
    return _lower(body.get("access")) == "deny"


def bodies_of(documents: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for document in documents:
        for rule in document["properties"].get("securityRules") or []:
            yield rule["properties"]
