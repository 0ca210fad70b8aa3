"""Where the document of a path lives, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.arm import errors, ids
from lab.arm.documents.store import INLINE, Record, child, with_child
from lab.arm.kinds.table import CANONICAL, is_network, kind_of

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.calls import Call
    from lab.arm.documents.tree import Document
    from lab.arm.errors import ArmError
    from lab.arm.ids import ArmPath
    from lab.arm.kinds.base import Kind


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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document lives: at the top of its record, or under a member of its parent's document."""

    id: str
    kind: Kind
    root: str
    member: str | None
    record: Record | None
    existing: Document | None

    def within(self, arm: Arm, doc: Document) -> Document:
        """The stored document with `doc` in its place."""
        if self.member is None:
            return doc
        record = arm.store.get(self.root)
        assert record is not None
        return with_child(record.doc, self.member, doc)

    def current(self, arm: Arm) -> Document | None:
        record = arm.store.get(self.root)
        if record is None or self.member is None:
            return record.doc if record else None
        return child(record.doc, self.member, ids.parse(self.id).name)


def place_of(arm: Arm, call: Call) -> Place:
    """Find where a path's document lives or would live. Raises ArmError if its group or parent is missing."""
    path = call.path
    group = arm.group_name(path)
    kind, member = kind_of(path.type), INLINE.get(path.kind)
    record = arm.store.get(path.parent if member else path.text)
    has_parent = len(path.names) > 1
    if has_parent and is_network(path.kind) and arm.store.get(path.parent) is None:
        raise missing(arm, path)
    existing = child(record.doc, member, path.name) if record and member else record.doc if record else None
    if member and record:
        own_id = existing["id"] if existing else f"{record.doc['id']}/{member}/{path.name}"
    else:
        own_id = existing["id"] if existing else ids.canonical(path, kind.name, group)
    return Place(own_id, kind, path.parent if member else path.text, member, record, existing)


def view_of(arm: Arm, place: Place) -> Document:
    record = arm.store.get(place.root)
    assert record is not None
    view = arm.store.view(record)
    if place.member is None:
        return view
    found = child(view, place.member, ids.parse(place.id).name)
    assert found is not None
    return found
