"""The last card about a finding is true: after an undo, an exemption, its end, edits by hand, a replay."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import Action
from remediation.ledger.decided.exemptions import ExemptionRecord, Exemptions
from remediation.messages import Message
from remediation.telling.cards import text_of
from tests.builders import NSG_ID, a_baseline, a_spoke, an_nsg
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk
from tests.unit.telling.board import RULE, Town
from tests.unit.telling.routes import routing

HOURS = timedelta(hours=4)
REPLAY = Message(target=NSG_ID.text, reason="replay", force=True)


@pytest.fixture
def town() -> Town:
    """An NSG of the team payments, open to everybody; the app repairs."""
    nsg = an_nsg(allow_ssh_from="Internet", tags={"owner": "payments"})
    cloud = MemoryCloud(nsg, *a_spoke(public_ip=True))
    return Town(World(cloud, a_baseline(routing=routing())))


def is_open(town: Town) -> bool:
    return "allow-ssh" in town.world.rules()


def settled(town: Town) -> None:
    """Everything that is queued happens, and the cards go out."""
    town.world.run(town.worker)
    town.tells()


def repaired(town: Town) -> None:
    town.looks()
    settled(town)
    assert (["repaired"], False) == (town.heard("payments"), is_open(town))


def taken_back(town: Town, length: timedelta = HOURS) -> None:
    tools = a_desk(town.world).undoer("ann@contoso.example")
    tools.undo(tools.plan(town.world.journal[0].id), length)


def last(town: Town) -> str:
    return "\n".join(text_of(town.cards("payments")[-1]))


def test_an_undo_with_an_exemption_is_told_by_whom_and_until_when(town: Town) -> None:
    repaired(town)
    taken_back(town)
    town.worker.handle(REPLAY)
    town.tells()

    assert (["repaired", "taken back"], True) == (town.heard("payments"), is_open(town))
    assert "this is open again, and stays so for now" in last(town)
    assert "(an undo by ann@contoso.example" in last(town)

    town.worker.handle(REPLAY)
    town.tells()

    assert 2 == len(town.cards("payments"))


def test_when_the_exemption_of_an_undo_is_over_it_is_repaired_again_and_told(town: Town) -> None:
    repaired(town)
    taken_back(town)
    town.worker.handle(REPLAY)
    town.tells()

    settled(town)

    assert (["repaired", "taken back", "repaired"], False) == (town.heard("payments"), is_open(town))


def test_an_undo_without_an_exemption_ends_in_a_card_that_is_true(town: Town) -> None:
    repaired(town)
    taken_back(town, timedelta(0))

    settled(town)

    assert ("repaired", False) == (town.heard("payments")[-1], is_open(town))


def test_a_persons_exemption_is_told_once_and_its_end_as_well(town: Town) -> None:
    town.use(rules={**town.world.baseline.rules, RULE: Action.ALERT}, hash="told only")
    town.looks()
    town.tells()
    until = town.world.clock.now() + HOURS
    given = ExemptionRecord(
        RULE,
        NSG_ID.text,
        until,
        by="bob",
        reason="a migration",
        source="exempt",
        since=town.world.clock.now(),
    )
    Exemptions(town.world.ledger).grant(NSG_ID, given)
    for _ in range(3):
        town.worker.handle(REPLAY)
    town.tells()

    assert ["drift found", "exempted"] == town.heard("payments")
    assert "an exemption by bob: a migration" in last(town)

    settled(town)
    town.worker.handle(REPLAY)
    town.tells()

    assert ["drift found", "exempted", "exemption over"] == town.heard("payments")


def test_what_a_person_closes_by_hand_after_an_undo_is_told_to_nobody_as_repaired(town: Town) -> None:
    repaired(town)
    taken_back(town)
    town.worker.handle(REPLAY)
    town.tells()
    town.world.cloud.seed(an_nsg(tags={"owner": "payments"}))

    town.looks()
    town.tells()

    assert ["repaired", "taken back", "resolved"] == town.heard("payments")


def steps(town: Town) -> dict[str, Any]:
    """What can happen to an NSG, by name."""
    return {
        "opened": lambda: town.world.cloud.seed(
            an_nsg(allow_ssh_from="Internet", tags={"owner": "payments"})
        ),
        "closed": lambda: town.world.cloud.seed(an_nsg(tags={"owner": "payments"})),
        "given to the shop": lambda: town.world.cloud.seed(
            an_nsg(allow_ssh_from="Internet", tags={"owner": "shop"})
        ),
        "replayed": lambda: town.worker.handle(REPLAY),
        "waited": lambda: town.world.clock.advance(3600 * 5),
    }


def histories() -> Iterator[tuple[str, ...]]:
    names = ("opened", "closed", "given to the shop", "replayed", "waited")
    for first in names:
        for second in names:
            for third in names:
                yield first, second, third


@pytest.mark.parametrize("history", list(histories()), ids="-".join)
def test_after_any_three_things_the_last_word_in_each_channel_is_so(
    town: Town, history: tuple[str, ...]
) -> None:
    """Told only: nothing is repaired, so that what people do is all there is."""
    town.use(rules={**town.world.baseline.rules, RULE: Action.ALERT}, hash="told only")
    town.looks()
    town.tells()
    for step in history:
        steps(town)[step]()
        town.looks()
        town.tells()

    owner = town.world.cloud.resources[NSG_ID].tags["owner"]
    for channel in ("payments", "shop"):
        heard = town.heard(channel)
        says_open = bool(heard) and heard[-1] not in {"resolved", "told elsewhere", "came and went"}
        assert says_open is (is_open(town) and owner == channel), (channel, heard)
