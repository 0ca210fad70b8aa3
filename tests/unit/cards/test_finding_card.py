from typing import Any

import msgspec
import pytest
import yaml
from msgspec.structs import replace

from remediation.baseline import read
from remediation.findings import FindingRecord, State, gave_up
from remediation.guidance import GUIDANCE_URL
from remediation.landing_zone.commands import LEFT_OUT
from remediation.messages import Message
from remediation.model import Guard
from remediation.resource_id import ResourceId
from remediation.telling.cards import advice, card, card_text, text_of
from remediation.telling.cards.news import KINDS
from tests.unit.cards.samples import (
    CHANGED,
    DIAGNOSTICS,
    EXEMPTED,
    FIXED,
    FLAPPING,
    FOUND,
    GAVE_UP,
    HOSTILE,
    LONG,
    NOW,
    NSG,
    PIP,
    PROPOSED,
    REMINDED,
    RESOLVED,
    SPARSE,
)


def lines(record: FindingRecord) -> list[str]:
    return list(text_of(card(record, now=NOW)))


def under(heading: str, record: FindingRecord) -> list[str]:
    """The lines of the section with this heading."""
    for element in card(record, now=NOW)["body"]:
        told = list(text_of(element))
        if told[:1] == [heading]:
            return told[1:]
    return []


def facts(record: FindingRecord) -> dict[str, str]:
    rows: list[dict[str, Any]] = card(record, now=NOW)["body"]
    sets = [row for element in rows for row in element.get("items", []) if row["type"] == "ColumnSet"]
    return dict(tuple(text_of(row)) for row in sets)  # type: ignore[misc]  # each row has two texts


def test_the_head_says_what_kind_of_news_how_bad_what_where_and_what_it_asks() -> None:
    assert lines(FOUND)[:4] == [
        "DRIFT FOUND \u00b7 CRITICAL",
        "A management port is open to the internet",
        "nsg-orders in rg-spoke-orders",
        "This needs a person: nothing has been changed.",
    ]


def test_the_witness_is_one_sentence() -> None:
    assert "20.33.7.9 can reach 10.1.0.4 on TCP 22 through rule allow-any, priority 300." in lines(FOUND)


def test_a_card_tells_who_changed_what_with_what_and_when() -> None:
    assert facts(FOUND) == {
        "Resource": "nsg-orders (network security group)",
        "Group": "rg-spoke-orders",
        "Subscription": "11111111-2222-3333-4444-555555555555",
        "Changed by": "admin@contoso.example from 203.0.113.10",
        "With": "Azure portal (c44b4083-3bb0-49c1-b47d-974e53cbdf3c)",
        "Operation": "securityRules/write",
        "When": "2026-10-20 09:15 UTC, 3 min ago",
        "Rule": "nsg-mgmt-open-to-internet",
    }


def test_a_finding_nobody_is_named_for_says_so() -> None:
    assert facts(SPARSE)["Changed by"] == "unknown: no event named anybody"


def test_the_buttons_open_the_resource_and_the_guidance() -> None:
    urls = [action["url"] for action in card(FOUND, now=NOW)["actions"]]

    assert urls == [f"https://portal.azure.com/#@/resource{NSG}", GUIDANCE_URL]


def test_a_proposal_shows_before_and_after_the_traffic_and_the_command_to_apply_it() -> None:
    assert under("Proposed repair", PROPOSED) == [
        "Take ports 22 and 3389 out of rule allow-any",
        "Rule allow-any is changed:",
        "\u2212 destinationPortRanges: 22, 443, 3389",
        "+ destinationPortRange: 443",
    ]
    assert (
        under("What changes for traffic", PROPOSED)[0]
        == "TCP 22 and 3389 from the internet: no longer let in."
    )
    assert under("To apply it (bash)", PROPOSED) == PROPOSED.commands


def test_a_proposal_says_why_it_was_not_applied() -> None:
    assert under("Why it was not repaired automatically", PROPOSED) == [
        "Attached to 7 subnets and NICs, more than 5.",
        "Tag azd-env-name says that infrastructure as code owns it.",
    ]


def test_a_change_of_an_nsg_says_that_open_connections_stay() -> None:
    assert "new connections only" in under("What changes for traffic", FIXED)[-1]
    assert under("What changes for traffic", DIAGNOSTICS) == []


def test_a_repair_speaks_of_the_fault_in_the_past_and_tells_how_to_take_it_back() -> None:
    assert lines(FIXED)[1] == "No longer: a management port is open to the internet"
    assert "20.33.7.9 could reach 10.1.0.4 on TCP 22 through rule allow-any, priority 300." in lines(FIXED)
    assert under("To take it back (refused if somebody changed it since)", FIXED) == [
        "python -m remediation undo 20261020-091607-4f1c --exempt-for 4h"
    ]
    assert under("Why it was not repaired automatically", FIXED) == []


def test_a_repair_says_which_finding_it_ended_and_how_fast() -> None:
    assert under("What this refers to", FIXED) == [
        "The finding of 2026-10-20 09:15 UTC, repaired 52 s after the change."
    ]


def test_a_resolution_says_what_it_refers_to_and_asks_nothing() -> None:
    assert under("What this refers to", RESOLVED) == [
        "The finding of 2026-10-20 09:15 UTC, which was open for 2 min."
    ]
    assert facts(RESOLVED)["Opened by"] == "admin@contoso.example from 203.0.113.10"
    assert facts(RESOLVED)["Ended by"] == "kim@contoso.example from 203.0.113.44"
    assert not any("az network" in text for text in lines(RESOLVED))


def test_an_exemption_says_until_when_and_why() -> None:
    assert under("What this refers to", EXEMPTED)[1:] == [
        "Reason: migration. Owner: network team.",
        "Left alone until 2026-12-31 18:00 UTC.",
    ]


def test_a_reminder_says_since_when_it_is_open() -> None:
    assert facts(REMINDED)["Open since"].endswith("3 days ago")


@pytest.mark.parametrize(
    ("record", "heading"),
    [(CHANGED, "What is new"), (GAVE_UP, "To try again"), (FLAPPING, "To apply it (bash)")],
)
def test_each_other_kind_of_news_has_its_own_part(record: FindingRecord, heading: str) -> None:
    assert under(heading, record) != []


def test_an_alert_without_commands_still_says_where_to_read_on() -> None:
    assert under("To read on", SPARSE) == ["python -m remediation explain bastion-sku-tier"]


def test_an_alert_prints_the_commands_of_its_rule() -> None:
    assert under("What to type (bash)", PIP) == PIP.commands


def test_why_it_matters_names_what_the_guidance_asks_first() -> None:
    assert under("Why it matters", FOUND) == [
        "Machines are reached through Bastion; on a public address, anybody can try to sign in.",
        "Without strict NSG rules, remote access is open to whoever finds it.",
    ]


def test_a_card_says_why_it_is_no_more_and_no_less_severe() -> None:
    because = "Basic works, but neither grows nor connects by address."
    record = msgspec.structs.replace(SPARSE, evidence={"severityBecause": because})
    assert under(f"Why it is {SPARSE.severity}", record) == [because]


def test_what_is_over_or_latent_gives_no_reason_of_a_severity_that_does_not_hold() -> None:
    evidence = {"severityBecause": "A broad part of the internet is let in."}
    over = msgspec.structs.replace(FIXED, evidence=evidence)
    latent = msgspec.structs.replace(FOUND, evidence={**evidence, "latent": "nothing is attached"})
    assert not any("A broad part" in text for record in (over, latent) for text in lines(record))


def test_a_finding_of_a_rule_without_a_clause_leaves_out_why_it_matters() -> None:
    assert under("Why it matters", msgspec.structs.replace(FOUND, guidance=[])) == []


def test_a_command_with_hidden_characters_is_left_out_and_counted() -> None:
    assert under("To apply it (bash)", HOSTILE) == [
        "2 commands left out: too much for a card, or characters that hide."
    ]


def test_what_does_not_fit_is_counted_never_cut_silently() -> None:
    assert "... and 49 more, see the portal" in under("Proposed repair", LONG)
    assert under("To apply it (bash)", LONG)[-1].startswith("52 commands left out")
    assert any(text.endswith("…") for text in lines(LONG))


def test_a_kind_of_news_this_version_does_not_know_is_shown_by_its_name() -> None:
    assert lines(replace(FOUND, change="DriftWhatever"))[0] == "WHATEVER \u00b7 CRITICAL"


@pytest.mark.parametrize("change", KINDS)
def test_the_type_of_an_announcement_is_read_with_and_without_its_prefix(change: str) -> None:
    short, full = replace(PROPOSED, change=change), replace(PROPOSED, change=f"BastionGuard.{change}")

    assert card(full, now=NOW) == card(short, now=NOW)


def test_a_repair_under_way_does_not_call_for_a_person() -> None:
    assert lines(replace(FOUND, disposition="fix"))[3] == "Bastion Guard is repairing this."


def test_a_client_too_old_for_the_version_shows_one_plain_sentence() -> None:
    assert card(FOUND, now=NOW)["fallbackText"] == (
        "Drift found: A management port is open to the internet (nsg-orders in rg-spoke-orders)"
    )


def test_a_resource_that_is_no_id_gets_no_portal_button() -> None:
    urls = [action["url"] for action in card(replace(FOUND, resource="../x"), now=NOW)["actions"]]

    assert urls == [GUIDANCE_URL]


@pytest.mark.parametrize("name", ["a&calc", "a\u2019;calc;\u2018b", "a|calc"])
def test_the_command_that_tries_again_names_nothing_that_another_shell_would_run(name: str) -> None:
    record = replace(GAVE_UP, resource=f"{NSG.rpartition('/')[0]}/{name}")

    assert [LEFT_OUT] == under("To try again", record)


def held(guard: Guard, reason: str, **more: Any) -> FindingRecord:
    evidence = {**PROPOSED.evidence, "heldBackBy": [reason], "guards": [guard.value]}
    return replace(PROPOSED, evidence=evidence, **more)


@pytest.mark.parametrize("guard", [Guard.REFUSED_BEFORE, Guard.LOCKED])
def test_a_refused_or_locked_repair_says_how_it_is_tried_again_and_what_to_type(guard: Guard) -> None:
    record = held(guard, "ARM refused the write: AuthorizationFailed")

    assert advice.BY_ITSELF[guard] in under("Why it was not repaired automatically", record)
    assert [f"python -m remediation look {record.resource}"] == under("To try again", record)


@pytest.mark.parametrize(
    ("guard", "reason", "heading"),
    [
        (
            Guard.REFUSED_BEFORE,
            "ARM refused the write: ScopeLocked (a lock on rg)",
            "To apply it once the lock is gone",
        ),
        (Guard.LOCKED, "lock keep (ReadOnly)", "To apply it once the lock is gone"),
        (Guard.REFUSED_BEFORE, "ARM refused the write: AuthorizationFailed", "To apply it"),
    ],
)
def test_what_a_lock_would_refuse_a_person_as_well_says_so(guard: Guard, reason: str, heading: str) -> None:
    assert under(f"{heading} (bash)", held(guard, reason))


def test_what_gave_up_is_tried_again_by_a_look_and_not_by_an_event_that_never_was() -> None:
    assert [f"python -m remediation look {GAVE_UP.resource}"] == under("To try again", GAVE_UP)


def test_a_repair_that_keeps_being_undone_says_to_mend_the_source_and_which_exemption_stops_it() -> None:
    record = held(Guard.FLAPPING, "rule allow-any was closed 3 times", change="DriftFlapping")

    assert advice.BY_ITSELF[Guard.FLAPPING] in under("Why it was not repaired automatically", record)
    (line,) = under("To leave it as it is: a line below exemptions: in the baseline", record)
    (exemption,) = read(f"version: 1\nexemptions:\n  {line}\n", known_rules=[record.rule]).exemptions
    assert exemption.covers(record.rule, ResourceId.parse(record.resource))
    assert exemption.until > NOW


@pytest.mark.parametrize("name", ["it's", "a: b", "{x}", "#", "a\nb"])
def test_the_line_of_an_exemption_is_exactly_its_resource_whatever_that_is_called(name: str) -> None:
    record = replace(FLAPPING, resource=f"{NSG}-{name}")

    found = yaml.safe_load(advice.exemption(record, NOW))

    assert " ".join(record.resource.split()) == found[0]["resource"]


def test_what_keeps_the_app_itself_from_its_work_is_no_resource_that_somebody_could_look_at() -> None:
    about = (
        "/subscriptions/11111111-2222-3333-4444-555555555555/providers/BastionGuard.Settings/changes/missed"
    )
    told = "\n".join(
        card_text(gave_up(about, "no event came", Message(target=about), NOW, "Events do not arrive"))
    )

    assert told.startswith("Trouble [high] Events do not arrive")
    assert "docs/runbook.md" in told
    assert "remediation look" not in told


@pytest.mark.parametrize(
    ("state", "kicker", "meaning"),
    [
        (State.FIXED, "APPLIED BY HAND \u00b7 CRITICAL", "This is in order. Nothing is left to do."),
        (State.OPEN, "APPLIED BY HAND \u00b7 CRITICAL", "This is still open."),
    ],
)
def test_news_of_a_type_that_is_not_known_here_has_a_title_and_is_true(
    state: State, kicker: str, meaning: str
) -> None:
    told = lines(replace(FOUND, change="DriftAppliedByHand", state=state))

    assert (kicker, meaning) == (told[0], told[3])
