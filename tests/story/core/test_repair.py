"""What a guard does with one event, as it shows in ARM, on the queue and on the drift topic."""

from datetime import UTC, datetime, timedelta

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import Exemption, Limits
from remediation.messages import Message
from remediation.model import Ending
from remediation.policy import Policy
from remediation.resource_id import ResourceId
from tests.builders import (
    AT,
    BASTION_ID,
    FOREIGN,
    NSG_ID,
    SETTING_TYPE,
    SUBSCRIPTION,
    WORKSPACE,
    a_baseline,
    a_bastion,
    a_lock,
    a_rule,
    a_setting,
    a_spoke,
    acting,
    an_nsg,
    ports,
)
from tests.faults import Ineffective
from tests.shelves import kept
from tests.story.core.world import World

MIXED = a_rule("mixed", 317, **ports("22", "3389", "443"))
NSG_RULE = "nsg-mgmt-open-to-internet"


def drifted(**settings: object) -> World:
    """A world whose NSG lets SSH in from the internet, to a machine with a public path."""
    return World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke(public_ip=True)), **settings)  # type: ignore[arg-type]


def test_a_rule_that_only_opens_ssh_goes_away_and_other_rules_stay_as_they_were() -> None:
    other = a_rule("allow-web", 310)
    world = World(MemoryCloud(an_nsg(other, allow_ssh_from="Internet"), *a_spoke()))

    world.handle()

    assert {"allow-web": other["properties"]} == world.rules()


def test_two_open_rules_are_repaired_in_one_handling_and_told_once() -> None:
    rules = (
        a_rule("ssh", 300, destinationPortRange="22", sourceAddressPrefix="Internet"),
        a_rule("rdp", 301, destinationPortRange="3389", sourceAddressPrefix="Internet"),
    )
    world = World(MemoryCloud(an_nsg(*rules), *a_spoke()))

    outcome = world.handle()

    assert (Ending.REPAIRED, {}) == (outcome.ending, dict(world.rules()))
    assert ["DriftFixed"] == world.announced
    assert ["done", "done"] == [write.state for write in world.journal]


def test_an_event_delivered_twice_is_one_write_one_announcement_and_one_row_in_the_inbox() -> None:
    world = drifted()
    message = world.hears()

    for _ in range(2):
        world.handle(message)

    assert 1 == len(world.cloud.writes)
    assert ["DriftFixed"] == world.announced
    assert 1 == len(kept(world.ledger, "inbox"))


def test_the_history_keeps_what_was_there_what_was_written_and_the_way_back() -> None:
    world = World(MemoryCloud(an_nsg(MIXED), *a_spoke()))

    world.handle()

    (write,) = world.journal
    assert ("done", "PUT", "today") == (write.state, write.method, write.baseline_hash)
    assert write.before is not None
    assert write.after is not None
    assert ["22", "3389", "443"] == write.before["properties"]["destinationPortRanges"]
    assert ["443"] == write.after["properties"]["destinationPortRanges"]
    assert [{"method": "PUT", "id": write.resource, "body": write.before}] == write.inverse
    assert write.id == world.findings()[NSG_RULE].write_id


def test_the_announcement_of_a_repair_says_who_changed_what_and_when() -> None:
    world = drifted()

    world.handle(world.hears(by="alice@contoso.example"))

    (told,) = world.announcements
    assert "BastionGuard.DriftFixed" == told.type
    assert NSG_ID.text == told.subject == told.data["target"]
    assert {"name": "alice@contoso.example"} == told.data["actor"]
    assert "allow-ssh" == told.data["evidence"]["witness"]["allowedBy"]


def test_an_approved_source_is_nobodys_drift() -> None:
    cloud = MemoryCloud(an_nsg(allow_ssh_from="20.1.2.0/24"), *a_spoke(public_ip=True))
    world = World(cloud, a_baseline(allowed_management_sources=("20.1.2.0/24",)))

    assert Ending.COMPLIANT is world.handle().ending
    assert [] == world.writes


def test_a_setting_of_another_workspace_is_left_alone_and_ours_stands_beside_it() -> None:
    theirs = a_setting(workspace=f"{WORKSPACE}-old")
    world = World(MemoryCloud(a_bastion(), theirs))

    outcome = world.handle(world.hears(BASTION_ID))

    ours = world.cloud.resources[BASTION_ID.extension(SETTING_TYPE, "bastion-guard-LogAnalytics")]
    assert Ending.REPAIRED is outcome.ending
    assert WORKSPACE == ours.properties("workspaceId")
    assert theirs == world.cloud.resources[ResourceId.parse(theirs["id"])].body


def test_in_observe_mode_nothing_is_written_and_the_repair_is_offered() -> None:
    world = drifted(baseline=a_baseline(mode="observe"))

    world.handle()

    found = world.findings()[NSG_RULE]
    assert ([], ["DriftProposed"]) == (world.writes, world.announced)
    assert ["the baseline is in observe mode"] == found.evidence["heldBackBy"]
    assert found.fix is not None
    assert "DELETE" == found.fix.writes[0]["method"]


def test_a_finding_seen_again_is_not_told_again() -> None:
    world = drifted(baseline=a_baseline(mode="observe"))

    for number in range(3):
        world.handle(world.hears(event_id=f"event-{number}"))

    assert ["DriftProposed"] == world.announced


def test_a_finding_that_somebody_ends_by_hand_is_resolved_in_their_name() -> None:
    world = drifted(baseline=a_baseline(mode="observe"))
    world.handle()
    world.cloud.seed(an_nsg())

    world.handle(world.hears(event_id="mended", by="bob@contoso.example"))

    assert ["DriftProposed", "DriftResolved"] == world.announced
    assert {"name": "bob@contoso.example"} == world.findings()[NSG_RULE].actor


def test_the_findings_of_a_deleted_resource_are_resolved() -> None:
    world = drifted(baseline=a_baseline(mode="observe"))
    world.handle()
    world.cloud.remove(NSG_ID)

    outcome = world.handle(world.hears(event_id="deleted", kind="delete"))

    assert Ending.GONE is outcome.ending
    assert ("resolved", "the resource was deleted") == (
        world.findings()[NSG_RULE].state,
        world.findings()[NSG_RULE].note,
    )


def test_an_exempt_finding_is_listed_told_once_as_exempted_and_not_repaired() -> None:
    until = datetime(2026, 2, 1, tzinfo=UTC)
    baseline = a_baseline(exemptions=(Exemption(NSG_ID.text, NSG_RULE, until),))
    world = drifted(baseline=baseline)

    world.handle()
    world.handle()

    found = world.findings()[NSG_RULE]
    assert ([], ["DriftExempted"]) == (world.writes, world.announced)
    assert ("exempt", "alert", "2026-02-01T00:00:00Z") == (
        found.state,
        found.disposition,
        found.evidence["exemptUntil"],
    )


def test_a_rule_that_is_off_says_nothing_and_reads_nothing_for_itself() -> None:
    world = drifted(baseline=a_baseline(rules=acting(nsg_mgmt_open_to_internet="off")))

    assert Ending.COMPLIANT is world.handle().ending
    assert [NSG_ID] == world.cloud.reads


@pytest.mark.parametrize(
    "text",
    [
        f"/subscriptions/{FOREIGN}/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web",
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/../../x",
        "https://evil.example/subscriptions/x",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["target", "expand", "sweep"])
def test_nothing_outside_the_configured_subscriptions_is_ever_asked_about(kind: str, text: str) -> None:
    world = drifted()

    outcome = world.handle(Message(**{kind: text}))  # type: ignore[arg-type]

    assert Ending.REFUSED is outcome.ending
    assert ([], []) == (world.cloud.reads, world.waiting)


def test_a_document_that_points_into_another_subscription_makes_no_call_there() -> None:
    """What ARM returns may name subscriptions that nobody configured; what lies there stays unread."""
    abroad = f"/subscriptions/{FOREIGN}/resourceGroups/rg/providers/Microsoft.Network"
    subnet = ResourceId.parse(f"{abroad}/virtualNetworks/v/subnets/s")
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet", subnets=(subnet,)), *a_spoke()))

    world.handle()

    asked = [one.subscription for one in world.cloud.reads if isinstance(one, ResourceId)]
    assert {SUBSCRIPTION} == set(asked)
    assert ([], "alert") == (world.writes, world.findings()[NSG_RULE].disposition)


def test_a_resource_that_somebody_is_changing_is_looked_at_later() -> None:
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet", state="Updating"), *a_spoke()))

    outcome = world.handle()

    (successor,) = world.waiting
    assert (Ending.HANDED_ON, []) == (outcome.ending, world.writes)
    assert (1, True) == (successor.attempt, successor.force)
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
    assert [Ending.REPAIRED] == [one.ending for one in world.run()]


def test_after_the_flap_window_the_repair_is_made_again() -> None:
    world = drifted()
    for number in range(3):
        world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
        world.handle(world.hears(event_id=f"again-{number}"))
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
    world.clock.advance(timedelta(hours=25).total_seconds())

    assert Ending.REPAIRED is world.handle(world.hears(event_id="next day")).ending


def test_when_the_flap_window_is_over_the_next_sweep_takes_what_it_held_back() -> None:
    world = drifted()
    for number in range(4):
        world.cloud.seed(an_nsg(allow_ssh_from="Internet"))
        world.handle(world.hears(event_id=f"again-{number}"))
    until = datetime.fromisoformat(world.findings()[NSG_RULE].evidence["heldBackUntil"])
    world.run()
    assert timedelta(hours=23) < until - world.clock.now() <= timedelta(hours=24)

    world.clock.advance((until - world.clock.now()).total_seconds() + 1)
    world.handle(Message(sweep=AT, reason="sweep"))

    assert Ending.REPAIRED in [outcome.ending for outcome in world.run()]


@pytest.mark.parametrize("scope", [AT, f"{AT}/resourceGroups/rg-web", NSG_ID.text])
def test_a_lock_on_the_resource_or_anything_above_it_turns_a_repair_into_an_offer(scope: str) -> None:
    world = drifted()
    world.cloud.seed(a_lock(scope))

    world.handle()

    assert ([], ["DriftProposed"]) == (world.writes, world.announced)
    assert ["lock keep (ReadOnly)"] == world.findings()[NSG_RULE].evidence["heldBackBy"]


def test_when_the_lock_is_gone_the_repair_is_made() -> None:
    world = drifted()
    lock = a_lock(NSG_ID.text)
    world.cloud.seed(lock)
    world.handle()
    world.cloud.remove(ResourceId.parse(lock["id"]))

    world.handle(world.hears(event_id="unlocked"))

    assert (["DELETE allow-ssh"], ["DriftProposed", "DriftFixed"]) == (world.writes, world.announced)


def test_a_used_up_budget_turns_repairs_into_proposals_until_the_next_hour() -> None:
    """One resource group takes half of it."""
    names = [NSG_ID.text + str(number) for number in range(3)]
    nsgs = [an_nsg(allow_ssh_from="Internet", identity=ResourceId.parse(name), subnets=()) for name in names]
    world = World(MemoryCloud(*nsgs), a_baseline(limits=Limits(max_writes_per_hour=4)))

    for name in names:
        world.handle(world.hears(ResourceId.parse(name), event_id=name))

    third = ResourceId.parse(names[2])
    assert 2 == len(world.writes)
    assert "budget of 4 writes an hour" in world.findings(third)[NSG_RULE].evidence["heldBackBy"][0]
    world.clock.advance(3600)
    assert Ending.REPAIRED is world.handle(world.hears(third, event_id="next hour")).ending


def test_a_write_that_changes_nothing_is_not_repeated_and_says_so() -> None:
    world = drifted()
    cloud = Ineffective(world.cloud)

    outcome = world.handle(cloud=cloud)

    assert (Ending.OPEN, 1) == (outcome.ending, len(cloud.accepted))
    held = world.findings()[NSG_RULE].evidence["heldBackBy"]
    assert ["written as planned, yet the finding is still there"] == held


def test_the_subject_is_read_once_for_a_look_that_finds_nothing() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke()))

    world.handle()

    assert 1 == world.reads_of(NSG_ID)
    assert len(world.cloud.reads) == len({str(read) for read in world.cloud.reads})


def test_a_custom_policy_bounds_how_many_writes_one_handling_makes() -> None:
    rules = [
        a_rule(f"ssh-{number}", 300 + number, destinationPortRange="22", sourceAddressPrefix="Internet")
        for number in range(4)
    ]
    policy = Policy(frozenset({SUBSCRIPTION}), most_writes=2)
    world = World(MemoryCloud(an_nsg(*rules), *a_spoke()), policy=policy)

    outcome = world.handle()

    assert (Ending.HANDED_ON, 2) == (outcome.ending, len(world.writes))
    world.run()
    assert ({}, ["DriftFixed"]) == (dict(world.rules()), world.announced)
