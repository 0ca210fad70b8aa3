"""Security admin rules of a virtual network manager, which are evaluated before any NSG.

`AlwaysAllow` and `Deny` are final there, `Allow` passes on to the NSG. What an AlwaysAllow lets in, no change
of an NSG can keep out. ARM tells which rules govern a network. From the rules' own documents that cannot be
worked out: members of a network group may come from an Azure Policy, which no document shows, so every rule
counts as one that may govern, but for what lies outside its manager's scope.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from remediation.kinds import NETWORK_MANAGER
from remediation.model import Resource
from remediation.nsg.fields import parse_ports
from remediation.nsg.spaces.addresses import PUBLIC, parse_addresses
from remediation.nsg.spaces.sets import Ranges, contains, intersect
from remediation.resource_id import ResourceId
from remediation.rule import values_at

_PROTOCOLS = frozenset({"tcp", "udp", "any", "*", ""})


def always_let_in(
    rules: Iterable[Resource], ports: Sequence[int], public: Ranges = PUBLIC
) -> Iterator[Resource]:
    """The rules that may let somebody public reach one of the ports whatever an NSG says.

    A field that is missing or cannot be read counts as one that may match.
    """
    return (rule for rule in rules if _lets_in(rule, ports, public))


def may_govern(
    rules: Iterable[Resource], network: ResourceId, find: Callable[[ResourceId], Resource | None]
) -> Iterator[Resource]:
    """The rules that may govern a network; `find` gives a manager's document, None where there is none."""
    return (rule for rule in rules if not _leaves_out(rule.id.up_to(NETWORK_MANAGER), network, find))


def _leaves_out(
    manager: ResourceId | None, network: ResourceId, find: Callable[[ResourceId], Resource | None]
) -> bool:
    """Whether a manager governs named subscriptions only, and this network's is none of them."""
    document = None if manager is None else find(manager)
    scopes = None if document is None else document.properties("networkManagerScopes")
    if not isinstance(scopes, Mapping) or scopes.get("managementGroups") or scopes.get("crossTenantScopes"):
        return False
    named = scopes.get("subscriptions")
    if not isinstance(named, list) or not named:
        return False
    return f"/subscriptions/{network.subscription}".lower() not in {str(one).lower() for one in named}


def _lets_in(rule: Resource, ports: Sequence[int], public: Ranges) -> bool:
    return (
        _is(rule, "access", "alwaysallow")
        and _is(rule, "direction", "inbound")
        and str(rule.properties("protocol") or "").lower() in _PROTOCOLS
        and _any_port(rule.properties("destinationPortRanges"), ports)
        and _any_public(rule, public)
    )


def _is(rule: Resource, name: str, wanted: str) -> bool:
    written = rule.properties(name)
    return written is None or str(written).lower() == wanted


def _any_port(ranges: Any, ports: Sequence[int]) -> bool:
    if not isinstance(ranges, list) or not ranges:
        return True
    spans = [parse_ports(str(text)) for text in ranges]
    return any(span is None or any(contains(span, port) for port in ports) for span in spans)


def _any_public(rule: Resource, public: Ranges) -> bool:
    sources = [str(text).strip() for text in values_at(rule.body, "properties.sources[].addressPrefix")]
    if not sources:
        return True
    spans = [parse_addresses(text) for text in sources]
    return any(span is None or bool(intersect(span, public)) for span in spans)
