"""References set on a resource that is there: which group a subnet has, which pools an interface is in."""

from typing import Any

from remediation.estates.deployments.documents import Documents, elements, name_of
from remediation.estates.deployments.prediction import Patch


def patch_in(documents: Documents, patch: Patch) -> bool:
    """Set or take away a reference, in place; whether the resource is there."""
    document = documents.find(patch.id)
    if document is None:
        return False
    if not patch.part:
        holders = [document]
    else:
        every = elements(document, "ipConfigurations")
        holders = [one for one in every if name_of(one) == patch.part.lower()] or every[:1]
    for holder in holders:
        properties = holder.setdefault("properties", {})
        if isinstance(properties, dict):
            _set(properties, patch)
    return True


def _set(properties: dict[str, Any], patch: Patch) -> None:
    there = properties.get(patch.member)
    if patch.many:
        others = [one for one in there if not _is(one, patch)] if isinstance(there, list) else []
        own = {"id": patch.target} if patch.element is None else dict(patch.element)
        properties[patch.member] = others if patch.gone else [*others, own]
    elif not patch.gone:
        properties[patch.member] = {"id": patch.target}
    elif _is(there, patch):
        del properties[patch.member]


def _is(reference: Any, patch: Patch) -> bool:
    told = reference.get("id" if patch.element is None else "name") if isinstance(reference, dict) else None
    return str(told).lower() == patch.target.lower()
