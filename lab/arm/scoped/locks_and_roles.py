"""Locks and role assignments, which stand on any scope; synchronous."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import errors
from lab.arm.calls import Answer, Call, answered
from lab.arm.clock import timestamp
from lab.arm.kinds import authorization as auth
from lab.arm.persona import persona
from lab.arm.verbs.paging import page
from lab.arm.verbs.refusing import refuse_if_locked

if TYPE_CHECKING:
    from lab.arm.arm import Arm


def get_locks(arm: Arm, call: Call) -> Answer:
    return _get_scoped(arm, call, auth.LOCK_KIND)


def _get_scoped(arm: Arm, call: Call, kind: str) -> Answer:
    if not call.path.complete:
        found = auth.listed(arm.store, kind, call.path.scope, call.query.get("$filter", ""))
        return page(call, [arm.store.body(each) for each in found], arm.settings.page_size)
    record = arm.store.get(call.path.text)
    if record is None:
        raise _not_found(kind, call.path.name)
    return Answer(200, arm.store.body(record))


def _not_found(kind: str, name: str) -> errors.ArmError:
    """[?] Texts unconfirmed."""
    if kind == auth.LOCK_KIND:
        return errors.ArmError(404, "LockNotFound", f"The lock '{name}' could not be found.", gateway=True)
    text = f"The role assignment '{name}' is not found."
    return errors.ArmError(404, "RoleAssignmentNotFound", text, gateway=True)


def put_lock(arm: Arm, call: Call) -> Answer:
    before = arm.store.get(call.path.text)
    arm.group_name(call.path)
    doc = auth.lock_shape(call.path, call.properties())
    arm.store.put(doc if before is None else doc | {"id": before.doc["id"], "name": before.doc["name"]})
    arm.publish(call, f"{auth.LOCKS}/write", created=before is None)
    return answered(doc, 201 if before is None else 200)


def delete_lock(arm: Arm, call: Call) -> Answer:
    if arm.store.get(call.path.text) is None:
        return Answer(204)
    arm.store.remove(call.path.text)
    arm.publish(call, f"{auth.LOCKS}/delete")
    return Answer(200)


def get_assignments(arm: Arm, call: Call) -> Answer:
    return _get_scoped(arm, call, auth.ASSIGNMENT_KIND)


def put_assignment(arm: Arm, call: Call) -> Answer:
    """201 also when it replaces; `createdBy` is null in this answer alone."""
    refuse_if_locked(arm, call, "write")
    before = arm.store.get(call.path.text)
    who = persona(call.caller, call.user_agent).object_id
    doc = auth.assignment_shape(
        call.path, call.properties(), who, arm.clock.now(), before.doc if before else None
    )
    if auth.other_principal(doc, before.doc if before else None):  # [?] as users report it
        text = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        raise errors.ArmError(400, "RoleAssignmentUpdateNotPermitted", text, gateway=True)
    if auth.same_grant(arm.store, doc):
        raise errors.ArmError(
            409, "RoleAssignmentExists", "The role assignment already exists.", gateway=True
        )
    arm.store.put(doc)
    arm.publish(call, f"{auth.ASSIGNMENTS}/write", created=before is None)
    return answered(doc | {"properties": doc["properties"] | {"createdBy": None}}, 201)


def delete_assignment(arm: Arm, call: Call) -> Answer:
    refuse_if_locked(arm, call, "delete")
    record = arm.store.get(call.path.text)
    if record is None:
        return Answer(204)
    arm.store.remove(call.path.text)
    arm.publish(call, f"{auth.ASSIGNMENTS}/delete")
    return answered(
        record.doc | {"properties": record.doc["properties"] | {"updatedOn": timestamp(arm.clock.now())}}
    )
