"""Back references that firewalls and their policies leave otherwise than by a member that names an id.

A rule collection group shows in the policy it lies in, and an IP group shows the firewalls and policies whose
rules name it, as mere texts [?].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.arm import ids
from lab.arm.documents.tree import Document, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

N = "microsoft.network/"
NAMING = ("sourceIpGroups", "destinationIpGroups")


def of_firewalls(doc: Document) -> Iterator[Reference]:
    """What a firewall or a rule collection group refers to beside its plain references."""
    kind, properties = ids.node_type(doc["id"]), doc.get("properties") or {}
    if kind == N + "firewallpolicies/rulecollectiongroups":
        policy = doc["id"].rsplit("/", 2)[0]
        yield Reference(policy, "ruleCollectionGroups", doc["id"])
        collections = properties.get("ruleCollections") or ()
        yield from (Reference(each, "firewallPolicies", policy) for each in _named(collections))
    if kind == N + "azurefirewalls":
        members = ("natRuleCollections", "networkRuleCollections", "applicationRuleCollections")
        for member in members:
            collections = [each.get("properties") or {} for each in properties.get(member) or ()]
            yield from (Reference(each, "firewalls", doc["id"]) for each in _named(collections))


def _named(collections: Any) -> Iterator[str]:
    for collection in collections:
        for rule in collection.get("rules") or ():
            for member in NAMING:
                yield from rule.get(member) or ()
