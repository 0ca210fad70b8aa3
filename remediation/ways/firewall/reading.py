"""The DNAT and network rules of a firewall, in the order in which it asks them.

With a policy only the policy's rules hold. Collections are asked by the priority of their group, then by
their own; those of a base policy come first (Azure Firewall, rule processing logic). Whether NAT rules of a
base policy hold for its children is told both ways: they are not inherited (Firewall Manager,
policy overview), and an example in which they are (rule processing logic). They are read and marked so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from remediation.kinds import RULE_COLLECTION_GROUP
from remediation.model import Resource, Unread
from remediation.nsg.fields import parse_ports
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at
from remediation.ways.firewall.matching import Get, Matcher, matcher_of
from remediation.ways.landscape import Landscape

_LAST = 65_535
"""Stands for a priority that cannot be read: asked after all that can."""


@dataclass(frozen=True, slots=True)
class DnatRule:
    """A translation: packets that `takes` matches go on to `address`, or what `fqdn` stands for, on `port`.

    holder     the firewall, or the rule collection group of its policy
    port       the port at the machine; None where it cannot be read
    inherited  it stands in the base policy
    """

    holder: ResourceId
    collection: str
    name: str
    takes: Matcher
    address: str
    fqdn: str
    port: int | None
    ports: tuple[str, ...]
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class NetworkRule:
    """A network rule; `denies` is False for one that allows."""

    name: str
    takes: Matcher
    denies: bool


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in the order in which they are asked; `doubts` say why there may be others."""

    dnat: tuple[DnatRule, ...] = ()
    network: tuple[NetworkRule, ...] = ()
    doubts: tuple[str, ...] = ()

    def __add__(self, other: "RuleSet") -> "RuleSet":
        return RuleSet(self.dnat + other.dnat, self.network + other.network, self.doubts + other.doubts)


def rules_of(firewall: Resource, around: Landscape) -> RuleSet:
    """Everything a firewall goes by; what could not be read of it is told in `doubts`."""
    if not isinstance(firewall.properties(), Mapping):
        return RuleSet(doubts=(f"firewall {firewall.id.name} came without its properties",))
    policy = next(ids_at(firewall.body, "properties.firewallPolicy.id"), None)
    return classic_rules(firewall, around.get) if policy is None else _of_policy(policy, around)


def classic_rules(firewall: Resource, get: Get) -> RuleSet:
    """The rules in a firewall's own document."""
    nat = list(_collections(firewall, "natRuleCollections"))
    network = list(_collections(firewall, "networkRuleCollections"))
    return RuleSet(
        tuple(rule for one in nat for rule in _dnat(firewall.id, one, get)),
        tuple(rule for one in network for rule in _network(one, get)),
    )


def group_rules(group: Resource, get: Get) -> RuleSet:
    """The rules of a policy's rule collection group."""
    if not isinstance(group.properties(), Mapping):
        return RuleSet(doubts=(f"rule collection group {group.id.name} came without its properties",))
    found = list(_collections(group, "ruleCollections"))
    return RuleSet(
        tuple(rule for one in found if _translates(one) for rule in _dnat(group.id, one, get)),
        tuple(rule for one in found if not _translates(one) for rule in _network(one, get)),
    )


def _of_policy(policy: ResourceId, around: Landscape) -> RuleSet:
    document = around.get(policy)
    if not isinstance(document, Resource):
        return RuleSet(doubts=(f"its policy {policy.name} was not read: {_why(document)}",))
    base = next(ids_at(document.body, "properties.basePolicy.id"), None)
    return (_of_base(base, around) if base else RuleSet()) + _own_rules(document, around)


def _of_base(policy: ResourceId, around: Landscape) -> RuleSet:
    """The rules of a base policy. One that was not read leaves no doubt: its NAT rules are not inherited."""
    document = around.get(policy)
    if not isinstance(document, Resource):
        return RuleSet()
    found = _own_rules(document, around)
    return replace(found, dnat=tuple(replace(rule, inherited=True) for rule in found.dnat))


def _own_rules(policy: Resource, around: Landscape) -> RuleSet:
    groups, doubts = _groups_of(policy, around)
    ordered = sorted(groups, key=lambda group: _priority(group.properties()))
    return sum((group_rules(group, around.get) for group in ordered), RuleSet(doubts=doubts))


def _groups_of(policy: Resource, around: Landscape) -> tuple[list[Resource], tuple[str, ...]]:
    """The rule collection groups of a policy: those that are listed, and those that its document names."""
    listed = around.view.listed(RULE_COLLECTION_GROUP, policy.id)
    found = {} if isinstance(listed, Unread) else {group.id.key: group for group in listed}
    named = list(ids_at(policy.body, "properties.ruleCollectionGroups[].id"))
    doubts = []
    for identity in named:
        if identity.key not in found:
            group = around.get(identity)
            if isinstance(group, Resource):
                found[identity.key] = group
            elif isinstance(group, Unread):
                doubts.append(f"rule collection group {identity.name} was not read: {group.reason}")
    if isinstance(listed, Unread) and policy.properties("ruleCollectionGroups") is None:
        doubts.append(f"the rule collection groups of policy {policy.id.name} were not read: {listed.reason}")
    return list(found.values()), tuple(doubts)


def _collections(holder: Resource, array: str) -> Iterator[Mapping[str, Any]]:
    """The collections of a document by priority, each as one flat object."""
    parts = [one for one in values_at(holder.body, f"properties.{array}[]") if isinstance(one, Mapping)]
    flat = [
        {**one, **one["properties"]} if isinstance(one.get("properties"), Mapping) else one for one in parts
    ]
    return iter(sorted(flat, key=_priority))


def _priority(part: Any) -> int:
    text = str(part.get("priority")) if isinstance(part, Mapping) else ""
    return int(text) if text.isascii() and text.isdigit() else _LAST


def _translates(collection: Mapping[str, Any]) -> bool:
    kind = str(collection.get("ruleCollectionType") or "").lower()
    if kind:
        return kind == "firewallpolicynatrulecollection"
    return any(str(rule.get("ruleType")).lower() == "natrule" for rule in _rules(collection))


def _rules(collection: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (rule for rule in values_at(collection, "rules[]") if isinstance(rule, Mapping))


def _action(collection: Mapping[str, Any]) -> str:
    return str(next(values_at(collection, "action.type"), "")).lower()


def _dnat(holder: ResourceId, collection: Mapping[str, Any], get: Get) -> Iterator[DnatRule]:
    if _action(collection) == "snat":
        return
    for rule in _rules(collection):
        yield DnatRule(
            holder=holder,
            collection=str(collection.get("name") or ""),
            name=str(rule.get("name") or ""),
            takes=matcher_of(rule, get),
            address=str(rule.get("translatedAddress") or "").strip(),
            fqdn=str(rule.get("translatedFqdn") or "").strip(),
            port=_port(rule.get("translatedPort")),
            ports=tuple(str(text).strip() for text in values_at(rule, "destinationPorts[]")),
        )


def _port(value: Any) -> int | None:
    span = parse_ports(str(value).strip())
    return span[0] if span is not None and span[1] - span[0] == 1 else None


def _network(collection: Mapping[str, Any], get: Get) -> Iterator[NetworkRule]:
    denies = _action(collection) != "allow"
    for rule in _rules(collection):
        if str(rule.get("ruleType") or "networkrule").lower() == "networkrule":
            yield NetworkRule(str(rule.get("name") or ""), matcher_of(rule, get), denies)


def _why(document: Unread | None) -> str:
    return "it does not exist" if document is None else document.reason
