"""Every machine of an estate with every way to it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from remediation.kinds import MANAGED_CLUSTER, NIC, SCALE_SET, SCALE_SET_NIC, VIRTUAL_MACHINE
from remediation.model import Resource, View
from remediation.resource_id import ResourceId
from remediation.rule import ids_at
from remediation.ways.crossing.passing import Passing
from remediation.ways.entries import node_pools, scale_sets
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Target
from remediation.ways.leads import every_lead_to
from remediation.ways.report import Machine, Serving
from remediation.ways.serving import Bastions
from remediation.ways.targets import targets_of
from remediation.ways.way import Way

type Service = tuple[int, str]
_ORDER = {"open": 0, "unknown": 1, "closed": 2}
_INTERFACES = "properties.networkProfile.networkInterfaces[].id"


@dataclass(slots=True)
class _Gathered:
    """What is known of one machine before its ways are asked for."""

    id: ResourceId
    document: Resource | None = None
    targets: list[Target] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


class Whole:
    """All machines that a view shows, and the ways to them."""

    def __init__(self, view: View, services: Sequence[Service], approved: tuple[str, ...] = ()) -> None:
        self.around = Landscape(view)
        self._passing = Passing(self.around, approved)
        self._services = services
        self._bastions = Bastions(self.around)

    def machines(
        self, documents: Sequence[Resource], tick: Callable[[], None] = lambda: None
    ) -> Iterator[Machine]:
        """The machines of interfaces, virtual machines, scale sets and clusters; `tick` after each."""
        gathered: dict[str, _Gathered] = {}
        for target in self._targets(documents):
            gathered.setdefault(target.machine.key, _Gathered(target.machine)).targets.append(target)
        for document in documents:
            if document.id.type == VIRTUAL_MACHINE or document.id.key in gathered:
                one = gathered.setdefault(document.id.key, _Gathered(document.id))
                one.document = document
                one.doubts += self._unseen(document, one.targets)
        for one in gathered.values():
            yield self._machine(one)
            tick()

    def _targets(self, documents: Sequence[Resource]) -> Iterator[Target]:
        for document in documents:
            if document.id.type in {NIC, SCALE_SET_NIC}:
                yield from targets_of(document)
            elif document.id.type == MANAGED_CLUSTER:
                yield from node_pools.unseen_pools(document, self.around)
        models = [one for one in documents if one.id.type == SCALE_SET]
        yield from scale_sets.unseen_models(models, self.around)

    def ways_to(self, target: Target) -> Iterator[Way]:
        """Every way to one ip configuration, for each management port."""
        for lead in every_lead_to(target, self.around):
            for port, protocol in self._services:
                way = self._passing.way(lead, target, port, protocol)
                if way is not None:
                    yield way

    def _machine(self, known: _Gathered) -> Machine:
        ways = [way for target in known.targets for way in self.ways_to(target)]
        bastions, unclear = self._serving(known.targets)
        tags = known.document.tags if known.document is not None else {}
        return Machine(
            id=known.id,
            network=next((target.network for target in known.targets if target.network), None),
            addresses=tuple(dict.fromkeys(target.address for target in known.targets if target.address)),
            bastions=bastions,
            ways=tuple(sorted(ways, key=_worst_first)),
            tags=tags,
            doubts=(*known.doubts, *self._homeless(known.targets)),
            bastion_doubts=unclear,
        )

    def _serving(self, targets: Sequence[Target]) -> tuple[tuple[Serving, ...], tuple[str, ...]]:
        """The hosts that reach one of the targets, and why there may be others where none is known."""
        answers = [self._bastions.serving(target) for target in targets]
        found = tuple(dict.fromkeys(one for served, _ in answers for one in served))
        return found, () if found else tuple(dict.fromkeys(why for _, doubts in answers for why in doubts))

    @staticmethod
    def _homeless(targets: Sequence[Target]) -> Iterator[str]:
        if any(target.network is None for target in targets):
            yield "in which network it stands is not known: export its interface with its subnet"

    def _unseen(self, machine: Resource, targets: Sequence[Target]) -> Iterator[str]:
        """Why a machine may have ways that are not seen: an interface of its own that was not read."""
        seen = {target.nic.id.key for target in targets if target.nic is not None}
        for identity in ids_at(machine.body, _INTERFACES):
            if identity.key not in seen and identity.type == NIC:
                yield f"interface {identity.name} was not read: export it (az network nic list)"


def _worst_first(way: Way) -> tuple[int, float]:
    return _ORDER[way.verdict], -way.share


def worst_first(machines: Iterable[Machine]) -> tuple[Machine, ...]:
    """Machines in the order in which somebody should look at them."""
    return tuple(sorted(machines, key=lambda one: (_ORDER[one.verdict], -_share(one), one.id.key)))


def _share(machine: Machine) -> float:
    return max((way.share for way in machine.ways), default=0.0)
