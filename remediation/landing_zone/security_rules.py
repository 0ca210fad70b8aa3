"""From changes of an NSG's rules, as the engine plans them, to writes of child resources, or of the group."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from remediation.landing_zone.rewriting import as_put
from remediation.model import Applicability, Fix, Opening, Resource, Write, opening_of
from remediation.nsg import RuleChange, apply_changes, undo
from remediation.rule import values_at

STATEFUL = "NSGs are stateful: existing connections stay, new ones are refused."


def write_of(nsg: Resource, change: RuleChange) -> Write:
    """The call that makes a change, against the version of the rule that was read."""
    identity = nsg.id.child("securityRules", change.name)
    etag = _etag(nsg, change.name)
    if change.after is None:
        return Write("DELETE", identity, if_match=etag)
    return Write("PUT", identity, change.after, if_match=etag)


def fix_of(
    nsg: Resource,
    changes: Sequence[RuleChange],
    *,
    title: str,
    applicability: Applicability,
    proof: str,
    traffic: Sequence[str] = (),
    tolerances: Sequence[str] = (),
    leaves: Sequence[str] = (),
    closes: Sequence[str] = (),
    consent: str = "",
) -> Fix:
    """A fix made of rule changes, with the way back."""
    writes = tuple(write_of(nsg, change) for change in changes)
    return Fix(
        title=title,
        applicability=applicability,
        writes=writes,
        inverse=tuple(write_of(nsg, change) for change in undo(changes)),
        before={write.id.key: change.before for write, change in zip(writes, changes, strict=True)},
        proof=proof,
        traffic=tuple(traffic),
        tolerances=tuple(tolerances),
        leaves=tuple(leaves),
        closes=tuple(closes),
        consent=consent,
        openings=tuple(_openings(changes)),
    )


def _openings(changes: Sequence[RuleChange]) -> Iterator[Opening]:
    """What the changes close, rule by rule; what is made before a rule is written is its companion."""
    companions: list[str] = []
    for change in changes:
        if change.before is None:
            companions.append(change.name)
            continue
        yield replace(opening_of(change.name, change.before), companions=tuple(companions))
        companions = []


def whole_fix_of(
    nsg: Resource,
    changes: Sequence[RuleChange],
    *,
    title: str,
    applicability: Applicability,
    proof: str,
    traffic: Sequence[str] = (),
    tolerances: Sequence[str] = (),
) -> Fix:
    """The same as one write of the whole group, for where Azure takes no single step of it.

    Everything that was read goes back, against the version of the group that was read.
    """
    before = as_put(nsg.body)
    return Fix(
        title=title,
        applicability=applicability,
        writes=(Write("PUT", nsg.id, apply_changes(before, changes), if_match=nsg.etag),),
        inverse=(Write("PUT", nsg.id, before),),
        before={nsg.id.key: before},
        proof=proof,
        traffic=tuple(traffic),
        tolerances=tuple(tolerances),
    )


def _etag(nsg: Resource, name: str) -> str | None:
    """The version of a rule as it was read; a rule that does not exist yet has none."""
    for found in values_at(nsg.body, "properties.securityRules[]"):
        if isinstance(found, dict) and str(found.get("name")).lower() == name.lower():
            return found.get("etag")
    return None
