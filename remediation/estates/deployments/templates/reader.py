"""A template file with its parameters, evaluated: every resource it would leave behind, with its id."""

from collections.abc import Mapping
from typing import Any

from remediation.errors import InputError
from remediation.estates.deployments.prediction import Origin, Prediction
from remediation.estates.deployments.templates.expansion import Expansion
from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.deployments.templates.lines import resource_lines
from remediation.estates.deployments.templates.values import TooMuchError, as_json, call

_SCHEMAS = {
    "subscriptiondeploymenttemplate.json": "subscription",
    "managementgroupdeploymenttemplate.json": "above",
    "tenantdeploymenttemplate.json": "above",
}


def is_template(document: Any) -> bool:
    return isinstance(document, Mapping) and "resources" in document and "$schema" in document


def target_of(template: Mapping[str, Any], target: Target) -> Target:
    """Where a template goes: its schema says whether into a group or above."""
    schema = str(template.get("$schema", "")).rstrip("#").rpartition("/")[2].lower()
    if _SCHEMAS.get(schema) == "subscription":
        return Target(target.subscription, "", target.location, target.tenant, target.name)
    if _SCHEMAS.get(schema) == "above":
        return Target(target.subscription, "", target.location, target.tenant, target.name, above="/")
    return target


def read_template(
    path: str, text: str, template: Any, given: Mapping[str, Any], target: Target
) -> Prediction:
    """Evaluate a template; raises InputError where it is none, or without end."""
    if not is_template(template):
        raise InputError(f"{path}: not an ARM template: no `$schema` with `resources`")
    expansion = Expansion()
    try:
        expansion.open(template, target_of(template, target), given)
        documents = [
            (one, as_json(one.body()))
            for one in expansion.instances
            if not one.is_deployment and not one.doubt and one.body() is not None
        ]
    except TooMuchError as error:
        raise InputError(f"{path}: {error}") from error
    except RecursionError as error:
        raise InputError(f"{path}: the template is nested too deeply") from error
    lines = resource_lines(text)
    origins = {
        one.identity.lower(): Origin(path, lines.get(one.where), "/".join(map(str, one.where)))
        for one in expansion.instances
    }
    return Prediction(
        resources=[document for _, document in documents],
        doubts=list(expansion.doubts),
        origins=origins,
        doubtful={one.identity: one.doubt for one in expansion.instances if one.doubt},
        complete=frozenset(expansion.complete),
    )


def parameters_of(path: str, document: Any) -> dict[str, Any]:
    """The values of a parameter file; raises InputError where it is none."""
    inside = document.get("parameters", document) if isinstance(document, Mapping) else None
    if not isinstance(inside, Mapping):
        raise InputError(f"{path}: not a parameter file: no `parameters`")
    values: dict[str, Any] = {}
    for name, told in inside.items():
        if isinstance(told, Mapping) and "value" in told:
            values[str(name)] = told["value"]
        elif isinstance(told, Mapping) and "reference" in told:
            values[str(name)] = call("parameters", [str(name)])
        elif name not in {"$schema", "contentVersion"}:
            raise InputError(f"{path}: parameters.{name}: neither `value` nor `reference`")
    return values
