"""The cards of findings that the app itself came to: every kind there is, each fit to be shown."""

from datetime import timedelta

import pytest

from lab.adaptive_card import faults_of
from lab.slack import faults_of_message
from remediation.telling import slack
from remediation.telling.cards import card, text_of
from remediation.telling.cards.news import KINDS
from tests.unit.cards.real import ALICE, BOB, Told, lived


@pytest.fixture(scope="module")
def told() -> list[Told]:
    return list(lived())


def test_the_gallery_has_a_real_finding_of_every_kind_of_news(told: list[Told]) -> None:
    assert set() == KINDS.keys() - {record.change for _, record in told}


def test_each_can_be_shown_in_teams_and_in_slack(told: list[Told]) -> None:
    for target, record in told:
        now = record.changed_at + timedelta(minutes=1)
        assert [] == list(faults_of(card(record, now=now, target=target))), record.change
        assert [] == faults_of_message(slack.message(record, now=now, target=target)), record.change


def test_whoever_opened_a_port_is_named_on_every_card_about_it(told: list[Told]) -> None:
    for _, record in told:
        if record.rule == "nsg-mgmt-open-to-internet" and record.opening.actor.get("name") == ALICE:
            shown = "\n".join(text_of(card(record, now=record.changed_at)))
            assert ALICE in shown, record.change
            assert f"Opened by\n{BOB}" not in shown
