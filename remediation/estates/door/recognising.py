"""What a document is: resources to be judged, or something else, refused with what to run instead.

Refusing is better than reading half of it: a template has no ids, effective rules are an answer about one
interface, and a plan says what will be. What is refused is named, and so is the command that takes it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from remediation.estates.door.normal import by_name, identity_of

# Types whose name PowerShell prints where it does not go deeper, and how it prints objects there.
_CUT = re.compile(r"^(@\{.*\}|(System|Microsoft\.Azure\.[\w.]+)\.[\w.`\[\],+]+)$", re.DOTALL)
_DEEPER = (
    "PowerShell's ConvertTo-Json stopped at two levels and wrote the rest as names: "
    "end the command with | ConvertTo-Json -Depth 20"
)
_TEMPLATE = (
    "an ARM template, whose resources have no ids yet: judge what it would deploy with "
    "preflight --template FILE"
)
_WRAPPERS = ("value", "data", "rows")
_MOST_LOOKED_AT = 200
_DEEPEST = 40


def refusal(document: Any) -> str:
    """What a whole document is instead of resources, and what to run; "" where it may be resources."""
    if not isinstance(document, Mapping):
        return ""
    for is_one, what in _WHOLE:
        if is_one(document):
            return what(document) if callable(what) else what
    return ""


def refusal_of_elements(elements: Sequence[Any]) -> str:
    """The same of the elements of a list, by the first ones of them."""
    objects = [one for one in elements[:_MOST_LOOKED_AT] if isinstance(one, Mapping)]
    for one in objects:
        for is_one, what in _ELEMENT:
            if is_one(one):
                return what
    if any(_is_powershell(one) and _is_cut(one) for one in objects):
        return _DEEPER
    if objects and len(objects) == len(elements) and all(identity_of(one) is None for one in objects):
        return _without_ids(objects[0])
    return ""


def elements_of(document: Any) -> Sequence[Any] | None:
    """The elements of a list, of a page of one, or of a Resource Graph answer; None where it is no list."""
    if isinstance(document, list):
        return list(_flat(document))
    if not isinstance(document, Mapping):
        return None
    for key in _WRAPPERS:
        found = by_name(document, key)
        if isinstance(found, list):
            return list(_flat(found))
        if isinstance(found, Mapping):
            return _table(found)
    return None


def is_resource(document: Any) -> bool:
    """Whether a document is one resource: it has an id of its own."""
    return isinstance(document, Mapping) and isinstance(identity_of(document), str)


def cut(document: Any) -> str:
    """Why a document holds one page of several, or an empty text."""
    if not isinstance(document, Mapping):
        return ""
    for key in ("nextLink", "odata.nextLink", "skip_token", "skipToken", "$skipToken"):
        if by_name(document, key):
            return f"it holds one page only (`{key}` names the next)"
    if str(by_name(document, "resultTruncated")).lower() == "true":
        return "Resource Graph cut it off"
    total = by_name(document, "total_records") or by_name(document, "totalRecords")
    rows = by_name(document, "data")
    if isinstance(total, int) and isinstance(rows, list) and total > len(rows):
        return f"it holds {len(rows)} of {total} rows (az graph query shows 100 unless told --first 1000)"
    return ""


# Whole documents ---------------------------------------------------------------------------------


def _is_template(document: Mapping[str, Any]) -> bool:
    schema = str(by_name(document, "$schema") or "").lower()
    if "deploymenttemplate" in schema:
        return True
    return by_name(document, "resources") is not None and by_name(document, "contentVersion") is not None


def _is_parameters(document: Mapping[str, Any]) -> bool:
    return "deploymentparameters" in str(by_name(document, "$schema") or "").lower()


def _is_what_if(document: Mapping[str, Any]) -> bool:
    changes = by_name(document, "changes")
    if changes is None and isinstance(inner := by_name(document, "properties"), Mapping):
        changes = by_name(inner, "changes")
    first = changes[0] if isinstance(changes, list) and changes else None
    return isinstance(first, Mapping) and by_name(first, "changeType") is not None


def _is_plan(document: Mapping[str, Any]) -> bool:
    return "format_version" in document and ("planned_values" in document or "resource_changes" in document)


def _is_state(document: Mapping[str, Any]) -> bool:
    shown = "format_version" in document and "values" in document
    return shown or ("terraform_version" in document and ("lineage" in document or "serial" in document))


def _is_effective(document: Mapping[str, Any]) -> bool:
    return any(by_name(document, key) is not None for key in _EFFECTIVE)


def _error(document: Mapping[str, Any]) -> str:
    error = document["error"]
    code, message = error.get("code"), error.get("message")
    return f"no resources but an error that Azure answered: {code}: {str(message or '')[:200]}"


_EFFECTIVE = ("effectiveSecurityRules", "effectiveNetworkSecurityGroups")
_WHAT_EFFECTIVE = (
    "effective rules of one network interface, no resources: give the groups themselves "
    "(az network nsg list, or export --subscription ID -o estate.json)"
)
_WHOLE: tuple[tuple[Callable[[Mapping[str, Any]], bool], str | Callable[[Mapping[str, Any]], str]], ...] = (
    (
        _is_parameters,
        "the parameters of a deployment: give them to preflight --template FILE --parameters FILE",
    ),
    (_is_template, _TEMPLATE),
    (
        lambda document: isinstance(document.get("predictedResources"), list),
        "a Bicep snapshot, what a deployment would leave: judge it with preflight --snapshot FILE",
    ),
    (_is_what_if, "a what-if result, what a deployment would change: judge it with preflight --what-if FILE"),
    (_is_plan, "a Terraform plan: judge it with preflight --terraform-plan FILE"),
    (
        _is_state,
        "a Terraform state, whose names are not ARM's: export what is there (export --subscription ID)",
    ),
    (_is_effective, _WHAT_EFFECTIVE),
    (lambda document: isinstance(document.get("error"), Mapping), _error),
)


# Elements ----------------------------------------------------------------------------------------


def _is_template_resource(element: Mapping[str, Any]) -> bool:
    if identity_of(element) is not None:
        return False
    name = str(by_name(element, "name") or "")
    typed = "/" in str(by_name(element, "type") or "")
    return typed and (by_name(element, "apiVersion") is not None or name.startswith("["))


def _is_effective_route(element: Mapping[str, Any]) -> bool:
    return by_name(element, "nextHopType") is not None and by_name(element, "source") is not None


def _is_event(element: Mapping[str, Any]) -> bool:
    event = by_name(element, "eventType") is not None and by_name(element, "eventTime") is not None
    return event or (by_name(element, "operationName") is not None and _is_logged(element))


def _is_logged(element: Mapping[str, Any]) -> bool:
    return by_name(element, "eventTimestamp") is not None or by_name(element, "time") is not None


_ELEMENT: tuple[tuple[Callable[[Mapping[str, Any]], bool], str], ...] = (
    (_is_template_resource, f"the resources of {_TEMPLATE}"),
    (_is_effective, _WHAT_EFFECTIVE),
    (
        _is_effective_route,
        "effective routes of one network interface, no resources: az network route-table list",
    ),
    (_is_event, "events, no resources: look again at what they name with replay --file FILE"),
    (_is_what_if, "what-if results, what deployments would change: preflight --what-if FILE"),
)


def _is_powershell(element: Mapping[str, Any]) -> bool:
    return any(key in element for key in ("Id", "ResourceId", "Properties", "ResourceGroupName"))


def _is_cut(value: Any, depth: int = 0) -> bool:
    """Whether PowerShell wrote a name or `@{...}` somewhere in the place of an object."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, Mapping):
        return any(_is_cut(inner, depth + 1) for key, inner in value.items() if str(key).lower() != "tags")
    if isinstance(value, list):
        return any(_is_cut(inner, depth + 1) for inner in value)
    return isinstance(value, str) and _CUT.match(value) is not None


def _without_ids(element: Mapping[str, Any]) -> str:
    """What elements without any id are, as far as one of them shows."""
    if by_name(element, "direction") is not None and by_name(element, "access") is not None:
        return (
            "rules without ids, of a group that is not named: "
            "give the group itself (az network nsg show or az network nsg list)"
        )
    return (
        "no resources: nothing in it has an id. Give the whole documents: --output json without --query, "
        "or in PowerShell | ConvertTo-Json -Depth 20"
    )


# Lists -------------------------------------------------------------------------------------------


def _flat(elements: Sequence[Any]) -> Iterator[Any]:
    """Elements, those of lists and of pages among them too."""
    for element in elements:
        if isinstance(element, list):
            yield from element
        elif isinstance(element, Mapping) and _is_page(element):
            yield from element["value"]
        else:
            yield element


def _is_page(element: Mapping[str, Any]) -> bool:
    return (
        isinstance(element.get("value"), list) and identity_of(element) is None and not _is_effective(element)
    )


def _table(table: Mapping[str, Any]) -> Sequence[Any] | None:
    """Resource Graph's older answer: names of columns apart from the rows."""
    columns, rows = by_name(table, "columns"), by_name(table, "rows")
    if not isinstance(columns, list) or not isinstance(rows, list):
        return None
    names = [by_name(column, "name") if isinstance(column, Mapping) else column for column in columns]
    return [dict(zip(names, row, strict=False)) if isinstance(row, list) else row for row in rows]
