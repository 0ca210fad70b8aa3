"""Templates, snapshots, what-if results and plans are told as a person would tell them."""

import pytest

from tests.unit.deployments.judged import preflight
from tests.unit.deployments.said import CASES, Case

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)


@each_case
def test_an_input_is_told_as_a_person_would_tell_it(case: Case) -> None:
    told = preflight(*case.arguments)
    found = {change: tuple(told.by(change)) for change in ("new", "existing", "resolved")}
    assert found == {"new": case.new, "existing": case.existing, "resolved": case.resolved}
    effects = [one.removeprefix("this change ") for one in told.document["effects"]]
    assert len(effects) == len(case.effects)
    assert [one for one, said in zip(effects, case.effects, strict=True) if not one.startswith(said)] == []
    assert told.status == case.status


@each_case
def test_what_is_not_known_is_named_with_its_reason(case: Case) -> None:
    unknown = preflight(*case.arguments).unknown
    assert [one for one in unknown if not one.startswith(case.unknown)] == []
    assert [said for said in case.unknown if not any(one.startswith(said) for one in unknown)] == []


@each_case
@pytest.mark.parametrize("how", ["table", "sarif", "markdown"])
def test_every_format_ends_as_json_does(case: Case, how: str) -> None:
    told = preflight(*case.arguments, how=how)
    assert told.status == case.status
    assert told.output
    assert "Traceback" not in told.errors


def test_there_are_twenty_of_them_and_more() -> None:
    assert len({case.arguments[1] for case in CASES}) >= 20
