"""Reading resources: one, or the list of a subscription, a group or a parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lab.arm import ids
from lab.arm.calls import Answer, Call
from lab.arm.documents.store import INLINE, Record, child
from lab.arm.verbs.finding import missing
from lab.arm.verbs.paging import page

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.documents.tree import Document


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
    subscription, group = ids.folded(path.subscription), ids.folded(path.group)
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
