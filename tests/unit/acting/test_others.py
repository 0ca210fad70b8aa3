"""Leave alone, take back, look again, acknowledge: each once, on what was shown, in the person's name."""

from datetime import timedelta
from typing import Any

import pytest

from remediation.baseline import Action
from remediation.errors import ForbiddenError, InputError
from remediation.findings import State
from remediation.ledger.decided.exemptions import Exemptions
from remediation.on_call.acting.caller import Caller
from remediation.on_call.acting.refusals import ChangedSinceShownError, RefusedError, UnheardOfError
from remediation.on_call.listing.past import latest
from tests.builders import NSG_ID, a_baseline, a_rule, a_spoke, an_nsg
from tests.story.core.world import World
from tests.unit.acting.office import ADA, BOB, EVE, RULE, etag, finding, is_open, proposing, the_id, verbs

HOURS = timedelta(hours=4)


def exempted(world: World, reason: str = "migration") -> None:
    verbs(world).exempt(the_id(world), HOURS, reason, etag(world))


# Exempt ----------------------------------------------------------------------------------------------


def test_what_is_left_alone_is_told_with_until_when_by_whom_and_why_and_ends_by_itself() -> None:
    world = proposing()

    done = verbs(world).exempt(the_id(world), HOURS, "migration of the shop", etag(world))

    told = done.place[1]
    assert (State.EXEMPT, "DriftExempted") == (told.state, world.announced[-1])
    assert ("exempt", ADA.name, "migration of the shop") == tuple(
        told.exempt_by[key] for key in ("source", "by", "reason")
    )
    world.clock.advance(HOURS.total_seconds() + 2)
    world.run()
    assert (State.OPEN, "DriftExemptionExpired") == (finding(world).state, world.announced[-1])


def test_an_exemption_is_kept_with_the_persons_id_and_for_the_opening_that_was_shown() -> None:
    world = proposing()
    exempted(world)

    ((_, record),) = Exemptions(world.ledger).all(world.clock.now())
    assert (ADA.object_id, ADA.name, "allow-ssh", "exempt") == (
        record.by_id,
        record.by,
        record.opening,
        record.source,
    )


def test_what_somebody_opens_beside_it_is_not_left_alone() -> None:
    world = proposing(baseline=a_baseline())
    world.cloud.seed(an_nsg(allow_ssh_from="Internet"), *a_spoke())
    world.baseline = a_baseline(rules={RULE: Action.PROPOSE})
    world.handle()
    exempted(world)
    world.baseline = a_baseline()
    rdp = a_rule("allow-rdp", 320, sourceAddressPrefix="Internet", destinationPortRange="3389")
    world.cloud.seed(an_nsg(rdp, allow_ssh_from="Internet"), *a_spoke())

    world.handle()

    assert {"allow-ssh"} == set(world.rules())


def test_asked_twice_it_is_left_alone_once() -> None:
    world = proposing()
    shown = etag(world)
    exempted(world)
    told = len(world.announcements)

    verbs(world).exempt(the_id(world), HOURS, "migration", shown)

    assert told == len(world.announcements)


@pytest.mark.parametrize(
    ("length", "reason"),
    [
        (timedelta(0), "x"),
        (timedelta(days=91), "x"),
        (HOURS, ""),
        (HOURS, "  "),
        (HOURS, "a\x00b"),
        (HOURS, "x" * 501),
    ],
)
def test_without_an_end_or_a_reason_nothing_is_left_alone(length: timedelta, reason: str) -> None:
    world = proposing()

    with pytest.raises(InputError):
        verbs(world).exempt(the_id(world), length, reason, etag(world))

    assert State.OPEN is finding(world).state


def test_what_is_open_otherwise_than_shown_is_not_left_alone() -> None:
    """Nobody has looked since somebody let in more."""
    world = proposing()
    wider = a_rule("allow-ssh", sourceAddressPrefix="Internet", destinationPortRange="*")
    world.cloud.seed(an_nsg(wider), *a_spoke())

    with pytest.raises(ChangedSinceShownError):
        exempted(world)

    assert [] == Exemptions(world.ledger).all(world.clock.now())
    world.run()
    assert State.OPEN is finding(world).state


def test_exempting_needs_its_right() -> None:
    world = proposing()
    with pytest.raises(ForbiddenError, match="right exempt"):
        verbs(world, EVE).exempt(the_id(world), HOURS, "x", etag(world))


# Undo ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["finding", "write"])
def test_a_repair_is_taken_back_by_the_id_of_its_finding_or_of_its_write(by: str) -> None:
    world = proposing()
    done = verbs(world).apply(the_id(world), etag(world))
    assert not is_open(world)
    world.clock.advance(1)

    undone = verbs(world, BOB).undo(the_id(world) if by == "finding" else done.write_id, HOURS)

    assert (True, State.EXEMPT) == (is_open(world), undone.place[1].state)
    assert (BOB.actor, done.write_id) == (world.journal[-1].actor, world.journal[-1].undo_of)
    assert undone.write_id == world.journal[-1].id


def test_what_somebody_changed_since_is_not_taken_back() -> None:
    world = proposing()
    done = verbs(world).apply(the_id(world), etag(world))
    world.cloud.seed(an_nsg(a_rule("allow-ssh", destinationPortRange="443")), *a_spoke())

    with pytest.raises(RefusedError) as caught:
        verbs(world).undo(done.write_id, HOURS)

    assert (1, True) == (len(world.writes), bool(caught.value.lines))


def test_nothing_of_what_was_never_repaired_is_taken_back() -> None:
    world = proposing()
    with pytest.raises(RefusedError):
        verbs(world).undo(the_id(world), HOURS)
    with pytest.raises(UnheardOfError):
        verbs(world).undo("20260101T000000000000Z-00000000", HOURS)
    with pytest.raises(ForbiddenError, match="right apply"):
        verbs(world, EVE).undo(the_id(world), HOURS)


@pytest.mark.parametrize("length", [timedelta(days=91), timedelta(hours=-1)])
def test_what_is_taken_back_is_left_alone_for_a_time_and_not_for_good(length: timedelta) -> None:
    world = proposing()
    done = verbs(world).apply(the_id(world), etag(world))

    with pytest.raises(InputError):
        verbs(world).undo(done.write_id, length)

    assert 1 == len(world.writes)


def test_whoever_made_it_drift_stays_so_whoever_leaves_it_alone() -> None:
    """Who opened a port is not rid of that by a colleague's exemption: tags of theirs count for less."""
    world = proposing()
    exempted(world)

    assert "mallory@contoso.example" == finding(world).opening.actor["name"]
    told = [line["actor"]["name"] for line in _lines(world) if line["what"] == "DriftExempted"]
    assert [ADA.name] == told


def test_who_has_no_right_learns_nothing_of_what_there_is() -> None:
    world = proposing()
    nobody = Caller("x", "dddddddd-0000-4000-8000-000000000004")
    for identity in (the_id(world), "f" * 32 + "-" + "f" * 32):
        for verb in ("apply", "look", "ack", "undo"):
            with pytest.raises(ForbiddenError):
                getattr(verbs(world, nobody), verb)(identity)


# Look ------------------------------------------------------------------------------------------------


def test_who_may_read_has_it_looked_at_again() -> None:
    world = proposing()
    world.cloud.seed(an_nsg(), *a_spoke())

    done = verbs(world, EVE).look(the_id(world))

    assert (State.RESOLVED, "Looked at: it is over.") == (done.place[1].state, done.sentence)


def test_a_look_lifts_nothing() -> None:
    world = proposing()
    verbs(world).look(the_id(world))
    assert [] == world.writes


# Acknowledge -----------------------------------------------------------------------------------------


def acknowledged(world: World) -> None:
    verbs(world).ack(the_id(world), etag(world))


def test_what_is_taken_on_is_told_once_and_quiet_until_it_changes() -> None:
    world = proposing()
    acknowledged(world)
    told = len(world.announcements)

    world.handle()
    world.clock.advance(timedelta(days=30).total_seconds())
    world.herald().announce_all(timedelta(hours=1))

    assert ("DriftAcknowledged", told) == (world.announced[-1], len(world.announcements))
    assert (ADA.name, ADA.object_id) == (
        finding(world).acknowledged["by"],
        finding(world).acknowledged["objectId"],
    )
    world.cloud.seed(
        an_nsg(a_rule("allow-ssh", sourceAddressPrefix="*", destinationPortRange="*")), *a_spoke()
    )
    world.handle()
    assert ("DriftChanged", {}) == (world.announced[-1], finding(world).acknowledged)


def test_asked_twice_it_is_taken_on_once() -> None:
    world = proposing()
    shown = etag(world)
    acknowledged(world)
    told = len(world.announcements)

    assert "You have it already." == verbs(world).ack(the_id(world), shown).sentence
    assert told == len(world.announcements)


def test_what_somebody_else_took_on_is_shown_again() -> None:
    world = proposing()
    shown = etag(world)
    acknowledged(world)

    with pytest.raises(ChangedSinceShownError):
        verbs(world, BOB).ack(the_id(world), shown)
    with pytest.raises(RefusedError, match=ADA.name):
        verbs(world, BOB).ack(the_id(world), etag(world))


def test_who_may_only_read_takes_nothing_on() -> None:
    world = proposing()
    with pytest.raises(ForbiddenError, match="right apply or exempt"):
        verbs(world, EVE).ack(the_id(world), etag(world))


def test_whoever_took_it_on_is_on_the_line_of_the_history() -> None:
    world = proposing()
    acknowledged(world)
    lines = [line for line in _lines(world) if line["what"] == "DriftAcknowledged"]

    assert [ADA.actor] == [line["actor"] for line in lines]


def _lines(world: World) -> list[dict[str, Any]]:
    return latest(world.ledger, NSG_ID.text, NSG_ID.text, world.clock.now())
