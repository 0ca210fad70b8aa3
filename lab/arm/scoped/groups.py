"""Resource groups: synchronous, but for their delete, which takes everything in them along."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lab.arm import errors, ids
from lab.arm.calls import Answer, Call, answered
from lab.arm.documents.filters import matching
from lab.arm.documents.tree import own_state
from lab.arm.kinds.resource_group import group_document
from lab.arm.verbs.paging import page
from lab.arm.verbs.refusing import refuse_if_locked
from lab.arm.verbs.running import begin, later

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.state.operations import Status

GROUP_WRITE = "Microsoft.Resources/subscriptions/resourceGroups"


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
