"""The invariant of every repair, checked on the whole flow space.

    allowed(after) == allowed(before) - F, apart from named sources that are kept

Nothing is allowed between two writes that was not allowed before, which follows and need not be compared:
denies are never written, so a flow that is let in meanwhile is decided by an allow rule in its old or in its
new form; no rule above it matches the flow in any form, and so the same form decides it in the group as it
was or in the group as it will be.

Two tolerances exist, and a repair that uses one says so: what a `*`-protocol rule with a port list does to
ICMP, ESP and AH is not confirmed and is left out; and where a source `*` or `0.0.0.0/0` makes room for
VirtualNetwork, private sources outside VirtualNetwork, which cannot be routed here, may disappear. Load
balancer probes may not.
"""

from dataclasses import dataclass, replace

from remediation.nsg.comparison import Traffic
from remediation.nsg.context import VIRTUAL_NETWORK
from remediation.nsg.difference import Difference
from remediation.nsg.document import Nsg
from remediation.nsg.exposure import exposure
from remediation.nsg.fields import EVERY_PORT
from remediation.nsg.repairing.forbidden import Forbidden, detected
from remediation.nsg.rule import TRANSPORTS, Direction
from remediation.nsg.spaces.addresses import LOAD_BALANCER
from remediation.nsg.spaces.sets import intersect, subtract


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


@dataclass(frozen=True, slots=True)
class Rest:
    """What of F may still get in after a repair, in words; empty where nothing does.

    `futile`: the tag VirtualNetwork may hold a default route and lets everybody in whatever is repaired.
    """

    certain: str = ""
    uncertain: str = ""
    futile: bool = False


def rest_of(before: Nsg, after: Nsg, f: Forbidden) -> Rest:
    """What of F may still get in that was certainly let in, or that is told as open; named sources apart."""
    rest = Rest()
    services = set(detected(f.ports))
    for port in f.ports:
        for protocol in TRANSPORTS:
            had = exposure(before, port, protocol, f.context)
            has = exposure(after, port, protocol, f.context)
            if intersect(has.sources, f.closed_to):
                rest = replace(rest, certain=f"{protocol} {port} would stay open to the internet")
            doubted = bool(intersect(intersect(had.sources, f.closed_to), has.uncertain))
            if doubted or (has.alert_as_open and (port, protocol) in services):
                depends = has.reason or f"what {', '.join(has.unknown_sources)} holds is not known"
                by_network = doubted and VIRTUAL_NETWORK in {name.lower() for name in has.unknown_sources}
                text = f"{protocol} {port} might stay open: {depends}"
                rest = replace(rest, uncertain=text, futile=rest.futile or by_network)
    return rest
