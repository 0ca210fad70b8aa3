"""Advice works: every command of ours in the runbook is typed, in the state that its page is about."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from remediation.adapters.memory.storage import shared
from remediation.adapters.storage.poison import NAME
from remediation.ledger.journal import Journal
from remediation.ledger.pressure import Pressure
from remediation.messages import Message, encode, on_the_wire
from remediation.on_call.checkup.answers import Health, conditions
from remediation.telling.cards import advice
from tests.builders import NSG_ID, SUBSCRIPTION
from tests.story.advice.town import RULE, Town, a_town

RUNBOOK = Path(__file__).resolve().parents[3] / "docs" / "runbook.md"
OURS = re.compile(r"python -m remediation [^`\n|]+")
DAY = timedelta(days=1)
ELSEWHERE = ("doctor",)
"""Commands that ask a deployment's own resources; `tests/unit/on_call/test_doctor.py` is about them."""


def now() -> datetime:
    return datetime.now(UTC)


def pages() -> dict[str, list[str]]:
    """The commands of ours on each page, by its heading."""
    found: dict[str, list[str]] = {}
    for part in RUNBOOK.read_text().split("\n## ")[1:]:
        heading, _, text = part.partition("\n")
        found[heading] = [each.strip() for each in OURS.findall(text)]
    return found


def repaired(town: Town) -> None:
    town.opens()
    town.works()


def undone_again_and_again(town: Town) -> None:
    for _ in range(4):
        repaired(town)


def with_poison(town: Town) -> None:
    repaired(town)
    text = on_the_wire(encode(Message(target=NSG_ID.text, event_id="poisonous")))
    shared(town.name).queue.put(NAME, text)


def throttled(town: Town) -> None:
    repaired(town)
    Pressure(shared(town.name).ledger).throttled(SUBSCRIPTION, "westeurope", "arm", now(), 600.0)
    town.hears()


def with_letters(town: Town) -> None:
    repaired(town)
    town.more["DEAD_LETTER_CONTAINER"] = "dead-letters"


SITUATIONS: dict[str, Callable[[Town], None]] = {
    "A repair that keeps coming back": undone_again_and_again,
    "Nothing judged for two hours": throttled,
    "poison-messages": with_poison,
    "dead-letters": with_letters,
}
"""What has happened on a page; on every other one a port was opened and closed again."""


@pytest.fixture
def town(tmp_path: Path, fresh_name: str) -> Iterator[Town]:
    with a_town(tmp_path, fresh_name) as found:
        yield found


def meant(command: str, town: Town) -> str:
    """The command with what a reader puts in: the last write, the resource, the rule, a file of his own."""
    writes = Journal(shared(town.name).ledger).between(now() - DAY, now() + DAY)
    filled = re.sub(r"\bID\b", writes[-1].id, command)
    filled = re.sub(r"\bRESOURCE\b", NSG_ID.text, filled)
    return re.sub(r"\bRULE\b", RULE, filled).replace("may.csv", str(town.folder / "may.csv"))


@pytest.mark.parametrize("heading", [heading for heading, commands in pages().items() if commands])
def test_every_command_on_a_page_does_what_it_is_for(heading: str, town: Town) -> None:
    SITUATIONS.get(heading, repaired)(town)

    for command in dict.fromkeys(pages()[heading]):
        if command.split()[3] not in ELSEWHERE:
            typed = town.types(meant(command, town))
            assert 0 == typed.status, (command, typed.err)
            assert typed.out or "--output" in command, command


def test_every_situation_is_a_page() -> None:
    assert SITUATIONS.keys() <= pages().keys()


def test_every_page_that_the_app_points_to_is_there() -> None:
    sources = (RUNBOOK.parents[1] / "remediation").rglob("*.py")
    named = {
        page for each in sources for page in re.findall(r"docs/runbook\.md, ([a-z-]+)", each.read_text())
    }

    assert named
    assert named <= anchors()


SIGNS = {
    "channels/payments": "channel-failed",
    "parts/cards": "channel-failed",
    "parts/topic": "channel-failed",
    "parts/dead-letters": "channel-failed",
    "parts/ledger": "unwritable-ledger",
    "changes/missed": "missed-events",
    "changes/unread": "unread-subscription",
    "changes/late": "late-changes",
}
"""Everything by which people are told that the app, or a part of it, goes dark, and its page."""


@pytest.mark.parametrize(("sign", "page"), SIGNS.items())
def test_every_card_that_something_has_gone_dark_names_its_page(sign: str, page: str) -> None:
    about = f"/subscriptions/{SUBSCRIPTION}/providers/BastionGuard.Settings/{sign}"

    assert f"docs/runbook.md, {page}" == advice.page(about)
    assert page in anchors()


GONE_DARK = {
    "channel-failed": {"down": ["cards", "topic", "dead-letters", "payments"]},
    "unwritable-ledger": {"unwrittenSeconds": 7200},
    "missed-events": {"missed": 2, "missingSeconds": 3600, "withoutEvents": 1},
    "unread-subscription": {"unread": 1},
    "late-changes": {"behindSeconds": 90000, "late": 1},
}
"""What health says of each, by its page."""


@pytest.mark.parametrize(("page", "health"), GONE_DARK.items())
def test_every_line_of_the_doctors_that_something_has_gone_dark_names_its_page(
    page: str, health: dict[str, Any]
) -> None:
    said = list(conditions(Health(200, health)))

    assert {("bad", f"see docs/runbook.md, {page}")} == {(check.state, check.command) for check in said}
    assert page in anchors()


def anchors() -> set[str]:
    return {re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in pages()}


def test_every_symptom_leads_to_a_page() -> None:
    assert set(re.findall(r"\]\(#([^)]+)\)", RUNBOOK.read_text())) <= anchors()
