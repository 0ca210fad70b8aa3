"""Where the engine dares to say more of a half-known estate than can be known, each a line."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from remediation.nsg.spaces.addresses import cidrs
from remediation.ways.report import Machine, Report
from tests.unit.ways.agreeing import judged, told, within
from tests.unit.ways.composing import Key, Way, compose
from tests.unit.ways.half_known import HalfKnown
from tests.unit.ways.joining import holds

type Loose = tuple[str, str, int, str]


def dared(half: HalfKnown) -> list[str]:
    """Ways said to be closed that are open in some completion, and open ones that are not in every one."""
    whole = told(half.documents, half.approved)
    composed = [compose(one, half.approved) for one in half.completions]
    return sorted({*_silences(whole, composed, half.approved), *_alarms(whole, composed, half.approved)})


def _loose(key: Key) -> Loose:
    """Of a way, what stays the same while the address in front is not known."""
    return key[0], key[1], key[4], key[5]


def _silences(whole: Report, composed: Sequence[dict[Key, Way]], approved: Sequence[str]) -> Iterator[str]:
    owners = {machine.id.key: machine for machine in whole.machines}
    for ways in composed:
        for key, way in ways.items():
            if way.verdict(approved) == "open" and way.careful(approved) == "open":
                machine = owners.get(way.doors[0].place.machine)
                if machine is None or not _heeds(machine, key):
                    yield f"{_loose(key)} at {key[2]}:{key[3]} may be open, and nothing is said"


def _heeds(machine: Machine, key: Key) -> bool:
    """Whether a machine's report leaves the way possible: as open, as unknown, or by a doubt."""
    port, protocol = key[4], key[5]
    about = (way for way in machine.ways if (way.port, way.protocol) == (port, protocol))
    return bool(machine.doubts) or any(way.verdict != "closed" for way in about)


def _alarms(whole: Report, composed: Sequence[dict[Key, Way]], approved: Sequence[str]) -> Iterator[str]:
    for key, ways in judged(whole).items():
        for way in ways:
            texts = list(cidrs(way.sources))
            for found in composed if way.verdict == "open" else []:
                like = [one for other, one in found.items() if _loose(other) == _loose(key)]
                if not any(one.verdict(approved) == "open" for one in like):
                    yield f"{_loose(key)} is said to be open, and may be closed"
                sure = {
                    source for one in like for source, fate in one.fates.items()
                    if fate.by_routes and not holds(list(approved), source)
                }  # fmt: skip
                tried = {source for one in like for source in one.fates}
                for source in tried - sure:
                    if within(texts, source):
                        yield f"{_loose(key)}: {ip_address(source)} is said to get in, and may not"
