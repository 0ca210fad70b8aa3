"""Every card and message of a finding leads straight to it on the app's page, where that has an address."""

from typing import Any

import pytest
from msgspec.structs import replace

from lab.adaptive_card import faults_of
from lab.slack import faults_of_message
from remediation.app import settings
from remediation.app.outlets import board_of
from remediation.ledger.keys import id_of
from remediation.model.own import OWN_RULES
from remediation.telling.cards.links import ALL_FINDINGS, NO_BOARD, TO_BOARD, Board
from remediation.telling.channels.voices import CardVoice, SlackVoice, Told
from tests.unit.cards.samples import FOUND, NOW, NSG, burst
from tests.unit.telling.test_slack import elements

BOARD = Board("https://func-guard.azurewebsites.net/api/board")
TOLD: Told = (NSG, FOUND)
THERE = f"{BOARD.address}?finding={id_of(NSG, FOUND.name)}"
SETTINGS = {"SUBSCRIPTIONS": "11111111-2222-3333-4444-555555555555", "AzureWebJobsStorage": "memory://x"}


def buttons(card: dict[str, Any]) -> dict[str, str]:
    return {action["title"]: action["url"] for action in card["actions"]}


def linked(message: dict[str, Any]) -> dict[str, str]:
    return {run["text"]: run["url"] for run in elements(message, "link")}


def test_the_first_button_of_a_card_opens_its_finding() -> None:
    card = CardVoice(BOARD).one(TOLD, NOW)

    assert (TO_BOARD, THERE) == next(iter(buttons(card).items()))
    assert [] == faults_of(card)


def test_the_first_link_of_a_message_opens_its_finding() -> None:
    message = SlackVoice(BOARD).one(TOLD, NOW)

    assert (TO_BOARD, THERE) == next(iter(linked(message).items()))
    assert [] == faults_of_message(message)


def test_many_at_once_lead_to_the_list() -> None:
    told = [(NSG, record) for record in burst(8)]

    assert BOARD.address == buttons(CardVoice(BOARD).many(told, NOW))[ALL_FINDINGS]
    assert BOARD.address == linked(SlackVoice(BOARD).many(told, NOW))[ALL_FINDINGS]


def test_without_an_address_nothing_leads_there() -> None:
    for voice, links in ((CardVoice(NO_BOARD), buttons), (SlackVoice(NO_BOARD), linked)):
        assert TO_BOARD not in links(voice.one(TOLD, NOW))
        assert ALL_FINDINGS not in links(voice.many([TOLD, TOLD], NOW))


@pytest.mark.parametrize("rule", sorted(OWN_RULES))
def test_news_about_the_app_itself_are_no_finding_to_act_on(rule: str) -> None:
    assert BOARD.finding(NSG, replace(FOUND, rule=rule)) is None


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("func-guard.azurewebsites.net", BOARD.address),
        ("127.0.0.1:7071", "http://127.0.0.1:7071/api/board"),
        ("", ""),
    ],
)
def test_its_address_is_the_name_that_the_platform_gives_the_app(host: str, address: str) -> None:
    assert address == board_of(settings.read({**SETTINGS, "WEBSITE_HOSTNAME": host})).address
