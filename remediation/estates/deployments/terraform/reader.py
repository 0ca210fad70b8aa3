"""A Terraform plan: what `terraform show -json` says will be there, and what was there before it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from remediation.errors import InputError
from remediation.estates.deployments.prediction import Document, Origin, Patch, Prediction
from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.deployments.terraform.blocks import Block
from remediation.estates.deployments.terraform.identities import Identities, subscription_of
from remediation.estates.deployments.terraform.instances import Instance, Plan
from remediation.estates.deployments.terraform.mapping.table import DOCUMENTS, PATCHES, UNREAD

_BESIDE = ("location", "tags", "zones")


def is_plan(document: Any) -> bool:
    return isinstance(document, Mapping) and isinstance(document.get("resource_changes"), list)


def read_plan(path: str, document: Any, target: Target) -> Prediction:
    """Raises InputError where the document is no plan, or one that Terraform could not finish."""
    if not is_plan(document):
        hint = (
            "a state, not a plan" if isinstance(document, Mapping) and "values" in document else "not a plan"
        )
        raise InputError(f"{path}: {hint}: no `resource_changes`; use terraform show -json PLANFILE")
    if document.get("errored") is True:
        raise InputError(f"{path}: the plan was not finished: Terraform met an error")
    return predicted(Plan(document), path, target)


def predicted(plan: Plan, path: str, target: Target) -> Prediction:
    """What the instances of a plan come to."""
    ids = Identities(plan, subscription_of(plan, target.subscription))
    found = Prediction()
    for instance in plan.instances:
        if not instance.data:
            _take(found, instance, ids, path)
    kept = {str(one.get("id")).lower() for one in found.resources}
    found.removed = [one for one in found.removed if one.lower() not in kept]
    found.named = {**ids.made_up}
    return found


def _take(found: Prediction, instance: Instance, ids: Identities, path: str) -> None:
    if instance.type in PATCHES:
        _take_patches(found, instance, ids)
        return
    if instance.type not in DOCUMENTS:
        if instance.type in UNREAD and instance.changes:
            found.doubts.append((instance.address, f"{instance.type} is not read from a plan"))
        return
    before, after = _document(instance, ids, before=True), _document(instance, ids, before=False)
    if before is not None:
        found.before.append(before)
        _place(found, before, instance, path)
        if instance.after is None or (after is not None and _id(before) != _id(after)):
            found.removed.append(str(before["id"]))
    if after is not None:
        _place(found, after, instance, path)
        if instance.changes:
            found.resources.append(after)
            if "delete" not in instance.actions:  # one that is replaced begins anew
                found.kept.add(_id(after))
    if before is None and after is None:
        found.doubts.append((instance.address, "where it is to stand is not known"))


def _id(document: Document) -> str:
    return str(document["id"]).lower()


def _place(found: Prediction, document: Document, instance: Instance, path: str) -> None:
    found.origins[_id(document)] = Origin(path, None, instance.address)


def _side(instance: Instance, *, before: bool) -> Instance | None:
    """The instance as it is before, or as it will be after, with nothing of the other side."""
    if before:
        return None if instance.before is None else replace(instance, after=None, unknown={})
    return None if instance.after is None else replace(instance, before=None)


def _document(instance: Instance, ids: Identities, *, before: bool) -> Document | None:
    side = _side(instance, before=before)
    if side is None:
        return None
    told = side.before if before else side.after
    identity = _own_id(told) or ids.of(instance)
    if identity is None:
        return None
    block = Block(instance, told, side.unknown, instance.expressions, ids)
    document: Document = {
        "id": identity,
        "name": identity.rpartition("/")[2],
        **{name: value for name in _BESIDE if (value := block.get(name)) is not None},
        **DOCUMENTS[instance.type](block),
    }
    return document


def _own_id(told: Mapping[str, Any] | None) -> str | None:
    identity = (told or {}).get("id")
    return (
        identity if isinstance(identity, str) and identity.startswith("/") and "|" not in identity else None
    )


def _take_patches(found: Prediction, instance: Instance, ids: Identities) -> None:
    """What an association sets; one that goes takes away what it set."""
    old, new = (_patches(instance, ids, before=before) for before in (True, False))
    found.earlier += old
    found.patches += [replace(one, gone=True) for one in old if one not in new]
    found.patches += new
    if instance.changes and not old and not new:
        found.doubts.append((instance.address, "what it joins is known after the apply only"))


def _patches(instance: Instance, ids: Identities, *, before: bool) -> list[Patch]:
    side = _side(instance, before=before)
    if side is None:
        return []
    told = side.before if before else side.after
    return list(PATCHES[instance.type](Block(instance, told, side.unknown, instance.expressions, ids)))
