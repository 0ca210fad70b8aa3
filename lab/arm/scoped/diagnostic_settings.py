"""Diagnostic settings of a resource or a subscription: synchronous, 200 always."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import errors, ids
from lab.arm.calls import Answer, Call, answered
from lab.arm.kinds import diagnostics
from lab.arm.kinds.diagnostics import refused, shown
from lab.arm.verbs.paging import listing
from lab.arm.verbs.refusing import refuse_if_locked

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.documents.store import Record


def get_diagnostics(arm: Arm, call: Call) -> Answer:
    if not call.path.complete:
        return listing(
            call, [shown(each) for each in diagnostics.of_resource(arm.store, call.path.scope)], None
        )
    record = arm.store.get(call.path.text)
    if record is None:
        raise refused(404, "ResourceNotFound", f"The diagnostic setting '{call.path.name}' doesn't exist.")
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
        doc = diagnostics.shape(call.path, call.properties(), _location(call, record))
        diagnostics.check(arm.store, doc, resource.kind, call.path.scope)
    created = arm.store.get(call.path.text) is None
    arm.store.put(doc)
    arm.publish(call, f"{diagnostics.TYPE}/write", created=created)
    return answered(shown(doc) | {"location": call.document().get("location")})


def _location(call: Call, resource: Record | None) -> str | None:
    """The resource's; a setting of the subscription stands where its request said [?]."""
    if ids.parse(call.path.scope).type == ids.SUBSCRIPTIONS:
        return str(call.document().get("location") or "global")
    return resource.doc.get("location") if resource else "global"


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
    one = next((each for each in found if ids.folded(each["name"]) == ids.folded(call.path.name)), None)
    if one is None:
        raise refused(404, "ResourceNotFound", f"The category '{call.path.name}' was not found.")
    return answered(one)
