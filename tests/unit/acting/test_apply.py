"""A person applies a proposal: what was shown, proven now, once, and with nothing lifted but a threshold."""

from typing import Any

import pytest

from remediation.baseline import Action, Limits
from remediation.errors import ForbiddenError, PermanentError, ThrottledError, TransientError
from remediation.findings import State
from remediation.on_call.acting.refusals import (
    BusyError,
    ChangedSinceShownError,
    RefusedError,
    UnheardOfError,
)
from tests.builders import NSG_ID, a_baseline, a_lock, a_rule, a_spoke, an_nsg
from tests.faults import Interrupted, always, once
from tests.story.core.world import World
from tests.unit.acting.office import ADA, BOB, EVE, RULE, etag, finding, is_open, proposing, the_id, verbs


def test_what_is_applied_is_written_verified_told_and_recorded_with_the_persons_name_and_id() -> None:
    world = proposing()

    done = verbs(world).apply(the_id(world), etag(world))

    assert (["DELETE allow-ssh"], False) == (world.writes, is_open(world))
    (write,) = world.journal
    assert (ADA.actor, "done", done.write_id) == (write.applied_by, write.state, write.id)
    fixed = finding(world)
    assert (State.FIXED, ADA.actor, "mallory@contoso.example") == (
        fixed.state,
        fixed.applied_by,
        fixed.actor["name"],
    )
    assert ["DriftProposed", "DriftFixed"] == world.announced
    assert ADA.actor == world.announcements[-1].data["appliedBy"]
    assert (False, "DriftFixed") == (done.accepted, done.place[1].change)


def test_observe_mode_is_lifted_by_a_persons_word_and_for_the_one_finding_alone() -> None:
    world = proposing(baseline=a_baseline(mode="observe"))

    verbs(world).apply(the_id(world), etag(world))

    assert ["DELETE allow-ssh"] == world.writes
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"), *a_spoke())
    world.handle()
    assert ["DELETE allow-ssh"] == world.writes


def test_asked_twice_it_is_written_once() -> None:
    world = proposing()
    shown = etag(world)

    first = verbs(world).apply(the_id(world), shown)
    again = verbs(world).apply(the_id(world), shown)

    assert (["DELETE allow-ssh"], first.write_id) == (world.writes, again.write_id)


def test_a_second_engineer_with_a_page_of_before_is_shown_what_it_is_now() -> None:
    world = proposing()
    shown = etag(world)
    verbs(world).apply(the_id(world), shown)

    with pytest.raises(ChangedSinceShownError) as caught:
        verbs(world, BOB).apply(the_id(world), shown)

    assert (State.FIXED, ["DELETE allow-ssh"]) == (caught.value.place[1].state, world.writes)


def opened_otherwise(world: World) -> None:
    """The rule lets in more than when it was shown; nobody has looked since."""
    wider = a_rule(
        "allow-ssh", 310, sourceAddressPrefix="Internet", destinationPortRange=None,
        destinationPortRanges=["22", "443", "3389"],
    )  # fmt: skip
    world.cloud.seed(an_nsg(wider), *a_spoke())


def test_what_changed_since_it_was_shown_is_not_written_although_nobody_has_looked_since() -> None:
    world = proposing()
    opened_otherwise(world)

    with pytest.raises(ChangedSinceShownError) as caught:
        verbs(world).apply(the_id(world), etag(world))

    assert ([], "3389" in caught.value.place[1].message) == (world.writes, True)
    verbs(world).apply(the_id(world), etag(world))
    assert ["PUT allow-ssh"] == world.writes


def test_what_somebody_has_put_right_meanwhile_is_over_and_not_written() -> None:
    world = proposing()
    world.cloud.seed(an_nsg(), *a_spoke())

    with pytest.raises(ChangedSinceShownError):
        verbs(world).apply(the_id(world), etag(world))

    assert ([], State.RESOLVED) == (world.writes, finding(world).state)


def locked(world: World) -> None:
    world.cloud.seed(a_lock(NSG_ID.text))


def tagged_as_code(world: World) -> None:
    world.cloud.seed(an_nsg(allow_ssh_from="Internet", tags={"managed-by": "terraform"}), *a_spoke())


@pytest.mark.parametrize(("guard", "why"), [(locked, "lock keep"), (tagged_as_code, "managed-by")])
def test_no_persons_word_lifts_a_guard(guard: Any, why: str) -> None:
    world = proposing()
    guard(world)

    with pytest.raises(RefusedError, match=why):
        verbs(world).apply(the_id(world), etag(world))

    assert ([], True) == (world.writes, is_open(world))


@pytest.mark.parametrize(
    ("standard", "why"),
    [
        (
            a_baseline(rules={RULE: Action.PROPOSE}, limits=Limits(max_writes_per_hour=0)),
            "budget of 0 writes",
        ),
        (a_baseline(mode="observe", stopped="grace stopped all writing"), "grace stopped"),
        (a_baseline(rules={RULE: Action.ALERT}), "leaves the repair to people"),
    ],
    ids=["budget", "a stop", "only told"],
)
def test_budget_stop_and_what_is_only_told_hold_whoever_asks(standard: Any, why: str) -> None:
    world = proposing(baseline=standard)

    with pytest.raises(RefusedError, match=why):
        verbs(world).apply(the_id(world), etag(world))

    assert [] == world.writes


def test_a_baseline_that_came_in_force_meanwhile_is_what_holds() -> None:
    """The desk judges by what its worker has; the group is only told of from now on."""
    world = proposing()
    shown = etag(world)
    world.baseline = a_baseline(rules={RULE: Action.ALERT})

    with pytest.raises((RefusedError, ChangedSinceShownError)):
        verbs(world).apply(the_id(world), shown)

    assert [] == world.writes


def test_who_may_only_read_applies_nothing() -> None:
    world = proposing()

    with pytest.raises(ForbiddenError, match="right apply"):
        verbs(world, EVE).apply(the_id(world), etag(world))

    assert [] == world.writes


@pytest.mark.parametrize("identity", ["x", "f" * 32 + "-" + "f" * 32])
def test_what_was_never_found_cannot_be_applied(identity: str) -> None:
    with pytest.raises(UnheardOfError):
        verbs(proposing()).apply(identity)


def refused(world: World, error: Exception) -> Interrupted:
    """ARM, which refuses every write in one way."""
    return Interrupted(world.cloud, before_write=always(error))


NO_RIGHT = PermanentError("no", code="AuthorizationFailed")


def test_an_app_that_may_not_write_says_so() -> None:
    world = proposing()
    with pytest.raises(RefusedError, match="mayFix"):
        verbs(world, cloud=refused(world, NO_RIGHT)).apply(the_id(world), etag(world))

    assert (State.OPEN, [], ["failed"]) == (
        finding(world).state,
        world.writes,
        [write.state for write in world.journal],
    )


def test_a_refusal_of_before_is_no_reason_not_to_try_when_a_person_asks() -> None:
    world = proposing()
    with pytest.raises(RefusedError):
        verbs(world, cloud=refused(world, NO_RIGHT)).apply(the_id(world), etag(world))

    verbs(world).apply(the_id(world))

    assert ["DELETE allow-ssh"] == world.writes


def test_where_azure_asks_for_patience_it_says_when_to_come_back_and_nobody_applies_it_later() -> None:
    world = proposing()

    cloud = refused(world, ThrottledError("429", retry_after=17))

    with pytest.raises(TransientError) as caught:
        verbs(world, cloud=cloud).apply(the_id(world), etag(world))

    assert caught.value.retry_after is not None
    world.run()
    assert ([], State.OPEN) == (world.writes, finding(world).state)


def test_who_comes_while_somebody_is_at_it_is_told_so() -> None:
    """The second engineer presses between the first one's look and write."""
    world = proposing()
    shown, said = etag(world), list[str]()

    def presses_too() -> None:
        with pytest.raises(BusyError) as caught:
            verbs(world, BOB).apply(the_id(world), shown)
        said.append(str(caught.value))

    cloud = Interrupted(world.cloud, before_write=once(presses_too))
    verbs(world, cloud=cloud).apply(the_id(world), shown)

    assert (["DELETE allow-ssh"], 1) == (world.writes, len(said))
    assert ADA.actor == finding(world).applied_by


def test_a_write_that_takes_long_is_accepted_and_told_when_it_has_ended() -> None:
    world = proposing()
    world.cloud._polls = {"": 62}

    done = verbs(world).apply(the_id(world), etag(world))

    assert (True, State.OPEN) == (done.accepted, finding(world).state)
    world.run()
    assert (["DELETE allow-ssh"], done.write_id) == (world.writes, finding(world).write_id)
    assert (State.FIXED, ADA.actor) == (finding(world).state, finding(world).applied_by)
