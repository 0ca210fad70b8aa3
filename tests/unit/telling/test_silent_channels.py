"""A channel that is busy or silent for long is told on another one, once, and when it takes cards again."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace as replaced

from remediation.adapters.memory.storage import MemoryNotifier
from remediation.errors import PermanentError, TransientError
from remediation.ledger.cards import Cards, Owed
from remediation.messages import CardMessage
from remediation.telling.cards import text_of
from remediation.telling.channel_trouble import KNOWN_FOR, SILENT_AFTER
from remediation.telling.parts_down import LASTS, UNRESOLVED
from tests.builders import NSG_ID
from tests.faults import Teams, always, failing
from tests.unit.telling.board import Town, a_town, an_open_nsg, nsgs
from tests.unit.telling.routes import SIEM, owned_by, routing

BUSY = TransientError("Slack answered 503")
UNREAD = TransientError("setting CHANNEL_PAYMENTS: is a Key Vault reference", code=UNRESOLVED)
TOLD = "Alerts do not reach the channel"


def out_for(town: Town, time: timedelta, error: Exception = BUSY) -> Teams:
    """What fails until so much time is over."""
    over = town.world.clock.now() + time

    def fails(_: Any) -> None:
        if town.world.clock.now() < over:
            raise error

    return Teams(MemoryNotifier(), fails)


def when_heard(town: Town, channel: str) -> list[timedelta]:
    """How long after now each card of a channel is posted."""
    began, moments = town.world.clock.now(), list[timedelta]()
    town.through[channel] = Teams(MemoryNotifier(), lambda _: moments.append(town.world.clock.now() - began))
    return moments


def text(card: dict[str, Any]) -> str:
    return "\n".join(text_of(card))


def test_a_channel_that_is_silent_for_a_day_is_told_on_the_default_one_after_an_hour_and_at_its_end() -> None:
    town = a_town(an_open_nsg("payments"))
    town.through["payments"] = out_for(town, timedelta(hours=24))
    moments = when_heard(town, "platform")
    town.looks()

    town.tells()

    assert ["drift found"] == town.heard("payments")
    assert ["trouble", "resolved"] == town.heard("platform")
    assert SILENT_AFTER <= moments[0] < 2 * SILENT_AFTER
    assert timedelta(hours=24) <= moments[1]
    trouble = text(town.cards("platform")[0])
    assert f"{TOLD} payments" in trouble
    assert "UTC the channel payments has taken no alerts: Slack answered 503" in trouble


def test_a_channel_that_is_silent_for_less_than_an_hour_is_everyday_life() -> None:
    town = a_town(an_open_nsg("payments"))
    town.through["payments"] = out_for(town, SILENT_AFTER / 2)
    town.looks()

    town.tells()

    assert (["drift found"], []) == (town.heard("payments"), town.heard("platform"))


def test_a_secret_that_is_not_resolved_is_told_after_five_minutes() -> None:
    town = a_town(an_open_nsg("payments"))
    town.through["payments"] = out_for(town, 3 * LASTS, UNREAD)
    moments = when_heard(town, "platform")
    town.looks()

    town.tells()

    assert ["trouble", "resolved"] == town.heard("platform")
    assert LASTS <= moments[0] < 3 * LASTS


def test_a_first_try_that_fails_after_a_long_stop_of_the_app_is_no_silence() -> None:
    town = a_town(an_open_nsg("payments"))
    town.looks()
    town.world.clock.advance(3 * SILENT_AFTER.total_seconds())
    town.through["payments"] = out_for(town, timedelta(seconds=5))

    town.tells()

    assert (["drift found"], []) == (town.heard("payments"), town.heard("platform"))


def test_cards_that_our_own_budget_holds_back_say_nothing_of_the_channel() -> None:
    slow = replace(routing().channels["payments"], digest_above=100, cards_per_minute=1)
    many = nsgs(90)
    town = a_town(*(an_open_nsg("payments", one) for one in many), routes=routing(slow))
    for one in many:
        town.looks(one)

    town.tells()

    assert (90, []) == (len(town.cards("payments")), town.heard("platform"))


def test_one_stumble_of_a_channel_that_takes_a_card_a_minute_is_no_silence_however_old_the_cards_are() -> (
    None
):
    slow = replace(routing().channels["payments"], digest_above=100, cards_per_minute=1)
    many = nsgs(90)
    town = a_town(*(an_open_nsg("payments", one) for one in many), routes=routing(slow))
    for one in many:
        town.looks(one)
    began = town.world.clock.now()
    late = failing(BUSY, on=lambda _: town.world.clock.now() - began > timedelta(minutes=70))
    town.through["payments"] = Teams(MemoryNotifier(), late)

    town.tells()

    assert (90, []) == (len(town.cards("payments")), town.heard("platform"))
    assert town.world.clock.now() - began < timedelta(minutes=100)


def test_stumbles_an_hour_apart_are_no_silence_where_cards_came_through_between_them() -> None:
    slow = replace(routing().channels["payments"], digest_above=100, cards_per_minute=1)
    many = nsgs(90)
    town = a_town(*(an_open_nsg("payments", one) for one in many), routes=routing(slow))
    for one in many:
        town.looks(one)
    began = town.world.clock.now()

    def busy(_: Any) -> None:
        if (town.world.clock.now() - began) // timedelta(minutes=1) in {5, *range(62, 90)}:
            raise BUSY

    town.through["payments"] = Teams(MemoryNotifier(), busy)

    town.tells()

    assert (90, []) == (len(town.cards("payments")), town.heard("platform"))


def test_some_tries_that_fail_after_a_long_stop_of_the_app_are_no_silence() -> None:
    town = a_town(an_open_nsg("payments"))
    town.looks()
    town.world.clock.advance(3 * SILENT_AFTER.total_seconds())
    town.through["payments"] = out_for(town, SILENT_AFTER / 2)

    town.tells()

    assert (["drift found"], []) == (town.heard("payments"), town.heard("platform"))


def test_a_stop_between_two_tries_that_fail_is_no_silence() -> None:
    town = a_town(an_open_nsg("payments"))
    town.through["payments"] = Teams(MemoryNotifier(), failing(BUSY, BUSY))
    town.looks()
    town.world.clock.advance(10)
    [first] = town.world.queue.receive("cards", visibility=60)
    town.outlets.send(CardMessage(place="payments"))
    town.world.queue.delete("cards", first)
    town.world.clock.advance(3 * SILENT_AFTER.total_seconds())

    town.tells()

    assert (["drift found"], []) == (town.heard("payments"), town.heard("platform"))


def test_a_finding_that_changes_while_its_channel_is_silent_does_not_begin_the_hour_anew() -> None:
    """The next try comes when it was to come, whatever has changed by then."""
    town = a_town()
    now, cards = town.world.clock.now(), Cards(town.world.ledger)
    owed = Owed(target=NSG_ID.text, finding="open", seq=1, expected=now)
    cards.owe(owed)
    cards.give_back(owed, now + timedelta(minutes=15), failing=now)

    cards.owe(replaced(owed, seq=2, expected=now + timedelta(minutes=1)))

    [(kept, _)] = cards.owed()
    assert (2, now, now + timedelta(minutes=15)) == (kept.seq, kept.failing, kept.expected)


def test_a_channel_that_falls_silent_in_the_midst_of_what_it_takes_is_told_an_hour_later() -> None:
    slow = replace(routing().channels["payments"], digest_above=100, cards_per_minute=1)
    many = nsgs(90)
    town = a_town(*(an_open_nsg("payments", one) for one in many), routes=routing(slow))
    for one in many:
        town.looks(one)
    began, dark = town.world.clock.now(), timedelta(minutes=20)
    town.through["payments"] = Teams(
        MemoryNotifier(),
        always(BUSY, on=lambda _: dark <= town.world.clock.now() - began < dark + 3 * SILENT_AFTER),
    )
    moments = when_heard(town, "platform")

    town.tells()

    assert ["trouble", "resolved"] == town.heard("platform")
    assert dark + SILENT_AFTER <= moments[0] < dark + 1.5 * SILENT_AFTER
    assert f"Since {began + dark:%Y-%m-%d %H:%M} UTC" in text(town.cards("platform")[0])


def test_another_worker_that_gets_through_ends_the_trouble_that_this_one_told() -> None:
    targets = nsgs(3)
    town = a_town(*(an_open_nsg("payments", one) for one in targets))
    second = Town(town.world, town.read, town.through)
    for worker, target in zip((town, second), targets, strict=False):
        worker.looks(target)
        worker.tells()  # both have seen it work
    town.world.clock.advance(KNOWN_FOR.total_seconds())
    town.through["payments"] = Teams(MemoryNotifier(), always(PermanentError("the workflow is gone")))
    town.looks(targets[2])
    town.tells()
    assert ["trouble"] == town.heard("platform")

    del town.through["payments"]
    second.outlets.nudge()
    second.tells()

    assert ["trouble", "resolved"] == town.heard("platform")


@pytest.mark.parametrize("default", ["platform", ""])
def test_that_the_default_channel_takes_nothing_is_told_in_another_one_that_people_read(default: str) -> None:
    """Also where the one webhook is the default, being named by nobody."""
    routes = routing(SIEM, routes=(owned_by("payments"),), default="platform")
    if not default:
        named = {name: one for name, one in routes.channels.items() if name != "platform"}
        routes = replace(routes, channels=named, default="")
    town = a_town(an_open_nsg(""), routes=routes)
    town.through["platform"] = out_for(town, timedelta(hours=3))
    town.looks()

    town.tells()

    assert ["drift found"] == town.heard("platform")
    assert (["trouble", "resolved"], []) == (town.heard("payments"), town.heard("siem"))


def test_every_try_of_a_silent_channel_is_a_line_that_the_platforms_alert_looks_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    town = a_town(an_open_nsg("payments"))
    town.through["payments"] = out_for(town, 2 * SILENT_AFTER)
    town.looks()

    with caplog.at_level(logging.ERROR):
        town.tells()

    lines = [record.__dict__ for record in caplog.records if record.message == "channel.failed"]
    assert len(lines) >= 2
    assert {"payments"} == {line["channel"] for line in lines}


def test_health_names_a_silent_channel_and_no_longer_when_it_is_over() -> None:
    town = a_town(an_open_nsg("payments"))
    named: list[list[str]] = []
    town.through["payments"] = out_for(town, 2 * SILENT_AFTER)
    town.through["platform"] = Teams(
        MemoryNotifier(), lambda _: named.append([each.part for each in town.outlets.refusing()])
    )
    town.looks()

    town.tells()

    assert [["payments"], []] == named
