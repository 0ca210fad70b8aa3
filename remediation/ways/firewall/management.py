"""Which translations of a firewall, or of a policy's rule collection group, lead to a management port.

What stands at the address they lead to is not asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.model import Resource
from remediation.nsg.spaces.addresses import PUBLIC, ranges_of
from remediation.nsg.spaces.sets import Ranges, intersect, subtract, union
from remediation.ways.firewall.doors import Door, doors_of
from remediation.ways.firewall.reading import DnatRule, group_rules
from remediation.ways.landscape import Landscape

type Service = tuple[int, str]

# Private addresses of a firewall may be translated too, for callers inside (Azure Firewall, DNAT overview).
_INSIDE = ranges_of("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


@dataclass(frozen=True, slots=True)
class Leading:
    """A DNAT rule that leads, or may lead, to management ports.

    ports    as `tcp/22`
    sources  the public sources it certainly lets in, and `unsure` those it may
    doubt    what of it cannot be told; "" where all can
    """

    rule: DnatRule
    ports: tuple[str, ...]
    sources: Ranges
    unsure: Ranges
    doubt: str


def of_firewall(firewall: Resource, services: Sequence[Service], around: Landscape) -> Iterator[Leading]:
    """The rules in a firewall's own document that lead from one of its public addresses."""
    by_rule: dict[tuple[str, str], list[Door]] = {}
    for door in doors_of(firewall, around).doors:
        by_rule.setdefault((door.rule.collection, door.rule.name), []).append(door)
    for doors in by_rule.values():
        ports = _ports(doors[0].rule, services)
        if ports:
            sources = union(*(door.sources for door in doors if not door.doubt))
            every = union(*(union(door.sources, door.unsure) for door in doors))
            doubt = next((door.doubt for door in doors if door.doubt), "") or doors[0].why
            yield Leading(doors[0].rule, ports, sources, subtract(every, sources), doubt)


def of_group(group: Resource, services: Sequence[Service], around: Landscape) -> Iterator[Leading]:
    """The rules of a rule collection group, whatever firewall they will stand in."""
    for rule in group_rules(group, around.get).dnat:
        ports = _ports(rule, services)
        if ports and subtract(rule.takes.destinations.may, _INSIDE):
            sources = intersect(rule.takes.sources.must, PUBLIC)
            unsure = subtract(intersect(rule.takes.sources.may, PUBLIC), sources)
            doubt = "its translated port cannot be read" if rule.port is None else ""
            doubt = doubt or next(iter(rule.takes.sources.doubts), "")
            if rule.port is None:
                sources, unsure = (), union(sources, unsure)
            yield Leading(rule, ports, sources, unsure, doubt)


def _ports(rule: DnatRule, services: Sequence[Service]) -> tuple[str, ...]:
    """The management ports a rule leads to, or may lead to where its own cannot be read."""
    return tuple(
        f"{protocol}/{port}"
        for port, protocol in services
        if protocol in rule.takes.protocols and rule.port in (None, port)
    )
