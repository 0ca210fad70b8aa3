"""Locks and role assignments, which stand on any scope."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab.arm.clock import timestamp
from lab.arm.documents.tree import Document, present
from lab.arm.errors import bad_request

if TYPE_CHECKING:
    from lab.arm import ids
    from lab.arm.documents.store import Record, Store

LOCKS = "Microsoft.Authorization/locks"
LOCK_KIND = LOCKS.lower()
ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
ASSIGNMENT_KIND = ASSIGNMENTS.lower()
PRINCIPAL = re.compile(r"(?:principalId eq |assignedTo\()'([^']+)'", re.IGNORECASE)
LEVELS = {"cannotdelete": "CanNotDelete", "readonly": "ReadOnly", "delete": "CanNotDelete"}


def lock_shape(path: ids.ArmPath, sent: Document) -> Document:
    """The id keeps the casing of the path it was made with."""
    level = LEVELS.get(str(sent.get("level", "")).lower())
    if level is None:
        raise bad_request(f"The lock level '{sent.get('level')}' is invalid.", "InvalidLockLevel")
    properties = present(level=level, notes=sent.get("notes"), owners=sent.get("owners"))
    return {"properties": properties, "id": path.text, "type": LOCKS, "name": path.name}


def scope_of(doc: Document) -> str:
    """The scope a lock or an assignment stands on, lower case; empty for the tenant."""
    return str(doc["id"]).lower().rpartition("/providers/")[0]


def covers(scope: str, target: str) -> bool:
    """Whether what stands on `scope` holds for `target` (both lower case)."""
    return scope in {"", target} or target.startswith(scope + "/")


def locked_scopes(store: Store, target: str, verb: str) -> list[str]:
    """The scopes whose locks forbid `verb` (write, delete or action) on a path, as their locks spell them.

    What holds others cannot be deleted while one of them is locked.
    """
    found, key = [], target.lower()
    for record in store.of_kind(LOCK_KIND):
        scope = scope_of(record.doc)
        forbids = verb == "delete" or record.doc["properties"]["level"] == "ReadOnly"
        if (forbids and covers(scope, key)) or (verb == "delete" and covers(key, scope)):
            found.append(str(record.doc["id"])[: len(scope)])
    return list({each.lower(): each for each in found}.values())


def listed(store: Store, kind: str, scope: str, filter_text: str) -> list[Record]:
    """Those on the scope and above; and, unless the filter says atScope(), below it."""
    key, only_above = scope.lower(), "atscope()" in filter_text.replace(" ", "").lower()
    asked = PRINCIPAL.search(filter_text)
    principal = asked[1].lower() if asked else None
    return [
        record
        for record in store.of_kind(kind)
        if (covers(scope_of(record.doc), key) or (not only_above and covers(key, scope_of(record.doc))))
        and principal in {None, str(record.doc["properties"].get("principalId")).lower()}
    ]


def same_grant(store: Store, doc: Document) -> bool:
    """Whether another assignment already gives the same role to the same principal on the same scope."""
    grant = _grant(doc)
    return any(
        record.key != doc["id"].lower() and _grant(record.doc) == grant
        for record in store.of_kind(ASSIGNMENT_KIND)
    )


def other_principal(doc: Document, before: Document | None) -> bool:
    """Whether an update would give an assignment to somebody else."""
    held = str(((before or {}).get("properties") or {}).get("principalId") or "").lower()
    return bool(held) and str(doc["properties"].get("principalId")).lower() != held


def _grant(doc: Document) -> tuple[str, ...]:
    properties = doc["properties"]
    return tuple(str(properties.get(key)).lower() for key in ("scope", "roleDefinitionId", "principalId"))


def assignment_shape(
    path: ids.ArmPath, sent: Document, who: str, now: float, before: Document | None
) -> Document:
    """An assignment as GET shows it; the PUT's own answer has `createdBy: null`."""
    made = (before or {}).get("properties", {})
    properties = {
        "roleDefinitionId": sent.get("roleDefinitionId"),
        "principalId": sent.get("principalId"),
        "principalType": sent.get("principalType") or made.get("principalType", "User"),
        "scope": path.scope or "/",
        "condition": sent.get("condition"),
        "conditionVersion": sent.get("conditionVersion"),
        "createdOn": made.get("createdOn", timestamp(now)),
        "updatedOn": timestamp(now),
        "createdBy": made.get("createdBy", who),
        "updatedBy": who,
        "delegatedManagedIdentityResourceId": sent.get("delegatedManagedIdentityResourceId"),
        "description": sent.get("description"),
    }
    return {"properties": properties, "id": path.text, "type": ASSIGNMENTS, "name": path.name}
