"""A packet that gets in, made concrete: something a person can check with their own eyes."""

from remediation.model import Witness
from remediation.nsg.rule import SecurityRule
from remediation.nsg.spaces.addresses import by_family, ranges_of, to_text
from remediation.nsg.spaces.cells import AtomBits, RuleBits, bits_of
from remediation.nsg.spaces.places import CALLERS_PORT, Place
from remediation.nsg.spaces.sets import Ranges, contains, intersect, pairs
from remediation.nsg.walk import Table

_LIKELY = ranges_of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_RESERVED, _SMALLEST = 4, 8
_USUAL = ranges_of("10.0.0.4")[0], ranges_of("fd00::4")[0]


def witness(rows: Table, place: Place, atoms: AtomBits, port: int, protocol: str) -> Witness:
    """The packet for a place and the atoms let in there; the addresses are members of what was found."""
    source, target = _ends(rows.board.ranges(atoms), place.local)
    rule = _first_to_name(source, rows, place.must & rows.levels[0])
    return Witness(
        source=to_text(source),
        source_port=CALLERS_PORT if contains(place.ports, CALLERS_PORT) else place.ports[0],
        destination=to_text(target),
        port=port,
        protocol=protocol,
        allowed_by=rule.name,
        priority=rule.priority or 0,
        destination_groups=place.groups,
    )


def _first_to_name(source: int, rows: Table, rules: RuleBits) -> SecurityRule:
    for index in bits_of(rules):
        if contains(rows.matches[index].remote, source):
            return rows.matches[index].rule
    raise AssertionError("a place lets in only what a rule names")


def _ends(sources: Ranges, local: Ranges) -> tuple[int, int]:
    """Both ends in the same family: IPv4 before IPv6, a private target before any other."""
    for near, far, usual in zip(by_family(sources), by_family(local), _USUAL, strict=True):
        if near and far:
            target = usual if contains(far, usual) else _target(intersect(far, _LIKELY) or far)
            return _caller(near), target
    raise AssertionError("a place lets in only what can get there")


def _caller(ranges: Ranges) -> int:
    """The second address of the first interval, as the first is often a network's own."""
    low, high = ranges[0], ranges[1]
    return low + 1 if high - low > 2 else low


def _target(ranges: Ranges) -> int:
    """The first address that Azure can hand out whatever the subnet is; the first of all where none is.

    A subnet has at least eight addresses, of which Azure keeps the first four and the last.
    """
    for low, high in pairs(ranges):
        first = low + max(_RESERVED - low % _SMALLEST, 0)
        if low % _SMALLEST == _SMALLEST - 1:
            first = low + 1 + _RESERVED
        if first < high:
            return first
    return ranges[0]
