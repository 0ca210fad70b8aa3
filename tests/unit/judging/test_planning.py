"""Repair, offer or tell: one comparison and the guards that hold a proven write back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from remediation.baseline import Baseline, Exemption, Limits, Match, Override
from remediation.judging.planning import plan, restless
from remediation.judging.standing import Standing
from remediation.model import (
    Applicability,
    Closing,
    Disposition,
    Finding,
    Fix,
    Guard,
    Judgement,
    Opening,
    Plan,
    Resource,
    Severity,
    Snapshot,
    Spent,
    Unread,
    Witness,
    Write,
)
from remediation.resource_id import ResourceId
from tests.builders import AT, NSG_ID, SUBSCRIPTION, VNET_ID, a_baseline, a_lock, acting, an_nsg

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULE = "nsg-mgmt-open-to-internet"
PUT = Write("PUT", NSG_ID.child("securityRules", "allow-ssh"), {"properties": {}})
PACKET = Witness("20.0.0.1", 1024, "10.0.0.4", 22, "tcp", "allow-ssh", 300)
DELETE = Write("DELETE", NSG_ID.child("securityRules", "allow-ssh"))


def closed(times: int, rule: str = "", what: str = "", by: str = "") -> tuple[Closing, ...]:
    return (Closing(NOW, Opening(rule, what), by),) * times


def a_finding(applicability: Applicability | None = Applicability.SAFE, write: Write = PUT) -> Finding:
    fix = None if applicability is None else Fix("Close it", applicability, (write,))
    return Finding(RULE, NSG_ID, Severity.CRITICAL, "Open", "open", ("C2",), {}, fix=fix, witness=PACKET)


def planned(
    finding: Finding | None = None,
    *,
    baseline: Baseline | None = None,
    tags: dict[str, str] | None = None,
    nsg: dict[str, Any] | None = None,
    **standing: Any,
) -> Plan:
    subject = Resource.of(nsg or an_nsg(tags=tags))
    found = Judgement((finding or a_finding(),))
    return plan(found, Snapshot(subject), baseline or a_baseline(), Standing(NOW, **standing))


def held_back(**circumstances: Any) -> tuple[str, ...]:
    """Why the repair is offered and not made; fails when it is not offered."""
    (offered,) = planned(**circumstances).proposals
    assert Disposition.PROPOSE is offered.disposition
    return offered.held_back_by


def test_a_safe_and_proven_write_is_made() -> None:
    (fixed,) = planned().fixes

    assert (Disposition.FIX, ()) == (fixed.disposition, fixed.held_back_by)


@pytest.mark.parametrize("applicability", [None, Applicability.ALERT])
def test_without_a_proven_write_there_is_only_telling(applicability: Applicability | None) -> None:
    (told,) = planned(a_finding(applicability)).alerts

    assert Disposition.ALERT is told.disposition


def test_a_fix_without_writes_is_none() -> None:
    empty = replace(a_finding(), fix=Fix("nothing", Applicability.SAFE))

    assert 1 == len(planned(empty).alerts)


def test_in_observe_mode_everything_is_offered() -> None:
    assert ("the baseline is in observe mode",) == held_back(baseline=a_baseline(mode="observe"))


def test_without_a_baseline_nothing_is_written() -> None:
    assert () == planned(baseline=Baseline()).fixes


def test_an_unsafe_fix_is_offered_until_the_team_says_fix() -> None:
    unsafe = a_finding(Applicability.UNSAFE)

    assert "only offered" in held_back(finding=unsafe)[0]
    assert 1 == len(planned(unsafe, baseline=a_baseline(rules=acting(nsg_mgmt_open_to_internet="fix"))).fixes)


def test_a_rule_that_may_only_propose_proposes() -> None:
    baseline = a_baseline(rules=acting(nsg_mgmt_open_to_internet="propose"))

    assert (f"the baseline says propose for {RULE}",) == held_back(baseline=baseline)


def test_a_rule_that_may_only_alert_tells() -> None:
    baseline = a_baseline(rules=acting(nsg_mgmt_open_to_internet="alert"))

    assert 1 == len(planned(baseline=baseline).alerts)


def test_the_last_override_that_holds_decides_for_its_scope() -> None:
    web, other = Match(resource_groups=("RG-WEB",)), Match(resource_groups=("rg-other*",))
    overrides = (
        Override(web, acting(nsg_mgmt_open_to_internet="alert")),
        Override(web, acting(nsg_mgmt_open_to_internet="propose")),
        Override(other, acting(nsg_mgmt_open_to_internet="off")),
    )

    assert (f"the baseline says propose for {RULE}",) == held_back(baseline=a_baseline(overrides=overrides))


def test_too_many_attachments_hold_a_write_back() -> None:
    subnets = tuple(VNET_ID.child("subnets", str(number)) for number in range(6))
    nsg = an_nsg(subnets=subnets)

    assert ("attached to 6 subnets and NICs, more than 5",) == held_back(nsg=nsg)
    assert 1 == len(planned(nsg=an_nsg(subnets=subnets[:5])).fixes)


def test_a_group_that_is_written_whole_has_the_same_reach_as_one_of_its_rules() -> None:
    subnets = tuple(VNET_ID.child("subnets", str(number)) for number in range(6))
    found = a_finding(write=Write("PUT", NSG_ID, an_nsg(subnets=subnets)))

    assert ("attached to 6 subnets and NICs, more than 5",) == held_back(
        finding=found, nsg=an_nsg(subnets=subnets)
    )


@pytest.mark.parametrize(
    ("level", "write", "held"),
    [
        ("ReadOnly", PUT, True),
        ("readonly", DELETE, True),
        ("CanNotDelete", DELETE, True),
        ("CanNotDelete", PUT, False),
        ("NotSpecified", DELETE, False),
    ],
)
def test_a_lock_holds_back_what_it_forbids(level: str, write: Write, held: bool) -> None:
    locks = (Resource.of(a_lock(f"{AT}/resourceGroups/rg-web", level)),)

    found = planned(a_finding(write=write), locks=locks)

    assert held == bool(found.proposals)
    assert held != bool(found.fixes)


def test_locks_that_cannot_be_read_hold_every_write_back() -> None:
    assert ("locks are unknown: HTTP 403",) == held_back(locks=Unread("HTTP 403"))


def a_policy_exemption(expires: str | None) -> Resource:
    identity = f"{NSG_ID}/providers/Microsoft.Authorization/policyExemptions/migration"
    properties = {} if expires is None else {"expiresOn": expires}
    return Resource.of({"id": identity, "name": "migration", "properties": properties})


@pytest.mark.parametrize("expires", [None, "2999-01-01T00:00:00Z"])
def test_a_policy_exemption_holds_the_write_back_and_is_named(expires: str | None) -> None:
    found = held_back(policy_exemptions=(a_policy_exemption(expires),))

    assert ("policy exemption migration",) == found


@pytest.mark.parametrize("expires", ["2001-01-01T00:00:00Z", "soon"])
def test_a_policy_exemption_that_is_over_or_has_no_date_to_read_holds_nothing_back(expires: str) -> None:
    assert 1 == len(planned(policy_exemptions=(a_policy_exemption(expires),)).fixes)


def test_policy_exemptions_that_may_not_be_read_hold_nothing_back() -> None:
    assert 1 == len(planned(policy_exemptions=Unread("HTTP 403")).fixes)


@pytest.mark.parametrize("tag", ["managed-by", "Managed_By", "azd-env-name"])
def test_what_code_owns_is_offered_and_not_fought_over(tag: str) -> None:
    assert (f"tag {tag.lower()} says that infrastructure as code owns it",) == held_back(
        tags={tag: "terraform"}
    )


@pytest.mark.parametrize("value", ["", "*", "true", RULE, f"other, {RULE}"])
def test_an_opt_out_tag_holds_back_all_rules_or_those_it_names(value: str) -> None:
    assert ("tag bastion-guard:opt-out",) == held_back(tags={"Bastion-Guard:Opt-Out": value})


def test_an_opt_out_of_another_rule_holds_nothing_back() -> None:
    assert 1 == len(planned(tags={"bastion-guard:opt-out": "bastion-diagnostics"}).fixes)


@pytest.mark.parametrize(("repairs", "held"), [(2, False), (3, True), (7, True)])
def test_a_repair_undone_too_often_is_offered(repairs: int, held: bool) -> None:
    found = planned(closings={(RULE, NSG_ID.key): closed(repairs)})

    assert held == bool(found.proposals)


def test_the_repairs_of_another_finding_do_not_count() -> None:
    assert 1 == len(planned(closings={("another-rule", NSG_ID.key): closed(9)}).fixes)


def fix_of_openings(*openings: Opening) -> Finding:
    return replace(a_finding(), fix=Fix("Close it", Applicability.SAFE, (PUT,), openings=openings))


SSH, RDP = Opening("allow-ssh", "any to 22"), Opening("allow-rdp", "any to 3389")


@pytest.mark.parametrize(
    ("earlier", "held"),
    [
        (closed(3, "ALLOW-SSH"), True),
        (closed(3, "other", "any to 22", "someone"), True),
        (closed(3, "other", "any to 22", "somebody else"), False),
        (closed(3, "other", "any to 3389", "someone"), False),
        (closed(2, "allow-ssh"), False),
        (closed(2, "allow-ssh") + closed(1, "allow-rdp"), False),
    ],
    ids=["its rule", "the same by the same", "the same by others", "another", "twice", "another rule's"],
)
def test_an_opening_counts_as_undone_when_it_is_the_same(earlier: tuple[Closing, ...], held: bool) -> None:
    found = planned(fix_of_openings(SSH), closings={(RULE, NSG_ID.key): earlier}, by="someone")

    assert held == bool(found.proposals)


def test_only_the_openings_that_somebody_makes_again_are_restless() -> None:
    standing = Standing(NOW, closings={(RULE, NSG_ID.key): closed(3, "allow-ssh")})

    found = restless(fix_of_openings(SSH, RDP), standing, a_baseline())

    assert {"allow-ssh": "rule allow-ssh was closed 3 times within 24 hours and undone each time"} == found


@pytest.mark.parametrize(("left", "held"), [(None, False), (Spent(19), False), (Spent(20), True)])
def test_a_used_up_budget_holds_back(left: Spent | None, held: bool) -> None:
    assert held == bool(planned(spent=left).proposals)


def test_a_used_up_share_of_the_budget_holds_back_who_took_it_until_the_next_hour() -> None:
    junk = Spent(10, {f"{SUBSCRIPTION}/rg-web": 10})

    ((hold,),) = (offered.holds for offered in planned(spent=junk).proposals)

    assert "the budget of 20 writes an hour is used up for resource group rg-web" in hold.reason
    assert hold.until is not None
    assert timedelta(hours=1) <= hold.until - NOW < timedelta(hours=2)
    assert 1 == len(planned(spent=Spent(10, {f"{SUBSCRIPTION}/rg-junk": 10})).fixes)


def test_a_write_that_was_refused_is_not_tried_again_and_says_why() -> None:
    why = "ARM refused the write: RequestDisallowedByPolicy"

    assert (why,) == held_back(refused_before={(RULE, NSG_ID.key): why})


def test_all_that_holds_a_write_back_is_named() -> None:
    reasons = held_back(
        baseline=a_baseline(mode="observe", limits=Limits(max_attachments=0)),
        tags={"managed-by": "terraform", "bastion-guard:opt-out": ""},
        locks=Unread("HTTP 403"),
        closings={(RULE, NSG_ID.key): closed(3)},
        spent=Spent(20),
        refused_before={(RULE, NSG_ID.key): "refused"},
    )

    for part in ("observe", "attached to", "locks", "code", "opt-out", "undone", "budget", "refused"):
        assert 1 == sum(part in reason for reason in reasons), part


def test_each_guard_that_holds_back_is_named_with_its_reason_and_its_end() -> None:
    exemptions = tuple(a_policy_exemption(f"{year}-01-01T00:00:00Z") for year in (2998, 2997, 2999))

    (offered,) = planned(
        closings={(RULE, NSG_ID.key): closed(3)}, policy_exemptions=exemptions, spent=Spent(20)
    ).proposals

    assert [
        (Guard.EXEMPT_BY_POLICY, datetime(2997, 1, 1, tzinfo=UTC)),
        (Guard.FLAPPING, datetime(2026, 1, 2, tzinfo=UTC)),
        (Guard.OVER_BUDGET, datetime(2026, 1, 1, 1, 5, tzinfo=UTC)),
    ] == [(hold.guard, hold.until) for hold in offered.holds]


def test_what_holds_back_is_shown_under_keys_and_names_that_stay() -> None:
    """History, cards and people's queries read them: no name of ours may change them."""
    (offered,) = planned(
        refused_before={(RULE, NSG_ID.key): "refused"},
        policy_exemptions=(a_policy_exemption("2999-01-01T00:00:00Z"),),
    ).proposals

    shown = offered.to_json()["evidence"]

    assert ["exempt_by_policy", "unsettled"] == shown["guards"]
    assert ["policy exemption migration", "refused"] == shown["heldBackBy"]
    assert "2999-01-01T00:00:00Z" == shown["heldBackUntil"]
    assert {"source", "sourcePort", "destination", "port", "protocol", "allowedBy", "priority"} == set(
        shown["witness"]
    )


# Exemptions --------------------------------------------------------------------------------------


def exempting(**changes: Any) -> Baseline:
    facts = {"resource": NSG_ID.text, "rule": RULE, "until": NOW + timedelta(days=1)}
    return a_baseline(exemptions=(Exemption(**{**facts, **changes}),))


@pytest.mark.parametrize(
    "changes",
    [{}, {"rule": "*"}, {"resource": NSG_ID.text.upper()}, {"resource": f"{AT}/*/networkSecurityGroups/w?b"}],
)
def test_an_exemption_of_the_baseline_lists_the_finding_with_its_end(changes: dict[str, Any]) -> None:
    (exempt,) = planned(baseline=exempting(**changes)).exempt

    assert (Disposition.ALERT, "2026-01-02T00:00:00Z") == (
        exempt.disposition,
        exempt.to_json()["evidence"]["exemptUntil"],
    )


@pytest.mark.parametrize(
    "changes", [{"until": NOW}, {"rule": "another-rule"}, {"resource": NSG_ID.text + "-2"}]
)
def test_an_exemption_that_is_over_or_of_something_else_exempts_nothing(changes: dict[str, Any]) -> None:
    assert 1 == len(planned(baseline=exempting(**changes)).fixes)


def test_of_several_exemptions_the_longest_counts() -> None:
    for hours, longest in ((4, 8), (9, 9)):
        short = exempting(until=NOW + timedelta(hours=hours))
        found = planned(baseline=short, tags={"bastion-guard:exempt-until": "2026-06-01T00:00:00Z"})
        assert NOW + timedelta(hours=longest) == found.exempt[0].exempt_until


@pytest.mark.parametrize(
    ("until", "since", "hours", "holds"),
    [
        ("2099-01-01", 0, 8, 8),
        ("2099-01-01", 3, 8, 5),
        ("2099-01-01", 8, 8, None),
        ("2026-01-01T02:00:00Z", 0, 8, 2),
        ("2099-01-01", 0, 0, None),
        ("9999-12-31T23:59:59Z", 0, 168, 168),
    ],
)
def test_a_tag_holds_no_longer_than_the_baseline_lets_it(
    until: str, since: int, hours: int, holds: int | None
) -> None:
    """In hours: since when it has been seen, how long a tag may hold, how long it still does."""
    found = planned(
        baseline=a_baseline(limits=Limits(exempt_tag_hours=hours)),
        tags={"bastion-guard:exempt-until": until},
        tagged_since=NOW - timedelta(hours=since),
    )

    ends = [] if holds is None else [NOW + timedelta(hours=holds)]
    assert ends == [finding.exempt_until for finding in found.exempt]
    assert len(ends) + len(found.fixes) == 1


def test_a_tag_counts_for_nothing_for_what_its_own_maker_opened() -> None:
    tags = {"bastion-guard:exempt-until": "2026-01-01T02:00:00Z"}

    assert 1 == len(planned(tags=tags, void_tags=frozenset({f"{RULE} {NSG_ID.key}"})).fixes)
    assert 1 == len(planned(tags=tags, void_tags=frozenset({f"another-rule {NSG_ID.key}"})).exempt)


@pytest.mark.parametrize("until", ["2026-06-01", "2026-06-01T12:00:00+02:00", " 2026-06-01T10:00:00Z "])
def test_a_tag_exempts_until_its_moment(until: str) -> None:
    assert 1 == len(planned(tags={"bastion-guard:exempt-until": until}).exempt)


@pytest.mark.parametrize(
    "until",
    ["2025-12-31", "next week", "", "2026-13-01", "9999-12-31T23:59:59-10:00", "0001-01-01T00:00+10:00"],
)
def test_a_tag_that_is_over_or_no_moment_exempts_nothing(until: str) -> None:
    assert 1 == len(planned(tags={"bastion-guard:exempt-until": until}).fixes)


def test_an_exemption_of_an_id_with_brackets_is_not_a_pattern_by_accident() -> None:
    """A resource's name may hold no bracket, so a bracket in an exemption is a glob's."""
    other = ResourceId.parse(f"{NSG_ID}2")

    assert not exempting(resource=f"{NSG_ID}[0-9]").exemption_for(RULE, NSG_ID, NOW)
    assert exempting(resource=f"{NSG_ID}[0-9]").exemption_for(RULE, other, NOW)
