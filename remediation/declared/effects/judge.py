"""What differs, with what that does and how bad it is, as findings."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from remediation.baseline import Baseline
from remediation.declared.declaration import Declaration
from remediation.declared.difference import Difference, Effect, worst
from remediation.declared.effects.groups import GroupEffect, of_attachment, of_group
from remediation.declared.effects.others import effect_of, ends_log, is_inert, ports_in
from remediation.declared.effects.severity import breaks, severity
from remediation.declared.effects.worlds import Changed, Worlds
from remediation.declared.holding import Drifted
from remediation.declared.rule import DECLARED_DRIFT
from remediation.declared.words import declared_in, message, name_of
from remediation.errors import InvalidResourceId
from remediation.estates.estate import Estate
from remediation.judging.planning import plan
from remediation.judging.standing import Standing
from remediation.kinds import DIAGNOSTIC_SETTING, NIC, NSG, SUBNET
from remediation.model import Finding, Judgement, Resource, Snapshot, Violation
from remediation.resource_id import ResourceId

MOST_LINES = 12
_GROUP = "networkSecurityGroup"
_NOTHING_CHANGED = Changed()


class Judge:
    """Says of each resource that differs what that does."""

    def __init__(self, estate: Estate, worlds: Worlds, baseline: Baseline, now: datetime) -> None:
        self._estate = estate
        self._worlds = worlds
        self._baseline = baseline
        self._now = now

    def findings(self, drifted: Sequence[Drifted]) -> Iterator[Finding]:
        """One finding for each resource, with what happens with it: exempt, or for a person."""
        for one, finding in self.judged(drifted):
            told = Judgement((finding,)), Snapshot(one.subject), self._baseline, Standing(self._now)
            yield from plan(*told).findings

    def judged(self, drifted: Sequence[Drifted]) -> Iterator[tuple[Drifted, Finding]]:
        """One finding for each resource, beside it with the effect of each difference; nothing is decided."""
        felt = [one for one in drifted if _is_felt(one)]
        ports = frozenset[int]().union(*(ports_in(one.differences) for one in felt))
        changed = self._worlds.changed([one.declared for one in felt], ports)
        for one in drifted:
            yield self._finding(one, changed.get(one.declaration.id.key, _NOTHING_CHANGED))

    def _finding(self, one: Drifted, changed: Changed) -> tuple[Drifted, Finding]:
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
        return replace(one, differences=tuple(differences)), DECLARED_DRIFT.finding(one.subject, violation)

    def _effect(self, difference: Difference, kind: str, changed: Changed) -> Effect:
        if is_inert(difference, kind):
            return "none"
        felt = effect_of(changed)
        if difference.path != _GROUP or kind not in {SUBNET, NIC}:
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
    return {
        "declaredBy": declaration.names,
        "differences": [one.to_json() for one in differences],
        "effect": worst([one.effect for one in differences]),
        **({"effects": list(lines)} if lines else {}),
        **({"declaredIn": declared_in(source)} if source.line or source.address else {}),
    }
