"""Advice works: every command on a card is typed, in the state in which it is printed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from remediation.findings import State
from remediation.messages import Message
from tests.builders import NSG_ID, a_lock, a_rule
from tests.story.advice.town import ENFORCING, RULE, Town, a_town

OBSERVING = ENFORCING.replace("enforce", "observe")


@pytest.fixture
def town(tmp_path: Path, fresh_name: str) -> Iterator[Town]:
    with a_town(tmp_path, fresh_name) as found:
        yield found


def test_the_undo_of_a_repair_opens_the_port_again_and_it_stays_so(town: Town) -> None:
    town.opens()
    assert [] == town.rules()
    (undo,) = town.on_the_card()

    typed = town.types(undo)
    town.works()

    assert (0, ["allow-ssh"]) == (typed.status, town.rules()), typed.err
    assert State.EXEMPT is town.finding().state


def test_a_write_that_azure_refused_is_tried_again_by_the_look_on_its_card_and_by_no_event(
    town: Town,
) -> None:
    town.arm.faults.add({"match": {"method": "DELETE", "caller": "guard"}, "effect": {"preset": "forbidden"}})
    town.opens()
    town.arm.faults.rules.clear()
    town.hears()
    assert ["allow-ssh"] == town.rules()
    *_, look = town.on_the_card()

    typed = town.types(look)
    worked = town.works()

    assert (0, 1) == (typed.status, worked), typed.err
    assert ([], State.FIXED) == (town.rules(), town.finding().state)


def test_a_repair_that_a_lock_held_back_is_made_by_the_look_on_its_card_once_the_lock_is_gone(
    town: Town,
) -> None:
    lock = a_lock(NSG_ID.text)
    town.arm.seed([lock])
    town.opens()
    assert ["allow-ssh"] == town.rules()
    town.arm.unseed([lock["id"]])
    *_, look = town.on_the_card()

    town.types(look)
    town.works()

    assert [] == town.rules()


def test_what_a_sweep_gave_up_is_taken_up_by_the_look_on_its_card(town: Town) -> None:
    """No event of it lies in the inbox, so nothing of the inbox could be replayed."""
    read = {"method": "GET", "path": NSG_ID.text.lower(), "caller": "guard"}
    town.arm.faults.add({"match": read, "effect": {"preset": "forbidden"}})
    town.handles(Message(target=NSG_ID.text, reason="sweep", force=True))
    assert State.OPEN is town.finding("gave-up").state
    (look,) = town.on_the_card("gave-up")
    town.arm.faults.rules.clear()
    town.arm.seed([])

    typed = town.types(look)
    town.works()

    assert 0 == typed.status, typed.err
    assert State.RESOLVED is town.finding("gave-up").state


def test_the_commands_of_a_proposal_close_the_port(town: Town) -> None:
    town.allows(OBSERVING)
    town.opens()
    commands = town.on_the_card()
    assert commands

    for command in commands:
        town.types(command)
    town.hears()

    assert ([], State.RESOLVED) == (town.rules(), town.finding().state)


def test_the_commands_of_a_proposal_narrow_a_rule_of_several_ports(town: Town) -> None:
    town.allows(OBSERVING)
    rule = a_rule(
        "web", sourceAddressPrefix="*", destinationPortRange=None, destinationPortRanges=["22", "443"]
    )
    town.opens(rule)

    for command in town.on_the_card():
        town.types(command)
    town.hears()

    assert (["web"], State.RESOLVED) == (town.rules(), town.finding().state)


def test_the_exemption_on_the_card_of_a_repair_that_keeps_coming_back_ends_it(town: Town) -> None:
    for _ in range(4):
        town.opens()
        town.works()
    assert "DriftFlapping" == town.finding().change
    line = town.on_the_card()[-1]
    town.allows(f"version: 1\nmode: enforce\ndefaultEnvironment: production\nexemptions:\n  {line}\n")

    town.hears()

    assert State.EXEMPT is town.finding().state
    assert ["allow-ssh"] == town.rules()


def test_to_read_on_there_is_something_to_read(town: Town) -> None:
    town.opens()

    typed = town.types(f"python -m remediation explain {RULE}")

    assert 0 == typed.status
    assert "internet" in typed.out


def test_what_a_look_prints_for_what_comes_of_it_tells_it(town: Town) -> None:
    town.opens()
    typed = town.types(f"python -m remediation look {NSG_ID.text}")
    town.works()

    printed = next(line for line in typed.out.splitlines() if "history --replay" in line)
    told = town.types(f"{printed.partition(': ')[2]} --format json")

    assert "judged" in [entry["kind"] for entry in json.loads(told.out)]


def test_a_look_at_what_no_rule_is_about_is_refused_in_one_line(town: Town) -> None:
    disk = NSG_ID.text.replace("Microsoft.Network/networkSecurityGroups", "Microsoft.Compute/disks")

    typed = town.types(f"python -m remediation look {disk}")

    assert (2, "", 1) == (typed.status, typed.out, typed.err.count("\n"))
    assert "no rule is about it" in typed.err


@pytest.mark.parametrize(("target", "status"), [("nonsense", 2), (f"{RULE} {NSG_ID.text}", 0)])
def test_a_look_takes_an_id_or_a_findings_name(town: Town, target: str, status: int) -> None:
    assert status == town.types(f"python -m remediation look {target}").status
