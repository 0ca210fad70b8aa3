"""Cards and history name the right person, time and deed, however events come in."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.findings import FindingRecord, State
from remediation.messages import Message
from remediation.on_call.history import Historian, read
from remediation.resource_id import ResourceId
from remediation.telling.cards.story import story
from remediation.telling.cards.text import card_text
from tests.builders import NSG_ID, a_baseline, a_lock, a_rule, a_spoke, an_nsg
from tests.faults import Interrupted
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk

MINUTE = timedelta(minutes=1)
ALICE, BOB = "alice@contoso.example", "bob@contoso.example"
MOVED_TO = ResourceId.parse(NSG_ID.text.replace("rg-web", "rg-elsewhere"))
GUID = "0f0e0d0c-0000-4000-8000-000000000001"


def drifted(**settings: Any) -> World:
    return World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke(public_ip=True)), **settings)


def told_only() -> World:
    return drifted(baseline=a_baseline(mode="observe"))


def the_finding(world: World, target: ResourceId = NSG_ID) -> FindingRecord:
    return world.findings(target)["nsg-mgmt-open-to-internet"]


def facts(record: FindingRecord) -> dict[str, str]:
    return dict(story(record, now=record.changed_at).facts)


def of_tags(message: Message) -> Message:
    return msgspec.structs.replace(message, operation="Microsoft.Resources/tags/write")


def test_a_tag_of_somebody_else_leaves_the_finding_to_who_opened_it() -> None:
    """Bob's tag came last and changed what holds the repair back: the port is Alice's still."""
    world = told_only()
    world.handle(world.hears(by=ALICE))
    opened = world.clock.now()
    world.clock.advance(600)
    world.cloud.seed(a_lock(NSG_ID.text))
    world.baseline = a_baseline()
    world.handle(of_tags(world.hears(by=BOB)))
    record = the_finding(world)

    assert "DriftChanged" == record.change
    assert (ALICE, opened) == (record.opening.actor["name"], record.opening.event_time)
    assert (ALICE, BOB) == (facts(record)["Opened by"], facts(record)["Changed by"])


def test_a_tag_event_that_comes_first_is_not_taken_for_the_opening() -> None:
    """The look that its event brings finds the port; who opened it is told when that event comes."""
    world = told_only()
    world.handle(of_tags(world.hears(by=BOB)))
    unknown = the_finding(world).opening
    world.handle(msgspec.structs.replace(world.hears(by=ALICE), force=True))

    assert not unknown.is_known
    assert ALICE == the_finding(world).opening.actor["name"]


def test_a_replayed_older_event_names_nobody_for_what_came_later() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)), baseline=a_baseline(mode="observe"))
    old = world.hears(by=BOB)
    world.clock.advance(600)
    world.handle()
    world.clock.advance(600)
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
    world.handle(msgspec.structs.replace(old, force=True, replay_id="replay-1", event_id="again"))

    assert "unknown: no event named anybody" == facts(the_finding(world))["Changed by"]


def test_a_repair_that_a_sweep_makes_names_who_opened_it_and_how_long_it_was_open() -> None:
    world = told_only()
    world.handle(world.hears(by=ALICE))
    world.clock.advance(3600)
    world.baseline = a_baseline()
    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True))
    record = the_finding(world)

    assert (State.FIXED, ALICE) == (record.state, record.actor["name"])
    assert any("repaired 60 min after the change" in line for line in card_text(record))


def test_a_repair_of_what_no_event_told_of_claims_no_time() -> None:
    world = drifted()
    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True))

    assert any("repaired as soon as it was noticed" in line for line in card_text(the_finding(world)))


def test_what_its_own_opening_event_finds_ended_was_ended_by_nobody_known() -> None:
    world = told_only()
    opening = world.hears(by=ALICE)
    world.handle(opening)
    world.cloud.seed(an_nsg())
    world.handle(msgspec.structs.replace(opening, force=True))
    told = facts(the_finding(world))

    assert (ALICE, "unknown: no event named anybody") == (told["Opened by"], told["Ended by"])


def test_who_ends_a_finding_is_named_beside_who_opened_it() -> None:
    world = told_only()
    world.handle(world.hears(by=ALICE))
    world.clock.advance(600)
    world.cloud.seed(an_nsg())
    world.handle(world.hears(by=BOB))
    told = facts(the_finding(world))

    assert (ALICE, BOB) == (told["Opened by"], told["Ended by"])


def test_a_repair_whose_deciding_write_somebody_else_made_is_not_called_ours() -> None:
    """Two rules are open: we took one away, somebody else the other before we came to it."""
    rules = (
        a_rule("ssh", 300, destinationPortRange="22", sourceAddressPrefix="Internet"),
        a_rule("rdp", 301, destinationPortRange="3389", sourceAddressPrefix="Internet"),
    )
    world = World(MemoryCloud(an_nsg(*rules), *a_spoke(public_ip=True)))
    world.handle(cloud=_with_somebody_after_the_first_write(world))
    record = the_finding(world)

    assert (State.RESOLVED, "DriftResolved") == (record.state, record.change)
    assert "another principal" in record.note


def _with_somebody_after_the_first_write(world: World) -> Interrupted:
    def after_get(_: ResourceId) -> None:
        if world.cloud.writes and world.rules():
            world.cloud.seed(an_nsg())

    return Interrupted(world.cloud, before_get=after_get)


def test_a_resource_that_is_deleted_after_its_repair_ended_by_deletion() -> None:
    world = drifted()

    def deleted(_: ResourceId) -> None:
        if world.cloud.writes:
            world.cloud.remove(NSG_ID)

    world.handle(cloud=Interrupted(world.cloud, before_get=deleted))
    record = the_finding(world)

    assert State.RESOLVED is record.state
    assert "the resource was deleted; we had repaired it before" == record.note


def moved(world: World) -> None:
    """As ARM does it: gone here, the same there, with the GUID that it always had."""
    world.cloud.remove(NSG_ID)
    world.cloud.seed(with_guid(an_nsg(allow_ssh_from="Internet", identity=MOVED_TO)))


def with_guid(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "properties": {**document["properties"], "resourceGuid": GUID}}


def test_a_resource_that_was_moved_is_followed_and_stays_whose_it_was() -> None:
    group = with_guid(an_nsg(allow_ssh_from="Internet"))
    world = World(MemoryCloud(group, *a_spoke(public_ip=True)), baseline=a_baseline(mode="observe"))
    world.handle(world.hears(by=ALICE))
    world.clock.advance(600)
    moved(world)
    world.handle(world.hears(by=BOB, kind="delete"))
    world.run()
    before = the_finding(world)
    after = the_finding(world, MOVED_TO)

    assert f"the resource was moved: it is {MOVED_TO.text} now" == before.note
    assert (State.OPEN, ALICE) == (after.state, after.opening.actor["name"])


def test_a_sweep_that_sees_the_new_place_first_hears_whose_it_was_from_the_old_one() -> None:
    group = with_guid(an_nsg(allow_ssh_from="Internet"))
    world = World(MemoryCloud(group, *a_spoke(public_ip=True)), baseline=a_baseline(mode="observe"))
    world.handle(world.hears(by=ALICE))
    world.clock.advance(3600)
    moved(world)
    world.handle(Message(target=MOVED_TO.text, reason="sweep", force=True))
    unknown = the_finding(world, MOVED_TO).opening
    world.clock.advance(600)
    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True))
    world.run()

    assert not unknown.is_known
    assert ALICE == the_finding(world, MOVED_TO).opening.actor["name"]


@pytest.mark.parametrize(
    "operation",
    [
        "Microsoft.Resources/subscriptions/resourceGroups/write",
        "Microsoft.Authorization/locks/write",
        "Microsoft.Authorization/policyExemptions/delete",
    ],
)
def test_what_has_everything_looked_at_has_opened_nothing(operation: str) -> None:
    """Who made the group, or set a lock, did not open what the look that follows comes upon."""
    world = told_only()
    world.handle(msgspec.structs.replace(world.hears(by=BOB), operation=operation))
    record = the_finding(world)

    assert not record.opening.is_known
    assert ("unknown: no event named anybody", BOB) == (
        facts(record)["Opened by"],
        facts(record)["Changed by"],
    )


def test_another_resource_of_the_same_name_is_no_move() -> None:
    world = told_only()
    world.handle()
    world.cloud.remove(NSG_ID)
    world.cloud.seed(an_nsg(identity=MOVED_TO))
    world.handle(world.hears(kind="delete"))

    assert "the resource was deleted" == the_finding(world).note


def test_the_history_shows_a_repair_as_ours_and_whose_change_it_answered() -> None:
    """A sweep made it; the open finding knows who had opened the port."""
    world = told_only()
    world.handle(world.hears(by=ALICE))
    world.clock.advance(3600)
    world.baseline = a_baseline()
    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True))
    written = json_of(world, kind="written")

    assert ("Bastion Guard", ALICE) == (written["actor"]["name"], written["inAnswerTo"]["name"])
    assert written["id"] == json_of(world, kind="written", actor="alice")["id"]


def test_the_history_shows_an_undo_as_the_persons_who_made_it() -> None:
    world = drifted()
    world.handle(world.hears(by=ALICE))
    tools = a_desk(world).undoer(BOB)
    world.clock.advance(60)
    tools.undo(tools.plan(world.journal[0].id), timedelta(hours=1))
    world.handle(Message(target=NSG_ID.text, reason="undo", force=True))

    assert BOB == json_of(world, kind="written")["actor"]["name"]
    assert "inAnswerTo" not in json_of(world, kind="written")
    assert "exempt" == json_of(world, kind="judged")["what"]


def json_of(world: World, **asked: Any) -> dict[str, Any]:
    """The latest line of the history that meets what is asked, as JSON."""
    now = world.clock.now()
    query = replace(read({"since": "30d"}, now), until=now + MINUTE)
    return Historian(world.ledger).lines(replace(query, **asked))[0].to_json()
