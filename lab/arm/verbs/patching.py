"""PATCH of a resource: new tags, synchronous for most types, long-running for a Bastion host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lab.arm import errors
from lab.arm.calls import Answer, Call
from lab.arm.documents.etags import new_etag
from lab.arm.documents.tree import in_state, stamped
from lab.arm.kinds.base import Patch
from lab.arm.kinds.table import is_network
from lab.arm.verbs.ending import arrive, change_status
from lab.arm.verbs.finding import Place, missing, place_of, view_of
from lab.arm.verbs.refusing import refuse_if_locked, refuse_if_moved
from lab.arm.verbs.running import accepted, begin, clear_the_way

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.documents.tree import Document
    from lab.arm.state.operations import Status


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
    answer = Answer(200, msgspec.json.encode(view_of(arm, place)), headers)
    if not long:
        arm.publish(call, f"{place.kind.name}/write")
        return answer

    def finish(outcome: Status) -> None:
        arrive(arm, place, before, outcome, touched=True, applied=bool(call.fate and call.fate.applied))
        arm.publish(call, f"{place.kind.name}/write", change_status(outcome))

    error = call.fate.error if call.fate else None
    operation = begin(arm, call, place.root, f"Patch{place.kind.label}Operation", "update", finish, error)
    answer.headers |= accepted(arm, call, operation)
    return answer
