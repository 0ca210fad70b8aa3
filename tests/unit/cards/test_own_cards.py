"""News about the app itself: what is in force, what is different in it, and what to type."""

from msgspec.structs import replace

from remediation.telling.cards import card, card_text
from tests.unit.cards.samples import BROKEN, ENFORCED, NOW, STARTED, STOPPED
from tests.unit.cards.test_finding_card import facts, lines, under


def test_a_changed_baseline_is_shown_value_by_value_with_what_is_repaired_now() -> None:
    assert ["mode: enforce (it was observe)"] == under("What is different", ENFORCED)
    assert [
        "2 proven repairs that observe mode held back:",
        "critical: nsg-orders: Take port 22 out of rule allow-any",
        "and 1 more",
    ] == under("What is repaired from now on", ENFORCED)


def test_the_facts_are_those_of_the_app_and_not_of_a_resource() -> None:
    assert {
        "Mode": "enforce",
        "Baseline": "7a1f0c9e2b44",
        "From": "stguard.blob.core.windows.net/config/baseline.yaml",
        "By": "kim@contoso.example",
        "When": facts(ENFORCED)["When"],
    } == facts(ENFORCED)
    assert "By" not in facts(BROKEN)


def test_a_stop_says_what_ends_it_and_its_end_says_nothing_to_type_but_where_to_read() -> None:
    entry = "python -m remediation history 20261020T091552000000Z-b0c2"
    assert ["python -m remediation start", entry] == under("What to type", STOPPED)
    assert [entry] == under("What to type", STARTED)
    assert "STOPPED \u00b7 HIGH" == lines(STOPPED)[0]


def test_no_button_leads_to_a_resource_that_azure_does_not_have() -> None:
    titles = [button["title"] for button in card(STOPPED, now=NOW)["actions"]]

    assert ["Read the guidance"] == titles


def test_many_differences_are_counted() -> None:
    many = [{"path": f"rules.{n}", "before": "a", "after": "b"} for n in range(40)]
    record = replace(ENFORCED, evidence={**ENFORCED.evidence, "difference": many})

    assert any("25 more" in text for text in card_text(record, now=NOW))


def test_what_was_cut_to_fit_is_still_a_card() -> None:
    """The book cuts evidence that is too large: what is left is told."""
    cut = replace(ENFORCED, evidence={"difference": "... (cut)", "repairsAhead": "... (cut)"})

    assert [] == under("What is different", cut)
    assert "BASELINE CHANGED \u00b7 MEDIUM" == lines(cut)[0]
