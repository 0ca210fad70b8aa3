"""PUT, PATCH and DELETE of resources: checks, the answer, and the operation that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from lab.arm import errors, ids
from lab.arm.calls import Answer, Call
from lab.arm.errors import ArmError
from lab.arm.etags import new_etag
from lab.arm.kinds import nsg
from lab.arm.kinds.authorization import locked_scopes
from lab.arm.kinds.base import Kind, Patch, Pending, Put
from lab.arm.kinds.diagnostics import KIND as DIAGNOSTICS
from lab.arm.kinds.rule_checks import check_rules
from lab.arm.kinds.table import is_network, kind_of
from lab.arm.resources import missing
from lab.arm.running import accepted, begin, clear_the_way, deleting
from lab.arm.store import INLINE, Record, child, with_child, without_child
from lab.arm.tree import Document, in_state, own_state, settled, stamped

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.changes import ChangeStatus
    from lab.arm.operations import Status


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


def refuse_if_locked(arm: Arm, call: Call, verb: str) -> None:
    scopes = locked_scopes(arm.store, call.path.text, verb)
    if scopes:
        raise errors.scope_locked(call.path.text, "delete" if verb == "delete" else "write", scopes)


def refuse_elsewhere(call: Call, place: Place, group: str) -> None:
    """A top-level resource needs a location, and cannot be written in another than it is in."""
    if place.member is not None or len(call.path.names) > 1 or not is_network(call.path.kind):
        return
    sent = str(call.document().get("location") or "").replace(" ", "").lower()
    held = str((place.existing or {}).get("location") or "").replace(" ", "").lower()
    if not sent:
        raise errors.location_required()
    if held and sent != held:
        raise errors.location_fixed(call.path.name, group, held, sent)


def refuse_if_moved(arm: Arm, call: Call, place: Place) -> None:
    """If-Match with another etag is refused where the type honours it."""
    sent = call.headers.get("If-Match")
    if sent in {None, "*"} or not arm.settings.honours_if_match(place.kind.name.lower()):
        return
    current = (place.existing or {}).get("etag", "")
    if sent != current:
        raise errors.precondition_failed(str(sent), current, place.id)


def put(arm: Arm, call: Call) -> Answer:
    """Create or replace: 201 or 200 with the full body, and an operation unless nothing takes time."""
    place = place_of(arm, call)
    refuse_if_locked(arm, call, "write")
    refuse_elsewhere(call, place, arm.group_name(call.path))
    if place.kind.name == f"{nsg.NSG}/defaultSecurityRules":
        raise errors.method_not_allowed("PUT", place.kind.name)
    parent = place.record.doc if place.member and place.record else None
    name = (place.existing or {}).get("name", call.path.name)
    request = Put(
        arm.world, place.id, name, place.kind.name, call.document(), place.existing, parent, call.query
    )
    refuse_if_moved(arm, call, place)
    clear_the_way(arm, call, place.root, supersedes=place.kind.supersedes, refuse=errors.another_operation)
    with errors.reading_request(place.id):
        doc = place.kind.shape(request)
        place.kind.check(request, doc)
        if place.kind is nsg.RULE_KIND:
            whole = place.within(arm, doc)
            check_rules(whole)
            nsg.check_attached(arm.world, whole)
    return _written(arm, call, place, request, doc)


def _written(arm: Arm, call: Call, place: Place, request: Put, doc: Document) -> Answer:
    before = place.record.doc if place.record else None
    whole = place.within(arm, doc)
    doom = call.fate.error if call.fate else place.kind.doom(request, doc)
    pending = Pending.UPDATING if doom else place.kind.pending(request, doc)
    if pending is Pending.UPDATING:
        doc = in_state(doc, "Updating", place.kind.steady)
        whole = (
            place.within(arm, doc) if place.member is None else own_state(place.within(arm, doc), "Updating")
        )
    else:
        doc = place.kind.finish(arm.world, doc)
        whole = place.within(arm, doc)
    arm.store.put(stamped(whole, new_etag()) if "etag" in whole else whole)
    _linked(arm, place)
    status = 200 if place.existing is not None else 201
    answer = Answer(status, msgspec.json.encode(_view(arm, place)))
    if pending is Pending.NONE:
        arm.publish(call, f"{place.kind.name}/write", created=status == 201)
        return answer

    def finish(outcome: Status) -> None:
        _arrive(
            arm,
            place,
            before,
            outcome,
            touched=pending is Pending.UPDATING,
            applied=bool(call.fate and call.fate.applied),
        )
        code = operation.error.code if operation.error else ""
        arm.publish(
            call, f"{place.kind.name}/write", _change_status(outcome), created=status == 201, code=code
        )

    verb = "settled" if pending is Pending.SETTLED else "update" if place.existing else "create"
    operation = begin(arm, call, place.root, f"Put{place.kind.label}Operation", verb, finish, doom)
    answer.headers |= accepted(arm, call, operation)
    return answer


def _change_status(outcome: Status) -> ChangeStatus:
    assert outcome != "InProgress", "an operation ends once, with a final status"
    return outcome


def _view(arm: Arm, place: Place) -> Document:
    record = arm.store.get(place.root)
    assert record is not None
    view = arm.store.view(record)
    if place.member is None:
        return view
    found = child(view, place.member, ids.parse(place.id).name)
    assert found is not None
    return found


def _linked(arm: Arm, place: Place) -> None:
    place.kind.linked(arm.world, place.id)


def _arrive(
    arm: Arm, place: Place, before: Document | None, outcome: Status, *, touched: bool, applied: bool
) -> None:
    """Bring a written document to its end: arrived, or as it was before, or failed as a newborn."""
    doc = place.current(arm)
    if doc is None or not touched:
        return
    if outcome == "Succeeded":
        whole = settled(place.within(arm, place.kind.finish(arm.world, doc)))
    elif arm.operations.running(place.root.lower()) is not None:
        return  # what superseded it carries the document on
    elif before is None or applied:
        whole = settled(place.within(arm, doc), "Failed")
    else:
        whole = own_state(before, "Failed") if place.member is None else settled(before)
    arm.store.put(stamped(whole, new_etag()))
    _linked(arm, place)


def patch(arm: Arm, call: Call) -> Answer:
    """New tags: synchronous for most types, long-running for a Bastion host."""
    place = place_of(arm, call)
    if place.existing is None:
        raise missing(arm, call.path)
    refuse_if_locked(arm, call, "write")
    if place.kind.patch is Patch.NO:
        raise errors.method_not_allowed("PATCH", place.kind.name)
    refuse_if_moved(arm, call, place)
    clear_the_way(arm, call, place.root, supersedes=False, refuse=errors.another_operation)
    sent = call.document()
    doc = {**place.existing, **({"tags": sent["tags"]} if "tags" in sent else {})}
    if not is_network(call.path.kind):
        doc |= {"properties": doc.get("properties", {}) | (sent.get("properties") or {})}
    return _patched(arm, call, place, doc)


def _patched(arm: Arm, call: Call, place: Place, doc: Document) -> Answer:
    before = place.existing
    long = place.kind.patch is Patch.LONG or call.fate is not None
    doc = in_state(doc, "Updating", place.kind.steady) if long else doc
    arm.store.put(stamped(doc, new_etag()))
    headers = {"Azure-AsyncNotification": "Enabled"} if is_network(call.path.kind) else {}
    answer = Answer(200, msgspec.json.encode(_view(arm, place)), headers)
    if not long:
        arm.publish(call, f"{place.kind.name}/write")
        return answer

    def finish(outcome: Status) -> None:
        _arrive(arm, place, before, outcome, touched=True, applied=bool(call.fate and call.fate.applied))
        arm.publish(call, f"{place.kind.name}/write", _change_status(outcome))

    error = call.fate.error if call.fate else None
    operation = begin(arm, call, place.root, f"Patch{place.kind.label}Operation", "update", finish, error)
    answer.headers |= accepted(arm, call, operation)
    return answer


def delete(arm: Arm, call: Call) -> Answer:
    """204 for what is not there; otherwise 202 and an operation, or 200 at once for a plain document."""
    try:
        place = place_of(arm, call)
    except ArmError as problem:
        if problem.code == "ResourceNotFound":
            return Answer(204)
        raise
    if place.existing is None or place.record is None:
        return Answer(204)
    refuse_if_locked(arm, call, "delete")
    refuse_if_moved(arm, call, place)
    already = deleting(arm, place.root, place.id)
    if already is not None:  # [?] deleting twice is deleting once
        return Answer(202, None, accepted(arm, call, already, location=True))
    place.kind.check_delete(arm.world, place.record, _view(arm, place))
    clear_the_way(arm, call, place.root, supersedes=place.kind.supersedes, refuse=errors.another_operation)
    if not is_network(call.path.kind):
        remove(arm, place)
        arm.publish(call, f"{place.kind.name}/delete")
        return Answer(200)
    return _deleting(arm, call, place)


def _deleting(arm: Arm, call: Call, place: Place) -> Answer:
    assert place.existing is not None
    before = place.record.doc if place.record else None
    arm.store.put(place.within(arm, own_state(place.existing, "Deleting")))

    def finish(outcome: Status) -> None:
        if outcome == "Succeeded":
            remove(arm, place)
        elif before is not None:
            arm.store.put(stamped(before, new_etag()))
        code = operation.error.code if operation.error else ""
        arm.publish(call, f"{place.kind.name}/delete", _change_status(outcome), code=code)

    error = call.fate.error if call.fate else None
    operation = begin(arm, call, place.root, f"Delete{place.kind.label}Operation", "delete", finish, error)
    operation.deletes = place.id.lower()
    return Answer(202, None, accepted(arm, call, operation, location=True))


def remove(arm: Arm, place: Place) -> None:
    """Take a document out. What stood on it goes too, except diagnostic settings, which survive."""
    if place.member is None:
        for each in arm.store.under(place.root):
            if each.kind != DIAGNOSTICS:
                arm.store.remove(each.key)
        arm.store.remove(place.root)
    else:
        record = arm.store.get(place.root)
        if record is not None:
            without = without_child(record.doc, place.member, ids.parse(place.id).name)
            arm.store.put(settled(stamped(without, new_etag())))
    _linked(arm, place)
