"""Cards are written for who reads them: commands as they type them, links to where they look, reasons."""

import shlex
from typing import Any

import pytest
from msgspec.structs import replace

from remediation.cli import parser_of
from remediation.cli.parsing import as_typed
from remediation.findings import FindingRecord, State
from remediation.model import Guard
from remediation.telling import slack
from remediation.telling.board_link import board, finding
from remediation.telling.cards import card, digest, text_of
from remediation.telling.cards.advice import AT_A_DESK, Reader
from remediation.telling.cards.links import ALL_FINDINGS, TO_BOARD
from remediation.telling.cards.story import Tone, story
from remediation.telling.cards.words import who
from tests.unit.cards.samples import (
    CHANGED,
    FIXED,
    FOUND,
    GAVE_UP,
    NOW,
    NSG,
    PROPOSED,
    SAMPLES,
    SPARSE,
    burst,
)

DEPLOYED = Reader("func-guard", "func-guard.azurewebsites.net")
WAY = "vm-orders: TCP 22 through public IP pip-orders, port 22"
GUID = "0f0e0d0c-0000-4000-8000-000000000001"


def commands(record: FindingRecord, reader: Reader = DEPLOYED) -> list[str]:
    told = story(record, now=NOW, reader=reader)
    return [line.text for part in told.sections for line in part.lines if line.tone is Tone.COMMAND]


def under(heading: str, record: FindingRecord) -> list[str]:
    told = story(record, now=NOW)
    return [line.text for part in told.sections if part.heading == heading for line in part.lines]


def with_evidence(record: FindingRecord, **more: Any) -> FindingRecord:
    return replace(record, evidence={**record.evidence, **more})


def test_who_reads_a_card_of_a_deployed_app_gets_commands_that_name_it() -> None:
    assert [f"bastion-guard undo {FIXED.write_id} --exempt-for 4h --app func-guard"] == commands(FIXED)
    assert [f"bastion-guard look {NSG} --app func-guard"] == commands(GAVE_UP)
    assert ["bastion-guard explain bastion-sku-tier"] == commands(SPARSE)


def test_at_a_desk_commands_are_those_of_the_checkout_and_azures_are_nobodys() -> None:
    assert [f"python -m remediation undo {FIXED.write_id} --exempt-for 4h"] == commands(FIXED, AT_A_DESK)
    assert PROPOSED.commands == commands(PROPOSED)


@pytest.mark.parametrize("name", SAMPLES)
def test_no_card_of_a_deployed_app_speaks_of_a_checkout(name: str) -> None:
    assert "python -m remediation" not in " ".join(commands(SAMPLES[name]))
    assert "python -m remediation" not in " ".join(text_of(digest([SAMPLES[name]], now=NOW, reader=DEPLOYED)))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_command_for_a_deployed_app_is_one_that_the_program_understands(name: str) -> None:
    for command in commands(SAMPLES[name]):
        program, *typed = shlex.split(command, comments=True) or ["az"]
        if program == "bastion-guard":
            assert vars(parser_of(typed[0]).parse_args(typed[1:])).get("app") in {"func-guard", None}


def test_what_the_command_line_prints_is_typed_as_it_was_called() -> None:
    start = as_typed("python -m remediation start", "func-guard", called="bastion-guard")

    assert "bastion-guard start --app func-guard" == start
    assert "az login" == as_typed("az login", "func-guard")


def test_a_name_that_a_shell_would_run_stays_one_word() -> None:
    (command,) = commands(FIXED, Reader("a; rm -rf /"))

    assert "a; rm -rf /" == shlex.split(command)[-1]


def test_a_card_leads_to_its_finding_on_the_apps_own_page_and_a_digest_to_the_list() -> None:
    page = finding(DEPLOYED.host, NSG, FOUND.name)
    buttons = card(FOUND, now=NOW, reader=DEPLOYED, target=NSG)["actions"]
    (listed,) = digest(burst(), now=NOW, reader=DEPLOYED)["actions"]

    assert (TO_BOARD, page) == (buttons[0]["title"], buttons[0]["url"])
    assert page in str(slack.message(FOUND, now=NOW, reader=DEPLOYED, target=NSG))
    assert (ALL_FINDINGS, board(DEPLOYED.host)) == (listed["title"], listed["url"])


def test_a_digest_of_one_owner_leads_to_the_list_of_that_owner() -> None:
    mine = [replace(one, owner="payments") for one in burst()]
    (listed,) = digest(mine, now=NOW, reader=DEPLOYED)["actions"]

    assert listed["url"].endswith("?owner=payments")


def test_without_a_page_of_its_own_an_app_leads_to_the_portal() -> None:
    titles = [button["title"] for button in card(FOUND, now=NOW, target=NSG)["actions"]]

    assert ["Open in the portal", "Read the guidance"] == titles


def test_a_card_says_why_it_is_as_severe_as_it_is() -> None:
    ways = with_evidence(FOUND, waysIn=[WAY])
    unknown = with_evidence(FOUND, waysUnknown="balancer lb-ops could not be read")

    assert [
        "Somebody on the internet arrives at a machine today:",
        f"{WAY}.",
    ] == under("Why it is critical", ways)
    (doubt,) = under("Why it is critical", unknown)
    assert "is not known: balancer lb-ops could not be read. It counts as if one could." in doubt
    assert [] == under("Why it is critical", FOUND)


def test_what_nobody_reaches_today_says_what_stops_the_packet_and_that_this_makes_it_medium() -> None:
    latent = with_evidence(replace(FOUND, severity="medium"), latent="no public address leads to it")

    told = " ".join(line.text for line in story(latent, now=NOW).lead)
    assert "today: no public address leads to it. That is why it is medium." in told


def test_what_is_over_gives_no_reason_to_worry() -> None:
    over = with_evidence(replace(FOUND, change="DriftResolved", state=State.RESOLVED), waysIn=[WAY])

    assert [] == under("Why it is critical", over)


def test_what_is_new_comes_before_the_repair() -> None:
    told = [part.heading for part in story(replace(PROPOSED, **news_of(CHANGED)), now=NOW).sections]

    assert "What is new" == told[0]


def news_of(record: FindingRecord) -> dict[str, Any]:
    return {"change": record.change, "note": record.note, "seq": record.seq}


def test_what_a_lock_will_refuse_is_not_offered_to_be_applied() -> None:
    held = with_evidence(PROPOSED, guards=[Guard.LOCKED.value])
    headings = [part.heading for part in story(held, now=NOW).sections]

    assert "To apply it once the lock is gone (bash)" in headings
    assert not any(heading.startswith("To apply it (") for heading in headings)


@pytest.mark.parametrize(
    ("actor", "told"),
    [
        ({"objectId": GUID}, f"a principal without a name ({GUID})"),
        ({"objectId": GUID, "appId": "a1"}, "application a1"),
        ({"objectId": GUID, "appId": "a1", "client": "Azure CLI"}, f"an application (Azure CLI, {GUID})"),
        ({"name": "id-deploy-orders", "objectId": GUID}, "id-deploy-orders"),
    ],
)
def test_nobody_is_a_bare_guid(actor: dict[str, str], told: str) -> None:
    assert told == who(actor)
