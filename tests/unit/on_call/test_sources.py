"""Where past work comes from, what of it is asked for, and what it would lead to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.arm.activity_log import event_of
from remediation.errors import ConfigurationError, ForbiddenError, TransientError
from remediation.intake.events import parse
from remediation.messages import Message, encode, on_the_wire
from remediation.model import Ending
from remediation.on_call.replay import Gathered, Unwatched
from remediation.on_call.replay_request import read
from remediation.resource_id import ResourceId
from tests.builders import AT, FOREIGN, NIC_ID, NSG_ID, WEB, a_spoke, an_event, an_nsg
from tests.shelves import kept
from tests.story.core.world import World
from tests.unit.on_call.desk import MemoryActivityLog, a_desk, a_world

OTHER = f"{WEB}/networkSecurityGroups/other"


def replayed(world: World, body: Any, **sources: Any) -> Gathered:
    return a_desk(world, **sources).replay(read(body, world.clock.now()))


def targets(world: World) -> list[str]:
    return [message.target or message.expand or message.sweep or "" for message in world.waiting]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, 2),
        ({"actor": "ALICE"}, 1),
        ({"actor": "nobody"}, 0),
        ({"resource": NSG_ID.text.upper()}, 1),
        ({"resource": AT}, 2),
        ({"resourceGroup": "RG-web"}, 2),
        ({"resourceGroup": "rg-hub"}, 0),
        ({"resourceType": "Microsoft.Network/networkSecurityGroups"}, 2),
        ({"resourceType": "Microsoft.Network/bastionHosts"}, 0),
        ({"outcome": "repaired"}, 1),
        ({"outcome": "gone"}, 1),
        ({"outcome": "open"}, 0),
        ({"ids": ["first"]}, 1),
        ({"rule": "nsg-mgmt-open-to-internet"}, 2),
        ({"rule": "pip-diagnostics"}, 0),
        ({"since": "30m"}, 0),
        ({"since": "2h", "until": "30m"}, 2),
        ({"limit": 1}, 1),
    ],
    ids=str,
)
def test_the_inbox_is_asked_by_everything_it_knows(wanted: dict[str, Any], found: int) -> None:
    world = a_world()
    world.handle(world.hears(event_id="first", by="alice@contoso.example"))
    world.handle(world.hears(ResourceId.parse(OTHER), event_id="second", by="bob@contoso.example"))
    world.clock.advance(3600)

    gathered = replayed(world, {"source": "inbox", **wanted})

    assert (found, found) == (len(gathered.work), len(world.waiting))
    assert gathered.more is (wanted == {"limit": 1})


def test_a_rule_keeps_work_that_may_lead_to_its_resources() -> None:
    world = a_world()
    world.handle(Message(expand=NIC_ID.text, event_id="e", event_time=world.clock.now()))

    gathered = replayed(world, {"source": "inbox", "rule": "pip-diagnostics"})

    assert [NIC_ID.text] == [past.message.expand for past in gathered.work.values()]


def test_how_a_replay_ended_for_each_piece_can_be_asked_afterwards() -> None:
    world = a_world()
    gathered = replayed(world, {"resources": [NSG_ID.text, OTHER]})
    inbox = a_desk(world).sources.inbox
    messages = [past.message for past in gathered.work.values()]
    assert ["", ""] == [inbox.outcome(message) for message in messages]

    world.run()

    assert ["repaired", "gone"] == [inbox.outcome(message) for message in messages]


def test_the_poison_queue_is_emptied_only_of_what_was_sent() -> None:
    world = a_world()
    for target in (NSG_ID.text, OTHER):
        world.queue.put("reconcile-poison", on_the_wire(encode(Message(target=target, attempt=9))))

    gathered = replayed(world, {"source": "poison", "resource": OTHER})

    assert ([OTHER], 1) == (targets(world), len(gathered.work))
    assert len(world.queue.texts("reconcile-poison")) == 1


def test_a_replay_that_is_interrupted_keeps_what_it_has_not_sent() -> None:
    world = a_world()
    for target in (NSG_ID.text, OTHER):
        world.queue.put("reconcile-poison", on_the_wire(encode(Message(target=target))))
    desk = a_desk(world)

    class Impatient(Unwatched):
        def tick(self) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.replay(read({"source": "poison"}, world.clock.now()), Impatient())

    assert [NSG_ID.text] == targets(world)
    assert len(world.queue.texts("reconcile-poison")) == 1


def test_a_dry_run_leaves_the_poison_where_it_is() -> None:
    world = a_world()
    world.queue.put("reconcile-poison", on_the_wire(encode(Message(target=NSG_ID.text))))
    request = read({"source": "poison", "dryRun": True}, world.clock.now())

    _, (prospect,), left = a_desk(world).preview(request, most=5)

    assert ("repair", 0) == (prospect.outcome, left)
    assert len(world.queue.texts("reconcile-poison")) == 1
    assert world.queue.next_visible("reconcile-poison") == world.clock.now()
    assert ([], [], []) == (world.writes, world.waiting, world.announced)


def test_dead_letters_without_a_container_are_a_mistake_of_the_settings() -> None:
    with pytest.raises(ConfigurationError, match="DEAD_LETTER_CONTAINER"):
        replayed(a_world(), {"source": "dead-letters"})


def test_a_resource_elsewhere_is_not_asked_about() -> None:
    with pytest.raises(ForbiddenError, match=FOREIGN):
        replayed(a_world(), {"source": "inbox", "resource": f"/subscriptions/{FOREIGN}"})


def test_the_activity_log_makes_up_for_events_that_never_came() -> None:
    world = a_world()
    log = MemoryActivityLog([an_event(event_id="a"), an_event(event_id="b"), {"id": "c"}])

    gathered = replayed(world, {"source": "activity-log"}, log=log)

    assert (1, 1, 1) == (len(world.waiting), gathered.merged, len(gathered.refused))
    assert [Ending.REPAIRED] == [outcome.ending for outcome in world.run()]


def test_a_search_that_takes_too_long_ends_and_says_so() -> None:
    world = a_world()
    request = read([an_event()], world.clock.now())

    gathered = a_desk(world).replay(request, deadline=world.clock.now() - timedelta(seconds=1))

    assert (0, True) == (len(gathered.work), gathered.more)


# What it would lead to -----------------------------------------------------------------------------


def test_a_dry_run_judges_every_target_once_and_changes_nothing() -> None:
    world = a_world(an_nsg(allow_ssh_from="Internet"), *a_spoke())
    request = read({"resources": [AT, NSG_ID.text, NIC_ID.text], "dryRun": True}, world.clock.now())
    rows = len(kept(world.ledger, "targets"))

    gathered, found, left = a_desk(world).preview(request, most=50)

    outcomes = {prospect.target.rpartition("/")[2]: prospect.outcome for prospect in found}
    assert (3, "repair", 0) == (len(gathered.work), outcomes["web"], left)
    assert len(outcomes) == len(found)
    assert ([], [], []) == (world.writes, world.waiting, world.announced)
    assert rows == len(kept(world.ledger, "targets")) == 0


def test_a_dry_run_of_a_rule_shows_what_switching_it_on_would_do() -> None:
    world = a_world()
    wanted = {"resources": [NSG_ID.text], "rule": "nsg-diagnostics", "dryRun": True}

    _, (prospect,), _ = a_desk(world).preview(read(wanted, world.clock.now()), most=5)

    told = {finding.rule for finding in prospect.findings} | {unknown.rule for unknown in prospect.unknowns}
    assert told == {"nsg-diagnostics"}


def test_a_dry_run_says_how_many_targets_it_left_out() -> None:
    world = a_world()
    wanted = {"resources": [NSG_ID.text, OTHER], "dryRun": True}

    _, found, left = a_desk(world).preview(read(wanted, world.clock.now()), most=1)

    assert (1, 1) == (len(found), left)


def test_what_cannot_be_judged_now_is_trouble_with_its_reason() -> None:
    class Away:
        def get(self, resource: object) -> None:
            raise TransientError("ARM does not answer")

    world = a_world()
    request = read({"resources": [NSG_ID.text], "dryRun": True}, world.clock.now())

    _, (prospect,), _ = a_desk(world, cloud=Away()).preview(request, most=1)

    assert ("trouble", "ARM does not answer") == (prospect.outcome, prospect.trouble)


@pytest.mark.parametrize(("state", "outcome"), [("Updating", "trouble"), ("Succeeded", "repair")])
def test_a_resource_in_change_is_not_judged(state: str, outcome: str) -> None:
    world = a_world(an_nsg(allow_ssh_from="Internet", state=state), *a_spoke())
    request = read({"resources": [NSG_ID.text], "dryRun": True}, world.clock.now())

    _, (prospect,), _ = a_desk(world).preview(request, most=1)

    assert outcome == prospect.outcome


def test_in_observe_mode_a_dry_run_proposes_and_says_what_holds_it_back() -> None:
    world = a_world()
    world.baseline = replace(world.baseline, mode="observe")
    request = read({"resources": [NSG_ID.text, OTHER], "dryRun": True}, world.clock.now())

    _, found, _ = a_desk(world).preview(request, most=2)

    assert ["propose", "gone"] == [prospect.outcome for prospect in found]
    (finding,) = found[0].to_json()["findings"]
    assert finding["heldBackBy"] == ["the baseline is in observe mode"]
    assert any(line.startswith("- ") for line in finding["diff"])


# Records of the activity log -----------------------------------------------------------------------


def a_record(**fields: Any) -> dict[str, Any]:
    """A record as the service's REST API returns it; what a test does not mention is that of an end."""
    return {
        "eventDataId": "e1",
        "resourceId": NSG_ID.text,
        "operationName": {"value": "Microsoft.Network/networkSecurityGroups/write", "localizedValue": "x"},
        "status": {"value": "Succeeded", "localizedValue": "Succeeded"},
        "category": {"value": "Administrative"},
        "eventTimestamp": "2026-01-01T00:00:00.1234567Z",
        "correlationId": "c1",
        "claims": {"appid": "1", "name": "Alice"},
        "httpRequest": {"clientIpAddress": "203.0.113.10"},
        **fields,
    }


def test_a_record_becomes_the_event_that_it_was() -> None:
    change = parse(event_of(a_record()))

    assert (NSG_ID, "write", "success") == (change.target, change.kind, change.status)
    assert ("Alice", "203.0.113.10") == (change.actor.name, change.actor.address)
    assert ("e1", "c1") == (change.event_id, change.correlation_id)
    assert change.event_time is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"status": {"value": "Started"}},
        {"status": {"value": "Accepted"}},
        {"status": None},
        {"operationName": {"value": "Microsoft.Network/networkSecurityGroups/read"}},
        {"operationName": {"value": ""}},
        {"category": {"value": "Policy"}},
    ],
    ids=str,
)
def test_what_is_no_end_of_a_change_is_no_event(fields: dict[str, Any]) -> None:
    assert event_of(a_record(**fields)) is None


@pytest.mark.parametrize(
    ("verb", "status", "kind"),
    [
        ("delete", "Succeeded", "DeleteSuccess"),
        ("action", "Failed", "ActionFailure"),
        ("WRITE", "Canceled", "WriteCancel"),
    ],
)
def test_verb_and_status_make_the_type_of_the_event(verb: str, status: str, kind: str) -> None:
    record = a_record(operationName={"value": f"Microsoft.Network/x/{verb}"}, status={"value": status})

    event = event_of(record)

    assert event is not None
    assert f"Microsoft.Resources.Resource{kind}" == event["eventType"]
