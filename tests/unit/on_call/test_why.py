"""`why`: one answer to "why did it (not) close my port", whatever the reason is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from remediation.baseline import Baseline, Exemption
from remediation.cli.output.why_table import show
from remediation.errors import ForbiddenError, TransientError
from remediation.ledger.claims import Claims
from remediation.ledger.pressure import Pressure
from remediation.messages import Message
from remediation.on_call.preview import Preview
from remediation.on_call.replay import NOBODY
from remediation.on_call.why.answer import Answer, Port, Reason
from remediation.on_call.why.reasons import of_prospect
from remediation.on_call.why.summing_up import summary
from remediation.policy import Policy
from remediation.ports import Progress
from remediation.resource_id import ResourceId
from tests.builders import (
    FOREIGN,
    NIC_ID,
    NSG_ID,
    SUBSCRIPTION,
    a_baseline,
    a_lock,
    a_rule,
    a_spoke,
    an_nsg,
    ports,
)
from tests.faults import Interrupted, Operating, always
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk, a_world
from tests.unit.on_call.repaired import HOURS, deleted, undoer

OPEN = an_nsg(allow_ssh_from="Internet")


def why(world: World, port: int | None = 22, resource: ResourceId = NSG_ID, **through: Any) -> Answer:
    (answer,) = a_desk(world, **through).asker().why(resource, port)
    return answer


def the(answer: Answer, kind: str) -> Reason:
    found = [reason for reason in answer.reasons if reason.kind == kind]
    assert found, [reason.kind for reason in answer.reasons]
    return found[0]


def flapping() -> World:
    world = a_world()
    for _ in range(3):
        world.cloud.seed(OPEN)
        world.handle()
        world.run()
    world.cloud.seed(OPEN)
    world.handle()
    return world


def spent() -> World:
    limits = replace(a_baseline().limits, max_writes_per_hour=1)
    world = a_world(baseline=replace(a_baseline(), limits=limits))
    world.handle()
    world.cloud.seed(OPEN)
    return world


def refused() -> World:
    world = a_world()
    no = Interrupted(world.cloud, before_write=always(ForbiddenError("HTTP 403", code="AuthorizationFailed")))
    world.handle(cloud=no)
    return world


def locked() -> World:
    return a_world(OPEN, *a_spoke(), a_lock(NSG_ID.text))


def undone() -> World:
    world = deleted()
    tools = undoer(world)
    tools.undo(tools.plan(world.journal[0].id), HOURS)
    return world


def owned() -> World:
    return a_world(an_nsg(allow_ssh_from="Internet", tags={"managed-by": "terraform"}), *a_spoke())


def observing() -> World:
    return a_world(baseline=replace(a_baseline(), mode="observe"))


@pytest.mark.parametrize(
    ("situation", "kind", "outcome", "says"),
    [
        (observing, "mode", "propose", "the baseline is in observe mode"),
        (owned, "guard", "propose", "infrastructure as code owns it"),
        (locked, "lock", "propose", "lock keep (ReadOnly)"),
        (flapping, "flap", "propose", "was closed 3 times within 24 hours and undone each time"),
        (spent, "budget", "propose", "the budget of 1 writes an hour is used up"),
        (undone, "exemption", "exempt", "it is left alone"),
        (refused, "refused", "refused", "ARM refused the write: AuthorizationFailed"),
    ],
)
def test_whatever_keeps_a_port_open_is_named(
    situation: Callable[[], World], kind: str, outcome: str, says: str
) -> None:
    answer = why(situation())

    assert outcome == answer.outcome
    assert says in the(answer, kind).text
    assert says in answer.summary
    assert ["open"] == [port.verdict for port in answer.ports]


def test_what_time_alone_ends_says_when() -> None:
    world = spent()

    assert (
        world.clock.now()
        < (the(why(world), "budget").until or world.clock.now())
        <= (world.clock.now() + timedelta(hours=1, minutes=5))
    )
    assert world.clock.now() + HOURS == the(why(undone()), "exemption").until


def test_a_port_that_was_closed_is_told_with_the_write_that_did_it() -> None:
    world = deleted()

    answer = why(world)

    assert ("compliant", "closed") == (answer.outcome, answer.ports[0].verdict)
    assert "Nothing is wrong with it now: TCP 22: no rule of this group lets anybody" in answer.summary
    assert "Our last write: " in answer.summary
    assert [world.journal[0].id] == [line.id for line in answer.writes]
    assert ["judged"] == [line.kind for line in answer.looks]


def test_a_port_that_no_rule_is_about_is_said_to_be_none() -> None:
    rule = a_rule("web", sourceAddressPrefix="*", **ports("8080"))

    answer = why(a_world(an_nsg(rule), *a_spoke()), 8080)

    assert "TCP 8080: open to the whole internet by rule web" in answer.summary
    assert "it is none of the managementPorts" in answer.summary
    assert not answer.ports[0].is_judged


def test_a_finding_about_another_port_is_not_told() -> None:
    rule = a_rule("rdp", sourceAddressPrefix="*", **ports("3389"))
    world = a_world(an_nsg(rule), *a_spoke(), baseline=replace(a_baseline(), mode="observe"))

    assert () == tuple(why(world, 22).findings)
    assert ["nsg-mgmt-open-to-internet"] == [finding.rule for finding in why(world, 3389).findings]
    assert ["nsg-mgmt-open-to-internet"] == [finding.rule for finding in why(world, None).findings]


@pytest.mark.parametrize(
    ("verdict", "begins"),
    [
        (
            "closed",
            "The internet does not reach it by this group, but nsg-mgmt-open-to-internet is found, and a",
        ),
        ("open", "It is open, and a proven repair is held back: tag managed-by says"),
    ],
)
def test_a_port_that_the_internet_does_not_reach_is_not_called_open(verdict: Any, begins: str) -> None:
    """What is found may be about the private network, or about another way in."""
    preview = Preview(owned().ports, a_baseline(), Policy(frozenset({SUBSCRIPTION})))
    (prospect,), _ = preview.prospects([Message(target=NSG_ID.text)], NOBODY, most=1)
    reasons = list(of_prospect(prospect, {}))

    assert summary(prospect, reasons, [Port(22, verdict, "", is_judged=True)], ()).startswith(begins)


def test_what_waits_says_until_when() -> None:
    world = a_world()
    Pressure(world.ledger).throttled(SUBSCRIPTION, "", "arm", world.clock.now(), 600.0)
    world.handle()

    waits = [reason for reason in why(world).reasons if reason.kind == "wait"]

    assert world.clock.now() + timedelta(seconds=600) == waits[0].until
    assert "ARM throttles" in waits[0].text
    assert "the next look repairs it; ARM throttles" in why(world).summary


def test_a_worker_that_is_at_it_and_a_write_that_runs_are_told() -> None:
    world = a_world()
    running = Operating(world.cloud, [Progress("running", retry_after=30.0)])
    world.handle(cloud=running)
    Claims(world.ledger, "other", timedelta(minutes=6)).acquire(NSG_ID, world.clock.now())

    answer = why(world)

    assert world.journal[0].id in the(answer, "operation").text
    assert world.clock.now() + timedelta(minutes=6) == the(answer, "claim").until


def test_what_was_never_looked_at_says_so_with_the_command_for_it() -> None:
    assert f"python -m remediation look {NSG_ID.text}" == the(why(a_world()), "not-seen").todo


def test_what_cannot_be_looked_at_is_not_taken_for_good() -> None:
    world = a_world()
    down = Interrupted(world.cloud, before_get=always(TransientError("HTTP 503")))

    answer = why(world, cloud=down)

    assert ("trouble", "HTTP 503") == (answer.outcome, the(answer, "trouble").text)
    assert "could not be looked at now" in answer.summary


def test_a_baselines_exemption_is_named_with_its_end() -> None:
    until = World(a_world().cloud).clock.now() + timedelta(days=1)
    baseline = Baseline(
        mode="enforce", exemptions=(Exemption(NSG_ID.text, "nsg-mgmt-open-to-internet", until, "r"),)
    )

    assert until == the(why(a_world(baseline=baseline)), "exemption").until


def test_of_an_interface_the_group_in_front_of_it_answers() -> None:
    world = a_world()
    world.handle()
    world.cloud.seed(OPEN)

    answers = a_desk(world).asker().why(NIC_ID, 22)

    assert NSG_ID in {ResourceId.parse(answer.resource) for answer in answers}
    assert any("the next look repairs it" in answer.summary for answer in answers)


def test_what_is_not_watched_and_what_no_rule_is_about_are_told_apart() -> None:
    foreign = ResourceId.parse(NSG_ID.text.replace(SUBSCRIPTION, FOREIGN))
    disk = ResourceId.parse(
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/disks/d"
    )

    assert ("not-watched", "not-judged") == (
        why(a_world(), resource=foreign).outcome,
        why(a_world(), resource=disk).outcome,
    )


@pytest.mark.parametrize("situation", [spent, refused, undone, deleted, flapping, locked])
def test_asking_writes_nothing_and_tells_nobody(situation: Callable[[], World]) -> None:
    world = situation()
    before = (dict(world.ledger._records), list(world.writes), len(world.announcements), len(world.waiting))

    why(world)

    after = (dict(world.ledger._records), list(world.writes), len(world.announcements), len(world.waiting))
    assert before == after


@pytest.mark.parametrize("width", [40, 60, 100])
@pytest.mark.parametrize("situation", [spent, refused, undone, deleted])
def test_a_narrow_terminal_loses_nothing(situation: Callable[[], World], width: int) -> None:
    answer, text = why(situation()), StringIO()

    show([answer], Console(file=text, width=width, highlight=False))

    printed = "".join(text.getvalue().split())
    for reason in answer.reasons:
        assert "".join(reason.text.split()) in printed
        assert "".join(reason.todo.split()) in printed
        assert "".join(reason.then.split()) in printed
    assert "".join(answer.summary.split()) in printed


def test_as_json_it_says_the_same() -> None:
    told = why(spent()).to_json()

    assert {
        "resource",
        "at",
        "outcome",
        "summary",
        "findings",
        "reasons",
        "ports",
        "looks",
        "writes",
        "note",
    } == (told.keys())
    assert "budget" in [reason["kind"] for reason in told["reasons"]]
    assert told["reasons"][0]["until"].endswith("Z")
