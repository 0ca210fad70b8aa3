"""Every declaration held against what an estate has of it: what differs, and what could not be told."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from remediation.baseline import Baseline
from remediation.declared.comparison import IGNORED, compare
from remediation.declared.declaration import Declaration, Declared
from remediation.declared.difference import Difference
from remediation.declared.just_in_time import ASKING, is_asked, without_requests
from remediation.declared.restoring import restored
from remediation.declared.rule import DECLARED_DRIFT
from remediation.estates.estate import Estate
from remediation.judging.gathering import gather
from remediation.kinds import LOAD_BALANCER, NSG, ROUTE_TABLE, RULE_COLLECTION_GROUP
from remediation.model import Resource, Unknown

# Types whose findings are about what stands in them: the list that has to be declared whole for it.
_SPEAKING = {
    NSG: "securityRules",
    LOAD_BALANCER: "inboundNatRules",
    ROUTE_TABLE: "routes",
    RULE_COLLECTION_GROUP: "ruleCollections",
}


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
    same: dict[str, Declaration] = field(default_factory=dict)


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
        elif _is_whole(declaration):
            found.same[identity.key] = declaration
    return found


def _is_whole(declaration: Declaration) -> bool:
    """Whether everything that a finding about the resource may rest on was declared."""
    told = (declaration.document.get("properties") or {}).get(_SPEAKING.get(declaration.id.type, ""))
    return declaration.itself and not declaration.alone and isinstance(told, list)


def of_people(found: Compared, estate: Estate, baseline: Baseline, now: datetime) -> Compared:
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
