"""A report as the data of the page: everything it shows, words included, and where it stands.

Short keys and one table of resources keep 2,000 machines within a few megabytes; `page.js` names each key
once. Every text was made printable, and is put on the page as text and never as markup.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remediation.cli.output import ways_words as words
from remediation.cli.output.ways_page.layout import Box, Inmate, Map, lay_out
from remediation.cli.output.ways_words import printable
from remediation.nsg.spaces.addresses import cidrs
from remediation.resource_id import ResourceId
from remediation.ways.report import Machine, Network, Report
from remediation.ways.way import Hop, Way

type Data = dict[str, Any]

MOST_SOURCES = 12
WORST_FIRST = {"open": 0, "unknown": 1, "closed": 2}


class Resources:
    """Resources by number: each is written once, with the words for it."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.rows: list[list[str]] = []

    def number(self, resource: ResourceId) -> int:
        if resource.key not in self._numbers:
            self._numbers[resource.key] = len(self.rows)
            self.rows.append([words.name(resource), printable(resource.text)])
        return self._numbers[resource.key]


def drawing(report: Report, owner_tag: str = "owner") -> Data:
    """The data of the page; `owner_tag` is the tag of a machine that says whose it is."""
    machines = sorted(report.machines, key=lambda machine: WORST_FIRST[machine.verdict])
    networks = _networks(report.networks, machines)
    numbers = {network.id.key if network else "": number for number, network in enumerate(networks)}
    homes = [numbers[machine.network.key if machine.network else ""] for machine in machines]
    inmates: list[list[Inmate]] = [[] for _ in networks]
    for index, (machine, home) in enumerate(zip(machines, homes, strict=True)):
        inmates[home].append(Inmate(index, machine.verdict))
    joints = [list(_joints(network, numbers)) for network in networks]
    plan = lay_out(
        inmates,
        [len((*network.hosts, *network.firewalls)) if network else 0 for network in networks],
        [(number, joint["to"]) for number, joined in enumerate(joints) for joint in joined],
    )
    resources = Resources()
    return {
        "size": [round(plan.width), round(plan.height)],
        "ownerTag": printable(owner_tag),
        "networks": [
            _network(network, box, joined, resources)
            for network, box, joined in zip(networks, plan.boxes, joints, strict=True)
        ],
        "machines": [
            _machine(machine, home, plan, index, owner_tag, resources)
            for index, (machine, home) in enumerate(zip(machines, homes, strict=True))
        ],
        "unknown": [[words.name(one.resource), printable(one.reason)] for one in report.unknowns],
        "resources": resources.rows,
    }


def _networks(known: Sequence[Network], machines: Sequence[Machine]) -> list[Network | None]:
    """Every network on the map; one that only a machine names too, and None for machines without any."""
    found: dict[str, Network | None] = {network.id.key: network for network in known}
    for machine in machines:
        if machine.network is None:
            found[""] = None
        else:
            found.setdefault(machine.network.key, Network(machine.network))
    return list(found.values())


def _joints(network: Network | None, numbers: Mapping[str, int]) -> Iterator[Data]:
    for joint in network.joints if network else ():
        if joint.to.key in numbers:
            yield {"to": numbers[joint.to.key], "over": joint.over, "state": printable(joint.state)}


def _network(network: Network | None, box: Box, joints: list[Data], resources: Resources) -> Data:
    place = [round(value) for value in (box.x, box.y, box.width, box.height)]
    if network is None:
        return {"name": "No network known", "prefixes": "", "box": place, "column": box.column}
    return {
        "name": words.name(network.id),
        "id": printable(network.id.text),
        "hub": network.id.type.endswith("/virtualhubs"),
        "prefixes": printable(", ".join(network.prefixes)),
        "joints": joints,
        "hosts": [resources.number(host) for host in network.hosts],
        "firewalls": [resources.number(firewall) for firewall in network.firewalls],
        "box": place,
        "column": box.column,
    }


def _machine(
    machine: Machine, home: int, plan: Map, index: int, owner_tag: str, resources: Resources
) -> Data:
    spot = plan.spots[index]
    found: defaultdict[str, Any] = defaultdict(str)
    return found | {
        "name": words.name(machine.id),
        "id": printable(machine.id.text),
        "network": home,
        "verdict": machine.verdict,
        "owner": printable(machine.tags.get(owner_tag.lower(), "")),
        "addresses": printable(", ".join(machine.addresses)),
        "bastions": [[resources.number(one.host), words.serving(one)] for one in machine.bastions],
        "doubts": [printable(doubt) for doubt in machine.doubts],
        "summary": words.summary(machine),
        "spot": [round(spot.x), round(spot.y), int(spot.named)],
        "ways": [_way(way, resources) for way in _worst_first(machine.ways)],
    }


def _worst_first(ways: Sequence[Way]) -> list[Way]:
    return sorted(ways, key=lambda way: (WORST_FIRST[way.verdict], way.port))


def _way(way: Way, resources: Resources) -> Data:
    shown = list(cidrs(way.sources))
    stop = way.stopped_by
    return {
        "verdict": way.verdict,
        "port": way.port,
        "service": words.service(way),
        "kind": words.manner(way.kind),
        "entry": resources.number(way.entry),
        "front": f"{printable(way.address or 'address not known')}, port {way.front_port}",
        "line": words.line(way),
        "hops": [_hop(hop, resources) for hop in way.through],
        "stop": [resources.number(stop.id), printable(stop.rule)] if stop else None,
        "reason": printable(way.reason),
        "sources": [
            *shown[:MOST_SOURCES],
            *([f"and {len(shown) - MOST_SOURCES} more"] * (len(shown) > MOST_SOURCES)),
        ],
        "packet": _packet(way, resources),
    }


def _hop(hop: Hop, resources: Resources) -> list[Any]:
    return [hop.kind, resources.number(hop.id), printable(hop.rule)]


def _packet(way: Way, resources: Resources) -> Data | None:
    if way.witness is None:
        return None
    return {
        "from": _socket(way.witness.source, way.witness.source_port),
        "steps": [
            [
                resources.number(step.at),
                f"{_socket(step.source, way.witness.source_port)} to {_socket(step.destination, step.port)}",
                printable(step.rule),
            ]
            for step in way.witness.steps
        ],
    }


def _socket(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
