"""Parts that tell people go down: each stops only itself, and somebody is told another way."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.channels.as_set import UNUSABLE, ChannelAsSet
from remediation.adapters.memory.storage import MemoryAnnouncer, MemoryCloud, MemoryNotifier
from remediation.errors import (
    BastionGuardError,
    ConfigurationError,
    Mistake,
    PermanentError,
    TransientError,
)
from remediation.messages import CardMessage
from remediation.model import Ending
from remediation.ports import Announcement, Notifier
from remediation.telling.announcing import Herald
from remediation.telling.heartbeat import SILENT_AFTER, beat, silence
from remediation.telling.part_news import tell_parts
from remediation.telling.parts_down import CARDS, LASTS, TOPIC, UNRESOLVED, PartsDown
from remediation.telling.watched import BLIP, LOOK_AGAIN, WatchedAnnouncer
from tests.builders import SUBSCRIPTION, a_baseline, a_spoke, an_nsg
from tests.story.core.world import World

SWITCHED_OFF = PermanentError(
    "Teams answered 400 WorkflowTriggerIsNotEnabled", code="WorkflowTriggerIsNotEnabled"
)
GONE = PermanentError("the drift topic does not exist; check its endpoint")
SILENT = TransientError("no answer from the topic")
WAIT = LASTS.total_seconds()


@dataclass
class Breakable:
    """A topic or a webhook that fails for as long as it is told to; `kept` is what it took."""

    error: BastionGuardError | None = None
    kept: list[Any] = field(default_factory=list)
    asked: int = 0

    def announce(self, announcements: Iterable[Announcement]) -> None:
        self._take(*announcements)

    def post(self, card: dict[str, Any]) -> None:
        self._take(card)

    def _take(self, *things: Any) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error
        self.kept += things


class Town:
    """A world whose topic and webhook can break, put together as the app does it."""

    def __init__(self) -> None:
        opened = an_nsg(allow_ssh_from="Internet")
        self.world = World(MemoryCloud(opened, *a_spoke()), a_baseline(mode="enforce"))
        self.topic, self.webhook = Breakable(), Breakable()
        self.channels = PartsDown(self.world.ledger, self.world.clock)
        self.sender = self.world.sender(notifier=self.webhook, parts=self.channels)
        self.announcer = WatchedAnnouncer(self.topic, self.sender, self.channels, self.world.clock)
        self.herald = Herald(self.world.ledger, self.announcer, self.world.clock)

    def drifts(self) -> Ending:
        """Port 22 is opened and the change is handled; how that ended."""
        self.world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
        return self.world.handle(announcer=self.announcer).ending

    def comes_back(self) -> None:
        """What is on the topic comes back to the app, and cards are sent."""
        for announcement in self.topic.kept:
            self.sender.note(announcement.data)
        self.world.run_cards(self.sender)

    def tells(self) -> int:
        return tell_parts(self.channels, self.herald, SUBSCRIPTION)

    def said(self) -> list[str]:
        return [f"{each.data['title']} ({each.data['state']})" for each in self.topic.kept]

    def after(self, seconds: float) -> "Town":
        self.world.clock.advance(seconds)
        return self


# The topic -----------------------------------------------------------------------------------------


def test_a_topic_that_is_gone_stops_no_repair_and_people_get_their_card_directly() -> None:
    town = Town()
    town.topic.error = GONE

    assert Ending.REPAIRED == town.drifts()
    town.world.run_cards(town.sender)

    assert 1 == len(town.webhook.kept)
    assert [] == town.world.waiting


def test_what_a_topic_missed_it_gets_once_it_works_and_nobody_gets_a_second_card() -> None:
    town = Town()
    town.topic.error = GONE
    town.drifts()
    town.world.run_cards(town.sender)
    town.topic.error = None

    town.after(BLIP.total_seconds()).herald.announce_all()
    town.comes_back()

    assert 1 == len(town.topic.kept)
    assert 1 == len(town.webhook.kept)
    assert town.channels.of(TOPIC) is None


def test_a_topic_that_is_gone_is_asked_once_a_minute_and_not_for_each_finding() -> None:
    town = Town()
    town.topic.error = GONE
    for _ in range(5):
        town.drifts()

    assert 1 == town.topic.asked


def test_a_topic_that_stumbles_is_asked_again_as_ever() -> None:
    town = Town()
    town.topic.error = SILENT

    assert Ending.HANDED_ON == town.drifts()
    town.topic.error = None
    town.world.run(town.world.worker(announcer=town.announcer))

    assert 1 == len(town.topic.kept)
    assert [] == town.webhook.kept


def test_a_topic_that_stays_silent_is_down_after_a_minute_and_nothing_is_given_up() -> None:
    town = Town()
    town.topic.error = SILENT
    town.drifts()

    outcomes = town.world.run(town.world.worker(announcer=town.announcer))
    town.world.run_cards(town.sender)

    assert Ending.GAVE_UP not in [outcome.ending for outcome in outcomes]
    assert 1 == len(town.webhook.kept)


def test_that_the_topic_is_down_is_on_a_card_and_that_it_works_again_is_told() -> None:
    town = Town()
    town.topic.error = GONE
    town.drifts()
    town.world.run_cards(town.sender)

    assert 1 == town.tells() == town.tells()
    town.world.run_cards(town.sender)
    assert 2 == len(town.webhook.kept)
    assert "takes no announcements" in str(town.webhook.kept[1])

    town.topic.error = None
    town.after(120).herald.announce_all()
    assert 0 == town.tells()
    assert "The drift topic takes no announcements (resolved)" == town.said()[-1]
    assert [] == town.channels.all()


def test_another_process_that_finds_the_topic_working_ends_its_trouble_in_time() -> None:
    town, other = Town(), MemoryAnnouncer()
    watched = WatchedAnnouncer(other, town.sender, town.channels, town.world.clock)
    watched.announce([])
    town.channels.failed(TOPIC, GONE)

    town.after(LOOK_AGAIN.total_seconds())
    watched.announce([])

    assert town.channels.of(TOPIC) is None


# Cards ---------------------------------------------------------------------------------------------


def test_a_workflow_that_is_switched_off_is_told_on_the_topic_and_cards_come_when_it_is_on_again() -> None:
    town = Town()
    town.webhook.error = SWITCHED_OFF
    town.drifts()
    town.comes_back()

    assert 1 == town.tells() == town.tells()
    assert "WorkflowTriggerIsNotEnabled" in town.topic.kept[-1].data["message"]
    town.comes_back()
    town.webhook.error = None
    town.sender.nudge()
    town.world.run_cards(town.sender)

    assert 1 == len(town.webhook.kept)
    assert 0 == town.tells()
    assert "Cards cannot be sent (resolved)" == town.said()[-1]
    town.comes_back()
    assert 1 == len(town.webhook.kept)  # no card says that there were no cards


def test_a_webhook_that_is_busy_for_a_moment_is_no_trouble_and_one_that_stays_silent_is() -> None:
    town = Town()
    town.webhook.error = TransientError("Teams answered 503")
    town.drifts()
    for announcement in town.topic.kept:
        town.sender.note(announcement.data)

    town.sender.send(CardMessage())
    assert (0, []) == (town.tells(), town.said()[1:])
    town.after(WAIT).sender.send(CardMessage())
    assert 1 == town.tells()


def test_a_trouble_that_was_never_told_is_over_without_a_word() -> None:
    town = Town()
    town.channels.failed(CARDS, SWITCHED_OFF)
    town.channels.works(CARDS)

    assert (0, [], []) == (town.tells(), town.said(), town.channels.all())


def test_a_trouble_that_comes_back_before_its_end_was_told_is_the_same_trouble() -> None:
    town = Town()
    town.channels.failed(CARDS, SWITCHED_OFF)
    town.tells()
    town.channels.works(CARDS)
    town.channels.failed(CARDS, SWITCHED_OFF)

    assert 1 == town.tells()
    assert ["Cards cannot be sent (open)"] == town.said()


def test_how_long_it_lasts_counts_from_its_beginning() -> None:
    town = Town()
    first = town.channels.failed(CARDS, SILENT)
    later = town.after(WAIT).channels.failed(CARDS, SILENT)

    assert (first.since, first.since + LASTS) == (later.since, later.at)
    assert (False, True) == (first.serious, later.serious)


# The webhook's setting -----------------------------------------------------------------------------

SETTING = "TEAMS_WEBHOOK_URL"
REFERENCE = "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/teams-webhook-url)"


def made(text: str) -> Notifier:
    if not text.startswith("https://"):
        raise ConfigurationError(Mistake.of_settings("the Teams webhook's URL does not begin with https://"))
    return MemoryNotifier()


def test_a_reference_that_is_not_resolved_is_named_as_what_it_is_and_tried_again() -> None:
    setting = {"now": REFERENCE}
    channel = ChannelAsSet([SETTING], lambda _: setting["now"], made)

    with pytest.raises(TransientError) as unresolved:
        channel.post({})
    assert UNRESOLVED == unresolved.value.code
    [mistake] = channel.mistakes()
    assert "Key Vault reference that is not resolved" in mistake
    assert "SecretUri" not in mistake + str(unresolved.value)

    setting["now"] = "https://x.logic.azure.com/?sig=s"
    channel.post({})
    assert () == channel.mistakes()


def test_a_webhook_that_is_none_refuses_cards_and_says_why() -> None:
    channel = ChannelAsSet([SETTING], lambda _: "http://nowhere", made)

    with pytest.raises(PermanentError) as refused:
        channel.post({})
    assert UNUSABLE == refused.value.code
    [mistake] = channel.mistakes()
    assert f"setting {SETTING}: the Teams webhook's URL does not begin with https://" == mistake


# The ledger ----------------------------------------------------------------------------------------


def test_a_ledger_that_is_not_written_to_is_silent_after_an_hour() -> None:
    world = World(MemoryCloud())
    assert timedelta(0) == silence(world.ledger, world.clock.now())
    beat(world.ledger, world.clock.now())

    world.clock.advance(SILENT_AFTER.total_seconds() - 1)
    assert timedelta(0) == silence(world.ledger, world.clock.now())
    world.clock.advance(1)
    assert SILENT_AFTER == silence(world.ledger, world.clock.now())
