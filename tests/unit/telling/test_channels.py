"""Alerts reach the channel of the team that owns the resource, and the last word in each channel is true."""

from typing import Any

import pytest

from remediation.baseline import Channel
from remediation.errors import PermanentError, TransientError
from remediation.findings import State
from remediation.messages import Message
from remediation.resource_id import ResourceId
from remediation.telling.cards import text_of
from tests.builders import AT, NSG_ID, a_group, an_nsg
from tests.faults import Teams, always, failing
from tests.unit.telling.board import Town, a_group_of, a_town, an_open_nsg, nsgs
from tests.unit.telling.routes import MEDIUM_TO_SIEM, SIEM, owned_by, routing

OTHER = ResourceId.parse(f"{NSG_ID}-other")
DOWN = TransientError("HTTP 503")


def text(card: dict[str, Any]) -> str:
    return "\n".join(text_of(card))


def test_each_team_hears_of_its_own_resources_and_the_platform_of_what_nobody_owns() -> None:
    first, second, third = nsgs(3)
    town = a_town(an_open_nsg("payments", first), an_open_nsg("shop", second), an_open_nsg("", third))
    for target in (first, second, third):
        town.looks(target)

    town.tells()

    assert [["drift found"]] * 3 == [town.heard(channel) for channel in ("payments", "shop", "platform")]
    assert first.name in text(town.cards("payments")[0])
    assert second.name in str(town.cards("shop")[0])
    assert third.name in text(town.cards("platform")[0])


@pytest.mark.parametrize("level", ["resource", "group", "subscription"])
def test_the_owner_is_read_from_the_nearest_level(level: str) -> None:
    subscription = {"id": AT, "tags": {"owner": "payments" if level == "subscription" else "it"}}
    group = a_group_of("payments") if level == "group" else a_group()
    town = a_town(an_open_nsg("payments" if level == "resource" else ""), group, subscription)
    town.looks()

    town.tells()

    (record,) = town.world.findings().values()
    assert ("payments", ["payments"]) == (record.owner, record.channels)
    assert ["drift found"] == town.heard("payments")


def test_tags_above_a_resource_are_read_once_for_a_storm_of_findings() -> None:
    many = nsgs(8)
    town = a_town(*(an_open_nsg("", one) for one in many), {"id": AT, "tags": {"owner": "payments"}})
    worker = town.worker
    for one in many:
        worker.handle(town.world.hears(one))

    assert 1 == town.world.reads_of(ResourceId.parse(AT))


def test_fifty_duplicates_are_one_card_in_each_channel() -> None:
    routes = routing(SIEM, routes=(MEDIUM_TO_SIEM, owned_by("payments")))
    town = a_town(an_open_nsg("payments"), routes=routes)
    for number in range(50):
        town.looks(event_id=f"event-{number % 5}")
        for announcement in town.world.announcements:
            town.outlets.note(announcement.data)

    town.tells()

    assert (["drift found"], ["DriftFound"]) == (town.heard("payments"), town.heard("siem"))


def test_a_channel_that_is_down_delays_no_other() -> None:
    first, second = nsgs(2)
    town = a_town(an_open_nsg("payments", first), an_open_nsg("shop", second))
    town.through["payments"] = Teams(_nobody(), failing(*[DOWN] * 5))
    town.looks(first)
    town.looks(second)
    began = town.world.clock.now()
    late: list[float] = []
    town.through["shop"] = Teams(
        _nobody(), lambda _: late.append((town.world.clock.now() - began).total_seconds())
    )

    town.tells()

    assert (["drift found"], ["drift found"]) == (town.heard("payments"), town.heard("shop"))
    assert [2.0] == late
    assert (town.world.clock.now() - began).total_seconds() > 150


def test_a_channel_that_was_down_for_a_day_gets_one_digest_of_its_own() -> None:
    many = nsgs(12)
    town = a_town(*(an_open_nsg("payments" if at % 2 else "shop", one) for at, one in enumerate(many)))
    town.through["payments"] = Teams(_nobody(), until(town, hours=24))
    for one in many:
        town.looks(one)

    town.tells()

    assert ["6 findings at once: 6 drift found"] == [
        list(text_of(card))[1] for card in town.cards("payments")
    ]
    assert 1 == len(town.cards("shop"))


def test_a_finding_that_changes_its_owner_is_closed_in_the_old_channel_and_told_in_the_new() -> None:
    town = a_town(an_open_nsg("payments"))
    town.looks()
    town.tells()
    town.world.cloud.seed(an_open_nsg("shop"))
    town.looks()

    town.tells()

    assert ["drift found", "told elsewhere"] == town.heard("payments")
    assert "It belongs to shop now. It is told in the channel shop" in text(town.cards("payments")[1])
    assert ["drift found"] == town.heard("shop")
    (record,) = town.world.findings().values()
    assert ("DriftMoved", "shop", ["payments"]) == (record.change, record.owner, record.left)


def test_what_comes_back_to_its_first_owner_is_told_there_again() -> None:
    town = a_town(an_open_nsg("payments"))
    for owner in ("payments", "shop", "payments"):
        town.world.cloud.seed(an_open_nsg(owner))
        town.looks()
        town.tells()
    town.world.cloud.seed(an_nsg(tags={"owner": "payments"}))
    town.looks()

    town.tells()

    assert ["drift found", "told elsewhere", "drift found", "resolved"] == town.heard("payments")
    assert ["drift found", "told elsewhere"] == town.heard("shop")


def test_an_owner_who_came_and_went_before_anybody_read_it_is_told_nothing() -> None:
    town = a_town(an_open_nsg("payments"))
    town.looks()
    town.world.cloud.seed(an_open_nsg("shop"))
    town.looks()

    town.tells()

    assert ([], ["drift found"]) == (town.heard("payments"), town.heard("shop"))


def test_a_finding_that_ends_is_closed_where_it_was_told_and_nowhere_else() -> None:
    town = a_town(an_open_nsg("payments"))
    town.looks()
    town.tells()
    town.world.cloud.seed(an_nsg(tags={"owner": "shop"}))
    town.looks()

    town.tells()

    assert (["drift found", "resolved"], []) == (town.heard("payments"), town.heard("shop"))


def test_channels_that_are_named_later_take_over_what_the_one_webhook_was_told() -> None:
    town = a_town(an_open_nsg("payments"), an_open_nsg("", OTHER), routes=routing(routes=()))
    town.use(routing=type(town.world.baseline.routing)())
    for target in (NSG_ID, OTHER):
        town.looks(target)
    town.tells()
    town.use(routing=routing(), hash="with channels")
    for target in (NSG_ID, OTHER):
        town.looks(target)

    town.tells()

    assert ["drift found", "drift found", "told elsewhere"] == town.heard("platform")
    assert ["drift found"] == town.heard("payments")


def test_what_is_owed_to_a_channel_that_is_gone_goes_to_where_the_finding_is_told_today() -> None:
    town = a_town(an_open_nsg("payments"))
    town.through["payments"] = Teams(_nobody(), always(PermanentError("HTTP 404")))
    town.looks()
    town.tells()
    town.use(routing=routing(routes=()), hash="without a route")
    town.looks()
    town.outlets.nudge()

    town.tells()

    assert [] == town.heard("payments")
    assert "drift found" in town.heard("platform")


def test_a_channel_that_refuses_for_good_is_told_on_the_default_channel_once_and_when_it_is_over() -> None:
    town = a_town(an_open_nsg("payments"))
    town.through["payments"] = Teams(_nobody(), always(PermanentError("the workflow is gone")))
    town.looks()
    town.tells()
    town.outlets.nudge()
    town.tells()

    assert ["trouble"] == town.heard("platform")
    told = text(town.cards("platform")[0])
    assert "Alerts do not reach the channel payments" in told
    assert "The channel payments refuses alerts: the workflow is gone" in told

    del town.through["payments"]
    town.outlets.nudge()
    town.tells()

    assert ["drift found"] == town.heard("payments")
    assert ["trouble", "resolved"] == town.heard("platform")


def test_what_the_app_tells_of_itself_is_looked_at_by_no_sweep() -> None:
    """ARM has no such resource: a look would give it up, and tell that as news."""
    town = a_town(an_open_nsg("payments"))
    town.through["payments"] = Teams(_nobody(), always(PermanentError("the workflow is gone")))
    town.looks()
    town.tells()

    town.world.handle(Message(sweep=AT, reason="replay"))

    assert town.world.waiting
    assert not [message for message in town.world.waiting if "BastionGuard" in str(message.target)]


def test_a_default_channel_that_refuses_does_not_go_round_in_circles() -> None:
    town = a_town(an_open_nsg(""))
    town.through["platform"] = Teams(_nobody(), always(PermanentError("gone")))
    town.looks()
    town.tells()
    for _ in range(3):
        town.outlets.nudge()
        town.tells()

    del town.through["platform"]
    town.outlets.nudge()
    town.tells()

    assert ["drift found"] == [kind for kind in town.heard("platform") if kind == "drift found"]
    assert "resolved" not in town.heard("platform")


def test_more_cards_than_a_channels_minute_allows_wait_and_become_a_digest() -> None:
    calm = Channel("calm", "teams", "CHANNEL_CALM", digest_above=50, cards_per_minute=2)
    many = nsgs(5)
    town = a_town(
        *(an_open_nsg("calm", one) for one in many), routes=routing(calm, routes=(owned_by("calm"),))
    )
    for one in many:
        town.looks(one)

    minutes: list[str] = []
    town.through["calm"] = Teams(_nobody(), lambda _: minutes.append(f"{town.world.clock.now():%H:%M}"))
    town.tells()

    assert 5 == len(town.cards("calm"))
    assert [2, 2, 1] == [minutes.count(minute) for minute in dict.fromkeys(minutes)]


def test_programs_get_the_event_of_the_topic_whatever_their_channel_heard_before() -> None:
    routes = routing(SIEM, routes=(MEDIUM_TO_SIEM, owned_by("payments")))
    town = a_town(an_open_nsg("payments"), routes=routes)
    town.looks()
    town.tells()

    (card,) = town.cards("siem")
    (event,) = card["events"]
    assert ("1.0", "BastionGuard.DriftFound", NSG_ID.text) == (
        event["specversion"],
        event["type"],
        event["subject"],
    )
    assert (["siem", "payments"], "payments", 2) == (
        event["data"]["channels"],
        event["data"]["owner"],
        event["data"]["schemaVersion"],
    )


def test_an_owner_that_cannot_be_read_for_once_stays_the_one_it_was() -> None:
    town = a_town(an_open_nsg(""), {"id": AT, "tags": {"owner": "payments"}})
    town.looks()
    town.tells()
    forbidden = _Forbidden(town)
    town.world.handle(town.world.hears(event_id="again"), cloud=forbidden, announcer=_direct(town))

    town.tells()

    (record,) = town.world.findings().values()
    assert ("payments", State.OPEN) == (record.owner, record.state)
    assert ["drift found"] == town.heard("payments")


def until(town: Town, *, hours: float) -> Any:
    """Down until so many hours have passed."""
    began = town.world.clock.now()

    def down(_card: Any) -> None:
        if (town.world.clock.now() - began).total_seconds() < hours * 3600:
            raise DOWN

    return down


class _Nobody:
    def post(self, card: dict[str, Any]) -> None:
        del card


def _nobody() -> _Nobody:
    return _Nobody()


def _direct(town: Town) -> Any:
    from remediation.telling.without_topic import DirectAnnouncer

    return DirectAnnouncer(town.outlets)


class _Forbidden:
    """A Cloud in which the subscription itself may not be read."""

    def __init__(self, town: Town) -> None:
        self._cloud = town.world.cloud

    def get(self, resource: ResourceId) -> Any:
        if resource.text == AT:
            raise PermanentError("HTTP 403")
        return self._cloud.get(resource)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cloud, name)
