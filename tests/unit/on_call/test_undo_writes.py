"""The writes of an undo: waited for, verified, and ended in the history whatever stops them."""

from collections.abc import Callable

import msgspec
import pytest

from remediation.errors import ConflictError, ForbiddenError, PermanentError, ThrottledError, TransientError
from remediation.ledger.journal import Journal, new_id
from remediation.ports import Cloud, Progress
from tests.builders import NSG_ID
from tests.faults import Ineffective, Interrupted, Operating, always
from tests.unit.on_call.repaired import HOURS, deleted, undoer

RULE_SSH = NSG_ID.child("securityRules", "allow-ssh")


def test_an_undo_waits_for_the_operation_that_arm_makes_of_it() -> None:
    world = deleted()
    done = [Progress("running", retry_after=30.0), Progress("running"), Progress("succeeded")]
    tools = undoer(world, cloud=Operating(world.cloud, done))

    tools.undo(tools.plan(world.journal[0].id), HOURS)

    assert [30.0, 1.0] == world.clock.slept
    assert ("done", "https://operations.example/1") == (
        world.journal[1].state,
        world.journal[1].operation_url,
    )


def answering(*progress: Progress) -> Callable[[Cloud], Cloud]:
    return lambda cloud: Operating(cloud, list(progress), effective=False)


def unwilling(error: Exception) -> Callable[[Cloud], Cloud]:
    return lambda cloud: Interrupted(cloud, before_write=always(error))


def unaskable(cloud: Cloud) -> Cloud:
    begun = Operating(cloud, [Progress("running")])
    return Interrupted(begun, before_poll=always(ForbiddenError("HTTP 403")))


@pytest.mark.parametrize(
    ("arm", "error", "state", "told"),
    [
        (unwilling(PermanentError("no", code="RequestDisallowedByPolicy")), PermanentError, "failed", "no"),
        (unwilling(ThrottledError("HTTP 429")), ThrottledError, "dropped", "HTTP 429"),
        (unwilling(ConflictError("HTTP 409")), ConflictError, "dropped", "HTTP 409"),
        (unwilling(TransientError("no answer")), TransientError, "failed", "no answer"),
        (unaskable, ForbiddenError, "failed", "HTTP 403"),
        (answering(Progress("failed", "Full", "no room")), PermanentError, "failed", "Full: no room"),
        (answering(Progress("cancelled", "Canceled")), TransientError, "dropped", "Canceled"),
        (answering(Progress("running", retry_after=60.0)), TransientError, "failed", "has not ended in 0:45"),
    ],
    ids=["refused", "throttled", "in the way", "no answer", "unaskable", "failed", "cancelled", "too long"],
)
def test_an_undo_that_is_stopped_has_ended_in_the_history_and_says_why(
    arm: Callable[[Cloud], Cloud], error: type[Exception], state: str, told: str
) -> None:
    """Nobody goes on with it later. What ARM says was not written is dropped, as with repairs."""
    world = deleted()
    tools = undoer(world, cloud=arm(world.cloud))

    with pytest.raises(error, match=told):
        tools.undo(tools.plan(world.journal[0].id), HOURS)

    assert state == world.journal[1].state
    assert told in world.journal[1].error
    assert world.record().lease_until is None


def test_an_undo_that_arm_accepts_and_does_not_make_is_told() -> None:
    world = deleted()
    tools = undoer(world, cloud=Ineffective(world.cloud))

    with pytest.raises(PermanentError, match="is not as it was before"):
        tools.undo(tools.plan(world.journal[0].id), HOURS)


def test_a_second_undo_in_the_same_moment_leaves_the_first_one_s_entry_alone() -> None:
    """Their ids are the same, so the second intent is refused before anything is sent."""
    world = deleted()
    taken = world.journal[0].id
    tools = undoer(world)
    undo = tools.plan(taken)
    number = world.record().token + 1
    twin = new_id(world.clock.now(), RULE_SSH.text, "undo nsg-mgmt-open-to-internet 1", number, NSG_ID.text)
    Journal(world.ledger).intend(msgspec.structs.replace(world.journal[0], id=twin))

    with pytest.raises(ConflictError):
        tools.undo(undo, HOURS)

    assert ["done", "done"] == [record.state for record in world.journal]
    assert world.writes == ["DELETE allow-ssh"]
