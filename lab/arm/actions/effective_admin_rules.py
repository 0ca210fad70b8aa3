"""The security admin rules that govern a network: the SDK's shape, which of them govern it is [?].

A rule governs the networks that are static members of a group its collection applies to. Members that an
Azure Policy adds are not known here, and every configuration counts as committed: a rule whose collection the
lab does not hold governs every network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm.documents.tree import present

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.documents.store import Store
    from lab.arm.documents.tree import Document

RULES = "microsoft.network/networkmanagers/securityadminconfigurations/rulecollections/rules"


def effective_admin_rules(arm: Arm, network: str, sent: Document) -> Document:
    """One page of them; `skipToken` names the next, and is absent on the last."""
    every = [_shown(arm.store, record.doc) for record in arm.store.of_kind(RULES)
             if _governs(arm.store, record.doc, network)]  # fmt: skip
    size = arm.settings.page_size or len(every)
    start = int(sent.get("skipToken") or 0)
    following = str(start + size) if start + size < len(every) else None
    return {"value": every[start : start + size]} | present(skipToken=following)


def _collection(store: Store, rule: Document) -> Document:
    record = store.get(str(rule["id"]).rsplit("/", 2)[0])
    return record.doc if record else {}


def _groups(collection: Document) -> list[str]:
    told = (collection.get("properties") or {}).get("appliesToGroups") or ()
    return [str(each.get("networkGroupId", "")) for each in told]


def _governs(store: Store, rule: Document, network: str) -> bool:
    collection = _collection(store, rule)
    if not collection:
        return True
    members = [
        str((record.doc.get("properties") or {}).get("resourceId", "")).lower()
        for group in _groups(collection)
        for record in store.under(f"{group}/staticMembers")
    ]
    return network.lower() in members


def _shown(store: Store, rule: Document) -> Document:
    collection = _collection(store, rule)
    configuration = store.get(str(rule["id"]).rsplit("/", 4)[0])
    groups = _groups(collection)
    return {
        "id": rule["id"],
        "configurationDescription": _description(configuration.doc if configuration else {}),
        "ruleCollectionDescription": _description(collection),
        "ruleCollectionAppliesToGroups": [{"networkGroupId": each} for each in groups],
        "ruleGroups": [{"id": each, "properties": {"provisioningState": "Succeeded"}} for each in groups],
        "kind": rule.get("kind", "Custom"),
        "properties": rule.get("properties", {}),
    }


def _description(doc: Document) -> str:
    return str((doc.get("properties") or {}).get("description", ""))
