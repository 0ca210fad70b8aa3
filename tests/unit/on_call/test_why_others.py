"""`why` where somebody else is at work: another app on the subscription, a change after our last write."""

from datetime import timedelta
from typing import Any

import msgspec

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import ForbiddenError
from remediation.ledger.inbox import Inbox
from remediation.on_call.why.answer import Answer
from remediation.reconciling.others.entitled import tell_entitled
from remediation.reconciling.others.heard import MOST
from tests.builders import NSG_ID, SUBSCRIPTION, a_spoke, an_nsg
from tests.faults import Interrupted, always
from tests.story.core.test_second_guard import role
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk

ALICE, OTHER, OURS = "alice@contoso.example", "id-guard-of-the-other-team", "bastion-guard"
FOUR_HOURS = timedelta(hours=4)


def why(world: World, **through: Any) -> Answer:
    (answer,) = a_desk(world, **through).asker().why(NSG_ID, 22)
    return answer


def texts(answer: Answer, kind: str) -> list[str]:
    return [reason.text for reason in answer.reasons if reason.kind == kind]


def echoed(world: World, by: str) -> None:
    """The event of a write comes in a little later."""
    world.clock.advance(2)
    world.handle(world.hears(by=by))
    world.clock.advance(2)


def repaired() -> World:
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke(public_ip=True)))
    world.handle(world.hears(by=ALICE))
    echoed(world, OURS)
    return world


def taken_back_and_closed_by_the_other() -> World:
    """A person takes the repair back; an app that knows of no exemption closes it again."""
    world = repaired()
    tools = a_desk(world).undoer(ALICE)
    tools.undo(tools.plan(world.journal[0].id), FOUR_HOURS)
    echoed(world, ALICE)
    other = World(world.cloud, clock=world.clock)
    other.handle(other.hears(by=ALICE))
    echoed(world, OTHER)
    return world


def test_who_closed_again_what_a_person_had_taken_back_is_told() -> None:
    answer = why(taken_back_and_closed_by_the_other())

    [text] = texts(answer, "changed")
    assert "is not as our last write left it: somebody has changed it since" in text
    assert f"the last event is of {OTHER}" in text
    assert f"But {text}." in answer.summary


def test_what_is_as_our_last_write_left_it_has_no_such_line() -> None:
    assert [] == texts(why(repaired()), "changed")


def test_the_echo_of_our_own_write_names_nobody_else() -> None:
    """The other one's event has not come: that nobody is known is said, and not that it was ourselves."""
    world = repaired()
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))

    [text] = texts(why(world), "changed")

    assert text.endswith("no event tells who")


def test_a_write_that_cannot_be_read_again_claims_nothing() -> None:
    world = taken_back_and_closed_by_the_other()
    rules = always(ForbiddenError("AuthorizationFailed"), on=lambda asked: asked.parent is not None)

    assert [] == texts(why(world, cloud=Interrupted(world.cloud, before_get=rules)), "changed")


def test_another_app_that_people_were_told_of_is_a_reason_until_it_is_over() -> None:
    world = repaired()
    one, two = role("app-one"), role("app-two")
    tell_entitled(MemoryCloud(one, two), world.herald(), [SUBSCRIPTION])
    [text] = texts(why(world), "others")
    tell_entitled(MemoryCloud(one), world.herald(), [SUBSCRIPTION])

    assert "another app may write here, too" in text
    assert "app-one, app-two" in text
    assert [] == texts(why(world), "others")


def test_a_change_of_tags_is_not_what_changed_a_rule() -> None:
    world = taken_back_and_closed_by_the_other()
    tagged = world.hears(by="bob@contoso.example")
    world.handle(msgspec.structs.replace(tagged, operation="Microsoft.Resources/tags/write"))

    assert f"the last event is of {OTHER}" in texts(why(world), "changed")[0]


def test_among_too_many_events_to_read_them_for_one_answer_nobody_is_named() -> None:
    world = taken_back_and_closed_by_the_other()
    inbox, now = Inbox(world.ledger), world.clock.now()
    for number in range(MOST):
        inbox.store(world.hears(by=OTHER, event_id=f"storm {number}"), now)

    [text] = texts(why(world), "changed")

    assert text.endswith("no event tells who")
