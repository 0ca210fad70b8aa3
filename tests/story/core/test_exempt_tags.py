"""The tag bastion-guard:exempt-until: it turns a repair into an alert, for hours, and never silences."""

from datetime import UTC, datetime, timedelta

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import Baseline, Exemption, Limits
from remediation.messages import Message
from tests.builders import NSG_ID, a_baseline, a_rule, a_spoke, an_nsg
from tests.story.core.world import World

RULE = "nsg-mgmt-open-to-internet"
FOR_EVER = {"bastion-guard:exempt-until": "2099-01-01T00:00:00Z"}
ALICE, BOB = "alice@contoso.example", "bob@contoso.example"
REPAIRED = (["DELETE allow-ssh"], ["DriftFixed"])
LEFT_ALONE: tuple[list[str], list[str]] = ([], ["DriftExempted"])
OPEN = an_nsg(allow_ssh_from="Internet", tags=FOR_EVER)
SHUT = an_nsg(tags=FOR_EVER)


def a_world(document: dict[str, object], baseline: Baseline | None = None) -> World:
    return World(MemoryCloud(document, *a_spoke(public_ip=True)), baseline or a_baseline())


def tagged_by(who: str, baseline: Baseline | None = None) -> World:
    """A group that somebody tagged when nothing was open."""
    world = a_world(SHUT, baseline)
    world.handle(world.hears(by=who))
    world.clock.advance(60)
    return world


def opened_by(who: str, world: World) -> World:
    world.cloud.seed(OPEN)
    world.handle(world.hears(by=who))
    return world


def happened(world: World) -> tuple[list[str], list[str]]:
    return world.writes, world.announced


@pytest.mark.parametrize("who", [ALICE, ""])
def test_a_tag_in_the_same_write_as_the_opening_counts_for_nothing(who: str) -> None:
    world = a_world(OPEN)

    world.handle(world.hears(by=who))

    assert REPAIRED == happened(world)


def test_a_tag_set_beforehand_by_whoever_opens_the_port_counts_for_nothing() -> None:
    assert REPAIRED == happened(opened_by(ALICE, tagged_by(ALICE)))


def test_a_tag_that_somebody_else_set_turns_the_repair_into_an_alert_told_once() -> None:
    world = tagged_by(BOB)
    began = datetime(2026, 1, 1, tzinfo=UTC)

    opened_by(ALICE, world)
    world.handle(world.hears(by=ALICE))

    found = world.findings()[RULE]
    assert LEFT_ALONE == happened(world)
    assert ("exempt", "alert") == (found.state, found.disposition)
    assert found.exempt_until is not None
    assert found.exempt_until - began <= timedelta(hours=8)


def test_a_tag_holds_for_hours_whatever_it_says_and_a_look_is_queued_for_its_end() -> None:
    world = opened_by(ALICE, tagged_by(BOB))
    end = world.findings()[RULE].exempt_until

    assert ["wake"] == [message.reason for message in world.waiting]
    world.run()

    assert world.clock.now() == end
    assert ["DELETE allow-ssh"] == world.writes
    assert ["DriftExempted", "DriftFixed"] == world.announced


def test_the_hours_begin_when_the_tag_was_seen_and_not_when_somebody_opens_a_port() -> None:
    world = tagged_by(BOB)
    world.clock.advance(8 * 3600)

    assert REPAIRED == happened(opened_by(ALICE, world))


def test_many_looks_in_between_queue_one_look_for_the_end() -> None:
    world = opened_by(ALICE, tagged_by(BOB))

    for _ in range(4):
        world.clock.advance(600)
        world.handle()

    assert ["wake"] == [message.reason for message in world.waiting]


def test_who_opened_a_port_does_not_prolong_the_tag() -> None:
    """Bob's tag holds for Alice's opening; a later one that she puts in its place does not."""
    world = opened_by(ALICE, tagged_by(BOB))
    later = {"bastion-guard:exempt-until": "2098-01-01T00:00:00Z"}

    world.cloud.seed(an_nsg(allow_ssh_from="Internet", tags=later))
    world.handle(world.hears(by=ALICE))

    assert (["DELETE allow-ssh"], ["DriftExempted", "DriftFixed"]) == happened(world)


def test_who_set_the_tag_cannot_open_more_beside_what_it_was_set_for() -> None:
    world = opened_by(ALICE, tagged_by(BOB))
    more = a_rule("allow-rdp", 400, destinationPortRange="3389", sourceAddressPrefix="Internet")

    world.cloud.seed(an_nsg(more, allow_ssh_from="Internet", tags=FOR_EVER))
    world.handle(world.hears(by=BOB))

    assert {"DELETE allow-ssh", "DELETE allow-rdp"} == set(world.writes)


def test_a_tag_stays_void_where_the_repair_has_to_wait() -> None:
    """Held back at first: a look that no event asked for knows as well who had set the tag."""
    waiting = a_baseline(mode="observe")
    world = a_world(OPEN, waiting)
    world.handle(world.hears(by=""))

    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True), baseline=a_baseline())

    assert (["DELETE allow-ssh"], ["DriftProposed", "DriftFixed"]) == happened(world)


def test_a_tag_that_a_sweep_finds_counts_and_is_told_since_nobody_knows_who_set_it() -> None:
    world = a_world(OPEN)

    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True))

    assert LEFT_ALONE == happened(world)


def test_with_no_hours_a_tag_counts_for_nothing() -> None:
    never = a_baseline(limits=Limits(exempt_tag_hours=0))

    assert REPAIRED == happened(opened_by(ALICE, tagged_by(BOB, never)))


def test_an_exemption_of_the_baseline_holds_as_long_as_it_says() -> None:
    until = datetime(2099, 1, 1, tzinfo=UTC)
    world = a_world(OPEN, a_baseline(exemptions=(Exemption(NSG_ID.text, RULE, until),)))

    world.handle()

    assert (LEFT_ALONE, until) == (happened(world), world.findings()[RULE].exempt_until)


SWEEP = Message(target=NSG_ID.text, reason="sweep", force=True)


def test_an_event_that_comes_after_a_sweep_still_says_who_made_both() -> None:
    """Who knows when the sweep comes could have it see an opening, tag and all, before the event arrives."""
    world = a_world(OPEN)
    event = world.hears(by=ALICE)

    world.handle(SWEEP)
    world.clock.advance(20)
    world.handle(event)

    assert (["DELETE allow-ssh"], ["DriftExempted", "DriftFixed"]) == happened(world)


def test_a_sweep_that_comes_first_does_not_hide_that_the_tags_owner_opened_the_port() -> None:
    world = tagged_by(ALICE)
    world.cloud.seed(OPEN)
    event = world.hears(by=ALICE)

    world.handle(SWEEP)
    world.clock.advance(20)
    world.handle(event)

    assert (["DELETE allow-ssh"], ["DriftExempted", "DriftFixed"]) == happened(world)


def test_who_made_a_known_opening_cannot_tag_it_right_before_a_sweep() -> None:
    world = a_world(an_nsg(allow_ssh_from="Internet"), a_baseline(mode="observe"))
    world.handle(world.hears(by=ALICE))
    world.clock.advance(3600)
    world.cloud.seed(OPEN)
    event = world.hears(by=ALICE)

    world.handle(SWEEP)
    world.handle(event, baseline=a_baseline())

    assert ["DELETE allow-ssh"] == world.writes


def test_a_later_write_does_not_make_its_sender_the_owner_of_what_a_sweep_found() -> None:
    world = a_world(OPEN)
    world.handle(SWEEP)
    world.clock.advance(600)

    world.handle(world.hears(by=ALICE))

    assert LEFT_ALONE == happened(world)


def test_an_old_event_that_is_replayed_says_nothing_about_what_a_sweep_found() -> None:
    world = a_world(OPEN)
    yesterdays = world.hears(by=ALICE)
    world.clock.advance(24 * 3600)
    world.handle(SWEEP)

    world.handle(yesterdays.again("replay"))

    assert LEFT_ALONE == happened(world)


def test_a_new_value_begins_no_new_hours_while_something_is_left_alone() -> None:
    world = opened_by(ALICE, tagged_by(BOB))
    end = world.findings()[RULE].exempt_until
    for again in range(1, 8):
        world.clock.advance(3600)
        later = {"bastion-guard:exempt-until": f"2099-01-0{again}T00:00:01Z"}
        world.cloud.seed(an_nsg(allow_ssh_from="Internet", tags=later))
        world.handle(world.hears(by=BOB))

    assert end == world.findings()[RULE].exempt_until
    world.run()
    assert (["DELETE allow-ssh"], ["DriftExempted", "DriftFixed"]) == happened(world)


def test_hours_that_are_over_begin_anew_with_a_new_value() -> None:
    world = tagged_by(BOB)
    world.clock.advance(30 * 24 * 3600)
    later = {"bastion-guard:exempt-until": "2098-01-01T00:00:00Z"}
    world.cloud.seed(an_nsg(tags=later))
    world.handle(world.hears(by=BOB))

    world.cloud.seed(an_nsg(allow_ssh_from="Internet", tags=later))
    world.handle(world.hears(by=ALICE))

    assert LEFT_ALONE == happened(world)


OPT_OUT = {"Bastion-Guard:Opt-Out": "true"}
OPTED_OUT = an_nsg(allow_ssh_from="Internet", tags=OPT_OUT)


@pytest.mark.parametrize("who", [ALICE, ""])
def test_an_opt_out_in_the_same_write_as_the_opening_counts_for_nothing(who: str) -> None:
    world = a_world(OPTED_OUT)

    world.handle(world.hears(by=who))

    assert REPAIRED == happened(world)


def test_an_opt_out_that_is_added_to_ones_own_opening_counts_for_nothing() -> None:
    world = a_world(an_nsg(allow_ssh_from="Internet"), a_baseline(mode="observe"))
    world.handle(world.hears(by=ALICE))
    world.cloud.seed(OPTED_OUT)
    world.clock.advance(3600)

    world.handle(world.hears(by=ALICE), baseline=a_baseline())

    assert ["DELETE allow-ssh"] == world.writes


def test_an_opt_out_that_somebody_else_set_turns_the_repair_into_an_offer() -> None:
    world = a_world(an_nsg(tags=OPT_OUT))
    world.handle(world.hears(by=BOB))
    world.cloud.seed(OPTED_OUT)

    world.handle(world.hears(by=ALICE))

    assert ([], ["DriftProposed"]) == happened(world)
