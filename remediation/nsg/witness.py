"""A packet that gets in, made concrete: something a person can check with their own eyes."""

from remediation.model import Witness
from remediation.nsg.spaces.addresses import V4_SPACE, V6_SPACE, ranges_of, to_text
from remediation.nsg.spaces.cells import AtomBits, bits_of
from remediation.nsg.spaces.places import CALLERS_PORT, Place
from remediation.nsg.spaces.sets import Ranges, contains, intersect
from remediation.nsg.walk import Table

_LIKELY = ranges_of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_RESERVED = 4  # Virtual network overview: Azure keeps the first four addresses and the last of a subnet
_FAMILIES = ((V4_SPACE, ranges_of("10.0.0.4")[0]), (V6_SPACE, ranges_of("fd00::4")[0]))


def witness(rows: Table, place: Place, atoms: AtomBits, port: int, protocol: str) -> Witness:
    """The packet for a place and the atoms let in there; the addresses are members of what was found."""
    source, target = _ends(rows.board.ranges(atoms), place.local)
    sure = bits_of(place.must & rows.levels[0])
    rule = next(rows.matches[index].rule for index in sure if contains(rows.matches[index].remote, source))
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


def _ends(sources: Ranges, local: Ranges) -> tuple[int, int]:
    """Both ends in one family where there are such: IPv4 before IPv6, a private target before any other."""
    for space, usual in _FAMILIES:
        near, far = intersect(sources, space), intersect(local, space)
        if near and far:
            target = usual if contains(far, usual) else _host(intersect(far, _LIKELY) or far, _RESERVED)
            return _host(near, 1), target
    return _host(sources, 1), _host(local, _RESERVED)


def _host(ranges: Ranges, step: int) -> int:
    """Past what is the network's own in the first interval; its first address when it is short."""
    low, high = ranges[0], ranges[1]
    return low + step if high - low > step + 1 else low
