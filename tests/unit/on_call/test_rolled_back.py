"""An older release runs over the records of a later one: whoever asks is told so, and of no all-clear."""

import pytest

from remediation.ledger.decided.exemptions import PARTITION as EXEMPTIONS
from remediation.ledger.unreadable import Named, named
from remediation.on_call.exemptions import Exempter
from remediation.on_call.why.answer import Answer
from remediation.telling.cards import advice
from tests.builders import NSG_ID, a_baseline
from tests.story.core.world import World
from tests.unit.ledger.test_downgrade import later_release
from tests.unit.on_call.desk import a_desk
from tests.unit.on_call.repaired import HOURS, deleted, undoer


def rolled_back(*kinds: str) -> World:
    """A repair was taken back, and its opening is left alone, by a release that came later than this one."""
    world = deleted()
    tools = undoer(world)
    tools.undo(tools.plan(world.journal[0].id), HOURS)
    world.handle()
    for kind in kinds:
        for name in [name for name in world.ledger._records if name[0].split("@")[0] == kind]:
            value = next(row.value for row in world.ledger.rows(name[0]) if row.key == name[1])
            later_release(world.ledger, kind, value)
    return world


def why(world: World) -> Answer:
    (answer,) = a_desk(world).asker().why(NSG_ID, 22)
    return answer


def exempter(world: World) -> Exempter:
    return Exempter(world.ports, a_baseline, "ada")


def test_what_a_person_had_left_alone_is_not_repaired_and_why_says_what_it_waits_for() -> None:
    world = rolled_back("exemptions")
    world.handle()

    answer = why(world)
    [reason] = [one for one in answer.reasons if one.kind == "unreadable"]
    assert ("propose", advice.UNREADABLE, "") == (answer.outcome, reason.then, reason.todo)
    assert "whether somebody took a repair back cannot be read: a later release wrote it" in answer.summary
    assert [] == [one for one in answer.reasons if one.kind == "refused"]


@pytest.mark.parametrize("kind", ["findings", "targets"])
def test_a_resource_whose_own_record_nobody_can_read_is_not_said_to_be_repaired_next(kind: str) -> None:
    world = rolled_back(kind)
    before = list(world.writes)
    world.handle()

    answer = why(world)
    assert ("trouble", before) == (answer.outcome, world.writes)
    assert answer.summary.startswith("It cannot be worked on: the ledger's record ")
    assert "a later release wrote it" in answer.summary


def test_the_list_of_exemptions_says_that_it_is_not_whole() -> None:
    world = rolled_back("exemptions")

    asked = exempter(world)
    assert [] == [one for one in asked.listed() if one.source == "undo"]
    [text] = asked.unlisted()
    assert "a later release wrote it" in text


def test_a_whole_list_says_nothing_of_the_kind() -> None:
    asked = exempter(rolled_back())

    assert ["undo"] == [one.source for one in asked.listed()]
    assert [] == asked.unlisted()


def test_what_a_later_release_wrote_is_told_from_what_is_damaged() -> None:
    world = rolled_back("exemptions")
    exempter(world).listed()

    [newer] = [one for one in named(world.ledger) if one.partition == EXEMPTIONS]
    assert newer.is_newer
    assert not Named(EXEMPTIONS, "key", "it is damaged: no form we know").is_newer
