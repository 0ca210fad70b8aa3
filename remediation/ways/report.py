"""Machines with every way to them, and the networks they stand in: what `ways-in` shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from remediation.model import Unknown
from remediation.resource_id import ResourceId
from remediation.ways.way import Verdict, Way

type Over = Literal["network", "peering", "ip-connect", "developer"]


@dataclass(frozen=True, slots=True)
class Serving:
    """A Bastion host that reaches a machine, and over what."""

    host: ResourceId
    sku: str
    over: Over

    def to_json(self) -> dict[str, Any]:
        return {"id": self.host.text, "sku": self.sku, "over": self.over}


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine: a virtual machine, an instance or the model of a scale set, or a node pool.

    `tags` are its own, with lower-case names; `doubts` say what could not be told about its ways, and
    `bastion_doubts` why it is not known whether a host reaches it.
    """

    id: ResourceId
    network: ResourceId | None
    addresses: tuple[str, ...] = ()
    bastions: tuple[Serving, ...] = ()
    ways: tuple[Way, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    bastion_doubts: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of its ways; unknown too where there may be others."""
        verdicts = {way.verdict for way in self.ways}
        if "open" in verdicts:
            return "open"
        return "unknown" if "unknown" in verdicts or self.doubts else "closed"

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id.text,
            "network": self.network.text if self.network else None,
            "addresses": list(self.addresses),
            "bastions": [serving.to_json() for serving in self.bastions],
            "ways": [way.to_json() for way in self.ways],
        }


@dataclass(frozen=True, slots=True)
class Joint:
    """What a network is joined to: the other network or hub, over what, and the state ARM shows."""

    to: ResourceId
    over: Literal["peering", "hub"]
    state: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """A virtual network or a virtual hub on the map, with the hosts and firewalls that stand in it."""

    id: ResourceId
    prefixes: tuple[str, ...] = ()
    joints: tuple[Joint, ...] = ()
    hosts: tuple[ResourceId, ...] = ()
    firewalls: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Every machine of an estate, worst first, with its ways; `unknowns` are what could not be judged."""

    machines: tuple[Machine, ...] = ()
    networks: tuple[Network, ...] = ()
    unknowns: tuple[Unknown, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "machines": [machine.to_json() for machine in self.machines],
            "unknown": [{"resourceId": one.resource.text, "reason": one.reason} for one in self.unknowns],
        }
