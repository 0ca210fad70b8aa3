"""DELETE of a resource: what stands in the way, the operation, and what goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import errors, ids
from lab.arm.calls import Answer, Call
from lab.arm.documents.etags import new_etag
from lab.arm.documents.store import without_child
from lab.arm.documents.tree import own_state, settled, stamped
from lab.arm.errors import ArmError
from lab.arm.kinds.diagnostics import KIND as DIAGNOSTICS
from lab.arm.kinds.table import is_network
from lab.arm.verbs.ending import change_status
from lab.arm.verbs.finding import Place, place_of, view_of
from lab.arm.verbs.refusing import refuse_if_locked, refuse_if_moved
from lab.arm.verbs.running import accepted, begin, clear_the_way, deleting

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.state.operations import Status


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
    place.kind.check_delete(arm.world, place.record, view_of(arm, place))
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
        arm.publish(call, f"{place.kind.name}/delete", change_status(outcome), code=code)

    error = call.fate.error if call.fate else None
    operation = begin(arm, call, place.root, f"Delete{place.kind.label}Operation", "delete", finish, error)
    operation.deletes = ids.folded(place.id)
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
    place.kind.linked(arm.world, place.id)
