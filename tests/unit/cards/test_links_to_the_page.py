"""Every card and message of a finding leads straight to it on the app's page, where that has an address."""

from typing import Any

import pytest
from msgspec.structs import replace

from lab.adaptive_card import faults_of
from lab.slack import faults_of_message
from remediation.app import settings
from remediation.app.outlets import reader_of
from remediation.ledger.keys import id_of
from remediation.model.own import OWN_RULES
from remediation.telling.cards.advice import AT_A_DESK, Reader
from remediation.telling.cards.links import TO_BOARD, shown_at
from remediation.telling.channels.voices import CardVoice, SlackVoice, Told
from tests.unit.cards.samples import FOUND, NOW, NSG, burst
from tests.unit.telling.test_slack import elements

READER = Reader("func-guard", "func-guard.azurewebsites.net")
BOARD = f"https://{READER.host}/api/board"
TOLD: Told = (NSG, FOUND)
SETTINGS = {"SUBSCRIPTIONS": "11111111-2222-3333-4444-555555555555", "AzureWebJobsStorage": "memory://x"}


def there(board: str = BOARD) -> str:
    return f"{board}?finding={id_of(NSG, FOUND.name)}"


def buttons(card: dict[str, Any]) -> dict[str, str]:
    return {action["title"]: action["url"] for action in card["actions"]}


def linked(message: dict[str, Any]) -> dict[str, str]:
    return {run["text"]: run["url"] for run in elements(message, "link")}


def test_the_first_button_of_a_card_opens_its_finding() -> None:
    card = CardVoice(READER).one(TOLD, NOW)

    assert (TO_BOARD, there()) == next(iter(buttons(card).items()))
    assert [] == faults_of(card)


def test_the_first_link_of_a_message_opens_its_finding() -> None:
    message = SlackVoice(READER).one(TOLD, NOW)

    assert (TO_BOARD, there()) == next(iter(linked(message).items()))
    assert [] == faults_of_message(message)


def test_many_at_once_lead_to_the_list() -> None:
    told = [(NSG, record) for record in burst(8)]

    for links in (buttons(CardVoice(READER).many(told, NOW)), linked(SlackVoice(READER).many(told, NOW))):
        assert any(address.startswith(BOARD) for address in links.values())


def test_without_an_address_nothing_leads_there() -> None:
    for voice, links in ((CardVoice(AT_A_DESK), buttons), (SlackVoice(AT_A_DESK), linked)):
        assert not any("/api/board" in address for address in links(voice.one(TOLD, NOW)).values())
        assert not any("/api/board" in address for address in links(voice.many([TOLD, TOLD], NOW)).values())


@pytest.mark.parametrize("rule", sorted(OWN_RULES))
def test_news_about_the_app_itself_are_no_finding_to_act_on(rule: str) -> None:
    assert [] == shown_at(replace(FOUND, rule=rule), READER, NSG)


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("func-guard.azurewebsites.net", [there()]),
        ("127.0.0.1:7071", [there("http://127.0.0.1:7071/api/board")]),
        ("", []),
    ],
)
def test_its_address_is_the_name_that_the_platform_gives_the_app(host: str, addresses: list[str]) -> None:
    reader = reader_of(settings.read({**SETTINGS, "WEBSITE_HOSTNAME": host}))

    assert addresses == [page for title, page in shown_at(FOUND, reader, NSG) if title == TO_BOARD]
