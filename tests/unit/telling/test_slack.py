"""Slack's messages: the same story as the cards, and no name in it is more than text."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lab.slack import faults_of_message, texts_of_message
from remediation.findings import FindingRecord
from remediation.guidance import GUIDANCE_URL
from remediation.telling import slack
from remediation.telling.cards import card, text_of
from remediation.telling.cards.links import PORTAL
from remediation.telling.cards.safe import neutral
from remediation.telling.slack.blocks import LIMIT, plain_notice
from tests.unit.cards.samples import FOUND, NOW, SAMPLES, burst
from tests.unit.cards.strategies import RECORDS

BOUNDED = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
OWN_COMMANDS = "python -m remediation "


def elements(message: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    for block in message["blocks"]:
        for part in block.get("elements", ()):
            yield from (element for element in part["elements"] if element["type"] == kind)


def boxes(message: dict[str, Any]) -> list[str]:
    return [
        part["elements"][0]["text"]
        for block in message["blocks"]
        for part in block.get("elements", ())
        if part["type"] == "rich_text_preformatted"
    ]


@BOUNDED
@given(RECORDS)
def test_no_finding_can_break_its_message_or_make_it_too_large(record: FindingRecord) -> None:
    told = slack.message(record, now=NOW)

    assert [] == faults_of_message(told)
    assert len(json.dumps(told)) <= LIMIT


@BOUNDED
@given(st.lists(RECORDS, max_size=12))
def test_no_burst_makes_a_digest_broken_or_too_large(records: list[FindingRecord]) -> None:
    told = slack.digest(records, now=NOW)

    assert [] == faults_of_message(told)
    assert len(json.dumps(told)) <= LIMIT


@BOUNDED
@given(RECORDS)
def test_foreign_text_stands_where_slack_reads_no_markup(record: FindingRecord) -> None:
    """Only elements of text hold it, and each is as neutral as on a card; links are ours."""
    told = slack.message(record, now=NOW)
    whole = json.dumps(told)
    boxed = {text for box in boxes(told) for text in box.split("\n")}
    foreign = [run["text"] for run in elements(told, "text") if run["text"] not in boxes(told)]

    assert "mrkdwn" not in whole.replace('"mrkdwn": false', "")
    assert [] == [text for text in foreign if text.strip() and neutral(text) != text.strip()]
    assert [] == [text for text in boxed if not text.isprintable()]
    assert all(
        run["url"].startswith((f"{PORTAL}#@/resource/", GUIDANCE_URL)) for run in elements(told, "link")
    )
    assert not re.search(r"[<>*_~`]\S", told["text"])


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("<!channel> all", "\u2039!channel\u203a all"),
        ("<@U123> look", "\u2039@U123\u203a look"),
        ("<https://evil.example|Azure portal>", "\u2039https:/ /evil.example|Azure portal\u203a"),
        ("*bold* _it_ ~gone~ `code`", "*bold* _it_ ~gone~ `code`"),
        ("&lt;!here&gt;", "&lt;!here&gt;"),
        ("[a](https://evil.example)", "[a] (https:/ /evil.example)"),
    ],
)
def test_a_hostile_name_is_shown_and_does_nothing(hostile: str, shown: str) -> None:
    told = slack.message(replace(FOUND, title=hostile, actor={"name": hostile}), now=NOW)

    assert shown == next(texts_of_message(told))
    assert any(shown in run["text"] for run in elements(told, "text"))
    assert not re.search(r"<|[*_~`](?=\S)", told["text"])


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("a & b", "a &amp; b"),
        ("<!here> *now* @channel #general", "\u2039!here\u203a now channel general"),
        ("rg_shop_1 :fire: `x`", "rg shop 1 fire x"),
    ],
)
def test_what_a_notification_shows_is_escaped_and_without_markup(text: str, notice: str) -> None:
    assert notice == plain_notice(text)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_message_tells_what_the_card_tells(name: str) -> None:
    """Every sentence of the card is in the message; only the kicker and the facts are set otherwise."""
    record = SAMPLES[name]
    told = "\n".join(texts_of_message(slack.message(record, now=NOW)))
    lines = [line for line in text_of(card(record, now=NOW)) if len(line) > 40 and "left out: " not in line]

    assert lines
    assert [] == [line for line in lines if line.replace("\u2212 ", "- ").strip("+-\u2212 ") not in told]


def test_a_digest_names_the_worst_and_counts_the_rest() -> None:
    lines = list(texts_of_message(slack.digest(burst(40), now=NOW)))

    assert "40 findings at once: 37 drift found, 1 repair proposed, 2 repaired" == lines[0]
    assert "The worst" in lines
    assert any(line.startswith("nsg-orders") and "lets the whole internet in" in line for line in lines)
    assert any(line.endswith("nsg-orders-11 and 24 more") for line in lines)


def test_a_command_is_shown_whole_or_not_at_all() -> None:
    record = replace(FOUND, commands=["az network x --name 'a & b'", "az y <bad>"])

    told = slack.message(record, now=NOW)

    assert "az network x --name 'a & b'" in boxes(told)
    assert not any("bad" in box for box in boxes(told))


def test_a_greeting_asks_nothing_of_anybody() -> None:
    told = slack.greeting("payments", now=NOW)

    assert [] == faults_of_message(told)
    assert "This channel works" == next(texts_of_message(told))
