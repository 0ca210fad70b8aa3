"""What a killed worker held goes on within three minutes, not when the host shows its message again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import TransientError
from remediation.findings import FindingRecord
from remediation.ledger.cards import Cards
from remediation.ledger.claims import Claims
from remediation.ledger.targets.held import overdue
from remediation.messages import CardMessage
from remediation.model import Ending
from remediation.reconciling.watching import Watch
from tests.builders import NSG_ID, a_spoke, an_nsg
from tests.faults import Clogged, Killed
from tests.shelves import kept
from tests.story.core.world import World


def a_world() -> World:
    return World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()))


def watch(world: World) -> Watch:
    return Watch(world.ledger, world.queue, world.clock)


def died_holding(world: World) -> None:
    """A worker takes the target and is never seen again."""
    assert Claims(world.ledger, "dead", world.policy.lease).acquire(NSG_ID, world.clock.now()) is not None


def test_a_target_whose_holder_died_is_looked_at_when_its_lease_is_over() -> None:
    world = a_world()
    died_holding(world)
    assert 0 == watch(world).look_after()

    world.clock.advance(world.policy.lease.total_seconds())

    assert 1 == watch(world).look_after()
    assert [Ending.REPAIRED] == [outcome.ending for outcome in world.run()]
    assert 0 == watch(world).look_after()


def test_a_question_left_with_the_dead_is_answered() -> None:
    """The mark stays on the record: the next look must not be skipped, and none is lost."""
    world = a_world()
    died_holding(world)
    assert Ending.MERGED is world.handle().ending
    world.clock.advance(world.policy.lease.total_seconds())

    watch(world).look_after()

    assert world.record().look_again
    world.run()
    assert ["DELETE allow-ssh"] == world.writes


def test_who_renews_is_alive_and_is_left_alone() -> None:
    world = a_world()
    claims = Claims(world.ledger, "slow", world.policy.lease)
    claim = claims.acquire(NSG_ID, world.clock.now())
    assert claim is not None
    for _ in range(3):
        world.clock.advance(50)
        assert claims.renew(claim, world.clock.now())

    assert 0 == watch(world).look_after()

    assert claims.release(claim)
    assert [] == list(overdue(world.ledger, world.clock.now() + timedelta(days=1)))


def test_a_lost_claim_is_not_renewed() -> None:
    world = a_world()
    claims = Claims(world.ledger, "slow", world.policy.lease)
    claim = claims.acquire(NSG_ID, world.clock.now())
    assert claim is not None
    world.clock.advance(world.policy.lease.total_seconds())
    watch(world).look_after()

    assert not claims.renew(claim, world.clock.now())


def test_when_the_target_cannot_be_queued_it_stays_with_the_dead_for_the_next_minute() -> None:
    world = a_world()
    died_holding(world)
    world.clock.advance(world.policy.lease.total_seconds())
    clogged = Watch(world.ledger, Clogged(world.queue), world.clock)
    with pytest.raises(TransientError):
        clogged.look_after()

    assert 1 == clogged.look_after()


def test_a_row_that_says_held_of_what_is_free_is_taken_away() -> None:
    world = a_world()
    world.handle()
    world.ledger.put("held@0", "left", {"target": NSG_ID.text, "until": "2020-01-01T00:00:00Z"})

    assert 0 == watch(world).look_after()
    assert [] == kept(world.ledger, "held")


# Cards -------------------------------------------------------------------------------------------


@dataclass
class Refusing:
    """A channel that posts nothing."""

    error: BaseException

    def post(self, card: dict[str, object]) -> None:
        raise self.error


def owed(world: World) -> list[FindingRecord]:
    world.handle()
    for announcement in world.announcements:
        world.sender().note(announcement.data)
    return list(world.findings().values())


def killed(act: Callable[[], object]) -> bool:
    try:
        act()
    except Killed:
        return True
    return False


def test_a_card_whose_sender_was_killed_is_sent_within_three_minutes() -> None:
    world = a_world()
    owed(world)
    assert killed(lambda: world.sender(notifier=Refusing(Killed())).send(CardMessage()))
    assert 0 == world.sender().look_after()

    world.clock.advance(150)

    assert 1 == world.sender().look_after()
    assert 1 == world.sender().send(CardMessage())
    assert [] == Cards(world.ledger).owed()


def test_a_card_whose_nudge_was_lost_is_sent_too() -> None:
    world = a_world()
    owed(world)
    world.clock.advance(150)

    assert 1 == world.sender().look_after()


def test_cards_that_wait_for_teams_are_not_called_for_every_minute() -> None:
    """Their next try is on the queue; only when it is overdue is anybody gone."""
    world = a_world()
    owed(world)
    down = Refusing(TransientError("Teams does not answer"))
    assert 0 == world.sender(notifier=down).send(CardMessage())

    assert 0 == world.sender().look_after()
