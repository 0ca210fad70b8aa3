"""Whether all of a private network reaches a management port of a machine, and by whose rules.

Asked is about the tag VirtualNetwork as a whole: the network, its peers, and what is behind its gateways. A
default rule lets it in wherever nobody says otherwise; a rule of the team's own is another matter.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from remediation.kinds import VNET
from remediation.landing_zone.joining.members import member_prefixes
from remediation.landing_zone.machines import Way, Ways, configurations, machine_of, memberships
from remediation.landing_zone.surroundings import readable
from remediation.model import Resource, Snapshot
from remediation.nsg import Context, Decider, Direction, Flows, Nsg
from remediation.resource_id import ResourceId
from remediation.rule import Doubts, ids_at

TAG, ANYWHERE = "VirtualNetwork", "*"
_SUBNETS = "properties.ipConfigurations[].properties.subnet.id"

type Service = tuple[int, str]
"""A port and its protocol."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether all of VirtualNetwork is let in, None where that cannot be told; and the rules that do."""

    certain: bool | None
    by: tuple[Decider, ...] = ()

    @property
    def own(self) -> bool:
        """Whether a rule of the team's own lets it in, or may."""
        return self.certain is None or any(not decider.default for decider in self.by)


class Admissions:
    """Judges services of a target, an address or `*` for whatever is behind the groups."""

    def __init__(self, levels: Nsg | Sequence[Nsg | None], target: str, context: Context) -> None:
        self._levels = levels
        self._target = target
        self._context = context
        self._whole = Flows(levels, Direction.INBOUND, TAG, target, context)

    def of(self, service: Service) -> Admission:
        """Whether one service is open to all of the network.

        A rule for addresses may hold any part of a tag, so where the tag as a whole gives no answer its known
        parts (`context.virtual_network`) are asked: one that is refused is enough.
        """
        whole = self._whole.answer(*service)
        if not whole.unknown:
            everybody = whole.verdict == "allowed" or (whole.allowed and self._target == ANYWHERE)
            return Admission(everybody, whole.allowed_by if everybody else ())
        if not self._context.virtual_network:
            return Admission(None)
        known = self._known_parts.answer(*service)
        refused = known.denied if self._target != ANYWHERE else known.verdict == "denied"
        return Admission(False if refused else None)

    @cached_property
    def _known_parts(self) -> Flows:
        parts = self._context.virtual_network
        return Flows(self._levels, Direction.INBOUND, parts, self._target, self._context)


@dataclass(frozen=True, slots=True)
class Reached:
    """A service of a machine that all of the network reaches.

    `own`: for each group (its id's key) that lets it in by rules of the team's own, their names.
    """

    machine: ResourceId
    service: Service
    own: Mapping[str, tuple[str, ...]]


class Question:
    """Asks the same of every machine, and notes in `doubts` where it cannot be told."""

    def __init__(self, snapshot: Snapshot, services: Sequence[Service]) -> None:
        self.doubts = Doubts()
        self.snapshot = snapshot
        self.services = services
        self._ways = Ways(snapshot)
        self._whole: dict[tuple[object, ...], Flows] = {}
        self._inside_of: dict[ResourceId, tuple[str, ...]] = {}

    def about(self, nic: Resource) -> Iterator[Reached]:
        """The services of a NIC's machine that all of its network reaches, where any group is on the way."""
        machine, inside = machine_of(nic), self._inside(nic)
        for configuration in configurations(nic) if machine else ():
            way = self.doubts.ask(self._ways.to, nic, configuration)
            if way is None or way.levels == (None, None):
                continue
            if way.address is None:
                self.doubts.add(f"the address of {nic.id.name} is not known")
                continue
            arrival = _Arrival(self._to_everything(way, inside), way, configuration, inside)
            for service in self.services:
                let_in = arrival.of(service)
                if let_in.certain and machine:
                    yield Reached(machine, service, _own(way, let_in.by))
                elif let_in.certain is None:
                    self.doubts.add(f"whether all of {TAG} reaches {nic.id.name} depends on what it holds")

    def _to_everything(self, way: Way, inside: tuple[str, ...]) -> Flows:
        """What the same groups let through to everything behind them, asked once."""
        key = (*map(id, way.levels), inside)
        if key not in self._whole:
            context = Context(virtual_network=inside)
            self._whole[key] = Flows(way.levels, Direction.INBOUND, TAG, ANYWHERE, context)
        return self._whole[key]

    def _inside(self, nic: Resource) -> tuple[str, ...]:
        """What certainly lies in the VirtualNetwork of a NIC: its networks, and what their peers add."""
        found = (self._members(subnet) for subnet in dict.fromkeys(ids_at(nic.body, _SUBNETS)))
        return tuple(prefix for prefixes in found for prefix in prefixes)

    def _members(self, subnet: ResourceId) -> tuple[str, ...]:
        if subnet not in self._inside_of:
            identity = subnet.up_to(VNET)
            network = None if identity is None else self.snapshot.get(identity)
            self._inside_of[subnet] = (
                readable(member_prefixes(network, self.snapshot, subnet.name))
                if isinstance(network, Resource)
                else ()
            )
        return self._inside_of[subnet]


@dataclass(frozen=True)  # no slots: the cached property below lives in the instance's dict
class _Arrival:
    """What comes to one ip configuration; `whole` is asked first, for its answers are shared."""

    whole: Flows
    way: Way
    configuration: Mapping[str, Any]
    inside: tuple[str, ...]

    def of(self, service: Service) -> Admission:
        whole = self.whole.answer(*service)
        return Admission(True, whole.allowed_by) if whole.verdict == "allowed" else self._to_it.of(service)

    @cached_property
    def _to_it(self) -> Admissions:
        assert self.way.address is not None
        members = memberships(self.configuration)
        context = Context(attached=(self.way.address,), asg_members=members, virtual_network=self.inside)
        return Admissions(self.way.levels, self.way.address, context)


def _own(way: Way, by: Sequence[Decider]) -> dict[str, tuple[str, ...]]:
    """The groups on a way that let it in by their own rules alone, with these rules' names."""
    found: dict[str, tuple[str, ...]] = {}
    for level, group in enumerate(way.groups):
        here = [decider for decider in by if decider.level == level]
        if group is not None and here and not any(decider.default for decider in here):
            found[group.key] = tuple(decider.name for decider in here)
    return found
