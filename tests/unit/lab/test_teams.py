"""The Teams webhook: what it takes, what it shows, and what it drops without telling the sender."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from lab.adaptive_card import faults_of
from lab.arm import serving
from lab.teams import CARD, LIMIT, Outage, Teams, counted_bytes

type Card = dict[str, Any]


def a_card(*body: Card, **members: Any) -> Card:
    text = {"type": "TextBlock", "text": "Port 22 was open", "wrap": True}
    return {"type": "AdaptiveCard", "version": "1.2", "body": list(body) or [text], **members}


def a_request(card: Any) -> dict[str, Any]:
    return {"type": "message", "attachments": [{"contentType": CARD, "contentUrl": None, "content": card}]}


def posted(*bodies: Any, teams: Teams) -> list[tuple[int, str | None]]:
    """Post each body; the status and Retry-After of each answer."""

    async def story(http: aiohttp.ClientSession, url: str) -> list[tuple[int, str | None]]:
        answers = []
        for body in bodies:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            async with http.post(url + teams.path, data=data) as answer:
                answers.append((answer.status, answer.headers.get("Retry-After")))
        return answers

    return using(teams, story)


def using[T](teams: Teams, story: Callable[[aiohttp.ClientSession, str], Awaitable[T]]) -> T:
    async def run() -> T:
        async with serving(teams.app) as url, aiohttp.ClientSession() as http:
            return await story(http, url)

    return asyncio.run(run())


def test_a_good_card_is_accepted_and_shown() -> None:
    teams = Teams("secret")
    assert posted(a_request(a_card()), teams=teams) == [(202, None)]
    assert teams.cards == [a_card()]
    assert teams.rejected == []


def test_a_full_card_of_schema_1_2_has_no_fault() -> None:
    facts = {"type": "FactSet", "facts": [{"title": "Who", "value": "Alice"}]}
    column = {
        "type": "Column",
        "width": "auto",
        "items": [{"type": "Image", "url": "https://x.example/i.png"}],
    }
    details = {"type": "Container", "id": "more", "isVisible": False, "style": "emphasis", "items": [facts]}
    rich = {
        "type": "RichTextBlock",
        "inlines": ["plain", {"type": "TextRun", "text": "bold", "weight": "bolder"}],
    }
    actions = [
        {"type": "Action.OpenUrl", "title": "Portal", "url": "https://portal.azure.com/#@/resource/x"},
        {"type": "Action.ToggleVisibility", "title": "More", "targetElements": ["more"]},
        {"type": "Action.ShowCard", "title": "Undo", "card": {"type": "AdaptiveCard", "body": [facts]}},
    ]
    card = a_card({"type": "ColumnSet", "columns": [column]}, rich, details, actions=actions)
    assert faults_of(card | {"msteams": {"width": "Full"}, "fallbackText": "x"}) == []


@pytest.mark.parametrize(
    ("card", "fault"),
    [
        ("text", "card: not an object of type AdaptiveCard"),
        (a_card(version="1.5"), "card.version: '1.5' is none of 1.0, 1.1, 1.2"),
        (a_card({"type": "TextBlock"}), "card.body[0]: text is missing"),
        (a_card({"type": "TextBlock", "text": None}), "card.body[0].text: null"),
        (a_card({"type": "TextBlock", "text": "x", "style": "heading"}), "style is not known"),
        (a_card({"type": "TextBlock", "text": "x", "color": "red"}), "'red' is none of default"),
        (a_card({"type": "Table"}), "'Table' is no element"),
        (a_card({"type": "Input.Text", "id": "x"}), "'Input.Text' is no element"),
        (
            a_card({"type": "FactSet", "facts": [{"title": "x", "value": 5}]}),
            "facts[0].value: text is wanted",
        ),
        (a_card(actions=[{"type": "Action.Submit", "title": "Fix"}]), "'Action.Submit' is no action"),
        (a_card(actions=[{"type": "Action.Execute", "title": "Fix"}]), "'Action.Execute' is no action"),
        (
            a_card(actions=[{"type": "Action.OpenUrl", "title": "x", "url": "javascript:alert(1)"}]),
            "not a web address",
        ),
        (
            a_card(actions=[{"type": "Action.OpenUrl", "title": "x", "url": "https://x"}] * 7),
            "7 actions, Teams shows 6",
        ),
        (
            a_card(actions=[{"type": "Action.ToggleVisibility", "targetElements": ["gone"]}]),
            "'gone', no element has that id",
        ),
        (
            a_card(
                {"type": "TextBlock", "text": "x", "id": "a"}, {"type": "Container", "items": [], "id": "a"}
            ),
            "twice",
        ),
        (a_card(msteams={"width": "Huge"}), "'Huge' is none of Full"),
    ],
)
def test_what_teams_would_not_show_is_accepted_and_dropped_with_a_reason(card: Any, fault: str) -> None:
    teams = Teams("secret")
    assert posted(a_request(card), teams=teams) == [(202, None)]
    assert teams.cards == []
    assert fault in " ".join(teams.rejected[0].faults)


@pytest.mark.parametrize(
    "request_body",
    [
        [],
        {"type": "AdaptiveCard"},
        {"type": "message", "attachments": []},
        {"type": "message", "attachments": [1]},
        {"type": "message", "attachments": [{"contentType": "text/plain", "content": a_card()}]},
        {"type": "message", "attachments": [{"contentType": CARD, "contentUrl": "x", "content": a_card()}]},
        a_request(a_card()) | {"text": "extra"},
    ],
)
def test_an_envelope_that_is_not_teams_own_is_dropped(request_body: Any) -> None:
    teams = Teams("secret")
    assert posted(request_body, teams=teams) == [(202, None)]
    assert (len(teams.shown), len(teams.rejected)) == (0, 1)


def test_a_card_over_the_limit_is_accepted_and_never_seen() -> None:
    teams = Teams("secret")
    large = a_request(a_card({"type": "TextBlock", "text": "x" * LIMIT}))
    small = a_request(a_card({"type": "TextBlock", "text": "x" * 20_000}))
    assert posted(large, small, teams=teams) == [(202, None), (202, None)]
    assert (len(teams.shown), len(teams.rejected)) == (1, 1)
    assert "bytes as Teams counts them" in teams.rejected[0].faults[0]


def test_quotes_weigh_double_as_in_the_one_request_whose_count_is_known() -> None:
    assert counted_bytes(b'{"a":"b"}') == 15


def test_a_wrong_signature_and_a_broken_body_are_refused() -> None:
    teams = Teams("secret")
    assert posted(b"{", teams=teams) == [(400, None)]

    async def unsigned(http: aiohttp.ClientSession, url: str) -> int:
        async with http.post(url + teams.path.replace("secret", "guess"), json=a_request(a_card())) as answer:
            return answer.status

    assert using(teams, unsigned) == 401
    assert teams.shown == []


def test_while_it_is_down_it_answers_as_told_and_then_recovers() -> None:
    teams = Teams("secret", outage=Outage(429, retry_after=7, requests=2))
    body = a_request(a_card())
    assert posted(body, body, body, teams=teams) == [(429, "7"), (429, "7"), (202, None)]
    assert (len(teams.shown), teams.refused) == (1, 2)


def test_a_connection_can_be_closed_without_an_answer() -> None:
    teams = Teams("secret", outage=Outage(0))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        posted(a_request(a_card()), teams=teams)


def test_the_lab_route_takes_it_down_and_lists_its_cards() -> None:
    teams = Teams("secret")

    async def story(http: aiohttp.ClientSession, url: str) -> tuple[int, Any, Any, int]:
        async with http.post(url + "/_lab/teams", json={"status": 503, "requests": 1}):
            pass
        async with http.post(url + teams.path, json=a_request(a_card())) as down:
            status = down.status
        for body in (a_request(a_card()), a_request("bad")):
            async with http.post(url + teams.path, json=body):
                pass
        async with http.get(url + "/_lab/cards") as cards, http.get(url + "/_lab/teams") as state:
            shown, told = await cards.json(), await state.json()
        async with http.post(url + "/_lab/teams", json={"colour": "red"}) as wrong:
            return status, shown, told, wrong.status

    status, shown, told, wrong = using(teams, story)
    assert (status, shown, wrong) == (503, [a_card()], 400)
    assert (told["shown"], told["refused"], len(told["rejected"])) == (1, 1, 1)
