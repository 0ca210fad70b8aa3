"""A Terraform state: what azurerm's resources were when Terraform last wrote them.

Read as the plan that would make all of it, by the same table. Attributes that Terraform fills in with what it
finds (rules of a group, subnets of a network, routes of a table) are no declaration where the same things
stand in the state by themselves, or where there are none of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from remediation.declared.declaration import Declared, Source
from remediation.declared.gathering import Gathering
from remediation.errors import InputError
from remediation.estates.deployments.prediction import Prediction
from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.deployments.terraform.instances import Plan
from remediation.estates.deployments.terraform.mapping.table import DOCUMENTS, PATCHES
from remediation.estates.deployments.terraform.reader import predicted

_RAW = 4
# What stands by itself beside a list of its parent that Terraform fills in.
_BESIDE = {
    "azurerm_network_security_rule": ("azurerm_network_security_group", "security_rule"),
    "azurerm_route": ("azurerm_route_table", "route"),
    "azurerm_subnet": ("azurerm_virtual_network", "subnet"),
}
_NAME_OF_PARENT = {
    "azurerm_network_security_rule": "network_security_group_name",
    "azurerm_route": "route_table_name",
    "azurerm_subnet": "virtual_network_name",
}
_FILLED = dict(_BESIDE.values())

type Values = dict[str, Any]


def is_state(document: Any) -> bool:
    """Whether a document is a state, as `terraform show -json` prints it or as Terraform keeps it."""
    if not isinstance(document, Mapping) or "resource_changes" in document or "planned_values" in document:
        return False
    return ("values" in document and "terraform_version" in document) or _is_raw(document)


def _is_raw(document: Mapping[str, Any]) -> bool:
    return "terraform_version" in document and isinstance(document.get("resources"), list)


def count(document: Mapping[str, Any]) -> int:
    """How many resources a state holds."""
    return sum(1 for _ in _instances(document))


def read_state(path: str, document: Mapping[str, Any]) -> Declared:
    """What a state declares; raises InputError for a version nobody knows, and for contradictions."""
    if _is_raw(document) and document.get("version") != _RAW:
        raise InputError(
            f"{path}: a Terraform state of version {document.get('version')}; known is version {_RAW}"
        )
    instances = list(_instances(document))
    _drop_filled(instances)
    plan = Plan({"resource_changes": [_change(one) for one in instances]})
    plan.instances = [replace(one, expressions=one.after or {}) for one in plan.instances]
    found = predicted(plan, path, Target(""))
    declared = _declared(path, found)
    declared.left_out.update(_left_out(instances))
    return replace(declared, unplaced=(*declared.unplaced, *(where for where, _ in found.doubts)))


def _instances(document: Mapping[str, Any]) -> Iterator[Values]:
    """The managed resources of a state, each as `terraform show -json` has it."""
    if _is_raw(document):
        for resource in document["resources"]:
            if isinstance(resource, Mapping) and resource.get("mode") == "managed":
                yield from _raw_instances(resource)
        return
    values = document.get("values")
    yield from _in_module(values.get("root_module") if isinstance(values, Mapping) else None)


def _in_module(module: Any) -> Iterator[Values]:
    stack = [module]
    while stack:
        one = stack.pop()
        if not isinstance(one, Mapping):
            continue
        for resource in _list(one.get("resources")):
            if isinstance(resource, Mapping) and resource.get("mode") == "managed":
                values = resource.get("values")
                yield {**resource, "values": dict(values) if isinstance(values, Mapping) else {}}
        stack += _list(one.get("child_modules"))


def _raw_instances(resource: Mapping[str, Any]) -> Iterator[Values]:
    module = f"{resource['module']}." if resource.get("module") else ""
    own = f"{module}{resource.get('type')}.{resource.get('name')}"
    for instance in _list(resource.get("instances")):
        if isinstance(instance, Mapping) and isinstance(instance.get("attributes"), Mapping):
            key = instance.get("index_key")
            index = "" if key is None else f'["{key}"]' if isinstance(key, str) else f"[{key}]"
            yield {**resource, "address": f"{own}{index}", "values": dict(instance["attributes"])}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _change(instance: Values) -> Values:
    values = instance["values"]
    return {
        "address": instance.get("address"),
        "type": instance.get("type"),
        "name": instance.get("name"),
        "mode": "managed",
        "change": {"actions": ["create"], "before": None, "after": values, "after_unknown": {}},
    }


def _drop_filled(instances: list[Values]) -> None:
    """Take out the lists that Terraform filled in by itself."""
    apart = {
        (_BESIDE[kind][0], str(one["values"].get("resource_group_name")).lower(), _parent(one, kind))
        for one in instances
        if (kind := str(one.get("type"))) in _BESIDE
    }
    subnets = any(one.get("type") == "azurerm_subnet" for one in instances)
    for one in instances:
        kind, values = str(one.get("type")), one["values"]
        attribute = _FILLED.get(kind)
        if attribute is None:
            continue
        own = kind, str(values.get("resource_group_name")).lower(), str(values.get("name")).lower()
        if not values.get(attribute) or own in apart or (kind == "azurerm_virtual_network" and subnets):
            values[attribute] = None


def _parent(instance: Values, kind: str) -> str:
    return str(instance["values"].get(_NAME_OF_PARENT[kind])).lower()


def _declared(path: str, found: Prediction) -> Declared:
    def where(identity: str) -> Source:
        origin = found.origins.get(identity.lower())
        return Source("state", path, address=origin.address if origin else "")

    gathering = Gathering(where)
    for document in found.resources:
        gathering.take(document)
    for patch in found.patches:
        member = (patch.member,) if not patch.part else ("ipConfigurations", patch.part, patch.member)
        gathering.refer(patch.id, member, patch.target, many=patch.many, source=where(patch.id))
    return gathering.declared()


def _left_out(instances: list[Values]) -> Counter[str]:
    """Resources of providers' types that the table does not read."""
    kinds = (str(one.get("type")) for one in instances)
    return Counter(kind for kind in kinds if kind not in DOCUMENTS and kind not in PATCHES)
