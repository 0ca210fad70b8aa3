"""How operations stand: their status, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import errors
from lab.arm.calls import Answer, Call, answered
from lab.arm.verbs.running import later

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.state.operations import Operation


def _operation(arm: Arm, call: Call) -> Operation:
    found = arm.operations.poll(call.path.name)
    if found is None:
        raise errors.child_not_found(call.path.text)
    return found


def operation(arm: Arm, call: Call) -> Answer:
    """An operation's status: HTTP 200 always, whatever became of it."""
    found = _operation(arm, call)
    return answered(found.document(), 200, later(arm) if found.status == "InProgress" else {})


def operation_result(arm: Arm, call: Call) -> Answer:
    """202 while it runs; then 204 after a delete, 200 with the result after an action."""
    found = _operation(arm, call)
    where = {"Location": found.url(call.base, "operationResults"), "Azure-AsyncNotification": "Enabled"}
    if found.status == "InProgress":
        return Answer(202, None, where | later(arm))
    if found.status != "Succeeded":
        return answered({"error": found.document().get("error")}, 400, where)
    if found.result is not None:
        return Answer(200, found.result, where)
    return Answer(204, None, where | {"Azure-AsyncOperation": found.url(call.base)})


def group_result(arm: Arm, call: Call) -> Answer:
    """The result of a group's delete: 202 while it runs, then 200 and nothing."""
    found = _operation(arm, call)
    if found.status == "InProgress":
        return Answer(
            202,
            None,
            {"Location": f"{call.base}{call.raw_path}?api-version={found.api_version}"} | later(arm),
        )
    return Answer(200)
