"""Functions of templates on address ranges."""

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from remediation.estates.deployments.templates.values import ExpressionError


def _subnet(prefix: str, length: int, index: int) -> str:
    """The `index`-th range of that length in a range."""
    whole = ipaddress.ip_network(prefix, strict=False)
    if not whole.prefixlen <= length <= whole.max_prefixlen or not 0 <= index < 1 << length - whole.prefixlen:
        raise ExpressionError("the range has no such part")
    first = int(whole.network_address) + (index << whole.max_prefixlen - length)
    return f"{type(whole.network_address)(first)}/{length}"


def _host(prefix: str, index: int) -> str:
    """The `index`-th address that a machine may have; the network's own is none."""
    whole = ipaddress.ip_network(prefix, strict=False)
    place = index + 1
    if not 0 < place < whole.num_addresses:
        raise ExpressionError("the range has no such address")
    return str(whole[place])


def _parsed(prefix: str) -> dict[str, Any]:
    whole = ipaddress.ip_network(prefix, strict=False)
    told: dict[str, Any] = {
        "network": str(whole.network_address),
        "netmask": str(whole.netmask),
        "cidr": whole.prefixlen,
    }
    if isinstance(whole, ipaddress.IPv4Network):
        told["broadcast"] = str(whole.broadcast_address)
    inner = whole.prefixlen < whole.max_prefixlen - 1
    told["firstUsable"] = str(whole[1 if inner else 0])
    last = -2 if inner and isinstance(whole, ipaddress.IPv4Network) else -1
    return {**told, "lastUsable": str(whole[last])}


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "cidrsubnet": _subnet,
    "cidrhost": _host,
    "parsecidr": _parsed,
}
