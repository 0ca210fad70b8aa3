"""What is done about a finding at a terminal that has the app's settings: the same core, run here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remediation.findings import State
from remediation.on_call.listing.identity import id_of
from tests.builders import NSG_ID, a_rule
from tests.story.advice.town import ENFORCING, RULE, Town, a_town

PROPOSING = json.dumps({**json.loads(ENFORCING), "rules": {RULE: {"action": "propose"}}})


@pytest.fixture
def town(tmp_path: Path, fresh_name: str) -> Iterator[Town]:
    """The group is open, and its repair is proposed."""
    with a_town(tmp_path, fresh_name, PROPOSING) as found:
        found.opens()
        yield found


def the_id(town: Town) -> str:
    return id_of(NSG_ID.text, town.finding().name)


def types(town: Town, verb: str, more: str = "") -> Any:
    return town.types(f"python -m remediation {verb} {the_id(town)} {more}")


def test_a_dry_run_shows_the_writes_and_makes_none(town: Town) -> None:
    shown = types(town, "apply", "--dry-run")

    assert (0, True) == (shown.status, "allow-ssh" in shown.out)
    assert "held back: the baseline says propose" in shown.out
    assert (["allow-ssh"], State.OPEN) == (town.rules(), town.finding().state)


def test_apply_writes_and_says_what_to_take_back(town: Town) -> None:
    done = types(town, "apply", "--yes")

    assert (0, [], State.FIXED) == (done.status, town.rules(), town.finding().state)
    assert town.finding().write_id in done.out
    assert "guard" == town.finding().applied_by["name"]

    undone = types(town, "undo", "--exempt-for 1h")

    assert (0, ["allow-ssh"]) == (undone.status, town.rules())


def test_where_nobody_can_be_asked_nothing_is_applied(town: Town) -> None:
    asked = types(town, "apply")

    assert (2, ["allow-ssh"]) == (asked.status, town.rules())
    assert "--yes" in asked.err


def test_what_changed_since_is_shown_and_not_written(town: Town) -> None:
    """Somebody lets in more; the app has not looked since."""
    wider = a_rule("allow-ssh", sourceAddressPrefix="Internet", destinationPortRange="*")
    town.sends("PUT", f"{NSG_ID.text}/securityRules/allow-ssh?api-version=2024-05-01", json.dumps(wider))

    asked = types(town, "apply", "--yes")

    assert (1, ["allow-ssh"]) == (asked.status, town.rules())
    assert "changed since it was shown" in asked.err


def test_ack_look_and_exempt_are_done_in_the_name_of_whoever_is_signed_in(town: Town) -> None:
    assert (0, "It is yours: quiet until it changes.\n") == (
        (found := types(town, "ack")).status,
        found.out,
    )
    assert "guard" == town.finding().acknowledged["by"]
    assert 0 == types(town, "look").status
    assert 0 == types(town, "exempt", "--for 2h --reason 'a migration'").status
    assert (State.EXEMPT, "a migration") == (town.finding().state, town.finding().exempt_by["reason"])


@pytest.mark.parametrize("verb", ["apply --yes", "ack", "exempt --for 1h --reason x", "look"])
def test_an_id_that_is_none_is_one_line(town: Town, verb: str) -> None:
    asked = town.types(f"python -m remediation {verb} {'f' * 32}-{'0' * 32}")

    assert (2, 1) == (asked.status, asked.err.count("\n"))
