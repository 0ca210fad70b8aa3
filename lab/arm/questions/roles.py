"""Role definitions: the built-in ones every scope knows, and those that were put into the lab."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab.arm import errors
from lab.arm.calls import Answer, Call, answered
from lab.arm.facts.roles import BUILT_IN, Role
from lab.arm.kinds.authorization import covers, scope_of
from lab.arm.verbs.paging import listing

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.documents.tree import Document

TYPE = "Microsoft.Authorization/roleDefinitions"
KIND = TYPE.lower()
CLAUSE = re.compile(r"(roleName|type)\s+eq\s+'([^']*)'", re.IGNORECASE)
MADE = "2015-02-02T21:55:09.8806423Z"  # [?] one time for all


def definitions(arm: Arm, call: Call) -> Answer:
    """One definition by its id, or those of a scope that a filter on roleName or type leaves."""
    own = _own(arm, call.path.scope)
    named = {str(each["name"]).lower() for each in own}
    built_in = (_built_in(call.path.subscription, each) for each in BUILT_IN)
    known = [*own, *(each for each in built_in if each["name"] not in named)]
    if call.path.complete:
        for each in known:
            if str(each["name"]).lower() == call.path.name.lower():
                return answered(each)
        text = f"The specified role definition with ID '{call.path.name}' does not exist."
        raise errors.ArmError(404, "RoleDefinitionDoesNotExist", text, gateway=True)
    clauses = [(name.lower(), value.lower()) for name, value in CLAUSE.findall(call.query.get("$filter", ""))]
    return listing(call, [each for each in known if _meets(each, clauses)], arm.settings.page_size)


def _own(arm: Arm, scope: str) -> list[Document]:
    """Those put on the scope or above it; one of a subscription is seen from everywhere in it."""
    return [
        record.doc
        for record in arm.store.of_kind(KIND)
        if covers(scope_of(record.doc), scope.lower()) or covers(scope.lower(), scope_of(record.doc))
    ]


def _meets(doc: Document, clauses: list[tuple[str, str]]) -> bool:
    said = doc.get("properties") or {}
    shown = {"rolename": said.get("roleName"), "type": said.get("type", "CustomRole")}
    return all(str(shown[name]).lower() == value for name, value in clauses)


def _built_in(subscription: str, role: Role) -> Document:
    name, guid, actions, excepted, on_data = role
    where = f"/subscriptions/{subscription}" if subscription else ""
    return {
        "properties": {
            "roleName": name,
            "type": "BuiltInRole",
            "description": name,
            "assignableScopes": ["/"],
            "permissions": [
                {
                    "actions": list(actions),
                    "notActions": list(excepted),
                    "dataActions": list(on_data),
                    "notDataActions": [],
                }
            ],
            "createdOn": MADE,
            "updatedOn": MADE,
            "createdBy": None,
            "updatedBy": None,
        },
        "id": f"{where}/providers/{TYPE}/{guid}",
        "type": TYPE,
        "name": guid,
    }
