"""What an estate has of the parts that ways in lead through, and what it does not tell of them.

An estate is closed, but some parts are easily left out of an export: the rule collection groups of a firewall
policy and the instances of a scale set have lists of their own, and what governs a network is asked of the
network. Where another document names such a part, or none at all is there, it counts as not exported.
"""

from collections.abc import Iterable, Iterator, Sequence

from remediation.errors import NOBODY_ASKED, PermanentError
from remediation.estates.contents import EVERYTHING, Contents
from remediation.kinds import (
    ADMIN_RULE,
    EFFECTIVE_ADMIN_RULE,
    FIREWALL_POLICY,
    RULE_COLLECTION_GROUP,
    SCALE_SET,
    SCALE_SET_MACHINE,
    SCALE_SET_NIC,
    SCALE_SET_PUBLIC_IP,
    canonical,
)
from remediation.landing_zone.admin_rules import may_govern
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at

OF_INSTANCES = frozenset({SCALE_SET_MACHINE, SCALE_SET_NIC, SCALE_SET_PUBLIC_IP})
NOT_EXPORTED = "none is in the estate, so that they count as not exported"


def governing(contents: Contents, network: ResourceId, rules: Sequence[Resource]) -> Sequence[Resource]:
    """The admin rules that govern a network, or may: what ARM answered for it, else those of `rules`.

    Raises PermanentError where the estate does not tell.
    """
    reason = contents.unread.get((EFFECTIVE_ADMIN_RULE, network.key)) or _incomplete(contents)
    if reason:
        raise PermanentError(reason)
    answered = contents.effective.get(network.key)
    if answered is not None:
        return answered
    if not rules and ADMIN_RULE not in contents.listed:
        raise PermanentError(NOT_EXPORTED, code=NOBODY_ASKED)
    return tuple(may_govern(rules, network, lambda manager: contents.documents.get(manager.key)))


def _incomplete(contents: Contents) -> str:
    for kind in (EFFECTIVE_ADMIN_RULE, ADMIN_RULE, EVERYTHING):
        if kind in contents.incomplete:
            return contents.incomplete[kind]
    for identity, problem in contents.flaws.values():
        if canonical(identity.type) == ADMIN_RULE:
            return f"{identity.text} is one and cannot be read: {problem}"
    return ""


def missing(contents: Contents, kind: str, scope: ResourceId, found: Iterable[Resource]) -> str:
    """Why what the estate holds of a type (lower case) on or under a scope is not all; "" where it is."""
    if kind == RULE_COLLECTION_GROUP:
        there = {resource.id.key for resource in found}
        return next(_named_elsewhere(contents, scope, there), "")
    if kind in OF_INSTANCES and not any(found) and kind not in contents.listed:
        return _left_out(contents, kind, scope)
    return ""


def _named_elsewhere(contents: Contents, scope: ResourceId, there: set[str]) -> Iterator[str]:
    """Groups that a policy on or under the scope names and that are not there."""
    if scope.type == FIREWALL_POLICY and scope.key not in contents.documents and not there:
        yield f"{scope.text} is not in the estate"
    for policy in contents.of_type(FIREWALL_POLICY):
        if f"{policy.id.key}/".startswith(f"{scope.key}/"):
            named = ids_at(policy.body, "properties.ruleCollectionGroups[].id")
            yield from (f"{one.text} is not in the estate" for one in named if one.key not in there)


def _left_out(contents: Contents, kind: str, scope: ResourceId) -> str:
    """Why there may be instances although none is there; a scale set without any has nothing to export."""
    exported = any(contents.of_type(kind))
    one = scope.up_to(SCALE_SET)
    if one is not None and one.key not in contents.documents and not exported:
        return NOT_EXPORTED
    around = scope.key if one is None else one.key
    for scale_set in contents.of_type(SCALE_SET):
        capacity = scale_set.at("sku", "capacity")
        if capacity == 0 or not f"{scale_set.id.key}/".startswith(f"{around}/"):
            continue
        if not exported:
            return NOT_EXPORTED
        if isinstance(capacity, int) and kind != SCALE_SET_PUBLIC_IP:  # which not every instance has
            return f"the {capacity} instances of {scale_set.id.text} are not in the estate"
    return ""
