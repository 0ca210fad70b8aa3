"""What is synchronous and stands on a scope: diagnostic settings, locks, role assignments, tags, groups."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lab.arm import errors, ids
from lab.arm.calls import Answer, Call, answered
from lab.arm.clock import timestamp
from lab.arm.etags import new_etag
from lab.arm.filters import matching
from lab.arm.kinds import authorization as auth
from lab.arm.kinds import diagnostics
from lab.arm.kinds.diagnostics import refused, shown
from lab.arm.persona import persona
from lab.arm.resources import group_document, listing, page
from lab.arm.running import begin, later
from lab.arm.tree import Document, own_state, stamped
from lab.arm.writes import refuse_if_locked

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.operations import Status

GROUP_WRITE = "Microsoft.Resources/subscriptions/resourceGroups"


def _sent(call: Call) -> Document:
    properties = call.document().get("properties")
    return properties if isinstance(properties, dict) else {}


# --- diagnostic settings ---------------------------------------------------------------------------------


def get_diagnostics(arm: Arm, call: Call) -> Answer:
    if not call.path.complete:
        return listing(
            call, [shown(each) for each in diagnostics.of_resource(arm.store, call.path.scope)], None
        )
    record = arm.store.get(call.path.text)
    if record is None:  # [?] text unconfirmed
        raise refused(404, "ResourceNotFound", f"The diagnostic setting '{call.path.name}' was not found.")
    return answered(shown(record.doc))


def put_diagnostics(arm: Arm, call: Call) -> Answer:
    """200 always, synchronous; the answer has no location, later ones have the resource's."""
    refuse_if_locked(arm, call, "write")
    resource = ids.parse(call.path.scope)
    arm.group_name(resource)
    record = arm.store.get(resource.text)
    if record is None and resource.type != ids.SUBSCRIPTIONS:  # [?] envelope unconfirmed
        raise errors.resource_not_found(resource.type, resource.name, resource.group)
    with errors.reading_request(call.path.text):
        doc = diagnostics.shape(call.path, _sent(call), record.doc.get("location") if record else "global")
        diagnostics.check(arm.store, doc, resource.kind, call.path.scope)
    created = arm.store.get(call.path.text) is None
    arm.store.put(doc)
    arm.publish(call, f"{diagnostics.TYPE}/write", created=created)
    return answered(shown(doc) | {"location": call.document().get("location")})


def delete_diagnostics(arm: Arm, call: Call) -> Answer:
    refuse_if_locked(arm, call, "delete")
    if arm.store.get(call.path.text) is None:
        return Answer(204)
    arm.store.remove(call.path.text)
    arm.publish(call, f"{diagnostics.TYPE}/delete")
    return Answer(200)


def get_categories(_: Arm, call: Call) -> Answer:
    found = diagnostics.category_documents(call.path.scope, grouped=call.api_version >= "2021")
    if not call.path.complete:
        return listing(call, found, None)
    one = next((each for each in found if each["name"].lower() == call.path.name.lower()), None)
    if one is None:
        raise refused(404, "ResourceNotFound", f"The category '{call.path.name}' was not found.")
    return answered(one)


# --- locks and role assignments --------------------------------------------------------------------------


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
    doc = auth.lock_shape(call.path, _sent(call))
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
    doc = auth.assignment_shape(call.path, _sent(call), who, arm.clock.now(), before.doc if before else None)
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


# --- tags ------------------------------------------------------------------------------------------------


def _tagged(arm: Arm, call: Call) -> Document:
    resource = ids.parse(call.path.scope)
    arm.group_name(resource)
    record = arm.store.get(resource.text)
    if record is None:
        raise errors.resource_not_found(resource.type, resource.name, resource.group)
    return record.doc


def _tags_document(call: Call, tags: Document) -> Document:
    return {
        "id": call.path.text,
        "name": "default",
        "type": "Microsoft.Resources/tags",
        "properties": {"tags": tags},
    }


def get_tags(arm: Arm, call: Call) -> Answer:
    return answered(_tags_document(call, _tagged(arm, call).get("tags") or {}))


def put_tags(arm: Arm, call: Call) -> Answer:
    """PUT replaces; PATCH merges, replaces or deletes, as its `operation` says."""
    refuse_if_locked(arm, call, "write")
    doc, sent = _tagged(arm, call), _sent(call).get("tags") or {}
    before = doc.get("tags") or {}
    operation = "replace" if call.method == "PUT" else str(call.document().get("operation", "Merge")).lower()
    if operation == "merge":
        sent = before | sent
    elif operation == "delete":
        sent = {key: value for key, value in before.items() if sent.get(key) != value}
    changed = doc | {"tags": sent}
    arm.store.put(stamped(changed, new_etag()) if "etag" in doc else changed)
    arm.publish(call, "Microsoft.Resources/tags/write")
    return answered(_tags_document(call, sent))


# --- resource groups -------------------------------------------------------------------------------------


def get_groups(arm: Arm, call: Call) -> Answer:
    if call.path.complete:
        record = arm.store.get(call.path.text)
        if record is None:
            raise errors.group_not_found(call.path.group)
        return Answer(200, arm.store.body(record))
    subscription = call.path.subscription.lower()
    wanted = matching(call.query.get("$filter", ""))
    held = [
        each
        for each in arm.store.of_kind(ids.GROUPS.lower())
        if each.subscription == subscription and wanted(each.doc)
    ]
    return page(call, [arm.store.body(each) for each in held], arm.settings.page_size)


def head_group(arm: Arm, call: Call) -> Answer:
    return Answer(204 if arm.store.get(call.path.text) else 404)


def put_group(arm: Arm, call: Call) -> Answer:
    before, sent = arm.store.get(call.path.text), call.document()
    path = call.path
    group_id = (
        before.doc["id"] if before else f"/subscriptions/{path.subscription}/resourceGroups/{path.group}"
    )
    name = before.doc["name"] if before else path.group
    location = (
        str(sent.get("location") or (before.doc["location"] if before else "")).replace(" ", "").lower()
    )
    if not location:
        raise errors.location_required()
    doc = group_document(group_id, name, location, sent.get("tags"))
    arm.store.put(doc)
    arm.publish(call, f"{GROUP_WRITE}/write", created=before is None)
    return answered(doc, 200 if before else 201)


def patch_group(arm: Arm, call: Call) -> Answer:
    record = arm.store.get(call.path.text)
    if record is None:
        raise errors.group_not_found(call.path.group)
    refuse_if_locked(arm, call, "write")
    arm.store.put(record.doc | {"tags": call.document().get("tags") or {}})
    arm.publish(call, f"{GROUP_WRITE}/write")
    return Answer(200, arm.store.body(record))


def delete_group(arm: Arm, call: Call) -> Answer:
    """202 with Location only; the group and all it holds are gone when the operation has ended."""
    record = arm.store.get(call.path.text)
    if record is None:
        raise errors.group_not_found(call.path.group)
    refuse_if_locked(arm, call, "delete")
    arm.store.put(own_state(record.doc, "Deleting"))

    def finish(outcome: Status) -> None:
        if outcome == "Succeeded":
            _empty(arm, call, record.key)
        else:
            arm.store.put(own_state(record.doc, "Succeeded"))
        status = outcome if outcome in {"Failed", "Canceled"} else "Succeeded"
        arm.publish(call, f"{GROUP_WRITE}/delete", status)

    operation = begin(arm, call, record.key, "DeleteResourceGroupOperation", "delete", finish,
                      call.fate.error if call.fate else None)  # fmt: skip
    operation.deletes = record.key
    where = f"{call.base}/subscriptions/{call.path.subscription}/operationresults/{operation.id}"
    return Answer(202, None, {"Location": f"{where}?api-version={call.api_version}"} | later(arm))


def _empty(arm: Arm, call: Call, key: str) -> None:
    for record in arm.store.under(key):
        arm.store.remove(record.key)
        if arm.settings.group_delete_raises_each:
            arm.publish(
                replace(call, path=ids.parse(record.doc["id"])), f"{ids.parse(record.doc['id']).type}/delete"
            )
    arm.store.remove(key)
