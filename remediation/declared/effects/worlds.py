"""The estate as it was declared, beside the one that is there.

Both are judged by the same rules and asked for the same ways in; what only one of them has is what the
differences brought, or ended. One resource at a time is put back, so that each answers for itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from remediation.baseline import Baseline
from remediation.declared.declaration import Document
from remediation.errors import PermanentError
from remediation.estates.deployments.effects import effects
from remediation.estates.deployments.overlay import lay
from remediation.estates.deployments.prediction import Prediction
from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.estates.scanning import Subject, scan
from remediation.estates.ways_in import report
from remediation.kinds import BASTION, DIAGNOSTIC_SETTING
from remediation.model import Finding, Resource
from remediation.nsg.spaces.sets import Ranges, subtract, union
from remediation.resource_id import ResourceId
from remediation.ways.report import Report

type Place = tuple[str, str, int, str]
"""A machine and an entry by their keys, the port at the machine, and the family."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What putting resources back would change. `opened` are sources by place, that get in now only.

    `closed` and `cut_off` say whether somebody got in before, and whether a Bastion host reached a machine
    that it does not reach now; `unclear` that a way may have opened. `brought` are findings that there would
    not be, `standing` all that there are. `lines` are for people.
    """

    opened: dict[Place, Ranges]
    closed: bool = False
    cut_off: bool = False
    unclear: bool = False
    brought: tuple[Finding, ...] = ()
    standing: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()


class Worlds:
    """Two estates: the one that is there, and others with resources put back."""

    def __init__(
        self, estate: Estate, files: Sequence[EstateFile], baseline: Baseline, now: datetime
    ) -> None:
        self._estate = estate
        self._files = files
        self._baseline = baseline
        self._now = now
        self._reports: dict[tuple[int, ...], Report] = {}

    def changed(self, resources: Sequence[Resource], ports: Iterable[int], *, ways: bool = True) -> Changed:
        """What differs between the estate with these resources put back, and the one that is there."""
        prediction = Prediction(resources=[_document(one) for one in resources])
        declared = Estate(lay(self._files, prediction, Target("")).after)
        subjects = [subject for one in resources for subject in _subjects(one.id)]
        was = {one.key: one.severity for one in self._findings(declared, subjects)}
        standing = tuple(self._findings(self._estate, subjects))
        brought = tuple(one for one in standing if one.key not in was or one.severity > was[one.key])
        if not ways:
            return Changed({}, brought=brought, standing=standing)
        asked = tuple(sorted({*self._baseline.management_ports, *ports}))
        before, after = report(declared, self._baseline, asked), self._report(asked)
        return replace(_changed(before, after), brought=brought, standing=standing)

    def _report(self, ports: tuple[int, ...]) -> Report:
        if ports not in self._reports:
            self._reports[ports] = report(self._estate, self._baseline, ports)
        return self._reports[ports]

    def _findings(self, estate: Estate, subjects: Sequence[ResourceId]) -> Sequence[Finding]:
        documents = [one for identity in subjects if (one := there(estate, identity)) is not None]
        return scan(estate, map(Subject, documents), self._baseline, self._now).findings


def there(estate: Estate, identity: ResourceId) -> Resource | None:
    """A document of an estate; None where it has none, or none that can be used."""
    try:
        return estate.get(identity)
    except PermanentError:
        return None


def _document(resource: Resource) -> Document:
    return {**resource.body, "id": resource.id.text, "name": resource.id.name}


def _subjects(identity: ResourceId) -> Sequence[ResourceId]:
    """Whose findings a resource may bring: its own, and those of the host whose log it is."""
    target = identity.extended if identity.type == DIAGNOSTIC_SETTING else None
    return (identity, target) if target is not None and target.type == BASTION else (identity,)


def _changed(before: Report, after: Report) -> Changed:
    was, now = _open(before), _open(after)
    unknown = {place for place in _unknown(after) if place not in _unknown(before) | was.keys()}
    opened = {
        place: more for place, sources in now.items() if (more := subtract(sources, was.get(place, ())))
    }
    closed = any(subtract(sources, now.get(place, ())) for place, sources in was.items())
    served = {(one.id.key, host.host.key) for one in after.machines for host in one.bastions}
    doubtful = {one.id.key for one in after.machines if one.bastion_doubts}
    lost = any(
        (one.id.key, host.host.key) not in served and one.id.key not in doubtful
        for one in before.machines
        for host in one.bastions
    )
    return Changed(opened, closed, lost, bool(unknown), lines=tuple(effects(before, after)))


def _open(found: Report) -> dict[Place, Ranges]:
    places: dict[Place, list[Ranges]] = {}
    for machine in found.machines:
        for way in machine.ways:
            if way.verdict == "open":
                place = machine.id.key, way.entry.key, way.port, way.family
                places.setdefault(place, []).append(way.sources)
    return {place: union(*sources) for place, sources in places.items()}


def _unknown(found: Report) -> set[Place]:
    return {
        (machine.id.key, way.entry.key, way.port, way.family)
        for machine in found.machines
        for way in machine.ways
        if way.verdict == "unknown"
    }
