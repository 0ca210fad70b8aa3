"""Every case of every rule says what it says."""

import json

import pytest

from remediation.rules import registry
from tests.rules.case import Case, all_cases, judged

CASES = [pytest.param(rule, case, id=f"{rule}: {case.name}") for rule, case in all_cases()]
COVERED = sorted({rule for rule, _ in all_cases()})


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_a_rule_says_of_a_case_what_the_case_asks_for(rule: str, case: Case) -> None:
    judgement = judged(rule, case)
    said = "speaks" if judgement.findings else "unknown" if judgement.unknowns else "silent"
    reasons = [unknown.reason for unknown in judgement.unknowns]
    assert said == case.says, reasons


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_severity_and_subject_are_those_the_case_names(rule: str, case: Case) -> None:
    judgement = judged(rule, case)
    subjects = {each.resource.key for each in (*judgement.findings, *judgement.unknowns)}
    if case.on is not None:
        assert subjects == {case.on.lower()}
    if case.severity is not None:
        assert {finding.severity.text for finding in judgement.findings} == {case.severity}


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_evidence_is_json_and_a_message_is_one_line(rule: str, case: Case) -> None:
    for finding in judged(rule, case).findings:
        assert json.loads(json.dumps(finding.to_json()))["rule"] == rule
        assert finding.message
        assert "\n" not in finding.message


@pytest.mark.parametrize("rule", COVERED)
def test_a_rule_with_cases_exists_and_has_them_silent_and_speaking(rule: str) -> None:
    assert rule in registry()
    said = {case.says for name, case in all_cases() if name == rule}
    assert {"silent", "speaks"} <= said
