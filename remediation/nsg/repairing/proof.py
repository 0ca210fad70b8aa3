"""The invariant of every repair, checked on the whole flow space.

With `F` = (public sources that are not approved) x any destination x {TCP, UDP} x management ports:

    allowed(after) == allowed(before) - F

and nothing is allowed at any moment in between that was not allowed before. Two tolerances exist, and a
repair that uses one says so: what a `*`-protocol rule with a port list does to ICMP, ESP and AH is not
confirmed and is left out; and where a source `*` or `0.0.0.0/0` makes room for VirtualNetwork, private
sources outside VirtualNetwork, which cannot be routed here, may disappear. Load balancer probes may not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from remediation.nsg.comparison import Traffic
from remediation.nsg.context import VIRTUAL_NETWORK, Context
from remediation.nsg.difference import Difference, difference
from remediation.nsg.document import Nsg
from remediation.nsg.exposure import exposure
from remediation.nsg.fields import EVERY_PORT
from remediation.nsg.matching import by_priority, matches
from remediation.nsg.outcomes import outcome
from remediation.nsg.rule import DEFAULT_RULES, TRANSPORTS, Access, Direction, SecurityRule
from remediation.nsg.spaces.addresses import FAMILIES, LOAD_BALANCER
from remediation.nsg.spaces.places import places
from remediation.nsg.spaces.sets import Ranges, from_pairs, intersect, subtract
from remediation.nsg.walk import table


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The set F: who may not reach which ports. `context` holds for the NSG alone."""

    context: Context
    ports: tuple[int, ...]

    @property
    def sources(self) -> Ranges:
        return subtract(self.context.public, self.context.approved_ranges)

    @property
    def port_set(self) -> Ranges:
        return from_pairs((port, port + 1) for port in self.ports)


def forbidden(ports: Iterable[int], context: Context) -> Forbidden:
    """F for any target: attachments and memberships change, so a proof does not lean on them."""
    alone = replace(
        context, attached=None, asg_members=None, virtual_network=(), families=tuple(FAMILIES), machines=None
    )
    return Forbidden(alone, tuple(sorted(set(ports))))


def offenders(nsg: Nsg, f: Forbidden) -> list[SecurityRule]:
    """Rules that certainly let a part of F in, lowest priority number first."""
    found: dict[int, SecurityRule] = {}
    for port in f.ports:
        for protocol in TRANSPORTS:
            for rule in _deciding(nsg, f, port, protocol):
                found[id(rule)] = rule
    return sorted(found.values(), key=lambda rule: (rule.priority or 0, rule.name))


def _deciding(nsg: Nsg, f: Forbidden, port: int, protocol: str) -> Iterable[SecurityRule]:
    rules = (*nsg.custom, *DEFAULT_RULES[Direction.INBOUND])
    found = by_priority(matches(rules, Direction.INBOUND, protocol, port, f.context))
    rows = table([found], f.sources, f.context.attached_ranges)
    bits = 0
    for place in places(rows.matches, f.context.attached_ranges):
        bits |= outcome(rows, place, rows.board.everything).deciders
    return [
        match.rule
        for index, match in enumerate(rows.matches)
        if bits >> index & 1 and match.rule.access is Access.ALLOW
    ]


def opens_nothing(before: Nsg, after: Nsg, f: Forbidden) -> bool:
    """Whether nothing is allowed, or possibly allowed, that was not before."""
    found = difference(before, after, f.context, portless=False)
    return not found.added and not found.unknown


def takes_only(change: Difference, f: Forbidden, *, tolerant: bool) -> bool:
    """Whether a difference adds nothing and removes nothing but parts of F (and what is tolerated)."""
    if change.added or change.unknown:
        return False
    return all(_within(piece, f, tolerant=tolerant) for piece in change.removed)


def _within(piece: Traffic, f: Forbidden, *, tolerant: bool) -> bool:
    if piece.direction is not Direction.INBOUND or not set(piece.protocols) <= set(TRANSPORTS):
        return False
    if piece.ports == EVERY_PORT or subtract(piece.ports, f.port_set):
        return False
    others = subtract(piece.remote, f.sources)
    if not others:
        return True
    routed = subtract(f.context.not_public, LOAD_BALANCER)
    return tolerant and VIRTUAL_NETWORK not in piece.remote_symbols and not subtract(others, routed)


def closes_all(before: Nsg, after: Nsg, f: Forbidden) -> str | None:
    """None when nothing of F that was certainly let in may still get in; otherwise what still does."""
    for port in f.ports:
        for protocol in TRANSPORTS:
            had = exposure(before, port, protocol, f.context)
            has = exposure(after, port, protocol, f.context)
            if subtract(has.sources, f.context.approved_ranges):
                return f"{protocol} {port} would stay open to the internet"
            if intersect(subtract(had.sources, f.context.approved_ranges), has.uncertain):
                depends = has.reason or f"what {', '.join(has.unknown_sources)} holds is not known"
                return f"{protocol} {port} might stay open: {depends}"
    return None
