"""What is left alone, as people see and change it: at a terminal, and over HTTP."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from remediation.adapters.memory.storage import shared
from remediation.app import App
from remediation.app.answers import Answer
from remediation.messages import decode
from tests.builders import NSG_ID, a_spoke, an_nsg
from tests.story.advice.town import ENFORCING, RULE, Town, a_town
from tests.unit.ledger.test_downgrade import later_release

LIST = "python -m remediation exemptions --format json"
ADA = {
    "x-ms-client-principal-id": "aaaaaaaa-0000-4000-8000-000000000001",
    "x-ms-client-principal-name": "ada@contoso.example",
}
LETTING_ADA = json.dumps({**json.loads(ENFORCING), "people": {"exempt": [ADA["x-ms-client-principal-id"]]}})


@pytest.fixture
def town(tmp_path: Path, fresh_name: str) -> Iterator[Town]:
    """A repair was taken back, and the opening is left alone for two hours."""
    with a_town(tmp_path, fresh_name) as found:
        found.allows(LETTING_ADA)
        found.more["WEBSITE_AUTH_ENABLED"] = "true"
        found.opens()
        (write,) = json.loads(found.types("python -m remediation history --kind written --format json").out)
        found.types(f"python -m remediation undo {write['id']} --exempt-for 2h")
        found.works()
        yield found


def listed(town: Town) -> list[dict[str, Any]]:
    return list(json.loads(town.types(LIST).out))


def changed(town: Town, body: object, identity: str = "", headers: dict[str, str] | None = None) -> Answer:
    sent = {**ADA, "x-bastion-guard": "1"} if headers is None else headers
    named = identity or listed(town)[0]["id"]
    return town.app.people().changes.change_exemption(named, json.dumps(body).encode(), {}, sent)


def reasons(town: Town) -> list[str]:
    """Why there is work on the queue, delayed work included, in the order in which it was sent."""
    return [decode(base64.b64decode(text)).reason for text in shared(town.name).queue.texts()]


def ends_in(entry: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(entry["until"]) - datetime.now(UTC)


def about(length: timedelta) -> Any:
    return pytest.approx(length.total_seconds(), abs=30)


def test_an_exemption_of_an_undo_is_listed_with_its_opening_its_end_and_who_gave_it(town: Town) -> None:
    (found,) = listed(town)

    assert ("undo", RULE, "allow-ssh") == (found["source"], found["rule"], found["opening"])
    assert found["by"]
    assert about(timedelta(hours=2)) == ends_in(found).total_seconds()
    shown = town.types("python -m remediation exemptions").out
    assert f"{found['id']}  until " in shown
    assert "rule allow-ssh of web" in shown


@pytest.mark.parametrize(("length", "words"), [("90m", "1 h 30 min"), ("2d", "2 d"), ("4h", "4 h")])
def test_an_undo_says_for_which_rule_and_how_long_something_is_left_alone(
    town: Town, length: str, words: str
) -> None:
    town.types(f"python -m remediation exemptions --end {listed(town)[0]['id']}")
    town.works()
    write = json.loads(town.types("python -m remediation history --kind written --format json").out)[0]

    typed = town.types(f"python -m remediation undo {write['id']} --exempt-for {length}")

    assert typed.out.endswith(f"rule allow-ssh of web is left alone for {words}\n")


def test_ending_one_lets_the_app_repair_again_at_once(town: Town) -> None:
    (found,) = listed(town)

    typed = town.types(f"python -m remediation exemptions --end {found['id']}")
    town.works()

    assert (0, [], []) == (typed.status, listed(town), town.rules())
    assert typed.out.startswith("ended: ")
    assert "nothing is left alone now" in town.types("python -m remediation exemptions").out


@pytest.mark.parametrize("length", [timedelta(minutes=30), timedelta(days=3)])
def test_one_is_shortened_and_prolonged_and_the_card_says_so(town: Town, length: timedelta) -> None:
    (found,) = listed(town)
    until = (datetime.now(UTC) + length).isoformat(timespec="seconds")

    typed = town.types(f"python -m remediation exemptions --until {found['id']} {until}")
    town.works()

    assert (0, ["allow-ssh"]) == (typed.status, town.rules())
    assert about(length) == ends_in(listed(town)[0]).total_seconds()
    assert "changed by" in listed(town)[0]["by"]
    assert town.finding().exempt_until == datetime.fromisoformat(listed(town)[0]["until"])
    assert "DriftExempted" == town.finding().change


def test_a_look_is_queued_for_the_moment_at_which_it_ends_now(town: Town) -> None:
    (found,) = listed(town)

    before = reasons(town)

    town.types(f"python -m remediation exemptions --until {found['id']} 30m")

    assert ["exemption", "exemption over"] == reasons(town)[len(before) :]


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("--end deadbeef", "no exemption of this id is in force"),
        ("--until ID 2020-01-01", "must lie ahead"),
        ("--until ID 91d", "at most 90 days"),
        ("--until ID soon", "not a moment such as"),
        ("--until ID 9999-01-01", "too far ahead"),
        ("--end ID --until ID 4h", "not allowed with"),
    ],
)
def test_what_cannot_be_is_one_line_and_changes_nothing(town: Town, typed: str, complaint: str) -> None:
    before = listed(town)

    answer = town.types(f"python -m remediation exemptions {typed}".replace("ID", before[0]["id"]))

    assert (2, before) == (answer.status, listed(town))
    assert complaint in answer.err


def test_those_of_the_baseline_and_of_a_tag_are_listed_beside_and_changed_elsewhere(town: Town) -> None:
    until = (datetime.now(UTC) + timedelta(days=9)).isoformat(timespec="seconds")
    exemption = {"resource": "*/other", "rule": "*", "until": until, "owner": "net", "reason": "move"}
    town.allows(json.dumps({**json.loads(ENFORCING), "exemptions": [exemption]}))
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds")
    tags = {"bastion-guard:exempt-until": soon}
    other = an_nsg(allow_ssh_from="Internet", identity=NSG_ID.parse(f"{NSG_ID.text}-tagged"), tags=tags)
    town.arm.seed([other, *a_spoke()])
    town.app.sweep()
    town.works()

    found = {one["source"]: one for one in listed(town)}

    assert {"baseline", "tag", "undo"} == found.keys()
    assert ("net", "move", None) == (
        found["baseline"]["by"],
        found["baseline"]["reason"],
        found["baseline"]["id"],
    )
    assert (None, "web-tagged") == (found["tag"]["id"], found["tag"]["resource"].rpartition("/")[2])


# Over HTTP ---------------------------------------------------------------------------------------------


def test_the_list_over_http_is_that_of_the_terminal(town: Town) -> None:
    answer = town.app.people().reads.exemptions({}, ADA)

    assert (200, listed(town)) == (answer.status, answer.body["exemptions"])


def test_one_is_moved_and_ended_over_http(town: Town) -> None:
    moved = changed(town, {"until": "30m"})
    assert (200, True) == (moved.status, "ada@contoso.example" in moved.body["by"])
    assert about(timedelta(minutes=30)) == ends_in(listed(town)[0]).total_seconds()

    ended = changed(town, {"end": True})

    assert (200, moved.body["id"], []) == (ended.status, ended.body["id"], listed(town))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"end": True, "until": "4h"}, 400),
        ({"until": "soon"}, 400),
        ({"until": "91d"}, 400),
        ({"ende": True}, 400),
        ([], 400),
        ("x" * 20_000, 413),
    ],
)
def test_a_change_that_is_none_is_refused_and_changes_nothing(town: Town, body: object, status: int) -> None:
    before = listed(town)

    assert (status, before) == (changed(town, body).status, listed(town))


def test_what_is_not_in_force_is_not_found(town: Town) -> None:
    assert 404 == changed(town, {"end": True}, "deadbeef").status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-bastion-guard": "1"}, 401),
        (ADA, 403),
        ({**ADA, "x-ms-client-principal-id": "b" * 8 + ADA["x-ms-client-principal-id"][8:]}, 403),
        ({"x-ms-client-principal-name": "ada", "x-bastion-guard": "1"}, 401),
    ],
    ids=["nobody", "not from our page", "a stranger", "a mere name"],
)
def test_who_has_no_right_or_was_not_asked_by_our_page_changes_nothing(
    town: Town, headers: dict[str, str], status: int
) -> None:
    before = listed(town)

    assert (status, before) == (changed(town, {"until": "3h"}, headers=headers).status, listed(town))


def test_a_header_of_a_name_says_nothing_where_nobody_has_to_sign_in(town: Town) -> None:
    del town.more["WEBSITE_AUTH_ENABLED"]

    assert 401 == changed(town, {"until": "3h"}).status


def test_without_settings_nothing_is_listed() -> None:
    assert 503 == App({}).people().reads.exemptions({}, {}).status


def test_after_a_roll_back_the_list_is_no_all_clear_and_nothing_is_to_be_set_aside(town: Town) -> None:
    ledger = shared(town.name).ledger
    (row,) = ledger.rows("exemptions")
    later_release(ledger, "exemptions", dict(row.value))

    asked = town.types("python -m remediation exemptions")
    beside = town.types("python -m remediation set-aside")
    every = town.types("python -m remediation set-aside --all")

    over_http = json.loads(town.app.people().reads.exemptions({}, ADA).text)
    assert ["a later release wrote it (version 2, this one reads 1)"] == over_http["unread"]
    assert (3, "") == (asked.status, asked.out)
    assert "records of exemptions cannot be read: a later release wrote it" in asked.err
    assert "no damage: publish that release again" in beside.out
    assert "python -m remediation set-aside" not in beside.out
    assert (0, "") == (every.status, every.out)
