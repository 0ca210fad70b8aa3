"""What holds for every card, whatever text comes in."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lab.adaptive_card import faults_of
from remediation.findings import FindingRecord
from remediation.guidance import GUIDANCE_URL
from remediation.telling.cards import card, card_text, digest, request_body
from remediation.telling.cards.links import PORTAL
from remediation.telling.cards.safe import neutral
from remediation.telling.cards.size import LIMIT, fits
from tests.unit.cards.samples import FOUND, NOW, SAMPLES, burst
from tests.unit.cards.strategies import RECORDS

BOUNDED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
OWN_COMMANDS = "python -m remediation "
MARKDOWN_ELEMENTS = {"TextBlock", "FactSet"}


@BOUNDED
@given(RECORDS)
def test_no_finding_can_break_its_card(record: FindingRecord) -> None:
    assert faults_of(card(record, now=NOW)) == []


@BOUNDED
@given(RECORDS)
def test_no_finding_makes_a_card_too_large_for_teams(record: FindingRecord) -> None:
    assert fits(request_body(card(record, now=NOW)))


@BOUNDED
@given(st.lists(RECORDS, max_size=12))
def test_no_burst_makes_a_digest_broken_or_too_large(records: list[FindingRecord]) -> None:
    told = digest(records, now=NOW)

    assert faults_of(told) == []
    assert fits(request_body(told))


@BOUNDED
@given(RECORDS)
def test_text_in_a_card_is_neutral_unless_it_is_one_of_the_commands(record: FindingRecord) -> None:
    told = card(record, now=NOW)
    commands = {line for command in record.commands for line in command.split("\n")}
    texts = [run["text"] for run in _all(told, "TextRun")]
    foreign = [text for text in texts if text not in commands and not text.startswith(OWN_COMMANDS)]

    assert [text for text in foreign if neutral(text) != text] == []
    assert neutral(told["fallbackText"]) == told["fallbackText"]


@BOUNDED
@given(RECORDS)
def test_a_card_has_no_markdown_no_mention_and_no_address_but_ours(record: FindingRecord) -> None:
    told = card(record, now=NOW)

    assert not {each["type"] for each in _elements(told)} & MARKDOWN_ELEMENTS
    assert told["msteams"] == {"width": "Full"}
    assert all(each["url"].startswith((f"{PORTAL}#@/resource/", GUIDANCE_URL)) for each in told["actions"])


@BOUNDED
@given(RECORDS)
@example(replace(FOUND, commands=["\r", "az a \\\n  --b", "\x1b[2J"]))
def test_the_plain_lines_of_a_finding_cannot_drive_a_terminal(record: FindingRecord) -> None:
    assert [line for line in card_text(record, now=NOW) if not line.isprintable()] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_each_kind_of_card_is_sound(name: str) -> None:
    told = card(SAMPLES[name], now=NOW)

    assert faults_of(told) == []
    assert told["version"] == "1.2"
    assert len(request_body(told)) <= LIMIT


def test_a_burst_of_a_thousand_findings_is_one_small_card() -> None:
    assert len(request_body(digest(burst(1000), now=NOW))) < 8_000


def _all(card_: Any, kind: str) -> Iterator[dict[str, Any]]:
    return (each for each in _elements(card_) if each["type"] == kind)


def _elements(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "type" in value:
            yield value
        for inner in value.values():
            yield from _elements(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _elements(inner)
