"""A change judged before it is made: the same scan of what is there and of what would be.

A change is laid over an estate, or over nothing; what the input says of the resources before it is enough to
tell old findings from new ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from remediation.baseline import Baseline
from remediation.errors import InputError, InvalidResourceId
from remediation.estates.deployments.comparison import Changed, compared
from remediation.estates.deployments.effects import broken, effects
from remediation.estates.deployments.overlay import Laid, lay
from remediation.estates.deployments.placeholders import spoken
from remediation.estates.deployments.prediction import Origin, Prediction
from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.deployments.templates.values import TooMuchError
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.estates.scanning import EVERY_RULE, Failure, Scan, scan
from remediation.estates.ways_in import report
from remediation.judging.gathering import Reads
from remediation.model import Unknown
from remediation.resource_id import ResourceId
from remediation.rules import judged_types

_SHORTEST = 9  # of the id of a resource in a group, cut at its slashes


class Reading(Protocol):
    """An estate that answers reads; a wrapper around it may ask somebody who knows more."""

    def __call__(self, estate: Estate, laid: Laid) -> Reads: ...


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a change brings and ends. `after` is the scan of what would be there.

    `places` are unknowns about what has no id: where they stand in the input, and why. `effects` are
    sentences about ways in, `evaluated` counts what was judged before or after, `named` is how the input
    calls resources whose id nobody knows yet, by the lower-cased id they were given. `parts` has the place of
    the first part of a resource that the input holds, by the lower-cased id of the resource.
    """

    changes: tuple[Changed, ...]
    after: Scan
    places: tuple[tuple[str, str], ...]
    effects: tuple[str, ...]
    evaluated: int
    origins: dict[str, Origin]
    parts: Mapping[str, Origin]
    named: dict[str, str]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[Failure, ...]:
        return self.after.failures

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        return self.after.unknowns

    def origin(self, resource: ResourceId) -> Origin | None:
        """Where the resource stands in the input: itself, else a part of it, else what it is a part of."""
        if resource.key in self.origins:
            return self.origins[resource.key]
        above = resource.parent or resource.extended
        return self.parts.get(resource.key) or (None if above is None else self.origin(above))

    def name(self, resource: ResourceId) -> str:
        """A resource's id, or what the input calls it where it has none yet."""
        return self.named.get(resource.key, resource.text)

    def to_json(self) -> dict[str, Any]:
        unknown = [{**one.to_json(), "resourceId": self.name(one.resource)} for one in self.unknowns]
        unknown += [{"rule": EVERY_RULE, "resourceId": where, "reason": why} for where, why in self.places]
        return {
            "findings": [self._finding(one) for one in self.changes],
            "unknown": unknown,
            "evaluated": self.evaluated,
            "effects": list(self.effects),
        }

    def _finding(self, changed: Changed) -> dict[str, Any]:
        told = changed.finding.to_json()
        origin = self.origin(changed.finding.resource)
        return {
            **told,
            "resourceId": self.name(changed.finding.resource),
            "change": changed.change,
            "worse": changed.worse or None,
            "source": origin.to_json() if origin else None,
        }


def preflight(
    files: Sequence[EstateFile],
    prediction: Prediction,
    target: Target,
    baseline: Baseline,
    now: datetime,
    open_world: Sequence[str] = (),
    reading: Reading = lambda estate, _: estate,
) -> Preflight:
    """Judge a change; raises InputError where an input has no end."""
    try:
        laid = lay(files, prediction, target)
    except (TooMuchError, RecursionError) as error:
        raise InputError(f"the change cannot be laid out: {error}") from error
    before, after = Estate(laid.before, open_world), Estate(laid.after, open_world)
    old = _scanned(before, reading(before, laid), baseline, now)
    new = _scanned(after, reading(after, laid), baseline, now)
    unknowns, places = _doubts(prediction)
    ways = effects(report(before, baseline), report(after, baseline))
    whole = replace(new, unknowns=tuple(dict.fromkeys((*new.unknowns, *unknowns))))
    whole = replace(whole, unknowns=tuple(replace(one, reason=spoken(one.reason)) for one in whole.unknowns))
    changes = compared(old, whole)
    return Preflight(
        changes=changes,
        after=whole,
        places=places,
        effects=tuple(map(spoken, (*ways, *broken(changes)))),
        evaluated=max(new.evaluated, old.evaluated if prediction.removed else 0),
        origins=prediction.origins,
        parts=_parts(prediction.origins),
        named=prediction.named,
        notes=(*prediction.notes, *new.notes),
        warnings=tuple(after.warnings),
    )


def _parts(origins: Mapping[str, Origin]) -> dict[str, Origin]:
    """The first origin below each resource."""
    found: dict[str, Origin] = {}
    for key, origin in origins.items():
        steps = key.split("/")
        for length in range(_SHORTEST, len(steps), 2):
            found.setdefault("/".join(steps[:length]), origin)
    return found


def _scanned(estate: Estate, reads: Reads, baseline: Baseline, now: datetime) -> Scan:
    return scan(reads, tuple(estate.subjects(judged_types())), baseline, now)


def _doubts(prediction: Prediction) -> tuple[list[Unknown], tuple[tuple[str, str], ...]]:
    """What the input itself leaves open: of resources with an id, and of places in the input."""
    known: list[Unknown] = []
    places: list[tuple[str, str]] = []
    for where, reason in prediction.doubts:
        try:
            known.append(Unknown(EVERY_RULE, ResourceId.parse(where), reason))
        except InvalidResourceId:
            places.append((where, reason))
    return known, tuple(dict.fromkeys(places))
