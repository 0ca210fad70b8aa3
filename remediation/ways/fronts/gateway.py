"""An Application Gateway's layer-4 listeners: from which front and port to which pool and port they lead.

A listener of protocol Tcp or Tls passes on any protocol; one of HTTP or HTTPS does not (TCP/TLS proxy
overview), so that it is no way to SSH or RDP. Parts are known by their id, or by the gateway's and a name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from remediation.model import Resource
from remediation.nsg.fields import parse_ports
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at

_LAYER_4 = frozenset({"tcp", "tls"})
_LAYER_7 = frozenset({"http", "https"})

type _Parts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Pool:
    """Who is behind: addresses, names, and keys of ip configurations."""

    key: str
    addresses: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    configurations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener with a routing rule.

    public  ids of the public addresses of its front; () for a private front
    port    in front, and `back` behind; None where it cannot be read
    pool    None where the rule names none that is in the document
    doubt   what of it cannot be read; "" where all can
    """

    name: str
    rule: str
    public: tuple[ResourceId, ...]
    port: int | None
    back: int | None
    pool: Pool | None
    doubt: str = ""


def listeners(gateway: Resource) -> Iterator[Listener]:
    """The layer-4 listeners with a public front, or with one of which that is not known."""
    routes = list(_parts(gateway, "routingRules").values())
    for key, listener in _parts(gateway, "listeners").items():
        if _protocol(listener) in _LAYER_7:
            continue
        for route in routes:
            if key in {one.key for one in ids_at(route, "properties.listener.id")}:
                found = _listener(gateway, listener, route)
                if found is not None:
                    yield found


def without_a_listener(gateway: Resource) -> Iterator[str]:
    """Routing rules whose listener is not in the document, in words."""
    known = _parts(gateway, "listeners")
    for route in _parts(gateway, "routingRules").values():
        if not any(one.key in known for one in ids_at(route, "properties.listener.id")):
            yield f"the listener of rule {route.get('name')} is not in the document of {gateway.id.name}"


def _listener(gateway: Resource, listener: Mapping[str, Any], route: Mapping[str, Any]) -> Listener | None:
    front = _part_at(gateway, "frontendIPConfigurations", listener, "frontendIPConfiguration")
    public = tuple(ids_at(front, "properties.publicIPAddress.id"))
    private = [*ids_at(front, "properties.subnet.id"), *values_at(front, "properties.privateIPAddress")]
    if private and not public:
        return None
    port = _port(_part_at(gateway, "frontendPorts", listener, "frontendPort"))
    settings = _part_at(gateway, "backendSettingsCollection", route, "backendSettings")
    pool = _pool(gateway, route)
    missing = {
        "its protocol": _protocol(listener) in _LAYER_4,
        "its front": bool(public),
        "its port": port is not None,
        "its backend settings": _port(settings) is not None,
        "its pool": pool is not None,
    }
    unread = next((what for what, known in missing.items() if not known), "")
    name = str(listener.get("name") or "")
    doubt = f"{unread} of listener {name} of {gateway.id.name} cannot be read" if unread else ""
    return Listener(name, str(route.get("name") or ""), public, port, _port(settings), pool, doubt)


def _pool(gateway: Resource, route: Mapping[str, Any]) -> Pool | None:
    named = next(ids_at(route, "properties.backendAddressPool.id"), None)
    part = _part_at(gateway, "backendAddressPools", route, "backendAddressPool")
    if named is None or not part:
        return None
    addresses = [one for one in values_at(part, "properties.backendAddresses[]") if isinstance(one, Mapping)]
    return Pool(
        named.key,
        frozenset(str(one["ipAddress"]).strip() for one in addresses if one.get("ipAddress")),
        tuple(str(one["fqdn"]) for one in addresses if one.get("fqdn")),
        frozenset(one.key for one in ids_at(part, "properties.backendIPConfigurations[].id")),
    )


def _parts(gateway: Resource, array: str) -> _Parts:
    """The elements of an array by their keys."""
    found = {}
    for part in values_at(gateway.body, f"properties.{array}[]"):
        if not isinstance(part, Mapping):
            continue
        name = part.get("name")
        own = gateway.id.child(array, name) if isinstance(name, str) and name else None
        identity = next(ids_at(part, "id"), own)
        if identity is not None:
            found[identity.key] = part
    return found


def _part_at(gateway: Resource, array: str, holder: Mapping[str, Any], reference: str) -> Mapping[str, Any]:
    """The part that a reference names; empty where it is not in the document."""
    parts = _parts(gateway, array)
    named = ids_at(holder, f"properties.{reference}.id")
    return next((parts[one.key] for one in named if one.key in parts), {})


def _protocol(listener: Mapping[str, Any]) -> str:
    return str(next(values_at(listener, "properties.protocol"), "")).lower()


def _port(part: Mapping[str, Any]) -> int | None:
    span = parse_ports(str(next(values_at(part, "properties.port"), "")))
    return span[0] if span is not None and span[1] - span[0] == 1 else None
