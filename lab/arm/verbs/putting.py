"""PUT of a resource: checks, the answer, and the operation that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lab.arm import errors
from lab.arm.calls import Answer, Call
from lab.arm.documents.etags import new_etag
from lab.arm.documents.tree import in_state, own_state, stamped
from lab.arm.kinds import nsg
from lab.arm.kinds.base import Pending, Put
from lab.arm.refusals.bastion_flows import check_attached
from lab.arm.refusals.rule_checks import check_rules
from lab.arm.verbs.ending import arrive, change_status
from lab.arm.verbs.finding import Place, place_of, view_of
from lab.arm.verbs.refusing import refuse_elsewhere, refuse_if_locked, refuse_if_moved
from lab.arm.verbs.running import accepted, begin, clear_the_way

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.documents.tree import Document
    from lab.arm.state.operations import Status


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
            check_attached(arm.store, whole, arm.settings)
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
    place.kind.linked(arm.world, place.id)
    status = 200 if place.existing is not None else 201
    answer = Answer(status, msgspec.json.encode(view_of(arm, place)))
    if pending is Pending.NONE:
        arm.publish(call, f"{place.kind.name}/write", created=status == 201)
        return answer

    def finish(outcome: Status) -> None:
        arrive(
            arm,
            place,
            before,
            outcome,
            touched=pending is Pending.UPDATING,
            applied=bool(call.fate and call.fate.applied),
        )
        code = operation.error.code if operation.error else ""
        arm.publish(
            call, f"{place.kind.name}/write", change_status(outcome), created=status == 201, code=code
        )

    verb = "settled" if pending is Pending.SETTLED else "update" if place.existing else "create"
    operation = begin(arm, call, place.root, f"Put{place.kind.label}Operation", verb, finish, doom)
    answer.headers |= accepted(arm, call, operation)
    return answer
