"""A packet that gets in, made concrete: something a person can check with their own eyes."""

from dataclasses import dataclass

from remediation.nsg.addresses import V4_SPACE, V6, ranges_of, to_text
from remediation.nsg.cells import bits_of
from remediation.nsg.places import CALLERS_PORT, Place
from remediation.nsg.sets import Ranges, contains, intersect
from remediation.nsg.walk import Table

_LIKELY = ranges_of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_USUAL = (ranges_of("10.0.0.4")[0], ranges_of("fd00::4")[0])  # Azure hands out the fourth address first


@dataclass(frozen=True, slots=True)
class Witness:
    """One packet, the rule of the first NSG on its way that lets it in, and that rule's priority.

    `destination_groups` are ASGs the target has to be in; empty when any target will do.
    """

    source: str
    source_port: int
    destination: str
    port: int
    protocol: str
    allowed_by: str
    priority: int
    destination_groups: tuple[str, ...] = ()


def witness(rows: Table, place: Place, atoms: int, port: int, protocol: str) -> Witness:
    """The packet for a place and the atoms let in there; the addresses are members of what was found."""
    atom = atoms & -atoms
    source = _source(rows.board.ranges(atom))
    sure = place.must & rows.levels[0]
    rule = next(rows.matches[index].rule for index in bits_of(sure) if rows.must[index] & atom)
    return Witness(
        source=to_text(source),
        source_port=CALLERS_PORT if contains(place.ports, CALLERS_PORT) else place.ports[0],
        destination=to_text(_target(place.local, v6=source >= V6)),
        port=port,
        protocol=protocol,
        allowed_by=rule.name,
        priority=rule.priority or 0,
        destination_groups=place.groups,
    )


def _source(ranges: Ranges) -> int:
    """IPv4 where there is any; the first address that could be a host's."""
    low, high = ranges[0], ranges[1]
    return low + 1 if high - low > 2 else low


def _target(local: Ranges, *, v6: bool) -> int:
    """An address of the source's family where there is one, private where there is one."""
    for usual in (_USUAL[v6], _USUAL[not v6]):
        if contains(local, usual):
            return usual
    half = [
        part for part in (intersect(local, V4_SPACE), tuple(edge for edge in local if edge >= V6)) if part
    ]
    families = half[::-1] if v6 else half
    for family in families:
        if likely := intersect(family, _LIKELY):
            return likely[0]
    return families[0][0]
