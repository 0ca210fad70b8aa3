"""Every case of every rule says what it says."""

import pytest

from tests.unit.rules.case import Case, all_cases, judged

CASES = [pytest.param(rule, case, id=f"{rule}: {case.name}") for rule, case in all_cases()]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_a_rule_says_of_a_case_what_the_case_asks_for(rule: str, case: Case) -> None:
    judgement = judged(rule, case)
    said = "speaks" if judgement.findings else "unknown" if judgement.unknowns else "silent"
    reasons = [unknown.reason for unknown in judgement.unknowns]
    assert said == case.says, reasons


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_severity_and_subject_are_those_the_case_names(rule: str, case: Case) -> None:
    judgement = judged(rule, case)
    subjects = {finding.resource.key for finding in judgement.findings}
    subjects |= {unknown.resource.key for unknown in judgement.unknowns}
    if case.on is not None:
        assert subjects == {case.on.lower()}
    if case.severity is not None:
        assert {finding.severity.text for finding in judgement.findings} == {case.severity}
    for finding in judgement.findings:
        assert finding.because.endswith("."), finding.severity.text
        assert finding.because == finding.shown_evidence()["severityBecause"]
