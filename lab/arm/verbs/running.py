"""What writes share about operations: beginning one, its headers, and what becomes of one already running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import errors, ids
from lab.arm.state.operations import Operation, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.arm.arm import Arm
    from lab.arm.calls import Call
    from lab.arm.errors import ArmError, OperationError


def clear_the_way(
    arm: Arm, call: Call, root: str, *, supersedes: bool, refuse: Callable[[str], ArmError]
) -> None:
    """A write on a document whose operation still runs: a superseding type passes (`begin` cancels it).

    What was answered as Succeeded already stands in nobody's way, asked after or not.
    """
    running = arm.operations.running(ids.folded(root))
    if running is not None and running.settled:
        arm.operations.end(running)
        return
    if running is not None and not (supersedes and not running.deletes):
        raise refuse(running.url(call.base))


def deleting(arm: Arm, root: str, resource_id: str) -> Operation | None:
    """The operation that already deletes a resource, if one does."""
    running = arm.operations.running(ids.folded(root))
    return running if running is not None and running.deletes == ids.folded(resource_id) else None


def begin(
    arm: Arm,
    call: Call,
    root: str,
    label: str,
    verb: str,
    finish: Callable[[Status], None],
    error: OperationError | None = None,
) -> Operation:
    """Begin the operation of a write; one that still runs on the same document ends Canceled now."""
    polls = arm.settings.polls_for(call.path.kind, verb)
    fate: Status = "Succeeded"
    if call.fate is not None:
        polls = call.fate.polls or polls
        fate = "Canceled" if call.fate.status == "Canceled" else "Failed"
    elif error is not None:
        fate = "Failed"
    operation = Operation(
        target=ids.folded(root),
        label=label,
        subscription=call.path.subscription,
        location=_location(arm, root),
        api_version=call.api_version,
        polls=polls,
        due=arm.clock.now() + polls * arm.settings.poll_interval,
        finish=finish,
        fate=fate,
        error=error,
        settled=verb == "settled",
    )
    running = arm.operations.running(operation.target)
    arm.operations.begin(operation)
    if running is not None:
        cause = errors.superseded(running.label, running.id, label, operation.id)
        arm.operations.end(running, "Canceled", cause)
    return operation


def _location(arm: Arm, root: str) -> str:
    record = arm.store.get(root.partition("#")[0])
    location = (record.doc.get("location") if record else None) or ""
    if not location:
        path = ids.parse(root)
        group = arm.store.get(f"/subscriptions/{path.subscription}/resourceGroups/{path.group}")
        location = group.doc.get("location", "") if group else ""
    return str(location).replace(" ", "").lower() or "westeurope"


def accepted(arm: Arm, call: Call, operation: Operation, *, location: bool = False) -> dict[str, str]:
    """The headers of an accepted write; Location only for deletes, as recorded."""
    headers = {"Azure-AsyncOperation": operation.url(call.base), "Azure-AsyncNotification": "Enabled"}
    if location:
        headers["Location"] = operation.url(call.base, "operationResults")
    return headers | later(arm)


def accepted_action(arm: Arm, call: Call, operation: Operation) -> dict[str, str]:
    """Those of an action: its result is asked for where Location says, and nowhere else, as recorded."""
    where = {"Location": operation.url(call.base, "operationResults"), "Azure-AsyncNotification": "Enabled"}
    return where | later(arm)


def later(arm: Arm) -> dict[str, str]:
    """When to ask again, in the headers chosen in the settings."""
    headers = {}
    if arm.settings.retry_after is not None:
        headers["Retry-After"] = str(arm.settings.retry_after)
    if arm.settings.retry_after_ms is not None:
        headers["x-ms-retry-after-ms"] = str(arm.settings.retry_after_ms)
    return headers
