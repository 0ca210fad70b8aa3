"""The tags of a resource, read and written by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import errors, ids
from lab.arm.calls import Answer, Call, answered
from lab.arm.documents.etags import new_etag
from lab.arm.documents.tree import Document, stamped
from lab.arm.verbs.refusing import refuse_if_locked

if TYPE_CHECKING:
    from lab.arm.arm import Arm


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
    doc, sent = _tagged(arm, call), call.properties().get("tags") or {}
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
