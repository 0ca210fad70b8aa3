"""The rules of a group put back one by one; what is proven to close is told apart from what is not.

A step is taken by itself only where nothing is let in after it that is shut out before, something is shut out
that is let in now, and nothing of that is what the declaration lets in. So a half-finished repair is no worse
than none, and who may come in by the team's own word is never cut off. All else is offered to a person.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from remediation.declared.declaration import Declaration
from remediation.declared.difference import Difference
from remediation.declared.effects.groups import MOST_APART
from remediation.declared.forms import name_of
from remediation.declared.restoring import restored
from remediation.landing_zone.rewriting import as_put
from remediation.landing_zone.security_rules import fix_of, whole_fix_of
from remediation.model import Applicability, Fix, Json, NoFix, Resource
from remediation.nsg import (
    Nsg,
    RuleChange,
    apply_changes,
    cuts_connections,
    difference,
    is_jit_name,
    parse,
)
from remediation.nsg.comparison import Traffic
from remediation.nsg.repairing.repair import untouchable

RULES = "securityRules"
PROOF = (
    "On the whole flow space, in both directions: nothing is newly allowed after any single write, and "
    "nothing that is taken away is allowed by what was declared."
)
WHOLE = "The declared rules are put back as they were declared; what that lets in is told, not judged."
CUTS = "flushConnection is on: writing a rule cuts open connections that it no longer allows"
NO_EFFECT = "nobody's way depends on it, so that a person decides"


@dataclass(slots=True)
class _Steps:
    """A group while its rules are put back: the document after the steps that were taken."""

    body: Json
    declared: Nsg
    taken: list[RuleChange] = field(default_factory=list)

    def take(self, change: RuleChange) -> bool:
        """Take a step if it is proven to close, and only to close."""
        after = apply_changes(self.body, [change])
        flows = difference(parse(self.body), parse(after), portless=False)
        if flows.added or flows.unknown or not flows.removed or _conflicts(after):
            return False
        if _lost(self.declared, after) - _lost(self.declared, self.body):
            return False
        self.body = after
        self.taken.append(change)
        return True


def repaired(
    live: Resource, declaration: Declaration, differences: Sequence[Difference], alone: Mapping[str, str]
) -> Fix | NoFix:
    """The repair of a group's rules. `alone` are rules (lower case) that are somebody else's, with why."""
    before = parse(live.body)
    if not before.understood:
        return NoFix(f"cannot be proven, because the group was not read: {before.not_understood}")
    changes = list(_changes(live, declaration, differences, alone))
    if not changes:
        why = next(iter(alone.values()), "what differs is not in its rules")
        return NoFix(why, "Deploy it again, or declare what is there")
    full = restored(live, declaration, differences)
    steps = _Steps(live.body, parse(full.body))
    few = len(changes) <= MOST_APART
    while few and any(steps.take(one) for one in changes if one not in steps.taken):
        continue
    rest = [one for one in changes if one not in steps.taken]
    leaves = [*_left(rest), *alone.values()] if steps.taken else list(alone.values())
    if steps.taken:
        return _closing(live, before, steps, leaves)
    return _offered(live, before, rest, leaves)


def _closing(live: Resource, before: Nsg, steps: _Steps, leaves: Sequence[str]) -> Fix:
    return fix_of(
        live,
        steps.taken,
        title=_title(steps.taken),
        applicability=Applicability.SAFE,
        proof=PROOF,
        traffic=difference(before, parse(steps.body)).summary(),
        leaves=leaves,
        consent=CUTS if cuts_connections(before) else "",
    )


def _offered(live: Resource, before: Nsg, changes: Sequence[RuleChange], leaves: Sequence[str]) -> Fix:
    """What is not proven to close, with its effect; at once where the steps would be in each other's way."""
    after = apply_changes(live.body, changes)
    flows = difference(before, parse(after))
    told = flows.summary(4)
    consent = NO_EFFECT if flows.empty else f"a person has to agree to what it does: {'; '.join(told)}"
    body: Json = live.body
    at_once = len(changes) > MOST_APART
    for change in changes:
        body = apply_changes(body, [change])
        at_once = at_once or _conflicts(body)
    made = (whole_fix_of if at_once else fix_of)(
        live,
        changes,
        title=_title(changes),
        applicability=Applicability.UNSAFE,
        proof=WHOLE,
        traffic=flows.summary(),
    )
    return replace(made, consent=consent, leaves=tuple(leaves))


def _changes(
    live: Resource, declaration: Declaration, differences: Sequence[Difference], alone: Collection[str]
) -> Iterator[RuleChange]:
    """One change a rule: first what goes, then what is set, then what is made."""
    found: dict[str, list[Difference]] = {}
    for one in differences:
        if len(one.parts) > 1 and one.parts[0] == RULES:
            found.setdefault(one.parts[1].lower(), []).append(one)
    changes = []
    held = parse(live.body)
    for name, each in found.items():
        before = _element(live.body, name)
        after = _element(restored(live, declaration, each).body, name)
        own = (after or before or {}).get("name", name)
        known = held.rule(own)
        owned = is_jit_name(own) or (known is not None and _is_of_a_service(untouchable(known)))
        if name not in alone and not owned:
            changes.append(RuleChange(own, before, after))
    yield from sorted(changes, key=lambda one: (one.after is not None, one.before is None))


def _is_of_a_service(why: str | None) -> bool:
    return why is not None and "keeps it" in why


def _element(body: Json, name: str) -> dict[str, Any] | None:
    properties = body.get("properties")
    rules = properties.get(RULES) if isinstance(properties, Mapping) else None
    for rule in rules or ():
        if name_of(rule).lower() == name:
            return as_put({"name": name_of(rule), "properties": rule.get("properties") or {}})
    return None


def _conflicts(body: Json) -> bool:
    """Whether two rules of one direction have one priority, which ARM refuses."""
    taken = [(rule.direction, rule.priority) for rule in parse(body).custom]
    return len(taken) != len(set(taken))


def _lost(declared: Nsg, body: Json) -> frozenset[Traffic]:
    """What the declaration lets in and a group does not, for certain or perhaps."""
    flows = difference(declared, parse(body), portless=False)
    return frozenset((*flows.removed, *flows.unknown))


def _title(changes: Sequence[RuleChange]) -> str:
    words = [_said(one) for one in changes[:3]]
    more = f" and {len(changes) - 3} more" if len(changes) > 3 else ""
    text = f"{', '.join(words)}{more}, as declared"
    return f"{text[:1].upper()}{text[1:]}"


def _said(change: RuleChange) -> str:
    if change.after is None:
        return f"delete rule {change.name}"
    return f"put rule {change.name} back"


def _left(changes: Sequence[RuleChange]) -> Iterator[str]:
    for one in changes:
        yield f"rule {one.name} stays: putting it back is not proven to close, so that a person decides"
