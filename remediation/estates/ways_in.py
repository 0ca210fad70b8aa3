"""Every way in to every machine of an estate, from files or live: what `ways-in` shows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from remediation.baseline import Baseline
from remediation.errors import PermanentError
from remediation.estates.scanning import EVERY_RULE, Subject
from remediation.kinds import (
    APPLICATION_GATEWAY,
    AZURE_FIREWALL,
    BASTION,
    HUB_CONNECTION,
    LOAD_BALANCER,
    MANAGED_CLUSTER,
    NIC,
    SCALE_SET,
    SCALE_SET_NIC,
    VIRTUAL_HUB,
    VIRTUAL_MACHINE,
    VNET,
)
from remediation.model import Listing, Resource, Unknown, Unread
from remediation.nsg import detected
from remediation.resource_id import ResourceId
from remediation.ways.halves import halves
from remediation.ways.networks.standing import standing
from remediation.ways.report import Machine, Report
from remediation.ways.whole import Whole, worst_first

_MACHINES = (NIC, SCALE_SET_NIC, VIRTUAL_MACHINE, SCALE_SET, MANAGED_CLUSTER)
_BETWEEN = (LOAD_BALANCER, APPLICATION_GATEWAY)
_AROUND = (VNET, VIRTUAL_HUB, HUB_CONNECTION, BASTION, AZURE_FIREWALL)


class Source(Protocol):
    """An estate: a file's or a live subscription's documents, by id, by list and by type."""

    def subjects(self, kinds: Iterable[str]) -> Iterable[Subject]: ...

    def get(self, resource: ResourceId) -> Resource | None: ...

    def list(self, listing: Listing) -> Sequence[Resource]: ...


class Seen:
    """The documents of a source as a view: what is refused is unread. Each is asked for once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._documents: dict[str, Resource | Unread | None] = {}
        self._lists: dict[tuple[str, str], Sequence[Resource] | Unread] = {}

    def get(self, resource: ResourceId) -> Resource | Unread | None:
        if resource.key not in self._documents:
            self._documents[resource.key] = self._ask(lambda: self._source.get(resource), resource.text)
        return self._documents[resource.key]

    def listed(self, kind: str, scope: ResourceId | str) -> Sequence[Resource] | Unread:
        wanted = Listing(kind, scope if isinstance(scope, str) else scope.text)
        if wanted.key not in self._lists:
            self._lists[wanted.key] = self._ask(
                lambda: self._source.list(wanted), f"{wanted.type} of {wanted.scope}"
            )
        return self._lists[wanted.key]

    def _ask[T](self, read: Callable[[], T], what: str) -> T | Unread:
        try:
            return read()
        except PermanentError as error:
            return Unread(f"{what}: {error}")


def report(source: Source, baseline: Baseline, ports: Sequence[int] = ()) -> Report:
    """Every machine with every way to its management ports, or to some other ports, worst first."""
    services = detected(ports or baseline.management_ports)
    whole = Whole(Seen(source), services, baseline.allowed_management_sources)
    unknowns: list[Unknown] = []
    found = {kind: _documents(source, kind, unknowns) for kind in (*_MACHINES, *_AROUND, *_BETWEEN)}
    machines = worst_first(whole.machines([one for kind in _MACHINES for one in found[kind]]))
    unknowns += [Unknown(EVERY_RULE, one.id, doubt) for one in machines for doubt in one.doubts]
    unknowns += _about_bastion(machines)
    between = [one for kind in (AZURE_FIREWALL, *_BETWEEN) for one in found[kind]]
    unknowns += [Unknown(EVERY_RULE, one, reason) for one, reason in halves(between, whole.around)]
    networks = standing(*(found[kind] for kind in _AROUND))
    return Report(machines, tuple(networks), tuple(dict.fromkeys(unknowns)))


def _documents(source: Source, kind: str, unknowns: list[Unknown]) -> list[Resource]:
    """The documents of a type; those that cannot be used are noted."""
    subjects = [one for one in source.subjects((kind,)) if not one.partial]
    unknowns += [Unknown(EVERY_RULE, one.resource.id, one.flaw) for one in subjects if one.flaw]
    return [one.resource for one in subjects if not one.flaw]


def _about_bastion(machines: Iterable[Machine]) -> Iterator[Unknown]:
    """Why it is not known whether a host reaches machines, once per network."""
    for machine in machines:
        for why in machine.bastion_doubts:
            subject = machine.network or machine.id
            yield Unknown(EVERY_RULE, subject, f"which Bastion reaches its machines is not known: {why}")
