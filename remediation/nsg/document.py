"""From an ARM document to an `Nsg`: what can be read of it, and a list of what cannot.

Nothing here raises over content. A rule that cannot be read keeps its three-valued meaning, a document
that is no NSG is *not understood* with a reason, and the next document is not affected.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from remediation.nsg.rule import HIGHEST_PRIORITY, LOWEST_PRIORITY, SecurityRule

if TYPE_CHECKING:
    from remediation.nsg.fields import AddressField, PortField

_RULE_LISTS = ("securityRules", "defaultSecurityRules")
_TYPE = "networksecuritygroups"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a rule that could not be read as written; `text` says what and how it is taken."""

    rule: str
    field: str
    text: str


@dataclass(frozen=True, eq=False)  # no slots: the cached properties below live in the instance's dict
class Nsg:
    """One parsed network security group.

    `custom` are the rules of `securityRules` in the order of the document. `not_understood` is the reason
    why the document could not be read as an NSG at all, or None; all verdicts about it are then unknown.
    """

    id: str | None
    document: Any = field(repr=False)
    custom: tuple[SecurityRule, ...]
    not_understood: str | None = None

    @property
    def understood(self) -> bool:
        return self.not_understood is None

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read, rule by rule, in the order of the document."""
        return tuple(problem for rule in self.custom for problem in _problems(rule))

    def rule(self, name: str) -> SecurityRule | None:
        """The custom rule of this name, compared as ARM does, without case."""
        wanted = name.lower()
        return next((rule for rule in self.custom if rule.name.lower() == wanted), None)


def parse(document: Any) -> Nsg:
    """Read one ARM network security group (as GET returns it, or flattened by the Azure CLI)."""
    if type(document) is not dict and not isinstance(document, Mapping):
        return _not_understood(None, document, "not a JSON object")
    identity = document.get("id")
    identity = identity if isinstance(identity, str) else None
    kind = document.get("type")
    if isinstance(kind, str) and kind and kind.rpartition("/")[2].lower() != _TYPE:
        return _not_understood(identity, document, f"not a network security group but {kind}")
    properties = document.get("properties")
    if properties is None:
        if _is_reference(document):
            return _not_understood(identity, document, "only a reference: the group itself was not read")
        properties = document
    if type(properties) is not dict and not isinstance(properties, Mapping):
        return _not_understood(identity, document, "properties is not a JSON object")
    elements = properties.get("securityRules")
    if elements is None and document.get("securityRules"):
        return _not_understood(identity, document, "securityRules stands beside properties, not under them")
    if elements is None:
        return Nsg(identity, document, ())
    if not isinstance(elements, list | tuple):
        return _not_understood(identity, document, "securityRules is not a list")
    return Nsg(
        identity, document, tuple([SecurityRule(element, index) for index, element in enumerate(elements)])
    )


def _is_reference(document: Mapping[str, Any]) -> bool:
    """Whether a document without properties says nothing about rules.

    The Azure CLI has printed references with every key of a group, each of them null.
    """
    present = [document[key] for key in _RULE_LISTS if key in document]
    return not present or (len(present) == len(_RULE_LISTS) and present.count(None) == len(present))


def _not_understood(identity: str | None, document: Any, reason: str) -> Nsg:
    """An NSG about which nothing is known: one rule that may do anything, and the reason."""
    return Nsg(identity, document, (SecurityRule({"name": "(not read)"}),), reason)


def _problems(rule: SecurityRule) -> Iterator[Problem]:
    if type(rule.element) is not dict:
        yield Problem(rule.name, "rule", "is not a JSON object; it may match anything")
        return
    if rule.element.get("properties", rule.properties) not in (None, rule.properties):
        yield Problem(rule.name, "properties", "is not a JSON object; the rule may match anything")
        return
    yield from _unreadable_scalars(rule)
    yield from _unreadable_elements(rule)
    for missing in rule.missing_fields():
        read = "matches nothing for certain" if _is_deny(rule) else "is read at its widest"
        yield Problem(rule.name, missing, f"is missing; the rule {read} and is never repaired")


def _is_deny(rule: SecurityRule) -> bool:
    return rule.access is not None and rule.access.value == "Deny"


def _unreadable_scalars(rule: SecurityRule) -> Iterator[Problem]:
    written = rule.properties
    if rule.priority is None:
        text = f"{_show(written.get('priority'))} is not a priority; the rule may come at any place"
        yield Problem(rule.name, "priority", text)
    elif not LOWEST_PRIORITY <= rule.priority <= HIGHEST_PRIORITY:
        text = f"{rule.priority} lies outside {LOWEST_PRIORITY}-{HIGHEST_PRIORITY}; it is sorted as it stands"
        yield Problem(rule.name, "priority", text)
    if rule.direction is None:
        text = f"{_show(written.get('direction'))} is no direction; the rule may apply either way"
        yield Problem(rule.name, "direction", text)
    if rule.access is None:
        text = f"{_show(written.get('access'))} is neither Allow nor Deny; the rule may do either"
        yield Problem(rule.name, "access", text)
    if rule.protocol == "?":
        text = f"{_show(written.get('protocol'))} is not a protocol; the rule may match"
        yield Problem(rule.name, "protocol", text)


def _unreadable_elements(rule: SecurityRule) -> Iterator[Problem]:
    sides: tuple[tuple[str, AddressField | PortField, str], ...] = (
        ("sourceAddressPrefix", rule.source, "an address, prefix, range or tag"),
        ("sourcePortRange", rule.source_ports, "a port or range of ports"),
        ("destinationAddressPrefix", rule.destination, "an address, prefix, range or tag"),
        ("destinationPortRange", rule.destination_ports, "a port or range of ports"),
    )
    for name, value, expected in sides:
        for doubt in value.doubts:
            shown = "an element" if doubt == "?" else _show(doubt)
            yield Problem(
                rule.name, name, f"{shown} is not {expected}; it may match and never certainly does"
            )


def _show(value: Any) -> str:
    if value is None:
        return "nothing"
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 60 else text[:57] + "..."
