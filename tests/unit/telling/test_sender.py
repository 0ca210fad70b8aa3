"""Cards for people: one per change, from the finding's current state, none lost while Teams is down."""

from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryAnnouncer, MemoryCloud
from remediation.errors import InputError, PermanentError, ThrottledError, TransientError
from remediation.messages import CardMessage
from remediation.resource_id import ResourceId
from remediation.telling.without_topic import DirectAnnouncer, TopicAndSender
from tests.builders import NSG_ID, a_baseline, a_spoke, an_nsg
from tests.faults import Mute, Teams, always, failing, once
from tests.story.core.world import World

DOWN = TransientError("HTTP 503 from Teams")
NSG_RULE = "nsg-mgmt-open-to-internet"


def telling(count: int = 1) -> World:
    """A world in which the drift topic has just carried so many findings."""
    ids = [ResourceId.parse(f"{NSG_ID}{number or ''}") for number in range(count)]
    nsgs = [an_nsg(allow_ssh_from="Internet", identity=identity, subnets=()) for identity in ids]
    world = World(MemoryCloud(*nsgs, *a_spoke()), a_baseline(mode="observe"))
    for number, identity in enumerate(ids):
        world.handle(world.hears(identity, event_id=f"event-{number}"))
    assert count == len(world.announcements)
    return world


def noted(world: World, sender: Any = None) -> None:
    """What `on_drift` does with each announcement."""
    for announcement in world.announcements:
        (sender or world.sender()).note(announcement.data)


def test_an_announcement_becomes_one_card() -> None:
    world = telling()
    noted(world)

    assert 1 == world.run_cards(world.sender())
    assert "Management port open to the internet" in str(world.notifier.cards)


def test_an_announcement_heard_twice_is_one_card() -> None:
    world = telling()
    noted(world)
    noted(world)

    world.run_cards(world.sender())
    noted(world)
    world.run_cards(world.sender())

    assert 1 == len(world.notifier.cards)


def test_a_card_shows_the_finding_as_it_is_now_and_old_news_is_dropped() -> None:
    """The problem was solved before the card went out: one card, and it says so.

    It is not called resolved, since nobody had been told that it was there.
    """
    world = telling()
    noted(world)
    world.cloud.seed(an_nsg())
    world.handle(world.hears(event_id="mended"))
    noted(world)

    world.run_cards(world.sender())

    (card,) = world.notifier.cards
    assert "CAME AND WENT" in str(card)
    assert "resolved before you were told" in str(card)


def test_while_teams_is_down_nothing_is_lost_and_each_try_waits_longer() -> None:
    world = telling()
    sender = world.sender(notifier=Teams(world.notifier, failing(DOWN, DOWN, DOWN)))
    noted(world, sender)
    started = world.clock.now()

    assert 1 == world.run_cards(sender)
    assert 1 == len(world.notifier.cards)
    assert (world.clock.now() - started).total_seconds() >= 10 + 20 + 40


def test_the_sender_waits_as_long_as_teams_asks() -> None:
    world = telling()
    sender = world.sender(notifier=Teams(world.notifier, failing(ThrottledError("429", retry_after=300.0))))
    noted(world, sender)
    started = world.clock.now()

    world.run_cards(sender)

    assert (world.clock.now() - started).total_seconds() >= 300
    assert 1 == len(world.notifier.cards)


def test_what_a_broken_webhook_refuses_stays_owed_until_the_sweep_finds_it_mended() -> None:
    world = telling()
    refusing = world.sender(notifier=Teams(world.notifier, always(PermanentError("HTTP 404"))))
    noted(world, refusing)
    assert 0 == world.run_cards(refusing)

    world.sender().nudge()

    assert 1 == world.run_cards(world.sender())


def test_nothing_owed_needs_no_nudge() -> None:
    world = telling(0)

    world.sender().nudge()

    assert [] == world.nudges


@pytest.mark.parametrize(("count", "cards"), [(5, 5), (6, 1)])
def test_more_cards_than_the_limit_become_one_digest(count: int, cards: int) -> None:
    world = telling(count)
    noted(world)

    world.run_cards(world.sender())

    assert cards == len(world.notifier.cards)
    noted(world)
    assert 0 == world.run_cards(world.sender())


def test_two_senders_at_once_send_one_card() -> None:
    """Nudges are handled side by side; the second sender looks while the first one's post is under way."""
    world = telling()
    noted(world)
    meanwhile = once(lambda: world.sender().send(CardMessage()))

    world.sender(notifier=Teams(world.notifier, meanwhile)).send(CardMessage())
    world.run_cards(world.sender())

    assert 1 == len(world.notifier.cards)


def test_two_senders_at_once_send_one_digest() -> None:
    world = telling(8)
    noted(world)
    meanwhile = once(lambda: world.sender().send(CardMessage()))

    world.sender(notifier=Teams(world.notifier, meanwhile)).send(CardMessage())
    world.run_cards(world.sender())

    assert 1 == len(world.notifier.cards)


def test_a_change_that_is_told_while_its_older_card_goes_out_gets_a_card_of_its_own() -> None:
    world = telling()
    noted(world)

    def change() -> None:
        world.cloud.seed(an_nsg())
        world.handle(world.hears(event_id="mended"))
        noted(world)
        world.sender().send(CardMessage())

    world.sender(notifier=Teams(world.notifier, once(change))).send(CardMessage())
    world.run_cards(world.sender())

    assert 2 == len(world.notifier.cards)
    assert "resolved" in str(world.notifier.cards[1]).lower()


def test_a_sender_that_died_while_posting_leaves_the_card_to_the_next_one() -> None:
    world = telling()
    dying = world.sender(notifier=Teams(world.notifier, always(ZeroDivisionError("a bug"))))
    noted(world, dying)
    with pytest.raises(ZeroDivisionError):
        dying.send(CardMessage())
    world.clock.advance(600)

    assert 1 == world.sender().send(CardMessage())


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        [],
        {},
        {"target": NSG_ID.text},
        {"target": 1, "finding": "f", "seq": 1},
        {"target": "https://evil.example", "finding": "f", "seq": 1},
        {"target": NSG_ID.text, "finding": "f", "seq": "many"},
        {"target": NSG_ID.text, "finding": "f", "seq": 10**30},
    ],
)
def test_what_is_no_announcement_of_ours_is_refused_and_blocks_no_card(data: object) -> None:
    world = telling()
    noted(world)

    with pytest.raises(InputError):
        world.sender().note(data)

    assert 1 == world.run_cards(world.sender())


def test_a_forged_sequence_number_silences_no_later_card() -> None:
    world = telling()
    forged = {**world.announcements[0].data, "seq": 10**9}
    with pytest.raises(InputError, match="never was"):
        world.sender().note(forged)
    noted(world)
    world.run_cards(world.sender())
    world.cloud.seed(an_nsg())
    world.handle(world.hears(event_id="mended"))
    noted(world)

    world.run_cards(world.sender())

    assert 2 == len(world.notifier.cards)
    assert "resolved" in str(world.notifier.cards[-1]).lower()


def test_without_a_drift_topic_the_sender_is_told_directly() -> None:
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()))
    sender = world.sender()

    world.handle(announcer=DirectAnnouncer(sender))

    assert 1 == world.run_cards(sender)


def test_where_nothing_comes_back_from_the_topic_others_hear_of_it_and_the_sender_is_told_directly() -> None:
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()))
    sender, topic = world.sender(), MemoryAnnouncer()

    world.handle(announcer=TopicAndSender(topic, sender))

    assert 1 == len(topic.announcements)
    assert 1 == world.run_cards(sender)


def test_a_topic_that_is_down_holds_no_card_back_where_nothing_comes_back_from_it() -> None:
    world = telling()
    sender = world.sender()

    with pytest.raises(TransientError):
        TopicAndSender(Mute(MemoryAnnouncer(), down=1), sender).announce(world.announcements)

    assert 1 == world.run_cards(sender)
