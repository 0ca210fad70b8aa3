"""Where the engine's ways and those composed packet by packet differ, each difference a line."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network

from remediation.baseline import Baseline
from remediation.estates.estate import Estate as Reads
from remediation.estates.files import EstateFile
from remediation.estates.ways_in import report
from remediation.nsg.spaces.addresses import cidrs
from remediation.ways.report import Report
from remediation.ways.way import Packet, Way
from tests.unit.nsg.oracle import Address, is_public
from tests.unit.ways import composing
from tests.unit.ways.composing import Key, compose, travel
from tests.unit.ways.joining import holds
from tests.unit.ways.reading import Document, World

type Judged = dict[Key, list[Way]]


def told(documents: Sequence[Document], approved: Sequence[str] = ()) -> Report:
    """What the engine says of an estate."""
    return report(
        Reads([EstateFile("estate.json", documents)]), Baseline(allowed_management_sources=tuple(approved))
    )


def judged(whole: Report) -> Judged:
    """The engine's ways by the keys of the composition; one front may have a way for each of its rules."""
    found: Judged = {}
    for machine in whole.machines:
        for way in machine.ways:
            target = way.target.key if way.target else ""
            address = str(ip_address(way.address)) if way.address else ""
            family = 4 if way.family == "ipv4" else 6
            for front in _fronts(way):
                key = way.kind, target, address, front, way.port, way.protocol, family
                found.setdefault(key, []).append(way)
    return found


def _fronts(way: Way) -> Iterator[str]:
    """The port in front; each of them where a translation is for several, which lead to one machine."""
    if way.kind != "fw-dnat" or isinstance(way.front_port, int):
        yield str(way.front_port)
        return
    first, _, last = way.front_port.partition("-")
    yield from map(str, range(int(first), int(last) + 1))


def verdict(ways: Sequence[Way]) -> str:
    found = {way.verdict for way in ways}
    return "open" if "open" in found else "unknown" if "unknown" in found else "closed"


def differences(documents: Sequence[Document], approved: Sequence[str] = ()) -> list[str]:
    engine, ours = judged(told(documents, approved)), compose(documents, approved)
    world = World(documents)
    lines = [
        f"not told: {_spelt(key)}, composed {way.verdict(approved)}"
        for key, way in ours.items()
        if key not in engine and way.enters and (way.sure or way.verdict(approved) != "closed")
    ]
    lines += [
        f"{verdict(ways)} and not there: {_spelt(key)} ({ways[0].reason})"
        for key, ways in engine.items()
        if key not in ours and verdict(ways) != "closed"  # a front that leads nowhere may be told of
    ]
    for key in ours.keys() & engine.keys():
        found = _about(world, engine[key], ours[key], approved)
        lines += [f"{_spelt(key)}: {line}" for line in found]
    return sorted(lines)


def _spelt(key: Key) -> str:
    kind, target, address, front, port, protocol, _ = key
    nic, name = target.split("/")[-3], target.split("/")[-1]
    return f"{kind} {address or '(no address)'}:{front} -> {nic}/{name}:{port}/{protocol}"


def _about(
    world: World, engine: Sequence[Way], ours: composing.Way, approved: Sequence[str]
) -> Iterator[str]:
    says = verdict(engine)
    if says not in {ours.verdict(approved), ours.careful(approved)}:
        yield f"{says} ({engine[0].reason or 'no reason'}), composed {ours.verdict(approved)}"
        return
    names = {name for door in ours.doors for name in door.names}
    for way in engine:
        if way.entry.key not in names:
            yield f"its entry is {way.entry.text}"
        if way.witness:
            yield from _witnessed(world, way.witness, ours, approved)
        if way.stopped_by and not _stops(ours, approved, way.stopped_by.id.key, way.stopped_by.rule):
            stop = way.stopped_by
            yield f"stopped by {stop.id.text} {stop.rule}, composed {_ends(ours, approved)}"
    texts = [text for way in engine for text in cidrs(way.sources)]
    for source, fate in ours.fates.items():
        answers = {False} if holds(list(approved), source) else {fate.admitted, fate.by_routes}
        expected = {bool(answer) for answer in answers}
        if within(texts, source) not in expected:
            yield f"{source} is let in: {answers}, sources {texts[:5]}"
    if says == "open" and not any(way.witness for way in engine):
        yield "open without a witness"


def within(texts: Sequence[str], source: Address) -> bool:
    networks = (ip_network(text) for text in texts)
    return any(source.version == network.version and source in network for network in networks)


def _witnessed(world: World, witness: Packet, ours: composing.Way, approved: Sequence[str]) -> Iterator[str]:
    """Nothing where the packet gets in as it is written."""
    source, seen = ip_address(witness.source), ip_address(witness.steps[-1].source)
    if not is_public(source) or holds(list(approved), source):
        yield f"the witness {source} is not public, or approved"
    for door in ours.doors:
        last = witness.steps[-1]
        lands = door.address if door.floating and door.address else door.place.address
        as_written = ip_address(last.destination) == lands and last.port == door.port
        enters = as_written and door.stops(source) is None and (door.through or seen == source)
        if enters and travel(world, door, seen, witness.source_port) is None:
            return
    yield f"the witness from {source}:{witness.source_port} seen as {seen} does not get in"


def _stops(ours: composing.Way, approved: Sequence[str], identity: str, rule: str) -> bool:
    """Whether what is named ends packets; where that is no rule's doing, any rule there may be named."""
    ends = _ends(ours, approved)
    return any(identity in at and (not rule or not name or rule == name) for at, name in ends)


def _ends(ours: composing.Way, approved: Sequence[str]) -> set[tuple[frozenset[str], str]]:
    """What ends packets of sources that nobody approved."""
    strangers = (fate for source, fate in ours.fates.items() if not holds(list(approved), source))
    ends = {end for fate in strangers for end in fate.stopped}
    return {(one.at, one.rule) for end in ends for one in (end, *end.later)}
