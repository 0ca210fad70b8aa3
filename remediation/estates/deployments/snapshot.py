"""A Bicep snapshot: what `bicep snapshot` predicts of a parameter file, exactly, but for what runs later."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from remediation.errors import InputError
from remediation.estates.deployments.answers import evaluated
from remediation.estates.deployments.prediction import Origin, Prediction
from remediation.estates.deployments.templates.functions.ids import Target

_DEPLOYMENT = "microsoft.resources/deployments"
_ID = re.compile(r'"(?:id|resourceId)"\s*:\s*"((?:[^"\\]|\\.)*)"')


def is_snapshot(document: Any) -> bool:
    return isinstance(document, Mapping) and isinstance(document.get("predictedResources"), list)


def read_snapshot(path: str, text: str, document: Any, target: Target) -> Prediction:
    """Raises InputError where the document is no snapshot."""
    if not is_snapshot(document):
        raise InputError(f"{path}: not a Bicep snapshot: no `predictedResources`")
    lines = lines_of_ids(text)
    found = Prediction(notes=list(_said(path, document)))
    doubtful: dict[str, str] = {}
    for number, resource in enumerate(document["predictedResources"]):
        where = f"predictedResources/{number}"
        if not isinstance(resource, dict):
            found.doubts.append((where, "it is no resource"))
            continue
        written = str(resource.get("id", ""))
        identity = evaluated(written, target) if written.startswith("[") else written
        if not isinstance(identity, str) or not identity.startswith("/"):
            found.doubts.append((where, f"where it is to stand is not known: {written}"))
            continue
        found.origins[identity.lower()] = Origin(path, lines.get(written.lower()), where)
        _take(found, doubtful, identity, resource)
    found.doubtful = doubtful
    found.doubts += doubtful.items()
    return found


def _take(found: Prediction, doubtful: dict[str, str], identity: str, resource: dict[str, Any]) -> None:
    condition = resource.get("condition", True)
    if condition is False or str(resource.get("type", "")).lower() == _DEPLOYMENT:
        return
    if isinstance(condition, str):
        doubtful[identity] = f"whether it is deployed is not known: {condition}"
        return
    own = {key: member for key, member in resource.items() if key not in {"condition", "dependsOn", "scope"}}
    name = identity.rpartition("/")[2]
    found.resources.append({**own, "id": identity, "name": name})


def _said(path: str, document: Mapping[str, Any]) -> Iterator[str]:
    """What the compiler had to say of what it predicts."""
    for one in document.get("diagnostics") or ():
        if isinstance(one, Mapping) and str(one.get("level", "")).lower() != "info":
            yield f"{path}: {one.get('code')}: {one.get('message')}"


def lines_of_ids(text: str) -> dict[str, int]:
    """The line of each id, by the lower-cased id: the least indented of the places where it stands."""
    found: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for match in _ID.finditer(line):
            key = match.group(1).lower()
            if key not in found or match.start() < found[key][0]:
                found[key] = match.start(), number
    return {key: number for key, (_, number) in found.items()}
