"""Everything that was declared held against an estate: findings, what could not be told, what was left out.

Only what differs is judged any further: put back, it shows what it does. An estate in which nothing differs
costs the comparison and no more.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from remediation.baseline import Baseline
from remediation.declared.comparison import IGNORED, compare
from remediation.declared.declaration import Declaration
from remediation.declared.difference import Difference, Effect, worst
from remediation.declared.effects.groups import GroupEffect, of_attachment, of_group
from remediation.declared.effects.others import effect_of, ends_log, is_inert, ports_in
from remediation.declared.effects.severity import breaks, severity
from remediation.declared.effects.worlds import Changed, Worlds
from remediation.declared.gathering import Declared
from remediation.declared.just_in_time import ASKING, is_asked, without_requests
from remediation.declared.restoring import restored
from remediation.declared.rule import DECLARED_DRIFT
from remediation.declared.words import left_out, message, name_of
from remediation.errors import InputError, InvalidResourceId
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.estates.scanning import Scan
from remediation.judging.gathering import gather, is_on
from remediation.judging.planning import plan
from remediation.judging.standing import Standing
from remediation.kinds import DIAGNOSTIC_SETTING, NIC, NSG, SUBNET
from remediation.model import Finding, Judgement, Resource, Snapshot, Unknown, Violation
from remediation.resource_id import ResourceId

MOST_LINES = 12
GROUP = "networkSecurityGroup"
_NOTHING_CHANGED = Changed()


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs from what was declared. `compared` counts the declarations that could be held up."""

    findings: tuple[Finding, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    compared: int = 0
    notes: tuple[str, ...] = ()

    def beside(self, scan: Scan) -> Scan:
        """A scan of the same estate with this in it, in the scan's order."""
        findings = sorted(
            (*scan.findings, *self.findings),
            key=lambda one: (-one.severity, one.rule, one.resource.key, one.message),
        )
        unknowns = sorted(
            {*scan.unknowns, *self.unknowns}, key=lambda one: (one.rule, one.resource.key, one.reason)
        )
        return replace(
            scan,
            findings=tuple(findings),
            unknowns=tuple(unknowns),
            evaluated=max(scan.evaluated, self.compared),
            notes=(*scan.notes, *self.notes),
        )


@dataclass(frozen=True, slots=True)
class Drifted:
    """One resource that differs."""

    declaration: Declaration
    live: Resource | None
    differences: tuple[Difference, ...]

    @property
    def declared(self) -> Resource:
        return restored(self.live, self.declaration, self.differences)

    @property
    def subject(self) -> Resource:
        """The document that decisions about the finding look at."""
        return self.live or Resource(self.declaration.id, self.declaration.document)


@dataclass(slots=True)
class Compared:
    """All declarations held against an estate: what differs, what could not be told, how many were held."""

    drifted: list[Drifted] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    count: int = 0


def drift(
    declared: Declared,
    estate: Estate,
    files: Sequence[EstateFile],
    baseline: Baseline,
    now: datetime,
    ignore: Collection[str] = IGNORED,
) -> Drift:
    """Compare and judge; `files` are those the estate was made of.

    Raises InputError where the estate holds nothing of the subscriptions that were declared.
    """
    _refuse_strangers(declared, estate)
    found = _of_people(held(declared, estate, ignore), estate, baseline, now)
    on = [one for one in found.drifted if is_on(DECLARED_DRIFT, one.subject, baseline)]
    judge = _Judge(estate, Worlds(estate, files, baseline, now), baseline, now)
    findings = [finding for one in judge.told(on) for finding in judge.disposed(one)]
    return Drift(tuple(findings), tuple(found.unknowns), found.count, tuple(_notes(declared)))


def _refuse_strangers(declared: Declared, estate: Estate) -> None:
    there = estate.subscriptions
    if declared.declarations and there and not declared.subscriptions & there:
        names = ", ".join(sorted({one.names for one in declared.declarations.values()})[:3])
        raise InputError(
            f"{names}: declares resources of subscription {', '.join(sorted(declared.subscriptions)[:3])}, "
            f"and the estate holds {', '.join(sorted(there)[:3])}"
        )


def held(declared: Declared, estate: Estate, ignore: Collection[str] = IGNORED) -> Compared:
    """Every declaration held against what the estate has of it; nothing is judged yet."""
    found = Compared()
    for declaration in declared.declarations.values():
        identity = declaration.id
        live = estate.document(identity)
        if live is None and (reason := estate.absence(identity)):
            found.unknowns.append(Unknown(DECLARED_DRIFT.id, identity, reason))
            continue
        found.count += 1
        differences = compare(declaration, live, ignore)
        if differences:
            found.drifted.append(Drifted(declaration, live, differences))
    return found


def _of_people(found: Compared, estate: Estate, baseline: Baseline, now: datetime) -> Compared:
    """Without what just-in-time access did, for as long as it may."""
    kept: list[Drifted] = []
    for one in found.drifted:
        if one.live is None or not is_asked(one.differences):
            kept.append(one)
            continue
        snapshot = gather(estate, one.live, (ASKING,), baseline, now)
        differences, reasons = without_requests(one.live, one.differences, snapshot)
        found.unknowns += [Unknown(DECLARED_DRIFT.id, one.live.id, reason) for reason in reasons]
        if differences:
            kept.append(replace(one, differences=differences))
    return replace(found, drifted=kept)


def _notes(declared: Declared) -> Iterator[str]:
    others = list(left_out(declared.left_out))
    if others:
        shown = ", ".join(others[:6])
        more = f" and {len(others) - 6} more types" if len(others) > 6 else ""
        yield f"declared and not compared: {shown}{more}"
    if declared.unplaced:
        names = ", ".join(declared.unplaced[:3])
        more = f" and {len(declared.unplaced) - 3} more" if len(declared.unplaced) > 3 else ""
        yield f"declared under an id that is not known before the deployment, and not compared: {names}{more}"


@dataclass(frozen=True, slots=True)
class _Told:
    """One resource's finding before anybody decided what happens with it."""

    drifted: Drifted
    finding: Finding


class _Judge:
    """Says of each resource that differs what that does."""

    def __init__(self, estate: Estate, worlds: Worlds, baseline: Baseline, now: datetime) -> None:
        self._estate = estate
        self._worlds = worlds
        self._baseline = baseline
        self._now = now

    def told(self, drifted: Sequence[Drifted]) -> Iterator[_Told]:
        felt = [one for one in drifted if _is_felt(one)]
        ports = frozenset[int]().union(*(ports_in(one.differences) for one in felt))
        changed = self._worlds.changed([one.declared for one in felt], ports)
        for one in drifted:
            yield _Told(one, self._finding(one, changed.get(one.declaration.id.key, _NOTHING_CHANGED)))

    def _finding(self, one: Drifted, changed: Changed) -> Finding:
        identity = one.declaration.id
        group = None
        if identity.type == NSG and one.live is not None:
            group = of_group(one.live, one.declaration, one.differences, self._baseline)
            differences = group.differences
            if all(each.effect == "none" for each in differences):
                changed = _NOTHING_CHANGED  # whatever is otherwise near it, the group is not why
        else:
            differences = tuple(
                replace(each, effect=self._effect(each, identity.type, changed)) for each in one.differences
            )
        log_ended = ends_log(identity, differences)
        worse = severity(identity, differences, group, changed, self._baseline, log_ended=log_ended)
        lines = _lines(group, changed, log_ended=log_ended)
        violation = Violation(
            message=message(one.declaration, differences, name_of(identity), lines),
            evidence=_evidence(one.declaration, differences, lines),
            severity=worse,
            witness=group.witness if group is not None and group.management is not None else None,
            subject=identity,
        )
        return DECLARED_DRIFT.finding(one.subject, violation)

    def _effect(self, difference: Difference, kind: str, changed: Changed) -> Effect:
        if is_inert(difference, kind):
            return "none"
        felt = effect_of(changed)
        if difference.path != GROUP or kind not in {SUBNET, NIC}:
            return felt
        groups = [self._document(value) for value in (difference.declared, difference.live)]
        if difference.live is not None and groups[1] is None:
            return worst([felt, "unknown"])
        return worst([felt, of_attachment(*groups)])

    def _document(self, value: Any) -> Resource | None:
        try:
            return self._estate.document(ResourceId.parse(value))
        except InvalidResourceId:
            return None

    def disposed(self, told: _Told) -> Sequence[Finding]:
        """The finding with what happens with it: exempt, or for a person."""
        snapshot = Snapshot(told.drifted.subject)
        return plan(Judgement((told.finding,)), snapshot, self._baseline, Standing(self._now)).findings


def _is_felt(one: Drifted) -> bool:
    """Whether anybody's way may depend on what differs, or a rule have something to say of it."""
    kind = one.declaration.id.type
    return kind == DIAGNOSTIC_SETTING or any(not is_inert(each, kind) for each in one.differences)


def _lines(group: GroupEffect | None, changed: Changed, *, log_ended: bool) -> list[str]:
    """What the differences do, in sentences, the worst first."""
    log = ["ends the log of who used Bastion, or a part of it"] if log_ended else []
    flows = group.lines if group is not None else ()
    return list(dict.fromkeys([*breaks(changed.brought), *log, *changed.lines, *flows]))[:MOST_LINES]


def _evidence(
    declaration: Declaration, differences: Sequence[Difference], lines: Sequence[str]
) -> dict[str, Any]:
    source = declaration.source_of(differences[0].path)
    place = {"file": source.name, "line": source.line, "address": source.address or None}
    return {
        "declaredBy": declaration.names,
        "differences": [one.to_json() for one in differences],
        "effect": worst([one.effect for one in differences]),
        **({"effects": list(lines)} if lines else {}),
        **({"declaredIn": place} if source.line or source.address else {}),
    }
