"""Writes of single rules, as data: what stood there, what will, and how to go back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from remediation.kinds import NAMING_KEYS, SERVER_KEYS
from remediation.model import copied
from remediation.nsg.document import Nsg
from remediation.nsg.rule import SecurityRule

type Body = dict[str, Any]

# What ARM adds to a rule and does not take back; `resourceGroup` is added by the Azure CLI.
_READ_ONLY = SERVER_KEYS | NAMING_KEYS | {"resourceGroup"}


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One write of `{nsg}/securityRules/{name}`. `before` None = it creates; `after` None = it deletes."""

    name: str
    before: Body | None
    after: Body | None

    @property
    def method(self) -> str:
        return "DELETE" if self.after is None else "PUT"

    def inverse(self) -> "RuleChange":
        return RuleChange(self.name, self.after, self.before)


def rule_body(rule: SecurityRule) -> Body:
    """The rule as a PUT takes it: `{"name", "properties"}` with every property a person can set."""
    kept = {key: value for key, value in rule.properties.items() if key not in _READ_ONLY}
    return {"name": rule.name, "properties": copied(kept)}


def undo(changes: Sequence[RuleChange]) -> tuple[RuleChange, ...]:
    """The way back, last write first: what was narrowed is restored before its companion goes."""
    return tuple(change.inverse() for change in reversed(changes))


def apply_changes(document: Mapping[str, Any], changes: Iterable[RuleChange]) -> Body:
    """The whole NSG document as it stands after some writes; the given one is left as it is."""
    changed: Body = copied(dict(document))
    holder = changed.get("properties")
    if not isinstance(holder, dict):
        holder = changed
    rules: list[Any] = list(holder.get("securityRules") or ())
    for change in changes:
        rules = _applied(rules, change)
    holder["securityRules"] = rules
    return changed


def changed(nsg: Nsg, changes: Iterable[RuleChange]) -> Nsg:
    """The parsed NSG after some writes. Rules that stay are not read again: a plan makes many states.

    Its document is that of `nsg`; `apply_changes` makes the document of a whole plan, once.
    """
    rules = list(nsg.custom)
    for change in changes:
        at = _place(rules, change)
        rules[at : at + 1] = [] if change.after is None else [SecurityRule(change.after, at)]
    return replace(nsg, custom=tuple(rules))


def _place(rules: Sequence[SecurityRule], change: RuleChange) -> int:
    """Where the rule of a change stands, or the end for one that is new."""
    wanted = change.name.lower()
    if change.before is None and change.after is not None:
        return len(rules)
    found = (at for at, rule in enumerate(rules) if rule.name.lower() == wanted and rule.named)
    return next(found, len(rules))


def _applied(rules: list[Any], change: RuleChange) -> list[Any]:
    at = next((index for index, rule in enumerate(rules) if _is_named(rule, change.name)), len(rules))
    replacement = [] if change.after is None else [copied(change.after)]
    return [*rules[:at], *replacement, *rules[at + 1 :]]


def _is_named(rule: Any, name: str) -> bool:
    return isinstance(rule, dict) and str(rule.get("name", "")).lower() == name.lower()
