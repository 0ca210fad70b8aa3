import json

import pytest

from remediation.cli import main
from remediation.guidance import CLAUSES, advisory, why
from remediation.rules import registry

EVERY_CLAUSE = {*(f"C{n}" for n in range(13)), "T1", *(f"R{n}" for n in range(1, 15))}


def test_no_clause_of_the_guidance_is_missing() -> None:
    assert set(CLAUSES) == EVERY_CLAUSE


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=lambda clause: clause.id)
def test_a_clause_is_checked_by_a_rule_or_says_why_none_can(clause: object) -> None:
    known = CLAUSES[str(getattr(clause, "id", ""))]
    assert known.title
    assert known.rules or known.advisory


@pytest.mark.parametrize("rule", registry().values(), ids=lambda rule: rule.id)
def test_a_rule_names_clauses_that_exist_and_that_a_card_can_explain(rule: object) -> None:
    known = registry()[str(getattr(rule, "id", ""))]
    assert set(known.guidance) <= set(CLAUSES)
    assert why(known.guidance) or not known.guidance


def test_why_names_recommendations_before_considerations() -> None:
    assert why(["C2", "R13", "T1", "C99"]) == [CLAUSES["R13"].matters, CLAUSES["C2"].matters]


def test_the_command_lists_what_is_advisory_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--advisory", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["clause"] for each in listed] == [clause.id for clause in advisory()]
    assert all(each["reason"] and each["title"] for each in listed)
    unchecked = {each["clause"] for each in listed if not each["rules"]}
    assert {"C1", "C4", "C8", "T1", "R2"} <= unchecked


def test_the_table_shows_the_clauses_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--advisory"]) == 0
    shown = capsys.readouterr().out
    assert all(clause.id in shown for clause in advisory())


def test_the_catalogue_names_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    shown = capsys.readouterr().out
    assert all(rule in shown for rule in registry())
