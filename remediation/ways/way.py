"""What a way in is: an entry, a translation of ports, everything on the path, and a verdict.

A way leads to one address of one machine, in one family, for one port and protocol at the machine. Its
verdict is about sources on the internet that the team has not approved.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from remediation.nsg.spaces.addresses import PUBLIC_V4, V4_SPACE, Family, cidrs
from remediation.nsg.spaces.sets import EMPTY, Ranges, intersect, size
from remediation.resource_id import ResourceId

type Verdict = Literal["open", "closed", "unknown"]
type Kind = Literal[
    "public-ip",
    "lb-nat-rule",
    "lb-nat-pool",
    "lb-rule",
    "fw-dnat",
    "appgw-listener",
    "nva",
    "scale-set-ip",
    "aks-node-ip",
    "private-link",
    "shareable-link",
]


@dataclass(frozen=True, slots=True)
class Hop:
    """One station of a way: a resource, and the rule in it that speaks of this traffic ("" for none).

    `kind` is a word for people: `public IP`, `load balancer`, `firewall`, `gateway`, `admin rule`,
    `subnet group`, `interface group`, `machine`.
    """

    kind: str
    id: ResourceId
    rule: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "id": self.id.text, "rule": self.rule or None}


@dataclass(frozen=True, slots=True)
class Stop:
    """What stops a closed way: a resource and the rule in it ("" where the resource itself does)."""

    id: ResourceId
    rule: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id.text, "rule": self.rule or None}


@dataclass(frozen=True, slots=True)
class Step:
    """A packet as it arrives at one hop: where it comes from, and where it is going there."""

    at: ResourceId
    source: str
    destination: str
    port: int
    rule: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "at": self.at.text,
            "source": self.source,
            "destination": self.destination,
            "port": self.port,
            "rule": self.rule or None,
        }


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet from the internet that gets in, written hop by hop; `steps` end at the machine."""

    source: str
    source_port: int
    protocol: str
    steps: tuple[Step, ...]

    def to_json(self) -> dict[str, Any]:
        last = self.steps[-1]
        return {
            "source": self.source,
            "sourcePort": self.source_port,
            "destination": last.destination,
            "port": last.port,
            "protocol": self.protocol,
            "steps": [step.to_json() for step in self.steps],
        }


@dataclass(frozen=True, slots=True)
class Way:
    """A way to one port of one machine.

    entry       what has the public address, or stands for it
    address     the public address in front; None where it is not known or there is none
    front_port  the port in front: a number, or "from-to" where each machine gets one of a range
    port        the port at the machine
    sources     public addresses, none of them approved, that certainly get in; empty unless it is open
    through     the hops from the entry to the machine
    stopped_by  what stops a closed way; None where that is no one thing
    reason      why it is closed or unknown; "" where it is open
    target      the ip configuration it leads to
    partly      unknown only because a tag is denied before everybody is let in: some of the internet gets in
    """

    kind: Kind
    entry: ResourceId
    address: str | None
    front_port: int | str
    port: int
    protocol: str
    family: Family
    verdict: Verdict
    sources: Ranges = EMPTY
    through: tuple[Hop, ...] = ()
    stopped_by: Stop | None = None
    witness: Packet | None = None
    reason: str = ""
    target: ResourceId | None = None
    partly: bool = False

    @property
    def share(self) -> float:
        """The share of public IPv4 space that gets in, 0..1."""
        return size(intersect(self.sources, V4_SPACE)) / size(PUBLIC_V4)

    @property
    def groups(self) -> Iterator[Hop]:
        """The network security groups it passes."""
        return (hop for hop in self.through if hop.kind.endswith("group"))

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "entry": self.entry.text,
            "address": self.address,
            "frontPort": self.front_port,
            "port": self.port,
            "protocol": self.protocol,
            "family": self.family,
            "sources": list(cidrs(self.sources)),
            "share": round(self.share, 6),
            "verdict": self.verdict,
            "through": [hop.to_json() for hop in self.through],
            "stoppedBy": self.stopped_by.to_json() if self.stopped_by else None,
            "witness": self.witness.to_json() if self.witness else None,
            "reason": self.reason or None,
        }
