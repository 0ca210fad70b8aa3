"""One security rule as the evaluator sees it, and the six default rules nobody can remove.

Reading is lazy: a question about port 22 looks at direction, protocol and ports of a rule first and reads
its addresses only when these match. What was read is kept, so that several questions share the work.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final

from remediation.nsg.fields import ANY_PORT, AddressField, PortField, read_addresses, read_ports

LOWEST_PRIORITY: Final = 100
HIGHEST_PRIORITY: Final = 4096
FIRST_DEFAULT_PRIORITY: Final = 65000


class Direction(Enum):
    INBOUND = "Inbound"
    OUTBOUND = "Outbound"


class Access(Enum):
    ALLOW = "Allow"
    DENY = "Deny"


ANY_PROTOCOL = "*"
TRANSPORTS = ("tcp", "udp")
PORTLESS = ("icmp", "esp", "ah")  # their port fields mean nothing
PROTOCOLS = (*TRANSPORTS, *PORTLESS)

_DIRECTIONS = {"Inbound": Direction.INBOUND, "Outbound": Direction.OUTBOUND}
_ACCESSES = {"Allow": Access.ALLOW, "Deny": Access.DENY}
_PROTOCOL = {name: name.lower() for name in ("Tcp", "Udp", "Icmp", "Esp", "Ah", "*", "TCP", "UDP", "ICMP")}
_ALL_PROTOCOLS = frozenset((*PROTOCOLS, ANY_PROTOCOL))


class SecurityRule:
    """A rule of an ARM document. `None` in `priority`, `direction` or `access` means it could not be read.

    `protocol` is lower case; None when absent, `"?"` when unreadable. `element` is the JSON value as it
    stood in `securityRules`; `default` tells a platform rule from a person's.
    """

    __slots__ = (
        "_destination",
        "_destination_ports",
        "_source",
        "_source_ports",
        "access",
        "default",
        "direction",
        "element",
        "name",
        "priority",
        "properties",
        "protocol",
    )

    def __init__(self, element: Any, position: int = 0, default: bool = False) -> None:
        fields: Any = element if type(element) is dict else {}
        properties = fields.get("properties")
        if properties is None:
            properties = fields
        elif type(properties) is not dict:
            properties = {}
        name = fields.get("name")
        self.element = element
        self.default = default
        self.properties: dict[str, Any] = properties
        self.name: str = name if type(name) is str and name else f"securityRules[{position}]"
        priority = properties.get("priority")
        self.priority = priority if type(priority) is int else _priority(priority)
        try:  # as ARM writes them, which is nearly always
            self.direction: Direction | None = _DIRECTIONS[properties["direction"]]
            self.access: Access | None = _ACCESSES[properties["access"]]
            self.protocol: str | None = _PROTOCOL[properties["protocol"]]
        except (KeyError, TypeError):
            self.direction = _enum(properties.get("direction"), _DIRECTIONS)
            self.access = _enum(properties.get("access"), _ACCESSES)
            self.protocol = _protocol(properties.get("protocol"))
        self._source: AddressField | None = None
        self._destination: AddressField | None = None
        self._source_ports: PortField | None = None
        self._destination_ports: PortField | None = None

    @property
    def named(self) -> bool:
        """Whether the document gives a name; `name` is its place in the list otherwise."""
        return isinstance(self.element, dict) and self.element.get("name") == self.name

    @property
    def source(self) -> AddressField:
        if self._source is None:
            self._source = read_addresses(self.properties, "source")
        return self._source

    @property
    def destination(self) -> AddressField:
        if self._destination is None:
            self._destination = read_addresses(self.properties, "destination")
        return self._destination

    @property
    def source_ports(self) -> PortField:
        """Absent means any: templates commonly leave the source port out."""
        if self._source_ports is None:
            ports = read_ports(self.properties, "source")
            self._source_ports = ANY_PORT if ports.missing else ports
        return self._source_ports

    @property
    def destination_ports(self) -> PortField:
        if self._destination_ports is None:
            self._destination_ports = read_ports(self.properties, "destination")
        return self._destination_ports

    @property
    def incomplete(self) -> bool:
        """Whether a field has no form at all: an Allow is then read at its widest, a Deny matches nothing."""
        return (
            self.protocol is None
            or self.source.missing
            or self.destination.missing
            or (self.destination_ports.missing and self.protocol not in PORTLESS)
        )

    def missing_fields(self) -> Iterator[str]:
        if self.protocol is None:
            yield "protocol"
        if self.source.missing:
            yield "sourceAddressPrefix"
        if self.destination.missing:
            yield "destinationAddressPrefix"
        if self.destination_ports.missing and self.protocol not in PORTLESS:
            yield "destinationPortRange"

    def __repr__(self) -> str:
        return f"SecurityRule({self.name!r}, {self.priority}, {self.properties!r})"


def _priority(value: Any) -> int | None:
    """A whole number written otherwise, sorted as it stands even where ARM takes none."""
    return int(value) if type(value) is float and value.is_integer() else None


def _enum[T](value: Any, known: Mapping[str, T]) -> T | None:
    if type(value) is not str:
        return None
    return known.get(value.strip().capitalize())


def _protocol(value: Any) -> str | None:
    if type(value) is not str:
        return None if value is None else "?"
    known = _PROTOCOL.get(value)
    if known is None:
        lowered = value.strip().lower()
        known = (lowered if lowered in _ALL_PROTOCOLS else "?") if lowered else None
    return known


def _default(
    name: str, priority: int, direction: str, access: str, source: str, destination: str
) -> SecurityRule:
    properties = {
        "protocol": "*",
        "sourcePortRange": "*",
        "destinationPortRange": "*",
        "sourceAddressPrefix": source,
        "destinationAddressPrefix": destination,
        "access": access,
        "priority": priority,
        "direction": direction,
    }
    return SecurityRule({"name": name, "properties": properties}, default=True)


# Network security groups overview: these six always apply, whatever `defaultSecurityRules` says.
DEFAULT_RULES: dict[Direction, tuple[SecurityRule, SecurityRule, SecurityRule]] = {
    Direction.INBOUND: (
        _default("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
        _default("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
        _default("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"),
    ),
    Direction.OUTBOUND: (
        _default("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
        _default("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"),
        _default("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"),
    ),
}
