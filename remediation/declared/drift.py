"""Everything that was declared held against an estate: findings, what could not be told, what was left out.

Only what differs is judged any further: put back, it shows what it does. An estate in which nothing differs
costs the comparison and no more.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from remediation.baseline import Baseline
from remediation.declared.comparison import IGNORED
from remediation.declared.declaration import Declaration, Declared
from remediation.declared.effects.judge import Judge
from remediation.declared.effects.worlds import Worlds
from remediation.declared.holding import held, of_people
from remediation.declared.rule import DECLARED_DRIFT
from remediation.declared.words import declared_in, left_out, place
from remediation.errors import InputError
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.estates.scanning import Scan
from remediation.judging.gathering import is_on
from remediation.model import Finding, Unknown


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs from what was declared. `compared` counts the declarations that could be held up.

    `as_declared` are resources, by key, that are wholly as they were declared: what is wrong with them is so
    by the team's own word.
    """

    findings: tuple[Finding, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    compared: int = 0
    notes: tuple[str, ...] = ()
    as_declared: Mapping[str, Declaration] = field(default_factory=dict)

    def beside(self, scan: Scan) -> Scan:
        """A scan of the same estate with this in it, in the scan's order."""
        findings = sorted(
            (*map(self._told, scan.findings), *self.findings),
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

    def _told(self, finding: Finding) -> Finding:
        """A finding of the guidance; where the resource is as it was declared, with who says so."""
        declaration = self.as_declared.get(finding.resource.key)
        if declaration is None:
            return finding
        where = place(declaration.source)
        said = f"{finding.message}; {where} says so"
        evidence = {**finding.evidence, "declaredIn": declared_in(declaration.source)}
        return replace(finding, message=said, evidence=evidence)


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
    found = of_people(held(declared, estate, ignore), estate, baseline, now)
    on = [one for one in found.drifted if is_on(DECLARED_DRIFT, one.subject, baseline)]
    judge = Judge(estate, Worlds(estate, files, baseline, now), baseline, now)
    return Drift(
        tuple(judge.findings(on)), tuple(found.unknowns), found.count, tuple(_notes(declared)), found.same
    )


def _refuse_strangers(declared: Declared, estate: Estate) -> None:
    there = estate.subscriptions
    if declared.declarations and there and not declared.subscriptions & there:
        names = ", ".join(sorted({one.names for one in declared.declarations.values()})[:3])
        raise InputError(
            f"{names}: declares resources of subscription {', '.join(sorted(declared.subscriptions)[:3])}, "
            f"and the estate holds {', '.join(sorted(there)[:3])}"
        )


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
