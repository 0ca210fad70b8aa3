"""IPv4 and IPv6 addresses on one line of integers: text in, text out, and which part of it is public.

IPv4 address `a` is the integer `a`; IPv6 address `a` is `2**128 + a`. The two families cannot touch, so a
set of addresses of both is one `Ranges`.

Reading is as strict as the standard library's `ipaddress` (which a test holds it to), only several times
faster: no leading zeros in an octet, host bits of a prefix are masked off, every IPv6 form is accepted.
"""

import re
from bisect import bisect_left
from typing import Literal

from remediation.nsg.spaces.sets import Ranges, from_pairs, intersect, pairs, subtract

V4_BITS = 32
V6_BITS = 128
V6 = 1 << V6_BITS  # where the IPv6 part of the line begins
V4_SPACE: Ranges = (0, 1 << V4_BITS)
V6_SPACE: Ranges = (V6, V6 << 1)
EVERY_ADDRESS: Ranges = V4_SPACE + V6_SPACE

type Family = Literal["ipv4", "ipv6"]
FAMILIES: dict[Family, Ranges] = {"ipv4": V4_SPACE, "ipv6": V6_SPACE}

_OCTET = {str(value): value for value in range(256)}
_DECIMAL = tuple(_OCTET)
_FIRST, _SECOND, _THIRD = (
    {text: value << shift for text, value in _OCTET.items()} for shift in (24, 16, 8)
)  # in place already: a thousand rules have four thousand prefixes
_V4_SIZE = {str(length): 1 << (V4_BITS - length) for length in range(V4_BITS + 1)}
_V6_SIZE = {str(length): 1 << (V6_BITS - length) for length in range(V6_BITS + 1)}
_V4_NETWORK = {length: (V4_SPACE[1] - size, size) for length, size in _V4_SIZE.items()}
_V4_LENGTH = {size: f"/{length}" for length, size in _V4_SIZE.items()}
_V6_LENGTH = {size: f"/{length}" for length, size in _V6_SIZE.items()}
_DIGITS = frozenset("0123456789")
_HEX = _DIGITS | frozenset("abcdefABCDEF")
_GROUPS = 8
_V6_NETWORK = re.compile(r"[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6}::")
_LOW_HALF = (1 << 64) - 1


def parse_addresses(text: str) -> tuple[int, int] | None:
    """An address, a prefix or a range `a-b` as a half-open pair; None when the text is none of them."""
    if text[:1] not in _DIGITS or ":" in text:  # most texts that are no address are tags
        return _parse_other(text)
    try:
        first, second, third, last = text.split(".")
        fourth, slash, length = last.partition("/")
        number = _SECOND[second] + _THIRD[third] + _OCTET[fourth] + _FIRST[first]
        if not slash:
            return number, number + 1
        mask, size = _V4_NETWORK[length]
    except (ValueError, KeyError):
        return _parse_other(text)
    low = number & mask
    return low, low + size


def _parse_other(text: str) -> tuple[int, int] | None:
    if "-" in text:
        return _parse_span(text)
    address, slash, length = text.partition("/")
    if ":" not in text:
        return _parse_unusual_prefix(text) if slash else None
    number = _parse_v6(address)
    if number is None:
        return None
    size = _V6_SIZE.get(length) if slash else 1
    if size is None:
        return _parse_unusual_prefix(text)
    low = number & -size
    return low, low + size


def ranges_of(*texts: str) -> Ranges:
    """The set that these addresses, prefixes or ranges hold together; ValueError for what is none of them."""
    found = []
    for text in texts:
        pair = parse_addresses(text.strip())
        if pair is None:
            raise ValueError(f"not an IP address, prefix or range: {text!r}")
        found.append(pair)
    return from_pairs(found)


def families_of(ranges: Ranges) -> tuple[bool, bool]:
    """Whether a set that is not empty holds IPv4 addresses, and whether it holds IPv6 addresses."""
    return ranges[0] < V6, ranges[-1] > V6


def by_family(ranges: Ranges) -> tuple[Ranges, Ranges]:
    """The IPv4 and the IPv6 part of a set of addresses; no interval reaches from one into the other."""
    at = bisect_left(ranges, V6)
    return ranges[:at], ranges[at:]


def _parse_span(text: str) -> tuple[int, int] | None:
    first, _, last = (part.strip() for part in text.partition("-"))
    if "/" in text or "-" in last:
        return None
    low, high = parse_addresses(first), parse_addresses(last)
    if low is None or high is None or low[0] > high[0] or (low[0] >= V6) != (high[0] >= V6):
        return None
    return low[0], high[1]


def _parse_unusual_prefix(text: str) -> tuple[int, int] | None:
    """`10.0.0.0/255.0.0.0` and `10.0.0.0/08`: rare enough to leave to the standard library."""
    address, _, length = text.partition("/")
    if not (length and length[0].isdigit() and address and address[0] in _HEX | {":"}):
        return None  # a tag or a plain mistake: not worth an import
    import ipaddress

    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    low = int(network.network_address) + (V6 if network.version == 6 else 0)
    return low, low + network.num_addresses


def _parse_v4(text: str) -> int | None:
    try:
        first, second, third, fourth = text.split(".")
        return _OCTET[first] << 24 | _OCTET[second] << 16 | _OCTET[third] << 8 | _OCTET[fourth]
    except (ValueError, KeyError):
        return None


def _parse_v6(text: str) -> int | None:
    if _V6_NETWORK.fullmatch(text):  # most prefixes end in `::`
        groups = text[:-2].split(":")
        number = 1
        for digits in groups:
            number = number << 16 | int(digits, 16)
        return number << 16 * (_GROUPS - len(groups))
    head, gap, tail = text.partition("::")
    front, back = _groups(head, last=not gap), _groups(tail, last=True)
    if front is None or back is None:
        return None
    missing = _GROUPS - len(front) - len(back)
    if (missing < 1) if gap else missing:
        return None
    number = 1
    for group in (*front, *[0] * missing, *back):
        number = number << 16 | group
    return number


def _groups(text: str, *, last: bool) -> list[int] | None:
    """The 16-bit groups of one side of `::`; an IPv4 tail counts as two, and only at the very end."""
    if not text:
        return []
    parts = text.split(":")
    ending: list[int] = []
    if last and "." in parts[-1]:
        tail = _parse_v4(parts.pop())
        if tail is None:
            return None
        ending = [tail >> 16, tail & 0xFFFF]
    if not (_HEX.issuperset("".join(parts)) and all(parts) and max(map(len, parts), default=0) < 5):
        return None
    return [int(part, 16) for part in parts] + ending


def to_text(address: int) -> str:
    """One address of the line as people write it (RFC 5952 for IPv6)."""
    if address < V6:
        first, second, third, fourth = address.to_bytes(4)
        return f"{_DECIMAL[first]}.{_DECIMAL[second]}.{_DECIMAL[third]}.{_DECIMAL[fourth]}"
    if not address & _LOW_HALF:  # a network: the zeros at its end are its longest run
        half = address >> 64 & _LOW_HALF
        if not half & 0xFFFFFFFF and half >> 32 & 0xFFFF:
            return f"{half >> 48:x}:{half >> 32 & 0xFFFF:x}::"
        high = f"{half >> 48:x}:{half >> 32 & 0xFFFF:x}:{half >> 16 & 0xFFFF:x}:{half & 0xFFFF:x}"
        while high.endswith(":0"):
            high = high[:-2]
        return f"{high}::" if high != "0" else "::"
    groups = [f"{address >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]
    start, length = _longest_zero_run(groups)
    if length < 2:
        return ":".join(groups)
    return f"{':'.join(groups[:start])}::{':'.join(groups[start + length :])}"


def _longest_zero_run(groups: list[str]) -> tuple[int, int]:
    best, start = (0, 0), 0
    for index, group in enumerate([*groups, "end"]):
        if group != "0":
            if index - start > best[1]:
                best = (start, index - start)
            start = index + 1
    return best


def cidrs(ranges: Ranges) -> list[str]:
    """The fewest prefixes that hold exactly this set, ascending, IPv4 first."""
    texts: list[str] = []
    for pair in pairs(ranges):
        texts += _PUBLIC_CIDRS.get(pair) or _split(*pair)
    return texts


def _split(low: int, high: int) -> list[str]:
    lengths = _V4_LENGTH if low < V6 else _V6_LENGTH
    texts = []
    while low < high:
        size, left = low & -low or V4_SPACE[1], high - low  # as much as can begin here, and as is left
        if size > left:
            size = 1 << left.bit_length() - 1
        texts.append(to_text(low) + lengths[size])
        low += size
    return texts


# Outside these ranges an address is public. The list is part of this product's contract: IANA's special
# purpose registries, plus the host address 168.63.129.16 from which Azure probes and answers DNS.
NOT_PUBLIC_V4 = ranges_of(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
)  # fmt: skip
GLOBAL_UNICAST_V6 = ranges_of("2000::/3")
_RESERVED_V6 = ranges_of("2001:2::/48", "2001:db8::/32", "3fff::/20")

_PUBLIC_CIDRS: dict[tuple[int, int], list[str]] = {}
PUBLIC: Ranges = subtract(V4_SPACE, NOT_PUBLIC_V4) + subtract(GLOBAL_UNICAST_V6, _RESERVED_V6)
# The whole public space is the commonest answer; its text is written once.
_PUBLIC_CIDRS.update({pair: _split(*pair) for pair in pairs(PUBLIC)})

PUBLIC_V4, PUBLIC_V6 = intersect(PUBLIC, V4_SPACE), intersect(PUBLIC, V6_SPACE)
LOAD_BALANCER: Ranges = ranges_of("168.63.129.16")
