"""Reading resources: one, or the list of a subscription, a group or a parent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from lab.arm import errors, ids
from lab.arm.calls import Answer, Call
from lab.arm.ids import GROUPS, ArmPath
from lab.arm.kinds.table import CANONICAL, is_network
from lab.arm.store import INLINE, Record, child

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.arm.arm import Arm
    from lab.arm.errors import ArmError
    from lab.arm.tree import Document


def missing(arm: Arm, path: ArmPath) -> ArmError:
    """Why a path leads nowhere: the group, the parent (which is named then), or the resource itself."""
    group = arm.group_name(path)
    type_name = CANONICAL.get(path.kind, path.type)
    if len(path.names) > 1:
        parent = ids.parse(path.parent)
        if arm.store.get(parent.text) is None:
            return errors.resource_not_found(CANONICAL.get(parent.kind, parent.type), parent.name, path.group)
        if is_network(path.kind):
            return errors.child_not_found(ids.canonical(path, type_name, group))
    return errors.resource_not_found(type_name, "/".join(path.names), path.group)


def _shown(arm: Arm, record: Record, *, stale: bool) -> Document:
    return record.previous if stale and record.previous is not None else arm.store.view(record)


def get(arm: Arm, call: Call, *, stale: bool = False) -> Answer:
    """One resource with its ETag header; `stale` shows the version before the present one."""
    path, member = call.path, INLINE.get(call.path.kind)
    record = arm.store.get(path.parent if member else path.text)
    if record is None:
        raise missing(arm, path)
    if member is None and not stale:
        return Answer(200, arm.store.body(record), _etag(record.doc))
    doc: Document | None = _shown(arm, record, stale=stale)
    if member:
        doc = child(_shown(arm, record, stale=stale), member, path.name)
    if doc is None:
        raise missing(arm, path)
    return Answer(200, msgspec.json.encode(doc), _etag(doc))


def _etag(doc: Document) -> dict[str, str]:
    return {"ETag": doc["etag"]} if "etag" in doc else {}


def listed(arm: Arm, call: Call) -> Answer:
    """A collection: the children of a parent, or a type in a group or subscription."""
    path, member = call.path, INLINE.get(call.path.kind)
    if member or path.names:
        return _children(arm, call, member)
    arm.group_name(path)
    subscription, group = path.subscription.lower(), path.group.lower()
    return page(
        call,
        [
            arm.store.body(record)
            for record in arm.store.of_kind(path.kind)
            if record.subscription == subscription and (not group or record.group == group)
        ],
        arm.settings.page_size,
    )


def _children(arm: Arm, call: Call, member: str | None) -> Answer:
    parent = ids.parse(call.path.text.rpartition("/")[0])
    record = arm.store.get(parent.text)
    if record is None:
        raise missing(arm, parent)
    if member:
        items = [msgspec.json.encode(item) for item in arm.store.view(record)["properties"].get(member, ())]
    else:
        kind = call.path.kind
        items = [arm.store.body(each) for each in arm.store.under(record.doc["id"]) if each.kind == kind]
    return page(call, items, arm.settings.page_size)


def page(call: Call, items: Sequence[bytes], size: int | None) -> Answer:
    """A list answer; `nextLink` is absolute and absent on the last page."""
    start = int(call.query.get("$skiptoken", "0") or 0)
    part = items[start : start + size] if size else items[start:]
    tail = b"]}"
    if size and start + size < len(items):
        query = urlencode({**call.query, "$skiptoken": str(start + size)})
        tail = b'],"nextLink":' + msgspec.json.encode(f"{call.base}{call.raw_path}?{query}") + b"}"
    return Answer(200, b'{"value":[' + b",".join(part) + tail)


def listing(call: Call, documents: Sequence[Document], size: int | None) -> Answer:
    return page(call, [msgspec.json.encode(each) for each in documents], size)


def group_document(group_id: str, name: str, location: str, tags: Document | None = None) -> Document:
    doc: Document = {"id": group_id, "name": name, "type": GROUPS, "location": location}
    if tags is not None:
        doc["tags"] = tags
    return doc | {"properties": {"provisioningState": "Succeeded"}}
