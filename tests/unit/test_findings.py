"""The life of a finding, transition by transition, and the laws that hold over all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.findings import (
    FindingRecord,
    Look,
    State,
    announced,
    draft,
    gave_up,
    moved_on,
    owed,
    remind,
    with_gave_up,
)
from remediation.messages import Message
from remediation.model import Disposition, Exemption, Finding, Guard, Hold, Plan, Severity, Unknown, Witness
from remediation.resource_id import ResourceId
from tests.builders import NSG_ID, PIP_ID
from tests.story.core.calm import CALM

type Records = dict[str, FindingRecord]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MESSAGE = Message(target=NSG_ID.text, event_id="event-1")
RULE = "nsg-mgmt-open-to-internet"
NAME = f"{RULE} {NSG_ID.key}"


def a_finding(rule: str = RULE, resource: ResourceId = NSG_ID, message: str = "open") -> Finding:
    return Finding(
        rule=rule,
        resource=resource,
        severity=Severity.CRITICAL,
        title="Open",
        message=message,
        guidance=("C2",),
        evidence={},
        witness=Witness("20.0.0.1", 1024, "10.0.0.4", 22, "tcp", "allow-ssh", 300),
    )


def proposed(finding: Finding, *reasons: str) -> Look:
    held = replace(
        finding,
        disposition=Disposition.PROPOSE,
        holds=tuple(Hold(Guard.OBSERVING, reason) for reason in reasons or ["observe mode"]),
    )
    return Look(Plan(proposals=(held,)))


def alerted(finding: Finding) -> Look:
    return Look(Plan(alerts=(finding,)))


def exempted(finding: Finding) -> Look:
    return Look(Plan(exempt=(finding,)))


def repaired(finding: Finding, write_id: str = "write-1") -> Look:
    return Look(repaired=(draft(finding, MESSAGE, NOW, write_id),))


SILENT = Look()


def after(*looks: Look) -> FindingRecord:
    """The one finding after some looks, each an hour after the one before."""
    records: Records = {}
    for number, look in enumerate(looks):
        records = moved_on(records, look, MESSAGE, NOW + timedelta(hours=number))
    (record,) = records.values()
    return record


def told(*looks: Look) -> list[str]:
    """What is announced, look after look, when each announcement is accepted at once."""
    records: Records = {}
    changes: list[str] = []
    for look in looks:
        records = moved_on(records, look, MESSAGE, NOW)
        changes += [record.change for record in owed(records.values())]
        records = {name: announced(record) for name, record in records.items()}
    return changes


def test_a_violation_opens_a_finding_and_owes_its_announcement() -> None:
    record = after(alerted(a_finding()))

    assert (State.OPEN, 1, 0, "DriftFound") == (record.state, record.seq, record.announced, record.change)
    assert (NOW, "event-1") == (record.opened_at, MESSAGE.event_id)


def test_a_repair_that_is_offered_is_announced_as_a_proposal() -> None:
    assert ["DriftProposed"] == told(proposed(a_finding()))


def test_the_same_violation_seen_again_owes_nothing() -> None:
    assert ["DriftFound"] == told(alerted(a_finding()), alerted(a_finding()), alerted(a_finding()))


def test_a_violation_that_is_otherwise_now_is_a_change_of_the_same_finding() -> None:
    record = after(alerted(a_finding()), alerted(a_finding(message="wider open")))

    assert (2, "DriftChanged", NOW, LATER) == (
        record.seq,
        record.change,
        record.opened_at,
        record.changed_at,
    )


def test_an_alert_that_becomes_a_proposal_is_a_change() -> None:
    assert ["DriftFound", "DriftChanged"] == told(alerted(a_finding()), proposed(a_finding()))


def test_another_reason_that_holds_a_repair_back_is_a_change() -> None:
    looks = proposed(a_finding(), "observe mode"), proposed(a_finding(), "lock keep (ReadOnly)")

    assert ["DriftProposed", "DriftChanged"] == told(*looks)


def test_a_verified_write_fixes_a_finding_nobody_had_announced() -> None:
    record = after(repaired(a_finding()))

    assert (State.FIXED, 1, "DriftFixed", "write-1") == (
        record.state,
        record.seq,
        record.change,
        record.write_id,
    )


def test_a_verified_write_fixes_an_open_finding() -> None:
    assert ["DriftProposed", "DriftFixed"] == told(proposed(a_finding()), repaired(a_finding()))


def test_an_open_finding_that_is_fixed_remembers_when_it_was_opened() -> None:
    record = after(proposed(a_finding()), repaired(a_finding()))

    assert (NOW, LATER) == (record.opened_at, record.changed_at)


def test_a_write_that_did_not_end_its_finding_fixes_nothing() -> None:
    look = Look(alerted(a_finding()).plan, repaired(a_finding()).repaired)

    assert (State.OPEN, "DriftFound") == (after(look).state, after(look).change)


def test_a_fixed_finding_that_stays_away_says_nothing_more() -> None:
    assert ["DriftFixed"] == told(repaired(a_finding()), SILENT, SILENT)


def test_a_fixed_finding_that_comes_back_is_reopened() -> None:
    assert ["DriftFixed", "DriftReopened"] == told(repaired(a_finding()), alerted(a_finding()))


def test_a_second_repair_is_announced_as_well() -> None:
    looks = repaired(a_finding()), alerted(a_finding()), repaired(a_finding(), "write-2")

    assert ["DriftFixed", "DriftReopened", "DriftFixed"] == told(*looks)


def test_a_finding_nobody_sees_any_more_is_resolved() -> None:
    assert ["DriftFound", "DriftResolved"] == told(alerted(a_finding()), SILENT, SILENT)


def test_a_finding_on_a_deleted_resource_is_resolved_and_says_why() -> None:
    record = after(alerted(a_finding()), Look(gone=True))

    assert (State.RESOLVED, "the resource was deleted") == (record.state, record.note)


def test_a_resolved_finding_that_comes_back_is_reopened_and_counts_on() -> None:
    record = after(alerted(a_finding()), SILENT, alerted(a_finding()))

    assert (State.OPEN, 3, "DriftReopened") == (record.state, record.seq, record.change)


def test_a_rule_that_cannot_tell_leaves_its_findings_as_they_are() -> None:
    blind = Look(unknowns=(Unknown(RULE, NSG_ID, "not permitted to read"),))

    assert (State.OPEN, 1) == (after(alerted(a_finding()), blind).state, 1)
    assert ["DriftFound"] == told(alerted(a_finding()), blind)


def test_a_rule_that_cannot_tell_does_not_keep_the_findings_of_others_open() -> None:
    blind = Look(unknowns=(Unknown("another-rule", NSG_ID, "not permitted to read"),))

    assert ["DriftFound", "DriftResolved"] == told(alerted(a_finding()), blind)


def test_a_rule_that_cannot_tell_proves_no_repair() -> None:
    blind = Look(
        repaired=repaired(a_finding()).repaired, unknowns=(Unknown(RULE, NSG_ID, "not permitted to read"),)
    )

    assert {} == moved_on({}, blind, MESSAGE, NOW)


def test_an_exempt_finding_is_listed_and_announced_once_as_exempted() -> None:
    assert State.EXEMPT is after(exempted(a_finding())).state
    assert ["DriftExempted"] == told(exempted(a_finding()), exempted(a_finding()))


def test_what_is_exempt_and_put_right_is_resolved_since_its_last_card_said_that_it_stays() -> None:
    assert ["DriftExempted", "DriftResolved"] == told(exempted(a_finding()), SILENT, SILENT)


@pytest.mark.parametrize(
    "more",
    [
        {"message": "Worse"},
        {"exempt": Exemption(NOW + timedelta(days=3), "undo")},
        {"severity": Severity.LOW},
    ],
)
def test_what_an_exemption_leaves_alone_and_until_when_is_told_again_when_it_changes(
    more: dict[str, Any],
) -> None:
    changed = replace(a_finding(), **more)

    assert ["DriftExempted"] * 2 == told(exempted(a_finding()), exempted(changed), exempted(changed))
    assert changed.message == after(exempted(a_finding()), exempted(changed)).message


def test_an_open_finding_that_is_exempted_is_told_and_so_is_its_end() -> None:
    looks = alerted(a_finding()), exempted(a_finding()), SILENT

    assert ["DriftFound", "DriftExempted", "DriftResolved"] == told(*looks)


def test_a_finding_nobody_was_told_of_yet_is_told_as_exempted() -> None:
    records = moved_on(
        moved_on({}, alerted(a_finding()), MESSAGE, NOW), exempted(a_finding()), MESSAGE, LATER
    )

    assert ["DriftExempted"] == [record.change for record in owed(records.values())]


def test_when_its_exemption_ends_a_finding_says_so() -> None:
    assert ["DriftExempted", "DriftExemptionExpired"] == told(exempted(a_finding()), alerted(a_finding()))


def flapping(finding: Finding) -> Look:
    (held,) = proposed(finding).plan.proposals
    holds = (Hold(Guard.FLAPPING, "repaired 3 times"),)
    return Look(Plan(proposals=(replace(held, holds=holds),)))


def test_a_repair_that_keeps_being_undone_is_told_once() -> None:
    looks = repaired(a_finding()), flapping(a_finding()), flapping(a_finding())

    assert ["DriftFixed", "DriftFlapping"] == told(*looks)


def test_an_open_finding_that_begins_to_flap_says_so() -> None:
    assert ["DriftProposed", "DriftFlapping"] == told(proposed(a_finding()), flapping(a_finding()))


DAYS = timedelta(days=3)


def reminded(*moments: timedelta) -> list[str]:
    """What reminders are owed for a finding opened now, asked at some moments, each accepted at once."""
    records = {n: announced(r) for n, r in moved_on({}, alerted(a_finding()), MESSAGE, NOW).items()}
    changes: list[str] = []
    for moment in moments:
        records = remind(records, DAYS, NOW + moment)
        changes += [record.change for record in owed(records.values())]
        records = {name: announced(record) for name, record in records.items()}
    return changes


def test_a_finding_nobody_deals_with_is_reminded_of_once() -> None:
    assert [] == reminded(timedelta(days=2))
    assert ["DriftReminded"] == reminded(timedelta(days=3), timedelta(days=4), timedelta(days=400))


def test_nothing_is_reminded_of_where_reminders_are_off_or_nothing_is_open() -> None:
    opened = moved_on({}, alerted(a_finding()), MESSAGE, NOW)
    resolved = moved_on(opened, SILENT, MESSAGE, NOW)

    assert opened == remind(opened, timedelta(0), NOW + timedelta(days=400))
    assert resolved == remind(resolved, DAYS, NOW + timedelta(days=400))


def test_giving_up_is_told_once_and_resolved_by_the_next_good_look() -> None:
    given_up = gave_up(NSG_ID.text, "gave up after 12 tries", MESSAGE, NOW)
    records = with_gave_up(with_gave_up({}, given_up), given_up)

    assert [1] == [record.seq for record in records.values()]
    (resolved,) = moved_on(records, SILENT, MESSAGE, LATER).values()
    assert ("DriftResolved", 2) == (resolved.change, resolved.seq)


def test_giving_up_again_after_a_good_look_is_told_again() -> None:
    given_up = gave_up(NSG_ID.text, "gave up after 12 tries", MESSAGE, NOW)
    records = moved_on(with_gave_up({}, given_up), SILENT, MESSAGE, LATER)

    (again,) = with_gave_up(records, given_up).values()

    assert (State.OPEN, 3) == (again.state, again.seq)


def test_what_is_written_to_the_ledger_is_read_back_the_same() -> None:
    record = after(proposed(a_finding()))

    assert record == msgspec.convert(msgspec.json.decode(msgspec.json.encode(record)), FindingRecord)


# Laws --------------------------------------------------------------------------------------------

RULES = st.sampled_from(["rule-a", "rule-b"])
RESOURCES = st.sampled_from([NSG_ID, PIP_ID])
FINDINGS = st.builds(a_finding, RULES, RESOURCES, st.sampled_from(["open", "wider"]))
UNKNOWNS = st.builds(Unknown, RULES, RESOURCES, st.just("not read"))


@st.composite
def looks(draw: st.DrawFn) -> Look:
    """What a look can come to: each finding in at most one bucket, repairs and unknowns beside them."""
    found = draw(st.lists(FINDINGS, max_size=3, unique_by=lambda finding: finding.key))
    kinds = draw(st.lists(st.sampled_from(["alert", "propose", "exempt"]), min_size=3, max_size=3))
    buckets: dict[str, list[Finding]] = {"alert": [], "propose": [], "exempt": []}
    for finding, kind in zip(found, kinds, strict=False):
        buckets[kind].append(finding)
    ended = draw(st.lists(FINDINGS, max_size=2, unique_by=lambda finding: finding.key))
    write_id = draw(st.sampled_from(["write-1", "write-2"]))
    return Look(
        Plan((), tuple(buckets["propose"]), tuple(buckets["alert"]), tuple(buckets["exempt"])),
        tuple(draft(finding, MESSAGE, NOW, write_id) for finding in ended),
        tuple(draw(st.lists(UNKNOWNS, max_size=1))),
        gone=draw(st.booleans()),
    )


def lived(history: list[Look]) -> Records:
    records: Records = {}
    for look in history:
        records = moved_on(records, look, MESSAGE, NOW)
    return records


@CALM
@given(st.lists(looks(), max_size=4), looks())
def test_settling_twice_is_settling_once(history: list[Look], look: Look) -> None:
    once = moved_on(lived(history), look, MESSAGE, NOW)

    assert once == moved_on(once, look, MESSAGE, LATER)


@CALM
@given(st.lists(looks(), max_size=4), looks())
def test_what_was_announced_is_never_owed_again_by_the_same_look(history: list[Look], look: Look) -> None:
    sent = {name: announced(record) for name, record in moved_on(lived(history), look, MESSAGE, NOW).items()}

    assert [] == owed(moved_on(sent, look, MESSAGE, LATER).values())


@CALM
@given(st.lists(looks(), max_size=4), looks())
def test_a_finding_moves_by_one_step_at_a_time_and_never_back(history: list[Look], look: Look) -> None:
    before = lived(history)

    moved = moved_on(before, look, MESSAGE, NOW)

    assert before.keys() <= moved.keys()
    for name, record in moved.items():
        known = before.get(name)
        assert record.seq - (known.seq if known else 0) in {0, 1}
        assert record.announced <= record.seq


@CALM
@given(st.lists(looks(), max_size=4), looks())
def test_after_a_look_exactly_what_it_found_is_open(history: list[Look], look: Look) -> None:
    before = lived(history)

    moved = moved_on(before, look, MESSAGE, NOW)

    found = {f"{f.rule} {f.resource.key}" for f in (*look.plan.alerts, *look.plan.proposals)}
    unclear = {name for name, record in before.items() if record.rule in look.doubtful}
    still_open = {name for name, record in moved.items() if record.state is State.OPEN}
    assert found <= still_open <= found | unclear


@CALM
@given(st.lists(looks(), max_size=4), looks(), looks())
def test_an_announcement_that_was_never_sent_stays_owed(history: list[Look], one: Look, two: Look) -> None:
    """Nothing silences what is owed, no exemption either; any later change replaces it by a newer one."""
    records = moved_on(lived(history), one, MESSAGE, NOW)
    due = {record.name for record in owed(records.values())}
    moved = moved_on(records, two, MESSAGE, NOW)

    assert due <= {record.name for record in owed(moved.values())}
