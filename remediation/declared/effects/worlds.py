"""The estate as it was declared, beside the one that is there.

Both are judged by the same rules and asked for the same ways in; what only one of them has is what the
differences brought, or ended. One more estate answers for everything that differs: what changed of a
machine's ways is laid to the one resource near it that differs. Where several do, each is put back alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from remediation.baseline import Baseline
from remediation.declared.declaration import Document
from remediation.declared.effects.nearby import nearby
from remediation.errors import InputError
from remediation.estates.deployments.effects import effects
from remediation.estates.deployments.overlay import lay
from remediation.estates.deployments.prediction import Prediction
from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.deployments.templates.values import TooMuchError
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.estates.scanning import Subject, scan
from remediation.estates.ways_in import report
from remediation.kinds import BASTION, DIAGNOSTIC_SETTING
from remediation.model import Finding, Resource
from remediation.nsg.spaces.sets import Ranges, subtract, union
from remediation.resource_id import ResourceId
from remediation.ways.report import Machine, Report

MOST_ALONE = 8
"""How many resources that cannot be told apart are put back one by one; of more, all get the same answer."""

type Place = tuple[str, str, int, str]
"""A machine and an entry by their keys, the port at the machine, and the family."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What putting resources back would change. `opened` are sources by place, that get in now only.

    `closed` and `cut_off` say whether somebody got in before, and whether a Bastion host reached a machine
    that it does not reach now; `unclear` that a way may have opened. `brought` are findings that there would
    not be, `standing` all that there are. `lines` are for people.
    """

    opened: Mapping[Place, Ranges] = field(default_factory=dict)
    closed: bool = False
    cut_off: bool = False
    unclear: bool = False
    brought: tuple[Finding, ...] = ()
    standing: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether anybody's way is another one."""
        return bool(self.opened) or self.closed or self.cut_off or self.unclear


@dataclass(frozen=True, slots=True)
class _World:
    """An estate with every way in to it."""

    estate: Estate
    report: Report

    def machines(self) -> dict[str, Machine]:
        return {one.id.key: one for one in self.report.machines}


class Worlds:
    """Two estates: the one that is there, and others with resources put back."""

    def __init__(
        self, estate: Estate, files: Sequence[EstateFile], baseline: Baseline, now: datetime
    ) -> None:
        self._estate = estate
        self._files = files
        self._baseline = baseline
        self._now = now

    def changed(self, resources: Sequence[Resource], ports: Iterable[int]) -> Mapping[str, Changed]:
        """What each of these resources changes by being as it is, by its key; they are as declared."""
        if not resources:
            return {}
        asked = tuple(sorted({*self._baseline.management_ports, *ports}))
        live = _World(self._estate, report(self._estate, self._baseline, asked))
        declared = self._with(resources, asked)
        moved = dict(_moved(declared, live))
        owners = _owners({one.id.key for one in resources}, moved, declared, live)
        unclear = [one for one in resources if owners.is_unclear(one.id.key)]
        few = unclear if len(unclear) <= MOST_ALONE else ()
        alone = {one.id.key: dict(_moved(self._with([one], asked), live)) for one in few}
        return {
            one.id.key: self._judged(
                one.id, _joined(owners.shares(one.id.key, moved, alone)), declared.estate
            )
            for one in resources
        }

    def _with(self, resources: Sequence[Resource], ports: tuple[int, ...]) -> _World:
        prediction = Prediction(resources=[_document(one) for one in resources])
        try:
            laid = lay(self._files, prediction, Target(""))
        except (TooMuchError, RecursionError) as error:
            raise InputError(f"what was declared cannot be laid over the estate: {error}") from error
        estate = Estate(laid.after, self._estate.open_world)
        return _World(estate, report(estate, self._baseline, ports))

    def _judged(self, identity: ResourceId, changed: Changed, declared: Estate) -> Changed:
        """With the findings that there would not be."""
        was = {one.key: one.severity for one in self._findings(declared, identity)}
        standing = tuple(self._findings(self._estate, identity))
        brought = tuple(one for one in standing if one.key not in was or one.severity > was[one.key])
        return replace(changed, brought=brought, standing=standing)

    def _findings(self, estate: Estate, identity: ResourceId) -> Sequence[Finding]:
        documents = [one for each in _subjects(identity) if (one := estate.document(each)) is not None]
        return scan(estate, map(Subject, documents), self._baseline, self._now).findings


def _document(resource: Resource) -> Document:
    return {**resource.body, "id": resource.id.text, "name": resource.id.name}


def _subjects(identity: ResourceId) -> Sequence[ResourceId]:
    """Whose findings a resource may bring: its own, and those of the host whose log it is."""
    target = identity.extended if identity.type == DIAGNOSTIC_SETTING else None
    return (identity, target) if target is not None and target.type == BASTION else (identity,)


@dataclass(frozen=True, slots=True)
class _Owners:
    """Which of the differing resources stand near the machines of which something changed."""

    near: Mapping[str, frozenset[str]]

    def of(self, key: str) -> Iterator[str]:
        return (machine for machine, keys in self.near.items() if key in keys)

    def shares(
        self, key: str, moved: Mapping[str, Changed], alone: Mapping[str, Mapping[str, Changed]]
    ) -> Iterator[Changed]:
        """What a resource is laid to: what it does alone; what only several do together is each one's."""
        for machine in self.of(key):
            explained = any(machine in alone.get(one, ()) for one in self.near[machine])
            if not explained:
                yield moved[machine]
            elif machine in alone.get(key, ()):
                yield alone[key][machine]

    def is_unclear(self, key: str) -> bool:
        return any(key in keys and len(keys) > 1 for keys in self.near.values())


def _owners(differing: set[str], moved: Mapping[str, Changed], declared: _World, live: _World) -> _Owners:
    """Of a machine near which nothing differs, everything that does may be the cause."""
    found: dict[str, frozenset[str]] = {}
    before, after = declared.machines(), live.machines()
    for key in moved:
        keys: set[str] = set()
        for machines, world in ((before, declared), (after, live)):
            if key in machines:
                keys |= nearby(machines[key], world.estate)
        found[key] = frozenset(keys & differing) or frozenset(differing)
    return _Owners(found)


def _moved(declared: _World, live: _World) -> Iterator[tuple[str, Changed]]:
    """Machines of whose ways anything is otherwise, with what."""
    before, after = declared.machines(), live.machines()
    for key in dict.fromkeys([*before, *after]):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        changed = _change(was, now)
        if changed.moves:
            sides = (Report(() if one is None else (one,)) for one in (was, now))
            yield key, replace(changed, lines=tuple(effects(*sides)))


def _change(was: Machine | None, now: Machine | None) -> Changed:
    old, new = _open(was), _open(now)
    opened = {
        place: more for place, sources in new.items() if (more := subtract(sources, old.get(place, ())))
    }
    return Changed(
        opened=opened,
        closed=any(subtract(sources, new.get(place, ())) for place, sources in old.items()),
        cut_off=_is_cut_off(was, now),
        unclear=bool(_unknown(now) - _unknown(was) - old.keys()),
    )


def _is_cut_off(was: Machine | None, now: Machine | None) -> bool:
    """Whether a host that reached a machine does not any more, for certain."""
    if was is None or now is None or now.bastion_doubts:
        return False
    return bool({one.host.key for one in was.bastions} - {one.host.key for one in now.bastions})


def _open(machine: Machine | None) -> dict[Place, Ranges]:
    places: dict[Place, list[Ranges]] = {}
    for way in machine.ways if machine is not None else ():
        if machine is not None and way.verdict == "open":
            places.setdefault((machine.id.key, way.entry.key, way.port, way.family), []).append(way.sources)
    return {place: union(*sources) for place, sources in places.items()}


def _unknown(machine: Machine | None) -> set[Place]:
    return {
        (machine.id.key, way.entry.key, way.port, way.family)
        for way in (machine.ways if machine is not None else ())
        if machine is not None and way.verdict == "unknown"
    }


def _joined(every: Iterable[Changed]) -> Changed:
    found = list(every)
    return Changed(
        opened={place: sources for one in found for place, sources in one.opened.items()},
        closed=any(one.closed for one in found),
        cut_off=any(one.cut_off for one in found),
        unclear=any(one.unclear for one in found),
        lines=tuple(line for one in found for line in one.lines),
    )
