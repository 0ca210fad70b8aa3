"""A deployment as the lab can have it: what the snapshot of a parameter set predicts, resource by resource.

The lab evaluates no templates. What only Azure knows stays an expression in a snapshot; of those there are
two kinds here, and both are worked out: the name of a role assignment, and the principal of an identity.
"""

import json
import re
import uuid
from typing import Any

from lab.arm.persona import persona
from lab.world import CALLER
from tests.unit.infra.bicep import INFRA
from tests.unit.infra.snapshots import Resource

HERE = "11111111-2222-3333-4444-555555555555"
ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
DEFINITION = "Microsoft.Authorization/roleDefinitions"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
NOT_SENT = {"id", "type", "name", "apiVersion", "scope"}
APP = persona(CALLER).object_id
"""The principal of the app's identity: the one as which the app asks the lab's ARM."""


def snapshot(name: str, here: str) -> dict[str, Any]:
    """The snapshot of a set with the subscription of the app being `here`."""
    text = (INFRA / "sets" / f"{name}.snapshot.json").read_text()
    read: dict[str, Any] = json.loads(text.replace(HERE, here))
    return read


def requests(name: str, here: str, *, may_fix: bool = False) -> dict[str, Resource]:
    """The PUTs of a deployment in the order of the snapshot: body by id.

    With `may_fix` also the assignments that the template makes for it (modules/watch.bicep): those of
    observing, with the other role.
    """
    predicted = snapshot(name, here)["predictedResources"]
    made = dict(map(_request, predicted))
    watching = [each for each in predicted if each["name"].endswith("'Bastion Guard observe')]")]
    return made | dict(_fixing(each, predicted) for each in watching if may_fix)


def _fixing(observing: Resource, predicted: list[Resource]) -> tuple[str, Resource]:
    renamed = json.loads(json.dumps(observing).replace("Bastion Guard observe", "Bastion Guard fix"))
    where, body = _request(renamed)
    [role] = [
        each["id"] for each in predicted
        if each["type"] == DEFINITION and _scope(each["id"]) == _scope(where)
        and each["properties"]["roleName"].startswith("Bastion Guard fix ")
    ]  # fmt: skip
    return where, body | {"properties": body["properties"] | {"roleDefinitionId": role}}


def _request(resource: Resource) -> tuple[str, Resource]:
    body = {key: value for key, value in resource.items() if key not in NOT_SENT}
    if resource["type"] == IDENTITY:
        body["properties"] = {"principalId": APP}
    elif resource["type"] == ASSIGNMENT:
        body["properties"] = body["properties"] | {"principalId": _principal(body["properties"])}
    return _id(resource), body


def _id(resource: Resource) -> str:
    """An id as it is; that of an assignment whose name needs a principal, by the same words each time."""
    found = re.match(r"\[(\w+)\('([^']+)', '([^']+)'", resource["id"])
    if found is None:
        assert resource["id"].startswith("/"), resource["id"]
        return str(resource["id"])
    scope = {
        "extensionResourceId": found[2],
        "subscriptionResourceId": f"/subscriptions/{found[2]}",
        "resourceId": f"/subscriptions/{found[2]}/resourceGroups/{found[3]}",
    }[found[1]]
    return f"{scope}/providers/{ASSIGNMENT}/{uuid.uuid5(uuid.NAMESPACE_URL, resource['name'])}"


def _principal(properties: Resource) -> str:
    """The app's, or that of the topic which an assignment is for."""
    if IDENTITY in properties["principalId"]:
        return APP
    return str(uuid.uuid5(uuid.NAMESPACE_URL, properties["principalId"]))


def _scope(where: str) -> str:
    return where.partition("/providers/Microsoft.Authorization/")[0]
