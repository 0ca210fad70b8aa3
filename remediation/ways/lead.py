"""What leads to a machine, before anybody asked whether it gets through.

A lead is what the entries find: a public front, the translation behind it, and what the packets look like
when they arrive at the network of the machine. Whether they pass is judged afterwards, in one place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from remediation.model import Resource
from remediation.nsg.spaces.addresses import PUBLIC, Family
from remediation.nsg.spaces.sets import Ranges
from remediation.resource_id import ResourceId
from remediation.ways.way import Hop, Kind, Stop


@dataclass(frozen=True, slots=True)
class Target:
    """One ip configuration of a machine, in one family.

    machine        a virtual machine, an instance or the model of a scale set, a node pool
    nic            the interface; None where only a model is known
    configuration  the ip configuration as its document has it
    id             the ip configuration's id
    address        its private address; None where it is not known
    group          the interface's own group, where `nic` is None and the model names one
    doubt          what of a model's interface cannot be known; "" where nothing is
    """

    machine: ResourceId
    nic: Resource | None
    configuration: Mapping[str, Any]
    id: ResourceId
    address: str | None
    family: Family
    subnet: ResourceId | None
    network: ResourceId | None
    group: ResourceId | None = None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Translation:
    """Which ports of a front lead to which port at the machine.

    front      a port, or "from-to" where each machine gets one of a range; None: the port asked about
    back       the port at the machine; None: every port, unchanged
    protocols  of `tcp` and `udp`
    """

    protocols: frozenset[str] = frozenset({"tcp", "udp"})
    front: int | str | None = None
    back: int | None = None

    def front_of(self, port: int, protocol: str) -> int | str | None:
        """The port in front that leads to a port at the machine; None where none does."""
        if protocol not in self.protocols or self.back not in (None, port):
            return None
        return port if self.front is None else self.front


UNCHANGED = Translation()


@dataclass(frozen=True, slots=True)
class Lead:
    """A public front that leads, or may lead, to a target.

    entry      what has the public address, or stands for it
    address    the public address; None where it is not known
    family     of the packets at the machine
    sources    who may come through the entry, as far as it sifts; the public space unless it does
    unsure     those of the public space of whom it is not known whether the entry lets them in
    seen_as    prefixes under which packets arrive, where the entry puts its own address in; else ()
    apart      whether VirtualNetwork leaves `seen_as` out, since access is off on the peering between
    floating   whether packets keep the front's address as their destination
    sku        `basic` or `standard`, of the front: decides where no group stands on the path; "" unknown
    doubt      why it cannot be told whether it leads here at all; "" where it does
    stop       what stops it before it comes to the network; None where nothing does
    why        the sentence that goes with `stop`
    through    the hops from the entry to the network
    """

    kind: Kind
    entry: ResourceId
    address: str | None
    family: Family
    translation: Translation = UNCHANGED
    sources: Ranges = PUBLIC
    unsure: Ranges = ()
    seen_as: tuple[str, ...] = ()
    apart: bool = False
    floating: bool = False
    sku: str = ""
    doubt: str = ""
    stop: Stop | None = None
    why: str = ""
    through: tuple[Hop, ...] = field(default=())

    @property
    def for_customers(self) -> bool:
        """Whether callers come from inside Azure: they have no public address, and none can be approved."""
        return self.kind == "private-link"
